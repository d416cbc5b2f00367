"""When each item came to the shop: the date that the catalogue states, else the first event with it."""

import pandas as pd

from core.base.db import Store
from core.base.derived import rebuild
from core.base.schema import Table

DATES = (
    "released_on",
    "release_date",
    "released",
    "launched_on",
    "launch_date",
    "launched",
    "available_from",
    "available_since",
    "date_added",
    "added_on",
    "added_at",
    "added",
    "created_at",
    "created_on",
    "date_created",
    "created",
    "published_at",
    "published_on",
    "publish_date",
    "introduced_on",
)
"""Names of catalogue columns that say when an item came, the surest first."""
SETTLING_DAYS = 28
"""An item first met this soon after the log begins may have been there long before."""


def rebuild_arrivals(store: Store, force: bool = False) -> bool:
    """Rebuild table ``arrivals`` where it is not current; return whether it was built.

    An item without a stated date arrived with its first event, unless that lies in the log's first weeks: then nobody can say.
    A stated date after the latest event of the log is still to come, and left out.
    """
    settings = {"dates": list(DATES), "settling_days": SETTLING_DAYS}
    return rebuild(store, Table.ARRIVALS, settings, lambda version: _build(store, version), force)


def arrivals(store: Store) -> pd.DataFrame:
    """Return item_id, arrived (day), days (since, up to the latest event) and stated (by the catalogue), by item id.

    In a shop without events age is counted back from the newest item.
    """
    return store.df(
        """
        SELECT item_id, arrived, stated,
               date_diff('day', arrived, coalesce((SELECT CAST(max(ts) AS DATE) FROM events), max(arrived) OVER ())) AS days
        FROM arrivals ORDER BY item_id
        """
    )


def _build(store: Store, version: int) -> None:
    stated = ", ".join(f"TRY_CAST(attributes ->> '{name}' AS DATE)" for name in DATES)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM arrivals")
        cursor.execute(_ARRIVALS.format(stated=stated), {"settling": SETTLING_DAYS, "version": version})


_ARRIVALS = """
INSERT INTO arrivals BY NAME
WITH log AS (
    SELECT CAST(min(ts) AS DATE) AS first, CAST(max(ts) AS DATE) AS last FROM events
), dated AS (
    SELECT item_id, coalesce({stated}) AS said, last,
           if(first_seen >= first + CAST($settling AS INTEGER), first_seen, NULL) AS met
    FROM catalogue CROSS JOIN log
)
SELECT item_id, CAST(coalesce(said, met) AS DATE) AS arrived, said IS NOT NULL AS stated, $version AS data_version
FROM dated WHERE coalesce(said, met) IS NOT NULL AND (last IS NULL OR CAST(coalesce(said, met) AS DATE) <= last)
ORDER BY item_id
"""
