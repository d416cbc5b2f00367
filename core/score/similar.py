"""The items most like one item: by their texts, or by what the trained model has learned of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from core.base.db import Store
from core.base.schema import Event
from core.represent.acts import EVENTS, Acts
from core.represent.model import Model
from core.represent.traits import nothing_known
from core.score.index import Index
from core.score.reasons import words_told
from core.score.surface import Offer, Surface, first, offered


class Spoke(StrEnum):
    """Whose vectors say that two items are alike."""

    MODEL = "trained model"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Alike(Offer):
    """A neighbour. likeness, by ``by``: the cosine of the texts, in [-1, 1], or what the model makes of it, in [0, 1].

    text: the cosine of the texts in any case, None where one has none.
    """

    by: Spoke
    likeness: float
    text: float | None
    shared_keywords: tuple[str, ...]


def alike(store: Store, index: Index, item_id: str, k: int = 10) -> Surface[Alike]:
    """Return the k items that may be shown most like one: by the live model where it knows it, else by text; ties by item id.

    Raises BadInput where the catalogue does not have the item.
    """
    row = index.row(item_id)
    if index.model is not None and index.comparable[row]:
        by, known = Spoke.MODEL, index.comparable
        likeness, paired = _asked_with(index.model, row, index)
    elif index.has_vector[row]:
        by, known = Spoke.TEXT, index.has_vector
        likeness, paired = np.vecdot(index.vectors, index.vectors[row]).astype(float), np.zeros(len(index), bool)
    else:
        return Surface("similar items", f"{index.titles[row]} has no text to compare, and no trained model knows it.", ())
    rows = first(likeness, offered(store, index, [row]) & known, k)
    offers = tuple(
        _alike(index, row, int(other), rank, by, float(likeness[other]), bool(paired[other]))
        for rank, other in enumerate(rows, 1)
    )
    return Surface("similar items", _SAID[by], offers)


_SAID = {
    Spoke.MODEL: "By the trained model: what it would show to a shopper of whom nothing is known but this item.",
    Spoke.TEXT: "By their texts: no trained model is served, or it does not know this item.",
}


def _asked_with(model: Model, row: int, index: Index) -> tuple[np.ndarray, np.ndarray]:
    """Return (n,) s for a shopper whose only act is a purchase of this item, without what is merely rising in demand.

    And (n,) bool: whether the tables of what the same shoppers choose speak for it.
    """
    act = Acts(
        shoppers=1,
        shown=np.ones(len(index), bool),
        user=np.zeros(1, np.int32),
        item=np.array([row], np.int32),
        when=np.array([index.now or "NaT"], "datetime64[us]"),
        event=np.array([EVENTS.index(Event.PURCHASE)], np.int8),
        quantity=np.ones(1, np.float32),
        rating=np.full(1, np.nan, np.float32),
        dwell=np.zeros(1, np.float32),
        traits=nothing_known(1),
    )
    pairs, demand = model.together(act), model.shares[2]
    trend = demand * model.trend if demand else 0.0
    likeness = (model.appeal(model.tastes(act), pairs)[0] - trend) / max(1 - demand, 1e-9)
    return np.asarray(likeness, float), pairs.toarray()[0] > 0


@dataclass(frozen=True)
class Near:
    """A neighbour. cosine: of the whitened text vectors, in [-1, 1]; words: keywords both have, its strongest first."""

    item_id: str
    title: str
    cosine: float
    words: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the fields as the command line prints them."""
        return {"item_id": self.item_id, "title": self.title, "cosine": self.cosine, "shared_keywords": list(self.words)}


def similar(index: Index, item_id: str, k: int = 10) -> tuple[Near, ...]:
    """Return the k shown products nearest by text, nearest first, ties by item id; none where the item has no vector.

    Raises BadInput where the catalogue does not have the item.
    """
    row = index.row(item_id)
    if not index.has_vector[row]:
        return ()
    cosines = index.vectors @ index.vectors[row]
    allowed = index.has_vector & index.is_product & ~index.is_hidden
    allowed[row] = False
    rows = np.flatnonzero(allowed)
    best = rows[np.argsort(-cosines[rows], kind="stable")[:k]]
    return tuple(_near(index, row, int(other), float(cosines[other])) for other in best)


def _near(index: Index, row: int, other: int, cosine: float) -> Near:
    theirs = index.keyword_codes[other]
    shared = theirs[(theirs >= 0) & np.isin(theirs, index.keyword_codes[row])]
    return Near(index.ids[other], index.titles[other], cosine, tuple(index.keyword_names[shared].tolist()))


def _alike(index: Index, row: int, other: int, rank: int, by: Spoke, likeness: float, paired: bool) -> Alike:
    near = _near(index, row, other, float(np.vecdot(index.vectors[row], index.vectors[other])))
    same = [name for name, values in (("brand", index.brands), ("category", index.categories)) if _same(values, row, other)]
    parts = [
        "Chosen by the same shoppers" if paired else "",
        words_told(near.words),
        f"same {' and '.join(same)}" if same else "",
    ]
    told = "; ".join(part if place == 0 else part[:1].lower() + part[1:] for place, part in enumerate(filter(None, parts)))
    return Alike(
        item_id=near.item_id,
        title=near.title,
        rank=rank,
        reason=told[:1].upper() + told[1:] or f"Near by the {by}, though no word is shared",
        by=by,
        likeness=likeness,
        text=near.cosine if index.has_vector[row] and index.has_vector[other] else None,
        shared_keywords=near.words,
    )


def _same(values: np.ndarray, row: int, other: int) -> bool:
    return values[row] is not None and values[row] == values[other]
