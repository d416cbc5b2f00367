"""How the shop's main figures moved: the latest days against as many days before them, and what events are made of."""

from dataclasses import dataclass

import pandas as pd

from core.base.db import Store
from core.profiles.overview import activity


@dataclass(frozen=True)
class Trend:
    """One figure over the latest days. before: the same over the days before them, None where the log is too short.

    series: its daily values over both spans, oldest first.
    """

    value: float
    before: float | None
    series: tuple[float, ...]

    @property
    def change(self) -> float | None:
        """Return the relative change, 0.1 = 10 % more; None where there is nothing to compare with."""
        return self.value / self.before - 1 if self.before else None


@dataclass(frozen=True)
class Trends:
    """events, purchases, revenue (money): sums over the span; shoppers, stickiness: means of the daily values."""

    days: int
    events: Trend
    shoppers: Trend
    purchases: Trend
    revenue: Trend
    stickiness: Trend


def trends(store: Store, days: int = 30) -> Trends:
    """Return the figures of the last ``days`` days of the log against the ``days`` before; needs at least one day of events."""
    frame = activity(store, 2 * days)
    return Trends(
        days=days,
        events=_trend(frame["events"], days, "sum"),
        shoppers=_trend(frame["dau"], days, "mean"),
        purchases=_trend(frame["purchases"], days, "sum"),
        revenue=_trend(frame["revenue"], days, "sum"),
        stickiness=_trend(frame["stickiness"].fillna(0), days, "mean"),
    )


def event_mix(store: Store) -> pd.DataFrame:
    """Return event_type and events (rows of the log), most frequent first; kinds that never occur are left out."""
    return store.df(
        """
        UNPIVOT (
            SELECT CAST(sum(views) AS BIGINT) AS view, CAST(sum(clicks) AS BIGINT) AS click, CAST(sum(carts) AS BIGINT) AS cart,
                   CAST(sum(wishes) AS BIGINT) AS wishlist, CAST(sum(purchases) AS BIGINT) AS purchase,
                   CAST(sum(returns) AS BIGINT) AS "return", count(rating) AS rating
            FROM interactions
        ) ON COLUMNS(*) INTO NAME event_type VALUE events
        WHERE events > 0 ORDER BY events DESC, event_type
        """
    )


def top_categories(store: Store, limit: int = 8) -> pd.DataFrame:
    """Return category (top level), shoppers, spend (money) and share of the spend, or of the shoppers where nothing was paid."""
    return store.df(
        """
        SELECT category, shoppers, spend,
               CASE WHEN sum(spend) OVER () > 0 THEN spend / sum(spend) OVER () ELSE shoppers / sum(shoppers) OVER () END AS share
        FROM (
            SELECT trim(split_part(c.category, '>', 1)) AS category, count(DISTINCT i.user_id) AS shoppers, sum(i.spend) AS spend
            FROM interactions i JOIN catalogue c USING (item_id)
            WHERE c.category IS NOT NULL AND c.hidden IS NULL GROUP BY ALL
        ) ORDER BY share DESC, category LIMIT ?
        """,
        [limit],
    )


def _trend(daily: pd.Series, days: int, how: str) -> Trend:
    latest, earlier = daily.iloc[-days:], daily.iloc[:-days]
    complete = len(earlier) == days
    return Trend(
        value=float(latest.agg(how)) if len(latest) else 0.0,
        before=float(earlier.agg(how)) if complete else None,
        series=tuple(float(value) for value in daily),
    )
