"""Every time an ad was shown: the log's views and clicks of it while its campaign ran, and what the clicks cost.

A showing is an ad, a shopper and a visit (a day where the log has no visits); it was clicked where the visit holds a click. Files
tell no invoices, so what a campaign spent is simulated: each click costs its bid until the budget is used up.
"""

from core.base.db import Store
from core.base.derived import rebuild
from core.base.schema import Table

RECIPE = 1
"""Raised when the same log would give other showings."""


def rebuild_ad_shows(store: Store, force: bool = False) -> bool:
    """Rebuild table ``ad_shows`` where it is not current; return whether it was built. Needs the catalogue and the robots."""
    return rebuild(store, Table.AD_SHOWS, {"recipe": RECIPE}, lambda version: _build(store, version), force)


def _build(store: Store, version: int) -> None:
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM ad_shows")
        cursor.execute(_SHOWS, {"version": version})


_SHOWS = """
INSERT INTO ad_shows BY NAME
WITH offers AS (
    SELECT campaign_id, item_id, max(bid) AS bid, max(budget) AS budget, min(starts_at) AS starts, max(ends_at) AS ends
    FROM campaigns JOIN catalogue USING (item_id) WHERE kind = 'ad' GROUP BY campaign_id, item_id
), seen AS (
    SELECT item_id, user_id, min(ts) AS ts, arg_min(platform, ts) AS platform, arg_min(position, ts) AS position,
           bool_or(event_type = 'click') AS clicked
    FROM events SEMI JOIN offers USING (item_id) ANTI JOIN robots USING (user_id)
    WHERE event_type IN ('view', 'click')
    GROUP BY item_id, user_id, coalesce(session_id, CAST(CAST(ts AS DATE) AS VARCHAR))
), placed AS (
    SELECT seen.*, campaign_id, budget, if(clicked, coalesce(bid, 0), 0) AS cost
    FROM seen JOIN offers o ON o.item_id = seen.item_id
         AND (starts IS NULL OR ts >= starts) AND (ends IS NULL OR ts < CAST(ends AS DATE) + 1)
    QUALIFY row_number() OVER (PARTITION BY seen.item_id, user_id, ts ORDER BY starts DESC NULLS LAST, campaign_id) = 1
)
SELECT campaign_id, item_id, user_id, ts, platform, position, clicked,
       if(budget IS NULL OR sum(cost) OVER spending <= budget, cost, 0) AS charged, $version AS data_version
FROM placed
WINDOW spending AS (PARTITION BY campaign_id ORDER BY ts, user_id, item_id ROWS UNBOUNDED PRECEDING)
ORDER BY ts, user_id, item_id
"""
