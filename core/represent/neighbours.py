"""Items that the same shoppers engage with, as sparse tables: what was learned from behaviour alone, and how it is read."""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from core.represent.acts import Acts, distinct

LONGEST = 2000
"""Only a shopper's latest items are read, so that one wholesaler does not cost more than everyone else together."""
NEIGHBOURS = 500
"""Items kept in each row of a table."""
GAIN = 300.0
"""Scores count as log(1 + 300 · score): zero stays zero, and the best do not drown the rest."""
REVISIT = "revisit"
"""The table in which every item has itself alone: what a shopper looked at and may still be shown comes to mind again."""


@dataclass(frozen=True)
class Neighbours:
    """One table: score(u, i) = Σ_h decay^(steps back of h) · table[h, i], and what it counts in a model.

    table: float32 (n, n), row = history item; decay: what a history item counts less for each step back; weight ≥ 0.
    """

    name: str
    table: sp.csr_matrix
    decay: float
    weight: float

    @property
    def bound(self) -> float:
        """What ``log_score`` cannot exceed: the least of what the longest history and what a whole column could say."""
        if not self.table.nnz:
            return 0.0
        steps = float((self.decay ** np.arange(LONGEST)).sum())
        column = np.bincount(self.table.indices, np.maximum(self.table.data, 0)).max()
        return float(np.log1p(GAIN * min(max(float(self.table.max()), 0.0) * steps, float(column))))

    def log_score(self, history: Acts) -> sp.csr_matrix:
        """Return float32 (shoppers, n), log(1 + 300 · score) where the score is positive, nothing elsewhere."""
        found = (recent(history, self.decay) @ self.table).tocsr()
        np.maximum(found.data, 0, out=found.data)
        np.log1p(GAIN * found.data, out=found.data)
        return found

    def on(self, at: np.ndarray) -> "Neighbours":
        """Return the table over other items: number j was number at[j], or was not there (−1) and has no neighbours yet."""
        if self.name == REVISIT:
            return replace(self, table=itself(len(at)))
        there = np.flatnonzero(at >= 0)
        pick = sp.csr_matrix((np.ones(len(there), np.float32), (there, at[there])), shape=(len(at), self.table.shape[0]))
        return replace(self, table=sp.csr_matrix(pick @ self.table @ pick.T))


def itself(items: int) -> sp.csr_matrix:
    """Return float32 (items, items): 1 for each item and itself."""
    return sp.csr_matrix(sp.identity(items, dtype=np.float32))


def engaged(acts: Acts, weight: np.ndarray | None = None) -> sp.csr_matrix:
    """Return float32 (shoppers, items) with 1 where a shopper did anything with an item; ``weight`` (a,): the sum of theirs."""
    values = np.ones(len(acts), np.float32) if weight is None else weight.astype(np.float32)
    matrix = sp.csr_matrix((values, (acts.user, acts.item)), shape=(acts.shoppers, acts.items))
    matrix.sum_duplicates()
    if weight is None:
        matrix.data[:] = 1
    return matrix


def recent(history: Acts, decay: float) -> sp.csr_matrix:
    """Return float32 (shoppers, items): decay^(distinct items since), the last item counting 1; returns are left out."""
    latest = latest_items(history)
    return engaged(latest, decay ** latest.steps_back.astype(float))


def latest_items(acts: Acts, most: int = LONGEST) -> Acts:
    """Return each shopper's last ``most`` distinct products, in order of the last time; what was returned does not count."""
    latest = distinct(acts)
    return latest.where(latest.steps_back < most)


def nearest(found: sp.csr_matrix) -> sp.csr_matrix:
    """Return the table with only the NEIGHBOURS largest (by size, whatever the sign, ties to the lower column) of each row."""
    lengths = np.diff(found.indptr)
    if lengths.max(initial=0) <= NEIGHBOURS:
        return found
    found = found.sorted_indices()
    size, keep = np.abs(found.data), np.ones(found.nnz, bool)
    for row in np.flatnonzero(lengths > NEIGHBOURS):
        mine = slice(found.indptr[row], found.indptr[row + 1])
        keep[mine] = _largest(size[mine])
    ends = np.concatenate([[0], np.cumsum(np.minimum(lengths, NEIGHBOURS))])
    return sp.csr_matrix((found.data[keep], found.indices[keep], ends), shape=found.shape)


def _largest(size: np.ndarray) -> np.ndarray:
    """Return (m,) bool: the NEIGHBOURS largest, of equals those that come first; m > NEIGHBOURS."""
    least = np.partition(size, -NEIGHBOURS)[-NEIGHBOURS]
    keep = size > least
    keep[np.flatnonzero(size == least)[: NEIGHBOURS - int(keep.sum())]] = True
    return keep
