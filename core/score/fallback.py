"""What to show where a shopper's taste is not known: a ladder from what is nearest to them to what anyone likes."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col
from core.score.index import Index


class Fallback(StrEnum):
    """The rung a list came from, best first."""

    PERSONAL = "personalised"
    SEGMENT = "segment"
    CATEGORY = "category trending"
    POPULAR = "popular"
    NEWEST = "newest"


@dataclass(frozen=True)
class Rung:
    """Where a list comes from, said in a sentence. appeal: (n,) in [0, 1] for every item of the index: stands in for taste.

    counts: (n,) what the appeal was made from, told for each item as ``reason`` with the count in it.
    """

    label: Fallback
    sentence: str
    appeal: np.ndarray
    counts: np.ndarray | None = None
    reason: str = ""

    def because(self, row: int) -> str:
        """Return the rung's own reason for an item; '' where it has none."""
        count = int(self.counts[row]) if self.counts is not None else 0
        return self.reason.format(count=count) if count else ""


def fallback(store: Store, index: Index, user_id: str, history: pd.DataFrame) -> Rung:
    """Return the first rung that has something to say about this shopper, from their segment down to the newest items."""
    return (
        _segment(store, index, user_id)
        or _category(index, history)
        or _popular(index, known=len(history) > 0)
        or _newest(index, user_id)
    )


def _segment(store: Store, index: Index, user_id: str) -> Rung | None:
    """What the shopper's segment engages with; None where they are in none, or it engaged with nothing."""
    found = store.rows(
        "SELECT segment_id, s.name FROM members m JOIN segments s USING (segment_id) WHERE m.user_id = ?", [user_id]
    )
    if not found:
        return None
    segment_id, name = found[0]
    liked = store.df(_SEGMENT_LIKES, [segment_id])
    counts = np.zeros(len(index))
    counts[[index.rows[item] for item in liked[Col.ITEM]]] = liked["shoppers"]
    sentence = f"Their own taste is not known yet, so this is what shoppers of their segment '{name}' choose."
    reason = "{count:,} shoppers of their segment showed interest in it"
    return Rung(Fallback.SEGMENT, sentence, _share(counts), counts, reason) if counts.any() else None


def _category(index: Index, history: pd.DataFrame) -> Rung | None:
    """What is trending in the category the shopper cares most about; None where no category of theirs is known."""
    weights: dict[str, float] = defaultdict(float)
    for item, weight in zip(history[Col.ITEM], history[Col.WEIGHT], strict=True):
        if item in index.rows and (category := index.categories[index.rows[item]]) is not None:
            weights[category] += weight
    favourite = max(sorted(weights), key=lambda name: weights[name], default=None)
    if favourite is None or weights[favourite] <= 0:
        return None
    trend = np.where(index.categories == favourite, index.trend, 0.0)
    sentence = f"Their own taste is not known yet, so this is what is trending in '{favourite}', where they are most active."
    return Rung(Fallback.CATEGORY, sentence, _share(trend)) if trend.any() else None


def _popular(index: Index, known: bool) -> Rung | None:
    """What most shoppers engage with; None in a shop without shoppers."""
    if not index.popularity.any():
        return None
    who = "Their taste cannot be told from what they did" if known else "We don't know this shopper yet"
    sentence = f"{who}, so this is what most shoppers choose."
    return Rung(
        Fallback.POPULAR, sentence, _share(index.popularity), index.popularity, "{count:,} shoppers showed interest in it"
    )


def _newest(index: Index, user_id: str) -> Rung:
    """The items seen last; the end of the ladder, which an empty shop reaches too."""
    if not len(index):
        return Rung(Fallback.NEWEST, "There is nothing to recommend yet: import a log or a catalogue first.", np.zeros(0))
    seen = ~np.isnat(index.first_seen)
    order = np.where(seen, index.first_seen.astype("int64"), 0)
    _, place = np.unique(order, return_inverse=True)
    sentence = "No shopper has done anything yet, so this is the catalogue, newest first."
    return Rung(Fallback.NEWEST, sentence, place / max(place.max(), 1))


def _share(counts: np.ndarray) -> np.ndarray:
    """Return log(1 + count) as a share of the largest, so that one runaway item does not flatten the rest."""
    logs = np.log1p(counts)
    return logs / max(float(logs.max()), 1e-12)


_SEGMENT_LIKES = """
SELECT item_id, count(*) AS shoppers FROM interactions
WHERE user_id IN (SELECT user_id FROM members WHERE segment_id = ?) AND purchases >= returns AND coalesce(rating, 5) >= 3
  AND item_id IN (SELECT item_id FROM catalogue)
GROUP BY item_id
"""
