"""Keep a list varied: maximal marginal relevance (Carbonell & Goldstein 1998), and at most so many items of a category."""

from collections import Counter

import numpy as np

POOL = 200
"""How many of the best candidates are put in a varied order; what comes after keeps the order of its scores."""


def varied(
    score: np.ndarray,
    order: np.ndarray,
    rows: np.ndarray,
    vectors: np.ndarray,
    shelves: np.ndarray,
    *,
    diversity: float,
    cap: int | None,
    k: int,
) -> np.ndarray:
    """Return (at most k,) places of the items chosen among m, in order.

    Each next item is the one with the highest (1 − d) · relevance − d · likeness to the nearest item chosen before, d =
    ``diversity``. Relevance is the score as a part of the way from the pool's lowest to its highest; likeness the cosine, not
    below 0. So the first k of a longer list are the list of k.

    score: (m,); order: places by score, best first; rows: (m,) the items' rows in vectors (n, d) of length 1, or 0 = like
    nothing, and in shelves (n,) category numbers, -1 = none; cap: most items of one category, None = any. The list is shorter
    than k where the cap leaves no more.
    """
    room, pool = _Room(cap), order[: POOL if diversity > 0 else 0]
    chosen = _marginal(score[pool], vectors[rows[pool]], shelves[rows[pool]], room, diversity, k)
    places = pool[chosen].tolist()
    for place in order[len(pool) :].tolist():
        if len(places) == k:
            break
        shelf = int(shelves[rows[place]])
        if room.has(shelf):
            room.take(shelf)
            places.append(place)
    return np.array(places, int)


class _Room:
    """How many more items each category may give; items without a category are not counted."""

    def __init__(self, cap: int | None):
        self._cap, self._given = cap, Counter[int]()

    def has(self, shelf: int) -> bool:
        """Return whether one more item of this category may come."""
        return self._cap is None or shelf < 0 or self._given[shelf] < self._cap

    def take(self, shelf: int) -> None:
        """Count an item in."""
        self._given[shelf] += 1


def _marginal(score: np.ndarray, vectors: np.ndarray, shelves: np.ndarray, room: _Room, diversity: float, k: int) -> list[int]:
    """Return the positions in a pool, ordered by score, that are chosen one after the other.

    The likeness to the nearest item chosen is kept up to date, not worked out anew: linear in the pool for each choice.
    """
    relevance = (score - score[-1]) / max(float(score[0] - score[-1]), 1e-12) if len(score) else score
    likeness, free = np.zeros(len(score)), np.ones(len(score), bool)
    chosen: list[int] = []
    while len(chosen) < k and free.any():
        at = int(np.where(free, (1 - diversity) * relevance - diversity * likeness, -np.inf).argmax())
        chosen.append(at)
        free[at] = False
        room.take(int(shelves[at]))
        if not room.has(int(shelves[at])):
            free &= shelves != shelves[at]
        np.maximum(likeness, np.vecdot(vectors, vectors[at]), out=likeness)
    return chosen
