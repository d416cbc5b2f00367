"""How measures are spread over a group: counts in buckets whose bounds are fixed, so that groups and shops compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from core.base.db import Store
from core.profiles.splits import Split


class Measure(StrEnum):
    """What is counted: a session by its events or minutes, a gap between visits or purchases, a shopper by risk."""

    SESSION_EVENTS = "session events"
    SESSION_MINUTES = "session minutes"
    VISIT_GAP = "days between visits"
    PURCHASE_GAP = "days between purchases"
    RISK = "risk"


@dataclass(frozen=True)
class Buckets:
    """Bounds of the buckets of a measure: bucket i holds bounds[i] ≤ value < bounds[i + 1], the last one has no end.

    labels: one a bucket.
    """

    bounds: tuple[float, ...]
    labels: tuple[str, ...]

    def sql(self, value: str) -> str:
        """Return SQL for the bucket of an expression; below the first bound it is 0 as well.

        >>> Buckets((0, 1, 5), ("none", "some", "many")).sql("x")
        'CASE WHEN x < 1 THEN 0 WHEN x < 5 THEN 1 ELSE 2 END'
        """
        steps = " ".join(f"WHEN {value} < {bound} THEN {place}" for place, bound in enumerate(self.bounds[1:]))
        return f"CASE {steps} ELSE {len(self.bounds) - 1} END"


_GAPS = Buckets((1, 2, 4, 8, 15, 31, 61, 91), ("1", "2–3", "4–7", "8–14", "15–30", "31–60", "61–90", "91+"))
_TENTHS = tuple(f"{low}+" for low in range(0, 100, 10))
BUCKETS: dict[Measure, Buckets] = {
    Measure.SESSION_EVENTS: Buckets((1, 2, 3, 4, 6, 11, 21), ("1", "2", "3", "4–5", "6–10", "11–20", "21+")),
    Measure.SESSION_MINUTES: Buckets((0, 1, 3, 10, 30, 60), ("< 1", "1–3", "3–10", "10–30", "30–60", "60+")),
    Measure.VISIT_GAP: _GAPS,
    Measure.PURCHASE_GAP: _GAPS,
    Measure.RISK: Buckets(tuple(step / 10 for step in range(10)), _TENTHS),
}


def spread_sql(measure: Measure, source: str, value: str) -> str:
    """Return a SELECT of rows of ``spreads``: rows of ``source`` (with user_id) counted by the bucket of ``value``."""
    return f"""
    SELECT '{measure}' AS measure, split, grp, {BUCKETS[measure].sql(value)} AS bucket, count(*) AS n, $version AS data_version
    FROM {source} JOIN splits USING (user_id) WHERE {value} IS NOT NULL GROUP BY ALL ORDER BY ALL
    """


def spread(store: Store, measure: Measure, split: Split = Split.ALL, group: str = "") -> pd.DataFrame:
    """Return every bucket of a measure in order, empty ones included: label, n, share (of the group's n, 0..1).

    No rows where nothing was measured in the group.
    """
    counts = dict(
        store.rows("SELECT bucket, n FROM spreads WHERE measure = ? AND split = ? AND grp = ?", [measure, split, group])
    )
    return _frame(BUCKETS[measure].labels, [counts.get(place, 0) for place in range(len(BUCKETS[measure].labels))])


def _frame(labels: Sequence[str], counts: Sequence[int]) -> pd.DataFrame:
    """Return label, n and share; empty where all counts are 0.

    >>> _frame(("a", "b"), (1, 3))["share"].tolist()
    [0.25, 0.75]
    """
    total = sum(counts)
    frame = pd.DataFrame({"label": list(labels), "n": list(counts), "share": [n / total if total else 0.0 for n in counts]})
    return frame if total else frame.iloc[:0]
