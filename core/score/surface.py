"""What every surface of the shop window shares: a list of offers with a reason each, and where it comes from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from core.score.candidates import candidates
from core.score.index import Index

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


def offered(index: Index, without: Sequence[int] | np.ndarray = ()) -> np.ndarray:
    """Return (n,) bool: products that any shopper may be shown (not hidden, not out of stock), but for the rows ``without``."""
    may = candidates(index, NOBODY, need_vector=False).code < 0
    may[np.asarray(without, int)] = False
    return may


def first(score: np.ndarray, may: np.ndarray, k: int) -> np.ndarray:
    """Return the rows of the k highest scores among those that may be shown, highest first, ties by item id."""
    rows = np.flatnonzero(may)
    return rows[np.argsort(-score[rows], kind="stable")[:k]]
