"""One shopper: their actions from best to worst, every term of each sum, and why the others do not fit."""

import streamlit as st

from core.score.action_reasons import nothing, unfit
from core.score.action_report import Choice, choices
from core.score.actions import Valued
from core.score.goods import Good
from core.score.lifts import Action
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.actions import asked
from pages.shared.picker import shopper_picker


def show(of: Valued) -> None:
    """Show the picker and the actions of the chosen shopper."""
    user = shopper_picker()
    if user is None:
        st.caption("Choose a shopper to see their actions.")
        return
    if user not in set(of.situation.shoppers["user_id"]):
        st.info("This shopper is taken for a robot, or nothing of theirs has a date: no action.", icon=":material/smart_toy:")
        return
    ranked = choices(state.store(), state.index(), of, user)
    if not ranked or ranked[0].value <= 0:
        st.markdown(f"#### :material/{asked.NAMES[Action.NOTHING][1]}: Nothing")
        st.markdown(fmt.plain(nothing(of, user)))
    for place, choice in enumerate(ranked):
        with st.container(border=True):
            _choice(of, choice, first=place == 0 and choice.value > 0)
    why = unfit(of, user)
    if why:
        st.markdown("**Does not fit**")
        st.markdown("\n".join(f"- {asked.named(action)}: :gray[{fmt.plain(text)}]" for action, text in why.items()))


def _choice(of: Valued, one: Choice, first: bool) -> None:
    name, icon = asked.NAMES[one.action]
    what, goods = st.columns([3, 2])
    with what:
        best = " :green-badge[best]" if first else "" if one.value > 0 else " :gray-badge[does not pay]"
        st.markdown(f"#### :material/{icon}: {name}{best}")
        st.markdown(fmt.plain(one.reason))
        with st.grid(5, min_column_width=95):
            st.metric("Value", asked.amount(one.value, of), help="chance × effect × gain − given away − contact")
            st.metric("Chance", fmt.percent(one.chance), help=_CHANCE[one.action])
            st.metric("Effect", fmt.percent(one.effect, 1), help=one.lift.sentence)
            st.metric("Gain", asked.amount(one.gain, of), help="What one win brings, after the margin.")
            st.metric("Costs", asked.amount(one.given_away + one.cost, of), help=_costs(of, one))
        st.caption(f"{fmt.plain(one.sum)} · {asked.badge(one.lift)} {fmt.plain(_source(one))}{_even(one)}")
    with goods:
        st.markdown("**With these products**")
        st.markdown("\n".join(_good(good) for good in one.goods) or f":gray[{_NO_GOODS[one.action]}]")


def _source(one: Choice) -> str:
    return f"{one.lift.sentence} " if one.lift.measured else ""


def _even(one: Choice) -> str:
    if one.breaks_even is None:
        return "It would not pay even if it always worked."
    return f"It pays from an effect of {fmt.percent(one.breaks_even, 1)}."


def _costs(of: Valued, one: Choice) -> str:
    given = f" and {asked.amount(one.given_away, of)} off orders that would come anyway" if one.given_away else ""
    return f"{asked.amount(one.cost, of)} for the contact{given}."


def _good(good: Good) -> str:
    place = "in the basket" if good.rank is None else f"place {good.rank} of their list"
    price = f"{fmt.money(good.price)} · " if good.price is not None else ""
    return f"- {fmt.plain(fmt.shortened(good.title, 48))} :gray[{price}{place}]"


_CHANCE = {
    Action.WIN_BACK: "Chance that they leave, by the churn model; who is gone: that they do not order by themselves.",
    Action.BASKET: "Share of earlier baskets of which nothing was bought after all.",
    Action.COUPON: "Chance that they do not order anyway × share of their purchases made at a discount.",
    Action.UPSELL: "Chance that they order anyway: of shoppers who stood alike one horizon ago.",
    Action.WELCOME: "Chance that they do not order anyway: of shoppers who stood alike one horizon ago.",
}
_NO_GOODS = {
    Action.WIN_BACK: "Nothing is left to recommend to them.",
    Action.BASKET: "What was in the basket is no longer sold.",
    Action.COUPON: "Nothing is left to recommend to them.",
    Action.UPSELL: "Nothing dearer of their favourite category is among their best 200.",
    Action.WELCOME: "Nothing is left to recommend to them.",
}
