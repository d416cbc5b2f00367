"""Who was active when: one row a shopper and day, and the daily, weekly and monthly shoppers of each group."""

import pandas as pd

from core.base.db import Store
from core.profiles.splits import Split

SHOPPER_DAYS_SQL = """
SELECT user_id, CAST(ts AS DATE) AS day, count(*) AS events, count_if(event_type = 'purchase') AS purchases,
       sum(money) AS money, $version AS data_version
FROM acts WHERE ts IS NOT NULL GROUP BY ALL ORDER BY user_id, day
"""

# As in the rollup `activity`: a shopper active on day d counts for w days, or until the day they are active again.
GROUP_ACTIVITY_SQL = """
WITH spells AS (
    SELECT user_id, day, lead(day) OVER (PARTITION BY user_id ORDER BY day) AS again FROM shopper_days
), steps AS (
    SELECT user_id, day, 1 AS dau, 1 AS wau, 1 AS mau FROM spells
    UNION ALL SELECT user_id, day + 1, -1, 0, 0 FROM spells
    UNION ALL SELECT user_id, least(day + 7, again), 0, -1, 0 FROM spells
    UNION ALL SELECT user_id, least(day + 30, again), 0, 0, -1 FROM spells
), change AS (
    SELECT split, grp, day, sum(dau) AS dau, sum(wau) AS wau, sum(mau) AS mau
    FROM steps JOIN splits USING (user_id) WHERE split <> 'all' GROUP BY ALL
), grid AS (
    SELECT split, grp, day FROM (SELECT DISTINCT split, grp FROM splits WHERE split <> 'all') CROSS JOIN activity
)
SELECT 'all' AS split, '' AS grp, day, dau, wau, mau, $version AS data_version FROM activity
UNION ALL
SELECT split, grp, day, coalesce(sum(dau) OVER so_far, 0), coalesce(sum(wau) OVER so_far, 0), coalesce(sum(mau) OVER so_far, 0),
       $version
FROM grid LEFT JOIN change USING (split, grp, day)
WINDOW so_far AS (PARTITION BY split, grp ORDER BY day)
ORDER BY split, grp, day
"""
FULL_MONTH = 30
"""Days of log from which a month is a whole month; before, DAU ÷ MAU is not known."""


def activity(store: Store, split: Split = Split.ALL, group: str = "") -> pd.DataFrame:
    """Return one row a calendar day of a group, oldest first: day, dau, wau, mau, stickiness.

    dau, wau, mau: exact distinct shoppers of the 1, 7 and 30 days ending that day. stickiness: dau ÷ mau, 0..1, missing in
    the first 29 days of the log, whose months are cut short, and on days with an empty month.
    """
    return store.df(
        f"""
        SELECT day, dau, wau, mau,
               if(day >= min(day) OVER () + {FULL_MONTH - 1}, dau / nullif(mau, 0), NULL) AS stickiness
        FROM group_activity WHERE split = ? AND grp = ? ORDER BY day
        """,
        [split, group],
    )


def stickiness_by_group(store: Store, split: Split) -> pd.DataFrame:
    """Return DAU ÷ MAU of every group on each day, smoothed over 7 days: grp, day, stickiness; oldest first.

    The sum of the daily shoppers of up to 7 days ÷ the sum of their monthly ones: the weekly rhythm does not hide the trend.
    """
    return store.df(
        f"""
        SELECT grp, day, sum(dau) OVER week / nullif(sum(mau) OVER week, 0) AS stickiness
        FROM (SELECT *, min(day) OVER () AS first FROM group_activity WHERE split = ?)
        WHERE day >= first + {FULL_MONTH - 1}
        WINDOW week AS (PARTITION BY grp ORDER BY day ROWS 6 PRECEDING) ORDER BY grp, day
        """,
        [split],
    )
