"""Items that the same shoppers engage with, counted from what a shopper did last: the peer that is hard to beat."""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from core.base.derived import Progress, no_progress
from core.represent.acts import Acts
from core.represent.neighbours import engaged, latest_items, nearest, recent
from core.train.judge import tuning_ndcg
from core.train.protocol import Examples

BLOCK = 2048
COUNTED = 200
"""Of a shopper's latest items are paired: pairs grow with the square of the history."""


@dataclass(frozen=True)
class Options:
    """shrink: added to the norms, so that two items shared by one shopper are not twins; decay: weight of each step back."""

    shrink: float = 30.0
    decay: float = 0.6


SHRINKS = (3.0, 10.0, 30.0, 100.0)
DECAYS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class ItemToItem:
    """score(u, i) = Σ_h decay^(steps back of h) · sim(h, i), sim = c_hi / (√(c_h c_i) + shrink), c counts distinct shoppers.

    Sarwar et al. 2001, doi:10.1145/371920.372071, with shrinkage. Each item keeps its 500 nearest.
    """

    name = "item-to-item"

    def __init__(self, options: Options = Options()):
        self.options = options

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Count pairs; choose shrink, then decay, by NDCG@10 on ``valid``."""
        progress(0.0, "item-to-item: counting")
        together, alone = co_counts(latest_items(train, COUNTED))
        if valid is not None:
            self._tune(together, alone, valid, progress)
        self.table = similarities(together, alone, self.options.shrink)

    def score(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, items), 0 for items that share no shopper with the history."""
        return (recent(history, self.options.decay) @ self.table).toarray()

    def _tune(self, together: sp.csr_matrix, alone: np.ndarray, valid: Examples, progress: Progress) -> None:
        grid = [("shrink", value) for value in SHRINKS] + [("decay", value) for value in DECAYS]
        best, chosen = -1.0, self.options
        for place, (name, value) in enumerate(grid):
            progress(place / len(grid), f"item-to-item: {name} {value:g}")
            self.options = replace(chosen, **{name: value})
            if name == "shrink" or value == DECAYS[0]:
                self.table = similarities(together, alone, self.options.shrink)
            if (found := tuning_ndcg(self.score, valid)) > best:
                best, chosen = found, self.options
        self.options = chosen


def co_counts(acts: Acts) -> tuple[sp.csr_matrix, np.ndarray]:
    """Return float32 (items, items), how many shoppers engaged with both, diagonal 0, and (items,), with each."""
    matrix = engaged(acts).tocsc()
    alone = np.asarray(matrix.sum(axis=0)).ravel()
    blocks = []
    for start in range(0, acts.items, BLOCK):
        block = (matrix[:, start : start + BLOCK].T @ matrix).tocsr()
        block.setdiag(0, k=start)
        block.eliminate_zeros()
        blocks.append(block)
    return sp.vstack(blocks, "csr"), alone


def similarities(together: sp.csr_matrix, alone: np.ndarray, shrink: float) -> sp.csr_matrix:
    """Return float32 (items, items): the shrunk cosine, each row cut to its NEIGHBOURS largest."""
    blocks = []
    for start in range(0, together.shape[0], BLOCK):
        block = together[start : start + BLOCK]
        row = start + np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
        block.data /= np.sqrt(alone[row] * alone[block.indices]) + np.float32(shrink)
        blocks.append(nearest(block))
    return sp.csr_matrix(sp.vstack(blocks, "csr"))
