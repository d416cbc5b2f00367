"""What the churn model sees of a shopper on a day, and what became of them: nothing after that day enters a feature."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col

GAP_SHARE = 0.9
"""The horizon is the time within which this share of all returns happens."""
WEEK = 7
WINDOWS = 5
"""Horizons the log must hold: two of history before the first cut, then one each to train, to calibrate and to test."""
LEAST_DAYS = 2
"""Active days a shopper must have had for a risk to be told."""

FEATURES: tuple[tuple[str, str], ...] = (
    ("recency", "Days since last seen"),
    ("overdue", "Days since last seen ÷ usual gap"),
    ("tenure", "Days since first seen"),
    ("active_days", "Active days"),
    ("mean_gap", "Usual gap between visits"),
    ("last_gap", "Last gap between visits"),
    ("recent_days", "Active days in the last horizon"),
    ("recent_share", "Share of active days in the last half horizon"),
    ("events_a_day", "Events an active day"),
    ("buying_days", "Days with a purchase"),
    ("spend", "Spent"),
)
"""Column and label of every feature. Counts and days enter as log(1 + x)."""


@dataclass(frozen=True)
class Horizon:
    """How long without an event counts as churned, days.

    usual: by which 90 % of the returns to the shop have happened; days: that, in whole weeks, at least one and at most what
    the log leaves room for; shortened: the log was the limit.
    """

    days: int
    usual: int
    shortened: bool

    @property
    def sentence(self) -> str:
        """Return where the horizon comes from, in words."""
        start = f"9 of 10 returns happen within {self.usual} days"
        if self.shortened:
            return f"{start}; the log is long enough for a horizon of {self.days} days."
        return f"{start}: {self.days} days without an event count as churned."


def horizon(store: Store) -> Horizon | None:
    """Return the horizon from the gaps between a shopper's active days; None where the log is too short or has no gap.

    The quantile is of the gaps that were closed, not of those still open when the log ended: it says how long a shopper who
    does come back can be away.
    """
    rows = store.rows(
        f"""
        SELECT quantile_disc(gap, {GAP_SHARE}) FROM (
            SELECT lead(day) OVER (PARTITION BY user_id ORDER BY day) - day AS gap FROM shopper_days
        ) WHERE gap IS NOT NULL
        """
    )
    usual = rows[0][0]
    span = store.value("SELECT max(day) - min(day) + 1 FROM shopper_days")
    room = (span or 0) // WINDOWS // WEEK * WEEK
    if usual is None or room < WEEK:
        return None
    wanted = max(WEEK, -(-int(usual) // WEEK) * WEEK)
    return Horizon(min(wanted, room), int(usual), wanted > room)


@dataclass(frozen=True)
class Cut:
    """Shoppers as seen at the end of a day. users: (n,) ids, sorted; features: (n, len(FEATURES)).

    gone: (n,) no event in the horizon after; empty where the horizon reaches beyond the log.
    """

    day: date
    users: np.ndarray
    features: np.ndarray
    gone: np.ndarray

    def __len__(self) -> int:
        return len(self.users)


_SEEN = """
WITH mine AS (
    SELECT user_id, day, events, purchases, money, day - lag(day) OVER (PARTITION BY user_id ORDER BY day) AS gap
    FROM shopper_days WHERE day <= $cut
), summed AS (
    SELECT user_id, $cut - max(day) AS recency, $cut - min(day) AS tenure, count(*) AS active_days,
           (max(day) - min(day)) / (count(*) - 1) AS mean_gap, arg_max(gap, day) AS last_gap,
           count_if(day > $cut - $horizon) AS recent_days,
           count_if(day > $cut - $horizon // 2) / count(*) AS recent_share,
           sum(events) / count(*) AS events_a_day, count_if(purchases > 0) AS buying_days, greatest(sum(money), 0) AS spend
    FROM mine GROUP BY user_id HAVING count(*) >= $least AND max(day) > $cut - $horizon
)
SELECT s.*, recency / mean_gap AS overdue, n.user_id IS NULL AS gone
FROM summed s LEFT JOIN (
    SELECT DISTINCT user_id FROM shopper_days WHERE day > $cut AND day <= $cut + $horizon
) n USING (user_id)
"""
_PLAIN = {"recent_share"}


def cut(store: Store, day: date, horizon_days: int, last: date, most: int | None = None) -> Cut:
    """Return the shoppers who can churn from ``day`` on: seen on two days or more, the last one within the horizon before.

    last: last day of the log. most: at most so many of them, drawn
    by a hash of the id, the same ones for every cut; None = all.
    """
    frame = store.df(
        f"SELECT * FROM ({_SEEN}) ORDER BY hash(user_id), user_id LIMIT coalesce($most, 9223372036854775807)",
        {"cut": day, "horizon": horizon_days, "least": LEAST_DAYS, "most": most},
    ).sort_values(Col.USER)
    known = day + timedelta(days=horizon_days) <= last
    return Cut(day, frame[Col.USER].to_numpy(), _matrix(frame), frame["gone"].to_numpy(bool)[: len(frame) if known else 0])


def _matrix(frame: pd.DataFrame) -> np.ndarray:
    """Return the (n, features) matrix: counts, days and money as log(1 + x), shares as they are."""
    columns = [frame[name].to_numpy(float) for name, _ in FEATURES]
    logged = [values if name in _PLAIN else np.log1p(values) for (name, _), values in zip(FEATURES, columns, strict=True)]
    return np.column_stack(logged) if len(frame) else np.empty((0, len(FEATURES)))
