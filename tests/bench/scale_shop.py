"""A made-up shop of any size, put straight into a store: shoppers with favourite shelves, items few of which sell much."""

import re
from collections.abc import Sequence

import numpy as np

from core.base.db import Store, bump_version
from core.base.derived import Progress, no_progress

DIM = 384
ITEMS_PER_SHELF = 250
_SHELF = re.compile(r"shelf (\d+)")


class ShelfVectors:
    """Stands where the text encoder would: a vector is its shelf's direction and noise, the same for the same text."""

    dim = DIM

    def __init__(self, name: str):
        """name: what the vectors are kept under."""
        self.name = name

    def encode(self, texts: Sequence[str], progress: Progress = no_progress) -> np.ndarray:
        """Return float32 (len(texts), DIM), every row of length 1."""
        found = np.empty((len(texts), DIM), np.float32)
        for row, text in enumerate(texts):
            shelf = int(_SHELF.findall(text)[-1])
            noise = np.random.default_rng([shelf, *text.encode()]).normal(size=DIM)
            found[row] = np.random.default_rng(shelf).normal(size=DIM) + noise
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def fill(store: Store, items: int, shoppers: int) -> None:
    """Put the shop into the raw tables: 5 to 12 events a shopper in 180 days, a quarter of them purchases.

    Half of a shopper's events are on one shelf, a third on another, the rest anywhere; on a shelf, an item's chance falls by a
    power of its place.
    """
    shelves = max(items // ITEMS_PER_SHELF, 4)
    with store.transaction() as cursor:
        cursor.execute(_ITEMS, {"items": items, "shelves": shelves})
        cursor.execute(_EVENTS, {"items": items, "shelves": shelves, "shoppers": shoppers})
        bump_version(cursor)


_ITEMS = """
INSERT INTO items BY NAME
SELECT 'i' || i AS item_id, 'Article ' || i AS title, 'shelf ' || i % $shelves AS category, 'brand ' || i % 300 AS brand,
       true AS explicit, 1 AS import_id
FROM range($items) t(i)
"""

_EVENTS = """
INSERT INTO events BY NAME
WITH drawn AS (
    SELECT u, k, u * 16 + k AS line,
           hash(u * 16 + k) % 1000000 / 1e6 AS a, hash(u * 16 + k, 1) % 1000000 / 1e6 AS b,
           hash(u * 16 + k, 2) % 1000000 / 1e6 AS c,
           hash(u, 3) % 1000000 / 1e6 AS first, hash(u, 4) % 1000000 / 1e6 AS second
    FROM range($shoppers) s(u), range(12) t(k) WHERE k < 5 + hash(u) % 8
), placed AS (
    SELECT *, floor($shelves * pow(CASE WHEN a < 0.5 THEN first WHEN a < 0.83 THEN second ELSE c END, 1.5))::BIGINT AS shelf,
           floor($items // $shelves * pow(b, 2.5))::BIGINT AS place
    FROM drawn
)
SELECT hash(line, 5) AS event_key, 'u' || u AS user_id, 'i' || (place * $shelves + shelf) AS item_id,
       TIMESTAMP '2025-01-01' + to_seconds((hash(line, 6) % (180 * 86400))::BIGINT) AS ts,
       CASE WHEN hash(line, 7) % 4 = 0 THEN 'purchase' ELSE 'view' END AS event_type, 1 AS quantity, 10.0 AS price, 1 AS import_id
FROM placed
"""
