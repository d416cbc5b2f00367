"""How often shoppers come and how long they stay."""

from dataclasses import dataclass

import duckdb
import pandas as pd

from core.base.db import Store
from core.profiles.measures import SESSION_GAP_S, Shop
from core.profiles.splits import Split
from core.profiles.spreads import Measure, spread_sql

RECENT_WEEKS = 4
"""Whole weeks that the figures of the cards are a mean of."""


def find_sessions_sql(shop: Shop) -> str:
    """Return a SELECT of one row a session: user_id, began (timestamp), steps (events), minutes.

    As in core.profiles.measures: a session is a session id of a shopper; events without one are cut where 30 minutes pass
    without an event. Returns are no visit, nor are reviews where there is a log of events. minutes: from the first event to
    the last, NULL for a session of one event, and for all where the log has no browsing or no times of day.
    """
    reviews = "UNION ALL SELECT user_id, ts, NULL FROM reviews WHERE user_id IS NOT NULL AND ts IS NOT NULL"
    minutes = "(epoch(max(ts)) - epoch(min(ts))) / 60" if shop.browses and shop.logs_times else "NULL::DOUBLE"
    return f"""
    WITH visits AS (
        SELECT user_id, ts, session_id FROM events WHERE event_type <> 'return'
        {"" if shop.logs_events else reviews}
    ), cut AS (
        SELECT user_id, ts, coalesce(epoch(ts) - lag(epoch(ts)) OVER mine > {SESSION_GAP_S}, true) AS begins
        FROM visits WHERE session_id IS NULL WINDOW mine AS (PARTITION BY user_id ORDER BY ts)
    ), numbered AS (
        SELECT user_id, ts, sum(begins::INTEGER) OVER (PARTITION BY user_id ORDER BY ts ROWS UNBOUNDED PRECEDING) AS session
        FROM cut
    )
    SELECT user_id, min(ts) AS began, count(*) AS steps, if(count(*) > 1, {minutes}, NULL) AS minutes
    FROM visits WHERE session_id IS NOT NULL GROUP BY user_id, session_id
    UNION ALL
    SELECT user_id, min(ts), count(*), if(count(*) > 1, {minutes}, NULL) FROM numbered GROUP BY user_id, session
    """


_WEEKS = """
WITH days AS (SELECT min(day) AS first, max(day) AS last FROM shopper_days)
SELECT split, grp, CAST(date_trunc('week', began) AS DATE) AS week, count(*) AS sessions, count(DISTINCT user_id) AS shoppers,
       avg(steps) AS steps, avg(minutes) AS minutes, $version AS data_version
FROM found JOIN splits USING (user_id) CROSS JOIN days
WHERE date_trunc('week', began) >= days.first AND date_trunc('week', began) <= days.last - 6
GROUP BY ALL ORDER BY ALL
"""


def write_sessions(cursor: duckdb.DuckDBPyConnection, shop: Shop, version: int) -> None:
    """Fill ``session_weeks`` and the spreads of session length, inside the caller's transaction."""
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE found AS {find_sessions_sql(shop)}")
    cursor.execute(f"INSERT INTO session_weeks BY NAME {_WEEKS}", {"version": version})
    for measure, value in ((Measure.SESSION_EVENTS, "steps"), (Measure.SESSION_MINUTES, "minutes")):
        cursor.execute(f"INSERT INTO spreads BY NAME {spread_sql(measure, 'found', value)}", {"version": version})
    cursor.execute("DROP TABLE found")


@dataclass(frozen=True)
class SessionFigures:
    """Means over the last whole weeks of the log, at most four; None where there is none.

    per_shopper: sessions a week of a shopper who came in it; steps: events a session; minutes: of sessions of two events or
    more, None also where the log cannot tell.
    """

    weeks: int
    sessions: int
    per_shopper: float | None
    steps: float | None
    minutes: float | None


def weeks(store: Store, split: Split = Split.ALL, group: str = "") -> pd.DataFrame:
    """Return the whole weeks with a session, oldest first: week (Monday), sessions, shoppers, per_shopper, steps, minutes."""
    return store.df(
        """
        SELECT week, sessions, shoppers, sessions / shoppers AS per_shopper, steps, minutes FROM session_weeks
        WHERE split = ? AND grp = ? ORDER BY week
        """,
        [split, group],
    )


def session_figures(store: Store, split: Split = Split.ALL, group: str = "") -> SessionFigures:
    """Return the figures of a group's last whole weeks."""
    ((many, sessions, per_shopper, steps, minutes),) = store.rows(
        """
        SELECT count(*), coalesce(sum(sessions), 0), sum(sessions) / sum(shoppers), sum(sessions * steps) / sum(sessions),
               avg(minutes)
        FROM session_weeks
        WHERE split = $split AND grp = $group
          AND week > (SELECT max(week) FROM session_weeks) - CAST($weeks * 7 AS INTEGER)
        """,
        {"split": split, "group": group, "weeks": RECENT_WEEKS},
    )
    return SessionFigures(int(many), int(sessions), per_shopper, steps, minutes)
