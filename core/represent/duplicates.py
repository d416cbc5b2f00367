"""Items that say the same: pairs of one category by the cosine of their text vectors, or with one title."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.schema import Col, Table
from core.represent.item_vectors import load
from core.represent.spelling import folded

_NEW = re.compile(r"\bnew\b|\b20\d\d\b", re.IGNORECASE)

SAME = 0.97
"""Cosine from which two texts say the same: sizes and colours of one article lie below (demo shop)."""
RECIPE = 2
"""Raised when the rule changes."""
BLOCK = 1024
MOST_ALIKE = 20
"""Twins kept of one item: in a catalogue of bare codes a whole shelf can read alike."""


def rebuild_duplicates(store: Store, encoder: str, progress: Progress = no_progress, force: bool = False) -> bool:
    """Rebuild table ``duplicates`` where it is not current; return whether it was built.

    Only shown items of one top category are compared, n²/2 products of d numbers in a category of n. Titles are one where
    they differ only in case, marks, the word 'new' and a year.
    """
    settings = {"encoder": encoder, "same": SAME, "recipe": RECIPE}
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


def same_titles(titles: Sequence[str | None]) -> list[tuple[int, int]]:
    """Return (row, later row) of titles that are one; of each title the first row with every other, at most MOST_ALIKE.

    >>> same_titles(["Red Mug, large", "RED MUG - large (new)", "Blue mug", None])
    [(0, 1)]
    """
    groups: dict[str, list[int]] = {}
    for row, title in enumerate(titles):
        if title and (letters := folded(_NEW.sub(" ", title))):
            groups.setdefault(letters, []).append(row)
    return [(rows[0], other) for rows in groups.values() for other in rows[1 : MOST_ALIKE + 1]]


def _build(store: Store, encoder: str, version: int, progress: Progress) -> None:
    vectors = load(store, encoder)
    shelf_of = {
        item: (shelf, title)
        for item, shelf, title in store.rows(
            "SELECT item_id, coalesce(top_category, ''), title FROM catalogue WHERE hidden IS NULL AND kind = 'product'"
        )
    }
    shelves: dict[str, list[int]] = {}
    for row, item in enumerate(vectors.ids.tolist()):
        if item in shelf_of:
            shelves.setdefault(shelf_of[item][0], []).append(row)
    pairs: dict[tuple[str, str], float] = {}
    for place, (name, rows) in enumerate(sorted(shelves.items())):
        progress(place / len(shelves), f"Comparing {len(rows):,} texts of {name or 'items without a category'}")
        ids, matrix = vectors.ids[rows], vectors.matrix[rows]
        pairs |= {(ids[one], ids[other]): cosine for one, other, cosine in alike(matrix)}
        for one, other in same_titles([shelf_of[item][1] for item in ids.tolist()]):
            pairs[ids[one], ids[other]] = min(float(matrix[one] @ matrix[other]), 1.0)
    _replace(store, pairs, version)


def _replace(store: Store, pairs: dict[tuple[str, str], float], version: int) -> None:
    fresh = pa.table(
        {
            Col.ITEM: pa.array([one for one, _ in pairs], pa.string()),
            "twin_id": pa.array([other for _, other in pairs], pa.string()),
            Col.COSINE: pa.array(list(pairs.values()), pa.float64()),
        }
    )
    with store.transaction() as cursor:
        cursor.register("fresh_pairs", fresh)
        cursor.execute("DELETE FROM duplicates")
        cursor.execute("INSERT INTO duplicates SELECT *, ? FROM fresh_pairs", [version])
        cursor.unregister("fresh_pairs")
