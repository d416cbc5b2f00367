"""Items whose texts say the same: pairs by the cosine of their text vectors, within a category."""

import numpy as np
import pyarrow as pa

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.schema import Col, Table
from core.represent.item_vectors import load

SAME = 0.97
"""Cosine from which two texts say the same: in the demo shop the planted doubles lie above it, see docs/log.md."""
BLOCK = 1024
MOST_ALIKE = 20
"""Twins kept of one item: in a catalogue of bare codes a whole shelf can read alike."""


def rebuild_duplicates(store: Store, encoder: str, progress: Progress = no_progress, force: bool = False) -> bool:
    """Rebuild table ``duplicates`` where it is not current; return whether it was built.

    Only shown items of one top category are compared, n²/2 products of d numbers in a category of n.
    """
    settings = {"encoder": encoder, "same": SAME}
    return rebuild(store, Table.DUPLICATES, settings, lambda version: _build(store, encoder, version, progress), force)


def alike(matrix: np.ndarray, same: float = SAME) -> list[tuple[int, int, float]]:
    """Return (row, later row, cosine) of the pairs of rows of length 1 with at least this cosine, by row.

    Of one row at most MOST_ALIKE, the nearest, ties by row.

    >>> alike(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]))
    [(0, 2, 1.0)]
    """
    found: list[tuple[int, int, float]] = []
    for start in range(0, len(matrix), BLOCK):
        cosines = matrix[start : start + BLOCK] @ matrix[start:].T
        first, second = np.nonzero(np.triu(cosines >= same, 1))
        near = cosines[first, second]
        order = np.lexsort((second, -near, first))
        first, second, near = first[order], second[order], near[order]
        nth = np.arange(len(first)) - np.searchsorted(first, first)
        kept = nth < MOST_ALIKE
        rows = zip(first[kept] + start, second[kept] + start, near[kept], strict=True)
        found += [(int(one), int(other), min(float(cosine), 1.0)) for one, other, cosine in rows]
    return found


def _build(store: Store, encoder: str, version: int, progress: Progress) -> None:
    vectors = load(store, encoder)
    shown = dict(
        store.rows("SELECT item_id, coalesce(top_category, '') FROM catalogue WHERE hidden IS NULL AND kind = 'product'")
    )
    shelf = np.array([shown.get(item) for item in vectors.ids.tolist()], object)
    pairs: list[tuple[str, str, float]] = []
    shelves = sorted({name for name in shelf.tolist() if name is not None})
    for place, name in enumerate(shelves):
        progress(place / len(shelves), f"Comparing texts of {name or 'items without a category'}")
        rows = np.flatnonzero(shelf == name)
        pairs += [
            (vectors.ids[rows[one]], vectors.ids[rows[other]], cosine) for one, other, cosine in alike(vectors.matrix[rows])
        ]
    columns = list(zip(*pairs, strict=True)) or [(), (), ()]
    fresh = pa.table(
        {
            Col.ITEM: pa.array(columns[0], pa.string()),
            "twin_id": pa.array(columns[1], pa.string()),
            Col.COSINE: pa.array(columns[2], pa.float64()),
        }
    )
    with store.transaction() as cursor:
        cursor.register("fresh_pairs", fresh)
        cursor.execute("DELETE FROM duplicates")
        cursor.execute("INSERT INTO duplicates SELECT *, ? FROM fresh_pairs", [version])
        cursor.unregister("fresh_pairs")
