"""What every surface of the shop window shares: a list of offers with a reason each, and where it comes from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from core.base.db import Store
from core.score.candidates import candidates
from core.score.effects import effects
from core.score.index import Index
from core.score.plan import live_plan

NOBODY = np.zeros(0, int)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One place of a surface, from 1. reason: one true sentence."""

    item_id: str
    title: str
    rank: int
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the fields as the command line prints them."""
        return asdict(self)


OfferT = TypeVar("OfferT", bound=Offer, covariant=True)


@dataclass(frozen=True)
class Surface(Generic[OfferT]):
    """A list, best first. sentence: what it is made from, or why it is empty."""

    name: str
    sentence: str
    offers: tuple[OfferT, ...]

    def as_json(self) -> dict[str, Any]:
        """Return ``{"surface", "sentence", "items": [...]}``."""
        return {"surface": self.name, "sentence": self.sentence, "items": [offer.as_json() for offer in self.offers]}

    def lines(self) -> list[str]:
        """Return the surface as the command line prints it for people."""
        return [self.sentence, *(f"{one.rank:>3}. {one.title}  [{one.item_id}]\n     {one.reason}" for one in self.offers)]


def offered(store: Store, index: Index, without: Sequence[int] | np.ndarray = ()) -> np.ndarray:
    """Return (n,) bool: products that anyone may be shown, but for the rows ``without``.

    Not hidden, not out of stock, and not taken out by a rule that is in force for everyone.
    """
    may = candidates(index, NOBODY, need_vector=False).code < 0
    may[np.asarray(without, int)] = False
    return may & allowed(store, index)


def allowed(store: Store, index: Index, segment: int | None = None) -> np.ndarray:
    """Return (n,) bool: the items that no rule of today takes out for a shopper of this segment; None = in none."""
    return effects(live_plan(store, index).rules, index, np.arange(len(index)), segment).hidden_by < 0


def first(score: np.ndarray, may: np.ndarray, k: int) -> np.ndarray:
    """Return the rows of the k highest scores among those that may be shown, highest first, ties by item id."""
    rows = np.flatnonzero(may)
    return rows[np.argsort(-score[rows], kind="stable")[:k]]
