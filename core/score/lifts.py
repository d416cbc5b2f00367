"""How well each action works: measured where shoppers were held back by lot, or from coupons sent before, else assumed."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.base.db import Store
from core.represent.pairs import wilson_low
from core.score.assumptions import Assumptions

LEAST_MEMBERS = 50
"""Shoppers contacted, and as many held back, from which a difference is told."""
Z = 1.96


class Action(StrEnum):
    """What can be done about a shopper."""

    WIN_BACK = "win back"
    BASKET = "remind of the basket"
    COUPON = "coupon"
    UPSELL = "upsell"
    WELCOME = "welcome"
    NOTHING = "nothing"


ASSUMED: dict[Action, str] = {
    Action.WIN_BACK: "winback",
    Action.BASKET: "basket",
    Action.COUPON: "coupon",
    Action.UPSELL: "upsell",
    Action.WELCOME: "welcome",
}
"""The assumption that stands in for an action's effect until it is measured."""
BY_ORDERS = (Action.WIN_BACK, Action.COUPON, Action.WELCOME)
"""Actions whose effect is an order more, which a held-back group can measure."""


@dataclass(frozen=True)
class Lift:
    """Share of the chances of an action that it turns into something, 0..1. low, high: 95 % interval, None = assumed."""

    value: float
    low: float | None
    high: float | None
    sentence: str

    @property
    def measured(self) -> bool:
        """Whether it comes from the shop's own log."""
        return self.low is not None


@dataclass(frozen=True)
class Trial:
    """What came of an action's audiences whose time is over. chance: mean chance of the contacted, 0..1."""

    contacted: int
    ordered: int
    held_back: int
    held_back_ordered: int
    chance: float

    @property
    def told(self) -> bool:
        """Whether there are enough shoppers on both sides."""
        return min(self.contacted, self.held_back) >= LEAST_MEMBERS and self.chance > 0


def lifts(store: Store, assumptions: Assumptions) -> dict[Action, Lift]:
    """Return how well every action but 'nothing' works."""
    found = {action: _assumed(getattr(assumptions, name)) for action, name in ASSUMED.items()}
    if (sent := _from_coupons(store)) is not None:
        found[Action.COUPON] = sent
    for action, trial in trials(store).items():
        if action in BY_ORDERS and trial.told:
            found[action] = _from_trial(trial)
    return found


def trials(store: Store) -> dict[Action, Trial]:
    """Return what came of the audiences whose horizon is over, by action."""
    return {Action(action): Trial(*counts) for action, *counts in store.rows(_TRIALS)}


def _assumed(value: float) -> Lift:
    return Lift(value, None, None, "Assumed by you, not measured.")


def _from_trial(trial: Trial) -> Lift:
    """Return the difference of the two shares of orders, per chance, with Wald's interval."""
    here, there = trial.ordered / trial.contacted, trial.held_back_ordered / trial.held_back
    wide = Z * float(np.sqrt(here * (1 - here) / trial.contacted + there * (1 - there) / trial.held_back))
    value, low, high = (
        float(np.clip(end / trial.chance, 0, 1)) for end in (here - there, here - there - wide, here - there + wide)
    )
    return Lift(
        value,
        low,
        high,
        f"Measured: {here:.1%} of {trial.contacted:,} contacted ordered, {there:.1%} of {trial.held_back:,} held back by lot.",
    )


def _from_coupons(store: Store) -> Lift | None:
    sent, redeemed = store.rows(_COUPONS)[0]
    if sent < LEAST_MEMBERS:
        return None
    low, missed = wilson_low(np.array([redeemed, sent - redeemed]), np.array([sent, sent])).tolist()
    told = (
        f"Measured: {redeemed:,} of {sent:,} coupons sent to a shopper were redeemed. Nobody was held back, so it may add less."
    )
    return Lift(redeemed / sent, low, 1 - missed, told)


_TRIALS = """
WITH each AS (
    SELECT o.action, m.contacted, m.chance, count(d.day) > 0 AS ordered
    FROM outreach o JOIN outreach_members m USING (outreach_id)
    LEFT JOIN shopper_days d ON d.user_id = m.user_id AND d.purchases > 0
        AND d.day > CAST(o.as_of AS DATE) AND d.day <= CAST(o.as_of AS DATE) + o.horizon
    WHERE CAST(o.as_of AS DATE) + o.horizon <= (SELECT max(day) FROM shopper_days)
    GROUP BY o.outreach_id, m.user_id, o.action, m.contacted, m.chance
)
SELECT action, count_if(contacted), count_if(contacted AND ordered), count_if(NOT contacted),
       count_if(NOT contacted AND ordered), coalesce(avg(chance) FILTER (contacted), 0)
FROM each GROUP BY action ORDER BY action
"""
_COUPONS = """
WITH sent AS (SELECT DISTINCT campaign_id, user_id FROM coupons WHERE user_id IS NOT NULL AND redeemed_at IS NULL),
redeemed AS (SELECT DISTINCT campaign_id, user_id FROM coupons WHERE user_id IS NOT NULL AND redeemed_at IS NOT NULL)
SELECT count(*), count(r.user_id) FROM sent LEFT JOIN redeemed r USING (campaign_id, user_id)
"""
