"""Why an action, in facts that can be looked up: of one shopper, and on average of those of a segment it pays with."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from core.profiles.churn import Unscored
from core.score.actions import ACTION, LOW_TIER, VALUE, Valued
from core.score.lifts import Action
from core.score.situation import Situation

Row = Any
"""One row of ``Situation.shoppers`` or of ``Valued.terms``, as ``itertuples`` gives it."""


def reasons(valued: Valued, terms: pd.DataFrame) -> list[str]:
    """Return why the action of each row of ``terms``, a sentence each."""
    return [reason(valued.situation, str(row.action), row) for row in terms.itertuples(index=False)]


def reason(found: Situation, action: str, row: Row) -> str:
    """Return why an action fits a shopper. row: where they stand."""
    return _TOLD[Action(action)](found, row)


def segment_reason(found: Situation, row: Row) -> str:
    """Return why an action fits a segment. row: of ``per_segment``."""
    match Action(row.action):
        case Action.WIN_BACK:
            risk = f" (risk {row.risk:.0%})" if row.risk == row.risk else ""
            return f"Leaving{risk} or gone, last seen {row.last_seen:.0f} days ago{_an_order(found, row)}"
        case Action.BASKET:
            worth = f" worth {row.left_value:,.2f}" if found.has_prices else ""
            return f"Left a basket{worth}; {row.chance:.0%} of such stay unbought"
        case Action.COUPON:
            bought = f"{row.discount_share:.0%} of purchases at a discount" if found.has_discounts else "Buy low prices"
            return f"{bought}; {row.chance:.0%} respond and would not order{_an_order(found, row)}"
        case Action.UPSELL:
            return f"{row.chance:.0%} order anyway in {found.horizon} days; a step up costs {row.step:,.2f} more"
        case Action.WELCOME:
            return f"New; {row.chance:.0%} would not order in {found.horizon} days{_an_order(found, row)}"
    return "No action pays with anyone who agreed to be written to"


def nothing(valued: Valued, user_id: str) -> str:
    """Return why a shopper is best left alone."""
    if not valued.standing(user_id)["agreed"]:
        return f"Not to be written to: the users table says so ({valued.situation.consent.fields})."
    terms = valued.of_shopper(user_id)
    if terms.empty:
        return "No action fits."
    best = terms.iloc[0]
    return f"No action is worth its cost: the nearest, {best[ACTION]}, would bring −{abs(best[VALUE]):,.3f}."


def unfit(valued: Valued, user_id: str) -> dict[Action, str]:
    """Return the actions that do not fit a shopper who agreed, and why."""
    row, found = valued.standing(user_id), valued.situation
    there = set(valued.of_shopper(user_id)[ACTION])
    least = valued.assumptions.discount_from
    if found.has_discounts:
        told = "Never bought." if row["discount_share"] != row["discount_share"] else f"{row['discount_share']:.0%} of purchases"
        coupon = f"{told.removesuffix('.')} at a discount; {least:.0%} of two or more purchases count as a response."
    else:
        coupon = f"The log has no discounts, and only who buys in the lowest {LOW_TIER:.0%} of prices counts as responsive."
    why = {
        Action.WIN_BACK: "Never bought." if not row["orders"] else "Neither at risk nor gone.",
        Action.BASKET: "Nothing is left in the basket."
        if found.has_baskets
        else "The log does not say what is put in the basket.",
        Action.COUPON: coupon if found.has_prices else "The shop has no prices.",
        Action.UPSELL: "For regulars with two orders or more who are not about to leave."
        if found.has_prices
        else "The shop has no prices.",
        Action.WELCOME: f"First seen {row['tenure']:.0f} days ago, {_orders(row)}.",
    }
    return {action: text for action, text in why.items() if action not in there} if row["agreed"] else {}


def _win_back(found: Situation, row: Row) -> str:
    usual = f"; usually every {_days(row.usual_gap)}" if row.usual_gap == row.usual_gap else ""
    if row.why == str(Unscored.LAPSED) or row.risk != row.risk:
        left = (
            f"gone by the shop's rule ({found.horizon} days)" if found.at_risk_from is not None else "twice the usual gap or more"
        )
        return f"Last seen {_days(row.last_seen)} ago{usual}; {left}; {_anyway(found, row)}; {_orders(row)}"
    return f"Last seen {_days(row.last_seen)} ago{usual}; {row.risk:.0%} chance of leaving by the churn model; {_orders(row)}"


def _basket(found: Situation, row: Row) -> str:
    worth = f" worth {row.left_value:,.2f}" if row.left_value == row.left_value else ""
    rate = found.basket
    told = f"; {rate.bought:,} of {rate.left:,} such baskets were bought from after all" if rate else ""
    items = "1 product" if row.left_items == 1 else f"{row.left_items:.0f} products"
    return f"Left {items}{worth} in the basket {_days(row.left_days)} ago{told}"


def _coupon(found: Situation, row: Row) -> str:
    share = f"{row.discount_share:.0%} of {row.lines:,} purchases at a discount" if found.has_discounts else _tier(row)
    return f"{share}; {_anyway(found, row)}"


def _upsell(found: Situation, row: Row) -> str:
    return f"{_orders(row)}; {_anyway(found, row)}; {_tier(row)}, a step up costs {row.step:,.2f} more"


def _welcome(found: Situation, row: Row) -> str:
    return f"First seen {_days(row.tenure)} ago, {_orders(row)}; {_anyway(found, row)}"


_TOLD: dict[Action, Callable[[Situation, Row], str]] = {
    Action.WIN_BACK: _win_back,
    Action.BASKET: _basket,
    Action.COUPON: _coupon,
    Action.UPSELL: _upsell,
    Action.WELCOME: _welcome,
}


def _anyway(found: Situation, row: Row) -> str:
    between = f"{row.order_low * 100:.0f}–{row.order_high:.0%}"
    return f"{row.alike_ordered:,.0f} of {row.alike:,} who stood alike ordered within {found.horizon} days ({between})"


def _tier(row: Row) -> str:
    return f"buys at {row.price_tier:.0%} of the price ladder" + (f" of {row.shelf}" if row.shelf else "")


def _orders(row: Row) -> str:
    orders = row["orders"] if isinstance(row, pd.Series) else row.orders
    return "no order yet" if not orders else "1 order" if orders == 1 else f"{orders:,} orders"


def _days(days: float) -> str:
    return "under a day" if days < 1 else "1 day" if days < 1.5 else f"{days:.0f} days"


def _an_order(found: Situation, row: Row) -> str:
    return f"; an order: {row.worth:,.2f}" if found.has_prices else ""
