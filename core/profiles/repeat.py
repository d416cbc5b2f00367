"""Buying again: what share of shoppers has done so by a day after a purchase, with those not watched long enough counted right.

Kaplan and Meier (1958). A spell begins with a purchase and ends with the shopper's next day of purchase; where there is none
yet, it is watched until the last day of the log and then leaves the risk set (censored). Leaving such spells out, or counting
them as "never", would be wrong either way: the latest buyers have had no time to come back.
"""

from dataclasses import dataclass
from enum import StrEnum

import duckdb
import pandas as pd

from core.base.db import Store
from core.profiles.splits import Split
from core.profiles.spreads import Measure, spread_sql

MARKS = (30, 60, 90)
"""Days after a purchase at which the share is quoted."""
LEAST_AT_RISK = 10
"""Shoppers that must still be watched for a share to be quoted."""
MOST_DAYS = 365
"""The last day of the curve that is drawn."""


class Spell(StrEnum):
    """After which purchase the days are counted."""

    FIRST = "first"
    ANY = "any"


# Several orders of a day are one day of purchase: shops split an order into invoices. Days are whole calendar days.
SPELLS_SQL = """
SELECT user_id, day, lead(day) OVER mine - day AS gap, (SELECT max(day) FROM shopper_days) - day AS watched,
       row_number() OVER mine = 1 AS first
FROM shopper_days WHERE purchases > 0 WINDOW mine AS (PARTITION BY user_id ORDER BY day)
"""

# One row a day on which a spell ends, bought again or not, and one for day 0. A spell censored on a day was watched on it:
# the day's purchases come before the day's leavers.
REPEATS_SQL = """
WITH kinds AS (
    SELECT 'first' AS spell, user_id, gap, watched FROM spells WHERE first
    UNION ALL SELECT 'any', user_id, gap, watched FROM spells
), ends AS (
    SELECT spell, split, grp, coalesce(gap, watched) AS days, count(gap) AS again, count(*) AS ended
    FROM kinds JOIN splits USING (user_id) GROUP BY ALL
), lengths AS (
    SELECT spell, split, grp, days, sum(again) AS again, sum(ended) AS ended
    FROM (FROM ends UNION ALL SELECT DISTINCT spell, split, grp, 0, 0, 0 FROM ends) GROUP BY ALL
), risk AS (
    SELECT *, sum(ended) OVER (PARTITION BY spell, split, grp ORDER BY days DESC) AS at_risk FROM lengths
), curve AS (
    SELECT *, product(1 - again / at_risk) OVER so_far AS waiting,
           sum(again / (at_risk * nullif(at_risk - again, 0))) OVER so_far AS terms
    FROM risk WINDOW so_far AS (PARTITION BY spell, split, grp ORDER BY days)
)
SELECT spell, split, grp, days, at_risk, again, 1 - waiting AS share,
       if(waiting > 0, waiting * sqrt(coalesce(terms, 0)), NULL) AS error, $version AS data_version
FROM curve ORDER BY spell, split, grp, days
"""


def write_repeats(cursor: duckdb.DuckDBPyConnection, version: int) -> None:
    """Fill ``repeats`` and the spread of the days between purchases, inside the caller's transaction."""
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE spells AS {SPELLS_SQL}")
    cursor.execute(f"INSERT INTO repeats BY NAME {REPEATS_SQL}", {"version": version})
    cursor.execute(f"INSERT INTO spreads BY NAME {spread_sql(Measure.PURCHASE_GAP, 'spells', 'gap')}", {"version": version})
    cursor.execute("DROP TABLE spells")


@dataclass(frozen=True)
class Mark:
    """The share that has bought again by a day, 0..1; None where fewer than ten are watched that long."""

    days: int
    share: float | None


@dataclass(frozen=True)
class RepeatFigures:
    """How a group buys again after the first purchase.

    buyers: shoppers with a purchase; again: of them, seen buying on a second day; median_days: by which half have, None
    where it is never half; marks: at 30, 60 and 90 days.
    """

    buyers: int
    again: int
    median_days: int | None
    marks: tuple[Mark, ...]

    @property
    def rate(self) -> float | None:
        """Return again ÷ buyers: what was seen, however short the later ones were watched."""
        return self.again / self.buyers if self.buyers else None


def curve(store: Store, spell: Spell, split: Split = Split.ALL, group: str = "", days: int = MOST_DAYS) -> pd.DataFrame:
    """Return the curve of a group up to ``days``: days, at_risk, again, share, low, high; a step function, held between rows.

    share: have bought again by that day, 0..1, never falling; low, high: 95 % interval (share ± 1.96 Greenwood errors, cut
    at 0 and 1), missing where nobody is left. It ends where fewer than ten are watched. After *any* purchase the spells of
    one shopper depend on each other, which makes the interval too narrow.
    """
    return store.df(
        """
        SELECT days, at_risk, again, share, greatest(0, share - 1.96 * error) AS low, least(1, share + 1.96 * error) AS high
        FROM repeats WHERE spell = ? AND split = ? AND grp = ? AND days <= ? AND (at_risk >= ? OR days = 0) ORDER BY days
        """,
        [spell, split, group, days, LEAST_AT_RISK],
    )


def curves_by_group(store: Store, spell: Spell, split: Split, days: int = MOST_DAYS) -> pd.DataFrame:
    """Return the curves of all groups, by group, then day: grp, days, at_risk, share."""
    return store.df(
        """
        SELECT grp, days, at_risk, share FROM repeats
        WHERE spell = ? AND split = ? AND days <= ? AND (at_risk >= ? OR days = 0) ORDER BY grp, days
        """,
        [spell, split, days, LEAST_AT_RISK],
    )


def repeat_figures(store: Store, split: Split = Split.ALL, group: str = "", spell: Spell = Spell.FIRST) -> RepeatFigures:
    """Return the figures of a group; after *any* purchase, buyers and again count purchases."""
    rows = store.rows(
        "SELECT days, at_risk, again, share FROM repeats WHERE spell = ? AND split = ? AND grp = ? ORDER BY days",
        [spell, split, group],
    )
    watched = [row for row in rows if row[1] >= LEAST_AT_RISK]
    return RepeatFigures(
        buyers=int(rows[0][1]) if rows else 0,
        again=int(sum(again for _, _, again, _ in rows)),
        median_days=next((int(days) for days, _, _, share in watched if share >= 0.5), None),
        marks=tuple(Mark(days, _share_at(days, rows)) for days in MARKS),
    )


def _share_at(day: int, rows: list[tuple[int, int, int, float]]) -> float | None:
    """Return the share by a day; at risk on it are those whose spells end on it or later.

    >>> _share_at(30, [(0, 20, 0, 0.0), (10, 20, 5, 0.25), (40, 15, 15, 1.0)]), _share_at(41, [(0, 20, 0, 0.0)])
    (0.25, None)
    """
    if next((at_risk for days, at_risk, _, _ in rows if days >= day), 0) < LEAST_AT_RISK:
        return None
    return next(share for days, _, _, share in reversed(rows) if days <= day)
