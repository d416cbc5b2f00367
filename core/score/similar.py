"""The items most like one item: by their texts, or by what the trained model has learned of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from core.score.index import Index
from core.score.surface import Offer, Surface, first, offered


class Spoke(StrEnum):
    """Whose vectors say that two items are alike."""

    MODEL = "trained model"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Alike(Offer):
    """A neighbour. likeness: cosine of the vectors of ``by``; text: of the texts, None where one has none; both in [-1, 1]."""

    by: Spoke
    likeness: float
    text: float | None
    shared_keywords: tuple[str, ...]


def alike(index: Index, item_id: str, k: int = 10) -> Surface[Alike]:
    """Return the k items that may be shown most like one: by the live model where it knows it, else by text; ties by item id.

    Raises BadInput where the catalogue does not have the item.
    """
    row = index.row(item_id)
    by, vectors = Spoke.TEXT, index.vectors
    if index.model is not None and index.model.comparable[row]:
        by, vectors = Spoke.MODEL, index.model.vectors
    known = index.has_vector if by is Spoke.TEXT else index.comparable
    if not known[row]:
        return Surface("similar items", f"{index.titles[row]} has no text to compare, and no trained model knows it.", ())
    likeness = np.vecdot(vectors, vectors[row]).astype(float)
    rows = first(likeness, offered(index, [row]) & known, k)
    offers = tuple(_alike(index, row, int(other), rank, by, float(likeness[other])) for rank, other in enumerate(rows, 1))
    return Surface("similar items", _SAID[by], offers)


_SAID = {
    Spoke.MODEL: "By the trained model: items that the same shoppers come to, and whose texts say alike.",
    Spoke.TEXT: "By their texts: no trained model is served, or it does not know this item.",
}


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


def _alike(index: Index, row: int, other: int, rank: int, by: Spoke, likeness: float) -> Alike:
    near = _near(index, row, other, float(np.vecdot(index.vectors[row], index.vectors[other])))
    same = [name for name, values in (("brand", index.brands), ("category", index.categories)) if _same(values, row, other)]
    words = f"Shares the words {', '.join(near.words[:3])}" if near.words else ""
    told = "; ".join(part for part in (words, f"same {' and '.join(same)}" if same else "") if part)
    return Alike(
        item_id=near.item_id,
        title=near.title,
        rank=rank,
        reason=f"{told[:1].upper()}{told[1:]}" if told else f"Nearest by the {by}, though no word is shared",
        by=by,
        likeness=likeness,
        text=near.cosine if index.has_vector[row] and index.has_vector[other] else None,
        shared_keywords=near.words,
    )


def _same(values: np.ndarray, row: int, other: int) -> bool:
    return values[row] is not None and values[row] == values[other]
