"""Which items may be recommended to a shopper, and why the others may not."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.score.index import Index


class Excluded(StrEnum):
    """Why an item cannot be in a list; where several apply, the first counts."""

    NOT_A_PRODUCT = "not a product"
    HIDDEN = "hidden"
    OUT_OF_STOCK = "out of stock"
    DISLIKED = "disliked"
    NOT_INTERESTED = "not interested"
    OWNED = "already bought or rated"
    NO_TEXT = "no text to compare"


REASONS = tuple(Excluded)


@dataclass(frozen=True)
class Candidates:
    """rows: (m,) index rows that may be shown, ascending; code: int8 (n,), -1 = may be shown, else place in ``REASONS``."""

    rows: np.ndarray
    code: np.ndarray

    def why(self, row: int) -> Excluded | None:
        """Return why the item is out; None where it is a candidate."""
        return REASONS[self.code[row]] if self.code[row] >= 0 else None

    def excluded(self) -> dict[str, int]:
        """Return how many items each reason took out; reasons that took none are left out."""
        counts = np.bincount(self.code[self.code >= 0], minlength=len(REASONS)).tolist()
        return {str(reason): count for reason, count in zip(REASONS, counts, strict=True) if count}


@dataclass(frozen=True)
class Refused:
    """Index rows of what a shopper does not want to see, by their feedback."""

    disliked: np.ndarray
    not_interested: np.ndarray


NOTHING_REFUSED = Refused(np.zeros(0, int), np.zeros(0, int))


def candidates(index: Index, owned: np.ndarray, need_vector: bool, refused: Refused = NOTHING_REFUSED) -> Candidates:
    """Return the candidates among the index's items.

    owned: rows the shopper has bought or rated (empty = keep them, for shops where people buy the same again).
    need_vector: leave out items without a vector, which a taste cannot judge.
    """
    out: dict[Excluded, np.ndarray] = {
        Excluded.NOT_A_PRODUCT: ~index.is_product,
        Excluded.HIDDEN: index.is_hidden,
        Excluded.OUT_OF_STOCK: index.out_of_stock,
        Excluded.DISLIKED: refused.disliked,
        Excluded.NOT_INTERESTED: refused.not_interested,
        Excluded.OWNED: owned,
        Excluded.NO_TEXT: ~index.comparable & need_vector,
    }
    code = np.full(len(index), -1, np.int8)
    for place, reason in reversed(list(enumerate(REASONS))):
        code[out[reason]] = place
    return Candidates(np.flatnonzero(code < 0), code)
