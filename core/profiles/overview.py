"""What is loaded and how the shop is doing, read from the rollups alone so that it costs the same on any shop."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from core.base.db import Store


@dataclass(frozen=True)
class Totals:
    """The shop in numbers. revenue: money, bought less returned; platforms: (name, events), most used first.

    events: of known shoppers, ratings included; items: shown ones; hidden: service lines; days: from the first to the last day.
    """

    events: int
    shoppers: int
    items: int
    hidden: int
    interactions: int
    purchases: int
    revenue: float
    reviews: int
    first_day: date | None
    last_day: date | None
    days: int
    platforms: tuple[tuple[str, int], ...]

    @property
    def empty(self) -> bool:
        return self.items == 0 and self.events == 0


def totals(store: Store) -> Totals:
    """Return the totals of the shop as of the last rebuild of the rollups."""
    ((events, purchases, revenue, first_day, last_day),) = store.rows(
        "SELECT sum(events), sum(purchases), sum(revenue), min(day), max(day) FROM activity"
    )
    ((items, hidden),) = store.rows("SELECT count(*) - count(hidden), count(hidden) FROM catalogue")
    platforms = store.rows(
        """
        SELECT platform, CAST(sum(events) AS BIGINT) AS n FROM daily WHERE platform IS NOT NULL
        GROUP BY platform ORDER BY n DESC, platform
        """
    )
    return Totals(
        events=int(events or 0),
        shoppers=int(store.value("SELECT count(*) FROM shoppers")),
        items=int(items),
        hidden=int(hidden),
        interactions=int(store.value("SELECT count(*) FROM interactions")),
        purchases=int(purchases or 0),
        revenue=float(revenue or 0),
        reviews=int(store.value("SELECT count(*) FROM reviews")),
        first_day=first_day,
        last_day=last_day,
        days=(last_day - first_day).days + 1 if first_day else 0,
        platforms=tuple(platforms),
    )


def activity(store: Store, days: int | None = None) -> pd.DataFrame:
    """Return one row a calendar day, oldest first, of the last ``days`` days (None = all).

    Columns: day, dau, wau, mau (exact distinct shoppers of the 1, 7 and 30 days ending that day; the first 29 days see
    less than a month), stickiness = dau / mau in 0..1, events, purchases, revenue (money).
    """
    return store.df(
        """
        SELECT day, dau, wau, mau, dau / nullif(mau, 0) AS stickiness, events, purchases, revenue
        FROM activity WHERE $days IS NULL OR day > (SELECT max(day) FROM activity) - CAST($days AS INTEGER) ORDER BY day
        """,
        {"days": days},
    )
