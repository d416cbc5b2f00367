"""Coupon campaigns: how chances of redeeming come about, how well they hold, and who is likely to redeem."""

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.base.db import Store
from core.profiles.churn import Bin, Judged

FITTED = "fitted"


@dataclass(frozen=True)
class Rated:
    """How one model did on campaigns it had not seen. auc, brier, gap: 95 % intervals (households drawn with replacement).

    gain: 95 % interval of the AUC of the model in force less this one's; None for the model in force.
    """

    judged: Judged
    auc: tuple[float, float]
    brier: tuple[float, float]
    gap: tuple[float, float]
    gain: tuple[float, float] | None

    @property
    def name(self) -> str:
        """Return the model's name."""
        return self.judged.name


@dataclass(frozen=True)
class CouponReport:
    """How the chances in force came about. state: 'fitted', else why there are none, in a sentence.

    campaigns, sent: that a model is fitted to, calibrated and judged on; split: first days of calibrating and of judging;
    redeemed: share of the pairs judged; dropped: pairs of campaigns that ran across a split. chosen: the model in force;
    rated: it and its rivals; importance: (feature, AUC lost where its values are shuffled), most first.
    """

    state: str
    campaigns: tuple[int, ...] = ()
    sent: tuple[int, ...] = ()
    split: tuple[str, ...] = ()
    redeemed: float = 0.0
    dropped: int = 0
    chosen: str | None = None
    rated: tuple[Rated, ...] = ()
    importance: tuple[tuple[str, float], ...] = ()

    @property
    def sentence(self) -> str:
        """Return how well the chances hold, in words; why there are none where there are none."""
        if not self.fitted:
            return self.state
        ours, *rivals = self.rated
        against = ", ".join(f"{one.name} {one.judged.auc:.2f}" for one in rivals)
        return (
            f"Judged on {self.campaigns[2]:,} campaigns sent {self.sent[2]:,} times, which it had not seen: the {ours.name} puts "
            f"who redeemed before who did not with an AUC of {ours.judged.auc:.2f} ({ours.auc[0]:.2f} to {ours.auc[1]:.2f}); "
            f"{against}. Its chances are off by {100 * ours.judged.gap:.1f} points on average."
        )

    @property
    def fitted(self) -> bool:
        """Return whether there are chances."""
        return self.state == FITTED


def coupon_report(store: Store) -> CouponReport:
    """Return how the chances in force came about."""
    told = store.value("SELECT report FROM coupon_fits")
    if told is None:
        return CouponReport("Nothing has been counted yet: build first.")
    read = json.loads(told)
    lists = {name: tuple(read[name]) for name in ("campaigns", "sent", "split")}
    rated = tuple(_rated(one) for one in read["rated"])
    pairs = tuple((label, float(lost)) for label, lost in read["importance"])
    return CouponReport(**{**read, **lists, "rated": rated, "importance": pairs})


def _rated(read: dict[str, Any]) -> Rated:
    bins = tuple(Bin(**one) for one in read["judged"]["reliability"])
    gain = tuple(read["gain"]) if read["gain"] else None
    judged = Judged(**{**read["judged"], "reliability": bins})
    return Rated(judged, tuple(read["auc"]), tuple(read["brier"]), tuple(read["gap"]), gain)


def coupon_campaigns(store: Store) -> pd.DataFrame:
    """Return one row a campaign with coupons, the latest first: campaign_id, name, starts_at, ends_at, sent, redeemed (shoppers).

    expected: shoppers who will redeem, by the model; NaN where it tells no chances (the campaign is over).
    """
    return store.df(_CAMPAIGNS)


def likeliest(store: Store, campaign_id: str, limit: int = 100) -> pd.DataFrame:
    """Return the shoppers most likely to redeem a campaign's coupons: user_id, chance, redeemed; ties by id."""
    return store.df(
        """
        SELECT user_id, chance, user_id IN (
            SELECT user_id FROM coupons WHERE campaign_id = $campaign AND redeemed_at IS NOT NULL
        ) AS redeemed
        FROM coupon_chances WHERE campaign_id = $campaign ORDER BY chance DESC, user_id LIMIT $limit
        """,
        {"campaign": campaign_id, "limit": limit},
    )


_CAMPAIGNS = """
WITH told AS (
    SELECT campaign_id, any_value(name) AS name, CAST(min(starts_at) AS DATE) AS starts_at, CAST(max(ends_at) AS DATE) AS ends_at
    FROM campaigns GROUP BY campaign_id
)
SELECT campaign_id, any_value(name) AS name, any_value(starts_at) AS starts_at, any_value(ends_at) AS ends_at,
       count(DISTINCT user_id) FILTER (redeemed_at IS NULL) AS sent,
       count(DISTINCT user_id) FILTER (redeemed_at IS NOT NULL) AS redeemed,
       (SELECT sum(chance) FROM coupon_chances c WHERE c.campaign_id = coupons.campaign_id) AS expected
FROM coupons LEFT JOIN told USING (campaign_id) GROUP BY campaign_id
ORDER BY starts_at DESC NULLS LAST, campaign_id
"""
