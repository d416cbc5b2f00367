"""The items whose texts are nearest to one item's."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.score.index import Index


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
