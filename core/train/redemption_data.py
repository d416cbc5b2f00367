"""What the redemption model sees of a coupon campaign and a shopper it was sent to, and whether they redeemed.

Nothing of the day the campaign starts on, or later, enters a feature. Only campaigns sent to named shoppers count.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col
from core.score.index import Index
from core.score.past_taste import tastes_before

HISTORY_DAYS = 28
"""Days of log that lie before a campaign's start; campaigns with fewer are left out."""
MOST_CAMPAIGNS = 100
"""The latest that are read."""
MOST_VALUES = 12
"""Values of a fact about shoppers up to which it is a feature: more would name single shoppers."""
PRIOR = 5.0
"""Campaigns at the usual rate that every shopper's own redemption rate starts with."""

RFM = ("days since the last order", "orders a week", "spend a week")
PAST = (
    "their redemption rate so far",
    "campaigns they redeemed",
    "coupons they redeemed",
    "how lately they redeemed",
    "campaigns sent to them",
)
"""The rate is shrunk to everyone's, and in log-odds."""
FIT = (
    "share of spend on its products",
    "spend on its products",
    "days with its products",
    "share of spend on its shelves",
    "share of its products they bought",
    "fit of its products to their taste",
)
HABITS = (
    "share of spend saved by discounts",
    "spend a day with an order",
    "weeks since the first order",
    "spend a week in the last four",
)
CAMPAIGN = ("products of the campaign", "coupons of the campaign", "days of the campaign", "shoppers it was sent to")


@dataclass(frozen=True)
class Coupons:
    """A coupon campaign. starts, ends: first and last day."""

    campaign_id: str
    kind: str
    starts: date
    ends: date


@dataclass(frozen=True)
class Sent:
    """Pairs of campaign and shopper, campaigns by start. campaign: (p,) places in ``campaigns``; user: (p,) ids.

    features: (p, f), NaN = not known; redeemed: (p,) bool, whether by now.
    """

    campaigns: tuple[Coupons, ...]
    names: tuple[str, ...]
    campaign: np.ndarray
    user: np.ndarray
    features: np.ndarray
    redeemed: np.ndarray

    def __len__(self) -> int:
        return len(self.user)

    def of(self, chosen: np.ndarray) -> "Sent":
        """Return the pairs of the campaigns (bool by place) alone."""
        at = chosen[self.campaign]
        return Sent(self.campaigns, self.names, self.campaign[at], self.user[at], self.features[at], self.redeemed[at])

    def columns(self, names: tuple[str, ...]) -> np.ndarray:
        """Return (p, len(names))."""
        return self.features[:, [self.names.index(name) for name in names]]


def read_campaigns(store: Store) -> tuple[Coupons, ...]:
    """Return the dated campaigns that were sent to named shoppers after the log began, by start and id."""
    first = store.value("SELECT CAST(min(ts) AS DATE) FROM events")
    rows = store.rows(_CAMPAIGNS, {"most": MOST_CAMPAIGNS})
    enough = timedelta(days=HISTORY_DAYS)
    return tuple(Coupons(*row) for row in rows if first is not None and row[2] >= first + enough)


def read_sent(store: Store, index: Index) -> Sent:
    """Return every pair with its features."""
    found = read_campaigns(store)
    kinds = sorted({one.kind for one in found})
    facts = _facts(store)
    parts = [_describe(store, index, one) for one in found]
    users = [part[Col.USER].to_numpy(object) for part in parts]
    features = []
    for one, part in zip(found, parts, strict=True):
        own = part[[*RFM, *PAST, *FIT, *HABITS, *CAMPAIGN]].to_numpy(float)
        kind = np.tile([float(one.kind == name) for name in kinds], (len(part), 1))
        features.append(np.hstack([own, kind, facts.reindex(part[Col.USER]).to_numpy(float)]))
    names = (*RFM, *PAST, *FIT, *HABITS, *CAMPAIGN, *(f"is {name}" for name in kinds), *facts.columns)
    many = [len(part) for part in parts]
    return Sent(
        found,
        names,
        np.repeat(np.arange(len(found)), many),
        np.concatenate(users) if users else np.zeros(0, object),
        np.concatenate(features) if features else np.zeros((0, len(names))),
        np.concatenate([part["redeemed"].to_numpy(bool) for part in parts]) if parts else np.zeros(0, bool),
    )


def _describe(store: Store, index: Index, one: Coupons) -> pd.DataFrame:
    """Return a row for each shopper it was sent to, by id: user_id, redeemed and the features but for kind and facts."""
    start = datetime(one.starts.year, one.starts.month, one.starts.day)
    frame = store.df(_FEATURES, {"campaign": one.campaign_id, "start": start, "prior": PRIOR})
    frame = frame.rename(columns=dict(zip(_SQL_NAMES, (*RFM, *PAST, *FIT[:5], *HABITS), strict=True)))
    frame[FIT[5]] = _fit(store, index, one.campaign_id, frame[Col.USER].to_numpy(object), start)
    counts = "SELECT count(DISTINCT item_id), count(DISTINCT coupon_id) FROM coupons WHERE campaign_id = ? AND user_id IS NULL"
    size = np.log1p(store.rows(counts, [one.campaign_id])[0])
    values = (*size, (one.ends - one.starts).days + 1, np.log1p(len(frame)))
    return frame.assign(**dict(zip(CAMPAIGN, values, strict=True)))


def _fit(store: Store, index: Index, campaign_id: str, users: np.ndarray, start: datetime) -> np.ndarray:
    """Return (u,) the cosine of each shopper's taste before the start and the mean of the products' vectors; NaN = not known."""
    items = store.rows("SELECT DISTINCT item_id FROM coupons WHERE campaign_id = ? AND user_id IS NULL", [campaign_id])
    rows = np.array([index.rows[item] for (item,) in items if item in index.rows], int)
    centre = index.vectors[rows].sum(axis=0) if len(rows) else np.zeros(index.vectors.shape[1], np.float32)
    length = float(np.linalg.norm(centre))
    if not length:
        return np.full(len(users), np.nan)
    tastes = tastes_before(store, index, users, start)
    return np.where(tastes.any(axis=1), tastes.astype(float) @ (centre / length).astype(float), np.nan)


def _facts(store: Store) -> pd.DataFrame:
    """Return what the users table tells of shoppers, one 0/1 column a value, rows by user id; without a row nothing is known."""
    told = store.df(
        """
        SELECT user_id, key, any_value(value) AS value FROM (
            SELECT user_id, unnest(json_keys(attributes)) AS key,
                   json_extract_string(attributes, '$."' || unnest(json_keys(attributes)) || '"') AS value
            FROM users
        ) WHERE value IS NOT NULL GROUP BY user_id, key
        """
    )
    few = told.groupby("key")["value"].nunique()
    told = told[told["key"].isin(few[(few > 1) & (few <= MOST_VALUES)].index)]
    named = told.assign(name=told["key"].str.replace("_", " ") + " " + told["value"], there=1.0)
    return named.pivot_table(index=Col.USER, columns="name", values="there", fill_value=0.0) if len(named) else pd.DataFrame()


_SQL_NAMES = (
    *("recency", "orders", "spend", "rate", "redeemed_before", "coupons_before", "lately", "sent_before"),
    *("own_share", "own_spend", "own_days", "shelf_share", "breadth"),
    *("saved", "order_value", "tenure", "lately_spent"),
)
_CAMPAIGNS = """
SELECT * FROM (
    SELECT campaign_id, coalesce(any_value(name), 'campaign') AS kind, CAST(min(starts_at) AS DATE) AS starts,
           CAST(max(ends_at) AS DATE) AS ends
    FROM campaigns SEMI JOIN (SELECT * FROM coupons WHERE user_id IS NOT NULL AND redeemed_at IS NULL) USING (campaign_id)
    GROUP BY campaign_id HAVING starts IS NOT NULL AND ends IS NOT NULL ORDER BY starts DESC, campaign_id DESC LIMIT $most
) ORDER BY starts, campaign_id
"""
_FEATURES = """
WITH asked AS (
    SELECT user_id, bool_or(redeemed_at IS NOT NULL) AS redeemed FROM coupons
    WHERE campaign_id = $campaign AND user_id IS NOT NULL GROUP BY user_id HAVING bool_or(redeemed_at IS NULL)
), goods AS (SELECT DISTINCT item_id FROM coupons WHERE campaign_id = $campaign AND user_id IS NULL),
shelves AS (SELECT DISTINCT category FROM catalogue SEMI JOIN goods USING (item_id) WHERE category IS NOT NULL),
lines AS (
    SELECT user_id, a.item_id, CAST(ts AS DATE) AS day, money, coalesce(discount, 0) * quantity AS saved,
           a.item_id IN (SELECT item_id FROM goods) AS own, category IN (SELECT category FROM shelves) AS near
    FROM acts a SEMI JOIN asked USING (user_id) LEFT JOIN catalogue USING (item_id)
    WHERE event_type = 'purchase' AND ts < $start
), bought AS (
    SELECT user_id, max(day) AS last, min(day) AS first, count(DISTINCT day) AS orders, sum(money) AS spend, sum(saved) AS saved,
           coalesce(sum(money) FILTER (own), 0) AS own_spend, count(DISTINCT day) FILTER (own) AS own_days,
           coalesce(sum(money) FILTER (day >= CAST($start AS DATE) - 28), 0) AS late_spend,
           coalesce(sum(money) FILTER (near), 0) AS near_spend, count(DISTINCT item_id) FILTER (own) AS own_items
    FROM lines GROUP BY user_id
), starts AS (SELECT campaign_id, min(starts_at) AS starts FROM campaigns GROUP BY campaign_id),
earlier AS (
    SELECT user_id, campaign_id, coalesce(bool_or(redeemed_at < $start), false) AS took,
           count_if(redeemed_at < $start) AS coupons, max(redeemed_at) FILTER (redeemed_at < $start) AS last
    FROM coupons JOIN starts USING (campaign_id)
    WHERE user_id IS NOT NULL AND starts < $start AND campaign_id <> $campaign AND (redeemed_at IS NULL OR redeemed_at < $start)
    GROUP BY user_id, campaign_id
), usual AS (SELECT coalesce(avg(CAST(took AS DOUBLE)), 0) AS rate FROM earlier),
past AS (
    SELECT user_id, count(*) AS sent, count_if(took) AS took, max(last) AS last, sum(coupons) AS coupons
    FROM earlier GROUP BY user_id
), span AS (
    SELECT greatest(date_diff('day', CAST(min(ts) AS DATE), CAST($start AS DATE)), 1) / 7.0 AS weeks FROM events
)
SELECT user_id, redeemed, date_diff('day', b.last, CAST($start AS DATE)) AS recency,
       ln(1 + coalesce(orders, 0) / weeks) AS orders, ln(1 + greatest(coalesce(spend, 0), 0) / weeks) AS spend,
       ln((coalesce(took, 0) + $prior * greatest(usual.rate, 0.001::DOUBLE))
          / (coalesce(sent - took, 0) + $prior * (1 - usual.rate))) AS rate,
       ln(1 + coalesce(took, 0)) AS redeemed_before, ln(1 + coalesce(coupons, 0)) AS coupons_before,
       coalesce(30.0 / (30 + date_diff('day', CAST(past.last AS DATE), CAST($start AS DATE))), 0) AS lately,
       ln(1 + coalesce(sent, 0)) AS sent_before,
       own_spend / nullif(spend, 0) AS own_share, ln(1 + greatest(coalesce(own_spend, 0), 0)) AS own_spend,
       ln(1 + coalesce(own_days, 0)) AS own_days, near_spend / nullif(spend, 0) AS shelf_share,
       coalesce(own_items, 0) / nullif((SELECT count(*) FROM goods), 0) AS breadth, saved / nullif(spend + saved, 0) AS saved,
       ln(1 + greatest(spend, 0) / orders) AS order_value, date_diff('day', first, CAST($start AS DATE)) / 7.0 AS tenure,
       ln(1 + greatest(late_spend, 0) / 4) AS lately_spent
FROM asked LEFT JOIN bought b USING (user_id) LEFT JOIN past USING (user_id) CROSS JOIN usual CROSS JOIN span ORDER BY user_id
"""
