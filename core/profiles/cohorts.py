"""Weekly retention: of the shoppers who first came (or first bought) in a week, the share who were back n weeks later."""

from enum import StrEnum

import pandas as pd

from core.base.db import Store
from core.profiles.splits import Split

MOST_COHORTS = 53
"""Cohorts kept: the latest year of weeks."""


class Basis(StrEnum):
    """What makes a cohort, and what counts as coming back: any event, or a purchase."""

    ACTIVITY = "activity"
    PURCHASE = "purchase"


# A week runs from Monday to Sunday; it is whole where the log has reached its Sunday. The first week of the log may have
# begun before the log did, and holds everybody who came before: it is a cohort like any other, and the screen says so.
COHORTS_SQL = f"""
WITH acted AS (
    SELECT DISTINCT 'activity' AS basis, user_id, CAST(date_trunc('week', day) AS DATE) AS week FROM shopper_days
    UNION ALL
    SELECT DISTINCT 'purchase', user_id, CAST(date_trunc('week', day) AS DATE) FROM shopper_days WHERE purchases > 0
), whole AS (
    SELECT CAST(unnest(generate_series(date_trunc('week', min(day)), max(day) - 6, INTERVAL 7 DAY)) AS DATE) AS week
    FROM shopper_days
), came AS (
    SELECT basis, user_id, min(week) AS cohort FROM acted GROUP BY ALL
), recent AS (
    SELECT week FROM whole ORDER BY week DESC LIMIT {MOST_COHORTS}
), sizes AS (
    SELECT basis, split, grp, cohort, count(*) AS shoppers
    FROM came JOIN splits USING (user_id) WHERE cohort IN (SELECT week FROM recent) GROUP BY ALL
), back AS (
    SELECT basis, split, grp, cohort, week, count(*) AS active
    FROM came JOIN acted USING (basis, user_id) JOIN splits USING (user_id)
    WHERE cohort IN (SELECT week FROM recent) GROUP BY ALL
)
SELECT s.basis, s.split, s.grp, s.cohort, CAST((w.week - s.cohort) // 7 AS INTEGER) AS week, s.shoppers,
       coalesce(b.active, 0) AS active, $version AS data_version
FROM sizes s JOIN whole w ON w.week >= s.cohort
LEFT JOIN back b ON (b.basis, b.split, b.grp, b.cohort, b.week) = (s.basis, s.split, s.grp, s.cohort, w.week)
ORDER BY ALL
"""


def cohorts(store: Store, basis: Basis, split: Split = Split.ALL, group: str = "", latest: int = MOST_COHORTS) -> pd.DataFrame:
    """Return one row a cohort and whole week since, by cohort, then week: cohort, week, shoppers, active, share.

    cohort: its Monday; week: 0 = the cohort's own, where share is 1; shoppers: size of the cohort; share: active ÷
    shoppers, 0..1. A week that was not over when the log ended has no row. Only the ``latest`` cohorts, at most 53.
    """
    return store.df(
        """
        SELECT cohort, week, shoppers, active, active / shoppers AS share FROM cohorts
        WHERE basis = ? AND split = ? AND grp = ? QUALIFY dense_rank() OVER (ORDER BY cohort DESC) <= ? ORDER BY cohort, week
        """,
        [basis, split, group, latest],
    )


def retention_by_group(store: Store, basis: Basis, split: Split, weeks: int = 26) -> pd.DataFrame:
    """Return each group's retention over all its cohorts, by group, then week: grp, week, cohorts, shoppers, share.

    share: active in the week ÷ shoppers, both summed over the cohorts old enough for that week; 0..1. weeks: the last one.
    """
    return store.df(
        """
        SELECT grp, week, count(*) AS cohorts, CAST(sum(shoppers) AS BIGINT) AS shoppers, sum(active) / sum(shoppers) AS share
        FROM cohorts WHERE basis = ? AND split = ? AND week <= ? GROUP BY grp, week ORDER BY grp, week
        """,
        [basis, split, weeks],
    )
