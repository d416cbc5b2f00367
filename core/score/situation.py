"""Where each shopper stands: what decides which action fits them, one row a shopper, and what the shop's log says of all.

"Now" is the latest event of the log. How many order anyway is counted, not modelled: shoppers who stood like this one
horizon ago, and which of them ordered within the horizon since.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.engagement import WEIGHT
from core.base.schema import Col, Event
from core.profiles.audience import NOT_ROBOTS
from core.profiles.churn import churn_report
from core.profiles.consent import Consent, consent, no_consent
from core.represent.pairs import wilson_low

USUAL_HORIZON = 30
"""Days ahead that are looked at where the log is too short for a churn model."""
LEAST_ALIKE = 30
"""Shoppers who must have stood alike for their share to be told; else those seen as lately, else everyone."""
STEP = 0.25
"""How far up an upsell goes, in percentiles of the prices of a category."""
TOP = 0.95
"""The percentile it goes to at most: the dearest few of a category are often no product that anybody takes."""
HUNDREDTHS = np.linspace(0, 1, 21)


@dataclass(frozen=True)
class BasketRate:
    """What became of baskets left before: of ``left`` shoppers with one, ``bought`` took something of it after all.

    taken: part of the basket's value that these took, 0..1.
    """

    left: int
    bought: int
    taken: float


@dataclass(frozen=True)
class Situation:
    """Every shopper who is no robot, and the shop around them.

    shoppers: one row each, by id: user_id, segment_id (−1 = none), agreed (may be written to), last_seen, usual_gap, tenure
    (days), orders, spent, worth (of an order, money; 1 where there are no prices), risk (0..1) or why there is none, alike,
    alike_ordered, chance_to_order (within the horizon: of those alike), order_low, order_high, lines, discount_share,
    price_tier (0..1), shelf (favourite category), step (money more for a step up in it), left_items, left_value, left_days.
    """

    shoppers: pd.DataFrame
    now: datetime
    horizon: int
    at_risk_from: float | None
    has_prices: bool
    has_discounts: bool
    has_baskets: bool
    basket: BasketRate | None
    consent: Consent


def situation(store: Store, basket_days: float) -> Situation | None:
    """Return where every shopper stands; None where the log is too short to tell who orders anyway.

    basket_days: age from which a basket left is forgotten.
    """
    report = churn_report(store)
    first, last, now = store.rows("SELECT min(day), max(day), (SELECT max(last_ts) FROM shoppers) FROM shopper_days")[0]
    if first is None or (last - first).days < 2:
        return None
    horizon = min(report.horizon or USUAL_HORIZON, (last - first).days // 2)
    told = store.df(_SHOPPERS)
    told = told.join(_chances(store, last, horizon).set_index(Col.USER), on=Col.USER)
    told = told.join(_baskets(store, now, basket_days).set_index(Col.USER), on=Col.USER)
    has_prices = bool((told["spent"] > 0).any())
    told["worth"] = _worth(told) if has_prices else 1.0
    told["step"] = _steps(store, told)
    told["agreed"] = ~told[Col.USER].isin(no_consent(store))
    return Situation(
        shoppers=told,
        now=now,
        horizon=horizon,
        at_risk_from=report.at_risk_from if report.fitted else None,
        has_prices=has_prices,
        has_discounts=bool((told["discount_share"] > 0).any()),
        has_baskets=bool(store.value("SELECT count(*) FROM (SELECT 1 FROM events WHERE event_type = 'cart' LIMIT 1)")),
        basket=_basket_rate(store, now, basket_days),
        consent=consent(store),
    )


def _chances(store: Store, last: datetime, horizon: int) -> pd.DataFrame:
    """Return user_id, alike, alike_ordered, chance_to_order, order_low, order_high of every shopper."""
    asked = {"cut": last, "back": last - timedelta(days=horizon), "horizon": horizon, "least": LEAST_ALIKE}
    found = store.df(_CHANCES, asked)
    hits, trials = found["alike_ordered"].to_numpy(float), found["alike"].to_numpy(float)
    return found.assign(
        chance_to_order=hits / trials,
        order_low=np.maximum(wilson_low(hits, trials), 0),
        order_high=1 - np.maximum(wilson_low(trials - hits, trials), 0),
    )


def _worth(told: pd.DataFrame) -> np.ndarray:
    """Return what an order of each shopper is worth: their own mean, the shop's counted in as one further order."""
    orders, spent = told["orders"].to_numpy(float), np.maximum(told["spent"].fillna(0).to_numpy(float), 0)
    return np.asarray((spent + spent.sum() / max(orders.sum(), 1)) / (orders + 1))


def _steps(store: Store, told: pd.DataFrame) -> np.ndarray:
    """Return (n,) money that a product a step up costs more than what the shopper usually takes, NaN where not known."""
    prices = store.rows(_PRICES, {"hundredths": HUNDREDTHS.tolist()})
    ladders = {shelf: np.asarray(ladder, float) for shelf, ladder in prices}
    tier, steps = told["price_tier"].to_numpy(float), np.full(len(told), np.nan)
    for shelf, ladder in ladders.items():
        at = np.flatnonzero((told["shelf"] == shelf).to_numpy(bool))
        usual = np.interp(tier[at], HUNDREDTHS, ladder)
        steps[at] = np.interp(np.minimum(tier[at] + STEP, TOP), HUNDREDTHS, ladder) - usual
    return steps


def _baskets(store: Store, now: datetime, days: float) -> pd.DataFrame:
    return store.df(
        f"""
        SELECT user_id, count(*) AS left_items, sum(price) AS left_value,
               date_diff('second', max(added), $now) / 86400 AS left_days
        FROM ({LEFT}) GROUP BY user_id
        """,
        {"now": now, "days": days},
    )


def _basket_rate(store: Store, now: datetime, days: float) -> BasketRate | None:
    """Return what became of the baskets left one basket's time ago; None where there were none."""
    asked = {"now": now - timedelta(days=days), "days": days}
    left, bought, value, taken = store.rows(_BASKET_RATE, asked)[0]
    return BasketRate(left, bought, min(1.0, taken / value) if value else 1.0) if left else None


LEFT = """
SELECT a.user_id, a.item_id, a.added, c.price FROM (
    SELECT user_id, item_id, max(ts) AS added FROM events
    WHERE event_type = 'cart' AND ts <= $now AND ts > $now - to_seconds(CAST($days * 86400 AS BIGINT)) GROUP BY ALL
) a LEFT JOIN (
    SELECT user_id, item_id, max(ts) AS bought FROM events
    WHERE event_type = 'purchase' AND ts <= $now AND ts > $now - to_seconds(CAST($days * 86400 AS BIGINT)) GROUP BY ALL
) b USING (user_id, item_id) JOIN catalogue c USING (item_id)
WHERE (b.bought IS NULL OR b.bought < a.added) AND c.hidden IS NULL AND coalesce(c.stock, 1) > 0
"""
"""What was put in the basket in the last $days before $now and not bought since; what can be bought still."""
_BASKET_RATE = f"""
WITH carts AS ({LEFT}), later AS (
    SELECT DISTINCT user_id, item_id FROM events
    WHERE event_type = 'purchase' AND ts > $now AND ts <= $now + to_seconds(CAST($days * 86400 AS BIGINT))
), each AS (
    SELECT user_id, count(l.item_id) > 0 AS took, sum(price) AS value, sum(price) FILTER (l.item_id IS NOT NULL) AS taken
    FROM carts LEFT JOIN later l USING (user_id, item_id) WHERE {NOT_ROBOTS} GROUP BY user_id
)
SELECT count(*), count_if(took), sum(value) FILTER (took), sum(taken) FILTER (took) FROM each
"""
_STANDING = """
SELECT user_id, CASE WHEN bought = 0 THEN 0 ELSE least(4, 1 + floor(log2(bought))) END AS often,
       least(5, greatest(0, ceil(log2(greatest(away / $horizon, 0.25))) + 2)) AS late
FROM (
    SELECT user_id, count_if(purchases > 0) AS bought, {day} - max(day) AS away
    FROM shopper_days WHERE day <= {day} GROUP BY user_id
)
"""
"""Days with an order: none, 1, 2 to 3, 4 to 7, 8 or more; last seen: a quarter, half, 1, 2, 4 horizons ago, or more."""
_CHANCES = f"""
WITH was AS (
    SELECT s.*, n.user_id IS NOT NULL AS ordered FROM ({_STANDING.format(day="$back")}) s LEFT JOIN (
        SELECT DISTINCT user_id FROM shopper_days WHERE day > $back AND day <= $cut AND purchases > 0
    ) n USING (user_id) WHERE {NOT_ROBOTS}
), rates AS (
    SELECT often, late, count(*) AS alike, count_if(ordered) AS alike_ordered FROM was
    GROUP BY GROUPING SETS ((often, late), (late), ()) HAVING count(*) >= $least OR (often IS NULL AND late IS NULL)
)
SELECT s.user_id, coalesce(a.alike, b.alike, c.alike) AS alike,
       coalesce(a.alike_ordered, b.alike_ordered, c.alike_ordered) AS alike_ordered
FROM ({_STANDING.format(day="$cut")}) s
LEFT JOIN rates a ON a.often = s.often AND a.late = s.late
LEFT JOIN rates b ON b.often IS NULL AND b.late = s.late
LEFT JOIN rates c ON c.often IS NULL AND c.late IS NULL
"""
_STRENGTH = " + ".join(
    f"{WEIGHT[event]} * {column}"
    for event, column in (
        (Event.VIEW, "views"),
        (Event.CLICK, "clicks"),
        (Event.CART, "carts"),
        (Event.PURCHASE, "purchases"),
    )
)
_SHOPPERS = f"""
WITH shelves AS (
    SELECT user_id, coalesce(c.top_category, '') AS shelf, sum({_STRENGTH}) AS strength
    FROM interactions JOIN catalogue c USING (item_id) WHERE c.hidden IS NULL GROUP BY ALL
), favourite AS (
    SELECT user_id, arg_max(shelf, (strength, shelf)) AS shelf FROM shelves GROUP BY user_id
)
SELECT s.user_id, coalesce(m.segment_id, -1) AS segment_id, s.recency_days AS last_seen,
       s.span_days / nullif(s.active_days - 1, 0) AS usual_gap, s.tenure_days AS tenure, s.orders, s.monetary AS spent,
       c.risk, c.why, s.purchases AS lines, s.discount_share, s.price_tier, f.shelf
FROM shoppers s LEFT JOIN churn c USING (user_id) LEFT JOIN favourite f USING (user_id)
LEFT JOIN (SELECT user_id, segment_id FROM members UNION ALL SELECT user_id, segment_id FROM placed) m USING (user_id)
WHERE {NOT_ROBOTS} AND s.last_ts IS NOT NULL ORDER BY s.user_id
"""
_PRICES = """
SELECT coalesce(top_category, '') AS shelf, quantile_cont(price, $hundredths) FROM catalogue
WHERE hidden IS NULL AND kind = 'product' AND price > 0 GROUP BY shelf
"""
