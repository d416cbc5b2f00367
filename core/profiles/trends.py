"""How the shop's main figures moved: the latest days against as many days before them, and what events are made of."""

from dataclasses import dataclass

import pandas as pd

from core.base.db import Store
from core.profiles.overview import activity


@dataclass(frozen=True)
class Trend:
    """One figure over the latest days. before: the same over the days before them, None where the log is too short.

    series: its 7-day mean on each day of both spans, oldest first, so that a weekly rhythm does not hide the trend.
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
    """events, purchases, revenue (money): sums over the span; shoppers, stickiness: means of the daily values.

    month: distinct shoppers of the 30 days up to the end of the span.
    """

    days: int
    events: Trend
    shoppers: Trend
    month: Trend
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
        month=_trend(frame["mau"], days, "last"),
        purchases=_trend(frame["purchases"], days, "sum"),
        revenue=_trend(frame["revenue"], days, "sum"),
        stickiness=_trend(frame["stickiness"].fillna(0), days, "mean"),
    )


def event_mix(store: Store) -> pd.DataFrame:
    """Return event_type and events (rows of the log), most frequent first; kinds that never occur are left out."""
    return store.df(
        """
        SELECT event_type, CAST(events AS BIGINT) AS events FROM (
            SELECT unnest(['view', 'click', 'cart', 'wishlist', 'purchase', 'return', 'rating']) AS event_type,
                   unnest([sum(views), sum(clicks), sum(carts), sum(wishes),
                           sum(purchases), sum(returns), count(rating)]) AS events
            FROM interactions
        )
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
    return Trend(
        value=_over(latest, how),
        before=_over(earlier, how) if len(earlier) == days else None,
        series=tuple(daily.rolling(7, min_periods=1).mean().tolist()),
    )


def _over(daily: pd.Series, how: str) -> float:
    """Return the ``sum``, the ``mean`` or the ``last`` of the values; 0 where there are none."""
    if daily.empty:
        return 0.0
    return float(daily.iloc[-1] if how == "last" else daily.agg(how))
