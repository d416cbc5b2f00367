"""What every part of Next actions reads and how it is written: values, names of actions, amounts."""

from dataclasses import astuple

import streamlit as st

from core.score.actions import Valued, value_of
from core.score.assumptions import stated
from core.score.lifts import Action, Lift
from core.score.outreach import made
from pages.shared import format as fmt
from pages.shared import state

NAMES: dict[str, tuple[str, str]] = {
    Action.WIN_BACK: ("Win back", "settings_backup_restore"),
    Action.BASKET: ("Remind of the basket", "shopping_cart"),
    Action.COUPON: ("Coupon", "sell"),
    Action.UPSELL: ("Upsell", "trending_up"),
    Action.WELCOME: ("Welcome", "waving_hand"),
    Action.NOTHING: ("Nothing", "do_not_disturb_on"),
}
"""Action -> its name and its icon."""


def valued() -> Valued | None:
    """Return what every action is worth with every shopper under the assumptions in force; None where the log is too short."""
    found: Valued | None = state.read(value_of, astuple(stated(state.store())), len(made(state.store())))
    return found


def amount(value: float, of: Valued) -> str:
    """Return an expected value in the shop's money, or in orders where there are no prices."""
    if of.situation.has_prices:
        return fmt.money(value)
    return f"{fmt.number(value, 3 if abs(value) < 1 else 1)} orders"


def named(action: str) -> str:
    """Return an action's name."""
    return NAMES[action][0]


def badge(lift: Lift) -> str:
    """Return a badge that says whether an effect is measured or assumed."""
    if not lift.measured:
        return ":orange-badge[ASSUMED]"
    return f":green-badge[MEASURED {fmt.percent(lift.low, 1)} to {fmt.percent(lift.high, 1)}]"


def headline(of: Valued) -> None:
    """Show how many can be written to, with how many an action pays, and what that is worth in all."""
    best, left = of.best, of.no_consent
    with st.grid(4, min_column_width=140):
        told = "Shoppers without robots and without those who did not agree."
        st.metric("May write to", fmt.number(of.shoppers - left), border=True, help=told)
        st.metric("Action pays with", fmt.number(len(best)), border=True, help="Each counted once, with their best action.")
        st.metric("Expected value", amount(float(best["value"].sum()), of), border=True, help=_FORMULA)
        consent = of.situation.consent
        silent = "The users table says nothing of consent, so nobody is left out. Make sure that you may write to them."
        named_by = f"By the users table: {consent.fields}. Of whom it is not known counts as no."
        st.metric("Did not agree", fmt.number(left), border=True, help=named_by if consent.known else silent)
    horizon = of.situation.horizon
    assumed = sum(not lift.measured for lift in of.lifts.values())
    money = "" if of.situation.has_prices else " The shop has no prices, so values are counted in orders."
    st.caption(
        f"As of {fmt.day(of.situation.now)}, the last day of the log; orders are looked at {horizon} days ahead. "
        f"{assumed} of {len(of.lifts)} effects are assumed, not measured: values are as good as the assumptions.{money}"
    )
    if not of.situation.consent.known:
        st.caption(f":material/info: {silent}")


_FORMULA = (
    "Value = chance that there is something to win × effect of the action × gain of one win − what is given away − cost of the "
    "contact; each shopper their best action."
)
