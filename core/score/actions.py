"""Next best action: what each shopper is worth to each action, in the shop's money, every term in the open.

    value = chance × effect × gain − given away − cost of the contact

chance: that there is something to win (they would leave, would not order, would order …), counted in the log or told by the
churn model; effect: the share of these that the action wins, measured or assumed (``core.score.lifts``); gain: money that one
of them brings; given away: what the action costs with those who would have ordered anyway. Nobody is written to who did not
agree, and a shopper for whom every value is below zero is left alone. An effect halves with every horizon that a shopper has
been away beyond the first.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.errors import BadInput
from core.base.schema import Col
from core.profiles.churn import Unscored
from core.score.assumptions import Assumptions
from core.score.lifts import Action, Lift, lifts
from core.score.situation import Situation, situation

LOW_TIER = 1 / 3
"""Price tier up to which a shopper counts as one who looks for low prices, in shops whose log has no discounts."""
NO_SEGMENT = "No segment"
ACTION, VALUE = "action", "value"
TERMS = ("chance", "effect", "gain", "given_away", "cost")


@dataclass(frozen=True)
class Valued:
    """What every action is worth with every shopper.

    terms: one row a shopper who agreed and an action that fits them: what ``Situation.shoppers`` says of them, then action,
    chance, fading (what long absence leaves of the effect; in it already), effect, gain, given_away, cost, value; by shopper,
    the highest value first, ties by action. Money; orders where the shop has no prices.
    """

    situation: Situation
    assumptions: Assumptions
    lifts: dict[Action, Lift]
    terms: pd.DataFrame
    names: dict[int, str]

    @property
    def shoppers(self) -> int:
        """Return how many shoppers there are, without robots."""
        return len(self.situation.shoppers)

    @property
    def no_consent(self) -> int:
        """Return how many of them must not be written to."""
        return int((~self.situation.shoppers["agreed"]).sum())

    @property
    def best(self) -> pd.DataFrame:
        """Return the terms of each shopper's best action, where it is worth anything: one row a shopper."""
        return self.terms[self.terms[VALUE] > 0].drop_duplicates(Col.USER)

    def audience(self, action: Action | None = None, segment: int | None = None) -> pd.DataFrame:
        """Return whom an action would go to and pays with: terms, the highest value first, ties by id.

        action: None = each shopper their best one; segment: None = all, −1 = those in none.
        """
        chosen = self.best if action is None else self.terms[(self.terms[ACTION] == action) & (self.terms[VALUE] > 0)]
        if segment is not None:
            chosen = chosen[chosen[Col.SEGMENT] == segment]
        return chosen.sort_values([VALUE, Col.USER], ascending=[False, True])

    def of_shopper(self, user_id: str) -> pd.DataFrame:
        """Return one shopper's terms, the highest value first. Raises BadInput where there is no such shopper."""
        self.standing(user_id)
        return self.terms[self.terms[Col.USER] == user_id]

    def standing(self, user_id: str) -> pd.Series:
        """Return where one shopper stands. Raises BadInput where there is no such shopper, or it is a robot."""
        found = self.situation.shoppers[self.situation.shoppers[Col.USER] == user_id]
        if found.empty:
            raise BadInput(f"There is no shopper '{user_id}' with a dated event, or it was taken for a robot.")
        return found.iloc[0]


def value(store: Store, assumptions: Assumptions) -> Valued | None:
    """Return what every action is worth with every shopper; None where the log is too short to tell."""
    found = situation(store, assumptions.basket_days)
    if found is None:
        return None
    works = lifts(store, assumptions)
    names = {-1: NO_SEGMENT, **dict(store.rows("SELECT segment_id, name FROM segments"))}
    return Valued(found, assumptions, works, _terms(found, assumptions, works), names)


def value_of(store: Store, numbers: tuple[float, ...], audiences: int) -> Valued | None:
    """Return ``value`` for assumptions given as plain values. audiences: made so far, since their outcome is an effect."""
    return value(store, Assumptions(*numbers))


def per_action(valued: Valued, segment: int | None = None) -> pd.DataFrame:
    """Return one row an action that pays with anybody: action, reached, total, mine, each and the means of ``per_segment``; the
    largest total first. segment: None = the whole shop.
    """
    paying, best = valued.terms[valued.terms[VALUE] > 0], valued.best
    if segment is not None:
        paying, best = paying[paying[Col.SEGMENT] == segment], best[best[Col.SEGMENT] == segment]
    return _summed(paying, best, [ACTION]).sort_values(["total", ACTION], ascending=[False, True]).reset_index(drop=True)


def per_segment(valued: Valued) -> pd.DataFrame:
    """Return one row a segment and action: segment_id, segment, action, shoppers (of the segment), agreed, reached (with whom it
    pays), total and each (value of these, together and a head), mine (of them: whose best action it is), then the means over
    the reached of chance, effect, gain, given_away, cost, last_seen, risk, worth, left_value, discount_share, step.

    A segment whom no action pays with has one row, 'nothing'. Segments by their largest total, in each the largest first.
    """
    everyone = valued.situation.shoppers.groupby(Col.SEGMENT)["agreed"].agg(shoppers="size", agreed="sum").reset_index()
    told = _summed(valued.terms[valued.terms[VALUE] > 0], valued.best, [Col.SEGMENT, ACTION])
    told = everyone.merge(told, how="left", on=Col.SEGMENT)
    told = told.fillna({ACTION: str(Action.NOTHING), "reached": 0, "total": 0.0, "mine": 0})
    told["segment"] = told[Col.SEGMENT].map(valued.names).fillna(NO_SEGMENT)
    told["largest"] = told.groupby(Col.SEGMENT)["total"].transform("max")
    counts = dict.fromkeys(("reached", "mine", "agreed"), int)
    order = ["largest", Col.SEGMENT, "total", ACTION]
    return told.astype(counts).sort_values(order, ascending=[False, True, False, True]).reset_index(drop=True)


def _summed(paying: pd.DataFrame, best: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    means = {name: (name, "mean") for name in (*TERMS, *MEANS)}
    told = paying.groupby(keys).agg(reached=(VALUE, "size"), total=(VALUE, "sum"), each=(VALUE, "mean"), **means).reset_index()
    mine = best.groupby(keys).size().rename("mine").reset_index()
    return told.merge(mine, how="left", on=keys).fillna({"mine": 0}).astype({"mine": int})


MEANS = ("last_seen", "risk", "worth", "left_value", "discount_share", "step")


def _terms(found: Situation, assumptions: Assumptions, works: dict[Action, Lift]) -> pd.DataFrame:
    shoppers = found.shoppers[found.shoppers["agreed"]].reset_index(drop=True)
    fits = {
        Action.WIN_BACK: _win_back(found, shoppers),
        Action.BASKET: _basket(found, shoppers),
        Action.COUPON: _coupon(found, shoppers, assumptions),
        Action.UPSELL: _upsell(found, shoppers),
        Action.WELCOME: _welcome(shoppers, assumptions),
    }
    margin = assumptions.margin if found.has_prices else 1.0
    cost = assumptions.contact_cost if found.has_prices else assumptions.contact_orders
    faded = 0.5 ** (np.maximum(shoppers["last_seen"].to_numpy(float) - found.horizon, 0) / found.horizon)
    parts = []
    for action, (fit, chance, worth) in fits.items():
        depth = assumptions.coupon_depth if action is Action.COUPON else 0.0
        part = shoppers[fit].copy()
        part[ACTION] = str(action)
        part["chance"], part["fading"], part["effect"] = chance[fit], faded[fit], works[action].value * faded[fit]
        part["gain"], part["given_away"] = worth[fit] * (margin - depth), part["chance_to_order"] * worth[fit] * depth
        part["cost"] = cost
        parts.append(part)
    told = pd.concat(parts, ignore_index=True)
    told[VALUE] = told["chance"] * told["effect"] * told["gain"] - told["given_away"] - told["cost"]
    return told.sort_values([Col.USER, VALUE, ACTION], ascending=[True, False, True]).reset_index(drop=True)


Fit = tuple[np.ndarray, np.ndarray, np.ndarray]
"""(n,) whether an action fits, the chance that there is something to win, and the money that one win is worth."""


def leaving(found: Situation, shoppers: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return (n,) whether each is gone already, and whether each is at risk.

    Gone: not seen for the churn model's horizon; without a model: for twice the usual gap between visits.
    """
    if found.at_risk_from is None:
        return (shoppers["last_seen"] > 2 * shoppers["usual_gap"]).to_numpy(bool), np.zeros(len(shoppers), bool)
    gone = (shoppers["why"] == str(Unscored.LAPSED)).to_numpy(bool)
    return gone, (shoppers["risk"] >= found.at_risk_from).to_numpy(bool)


def _win_back(found: Situation, shoppers: pd.DataFrame) -> Fit:
    gone, at_risk = leaving(found, shoppers)
    fit = (gone | at_risk) & (shoppers["orders"] > 0).to_numpy(bool)
    chance = np.where(at_risk, shoppers["risk"].to_numpy(float), 1 - shoppers["chance_to_order"].to_numpy(float))
    return fit, chance, shoppers["worth"].to_numpy(float)


def _basket(found: Situation, shoppers: pd.DataFrame) -> Fit:
    fit, n = (shoppers["left_items"] > 0).to_numpy(bool), len(shoppers)
    if found.basket is None:
        return np.zeros(n, bool), np.zeros(n), np.zeros(n)
    stays = 1 - found.basket.bought / found.basket.left
    value = shoppers["left_value"].fillna(0).to_numpy(float) * found.basket.taken if found.has_prices else np.ones(n)
    return fit, np.full(n, stays), value


def _coupon(found: Situation, shoppers: pd.DataFrame, assumptions: Assumptions) -> Fit:
    away, worth = 1 - shoppers["chance_to_order"].to_numpy(float), shoppers["worth"].to_numpy(float)
    if found.has_discounts:
        share = shoppers["discount_share"].fillna(0).to_numpy(float)
        return (share >= assumptions.discount_from) & (shoppers["lines"] > 1).to_numpy(bool), away * share, worth
    low = (shoppers["price_tier"] <= LOW_TIER).to_numpy(bool) & (shoppers["orders"] > 1).to_numpy(bool)
    return low & found.has_prices, away, worth


def _upsell(found: Situation, shoppers: pd.DataFrame) -> Fit:
    gone, at_risk = leaving(found, shoppers)
    step = shoppers["step"].to_numpy(float)
    fit = ~gone & ~at_risk & (shoppers["orders"] > 1).to_numpy(bool) & (step > 0)
    return fit, shoppers["chance_to_order"].to_numpy(float), step


def _welcome(shoppers: pd.DataFrame, assumptions: Assumptions) -> Fit:
    new = (shoppers["tenure"] <= assumptions.welcome_days) & (shoppers["orders"] <= 1)
    return new.to_numpy(bool), 1 - shoppers["chance_to_order"].to_numpy(float), shoppers["worth"].to_numpy(float)
