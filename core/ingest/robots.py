"""Shoppers who are no persons: crawlers, tills, test accounts, told by a pace that nobody keeps."""

import pandas as pd

from core.base.db import Store
from core.base.schema import Event

EVENTS_A_DAY = 1_000
LOOKS_A_DAY = 300
GAP_SECONDS = 1.0
LEAST_EVENTS = 100
RULE = (
    f"shoppers with {EVENTS_A_DAY:,} events on one day, {LOOKS_A_DAY} without a purchase, "
    f"or {LEAST_EVENTS} with less than {GAP_SECONDS:g} s between them on average"
)


def robots(store: Store) -> pd.DataFrame:
    """Return user_id, events and why, most events first, ties by id; events: on the days that meet RULE.

    A day logged in one batch (hundreds of events at the same moment) tells nothing of the pace and does not count.
    """
    return store.df(
        f"""
        WITH busy AS (
            SELECT user_id, ts::DATE AS day, count(*) AS n FROM events GROUP BY ALL HAVING n >= $least
        ), days AS (
            SELECT e.user_id, b.day, any_value(b.n) AS n, (max(epoch(ts)) - min(epoch(ts))) / any_value(b.n) AS gap,
                   count(DISTINCT ts) AS moments, count_if(event_type = $purchase) AS bought
            FROM events e JOIN busy b ON b.user_id = e.user_id AND e.ts::DATE = b.day GROUP BY ALL
        )
        SELECT user_id, sum(n)::BIGINT AS events,
               CASE WHEN max(n) >= $most THEN printf('%d events on one day', max(n)::BIGINT)
                    WHEN max(n) FILTER (bought = 0) >= $looks
                        THEN printf('%d events on one day and no purchase', (max(n) FILTER (bought = 0))::BIGINT)
                    ELSE 'less than {GAP_SECONDS:g} s between events' END AS why
        FROM days WHERE n >= $most OR (bought = 0 AND n >= $looks) OR (moments > n / 10 AND gap < $gap)
        GROUP BY user_id ORDER BY events DESC, user_id
        """,
        {
            "least": LEAST_EVENTS,
            "most": EVENTS_A_DAY,
            "looks": LOOKS_A_DAY,
            "gap": GAP_SECONDS,
            "purchase": Event.PURCHASE,
        },
    )
