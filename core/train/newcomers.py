"""Give items that nobody has met yet a place in a table of pairs: that of the items whose texts are nearest."""

import numpy as np
import scipy.sparse as sp

from core.represent.neighbours import nearest

NEAREST = 5
BLOCK = 1024


def introduce(table: sp.csr_matrix, text: np.ndarray, engaged: np.ndarray) -> sp.csr_matrix:
    """Return the table (n, n) with a column for each newcomer: the mean of those of its NEAREST texts, weighted by cosine.

    text: float32 (n, d) of length 1; engaged: (n,) bool, the items that are no newcomers. Rows are cut again to the largest.
    """
    known = np.flatnonzero(np.bincount(table.indices, minlength=table.shape[0]))
    fresh = np.flatnonzero(~engaged & text.any(axis=1))
    if len(known) < NEAREST or not len(fresh):
        return table
    likeness = _likeness(text, known, fresh)
    rows = [table[start : start + BLOCK] for start in range(0, table.shape[0], BLOCK)]
    return sp.csr_matrix(sp.vstack([nearest(sp.csr_matrix(part + part @ likeness)) for part in rows]))


def _likeness(text: np.ndarray, known: np.ndarray, fresh: np.ndarray) -> sp.csr_matrix:
    """Return float32 (n, n): weights of the known items (rows) in each newcomer (columns); a column sums to 1, or to 0."""
    values, rows = [], []
    for start in range(0, len(fresh), BLOCK):
        cosine = text[fresh[start : start + BLOCK]] @ text[known].T
        chosen = np.argpartition(-cosine, NEAREST - 1, axis=1)[:, :NEAREST]
        near = np.maximum(np.take_along_axis(cosine, chosen, axis=1), 0)
        values.append(near / np.maximum(near.sum(axis=1, keepdims=True), 1e-6))
        rows.append(known[chosen])
    column = np.repeat(fresh, NEAREST)
    return sp.csr_matrix((np.concatenate(values).ravel(), (np.concatenate(rows).ravel(), column)), shape=(len(text), len(text)))
