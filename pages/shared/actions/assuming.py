"""What is assumed: every assumption as a field, what it changes before it counts, and which effects are measured instead."""

from dataclasses import asdict
from datetime import UTC, datetime

import streamlit as st

from core.represent.registry import os_user
from core.score.actions import Valued, value
from core.score.assumptions import FIELDS, Assumptions, Field, state_anew
from core.score.lifts import ASSUMED
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.actions import asked
from pages.shared.boundary import telling


def show(of: Valued) -> None:
    """Show the fields, and what the changed ones would make of the whole."""
    st.subheader("What is assumed", anchor=False)
    st.caption("Your settings, not measurements. They count for everyone who uses this shop, from the moment they are saved.")
    money, effects, ages = st.columns(3)
    groups = ((money, _MONEY), (effects, tuple(ASSUMED.values())), (ages, _REST))
    unused = _ONLY_WITH_PRICES if not of.situation.has_prices else ("contact_orders",)
    now = asdict(of.assumptions)
    asked_for: dict[str, float] = {}
    for column, names in groups:
        with column:
            asked_for |= {
                field.name: _ask(field, now[field.name]) for field in FIELDS if field.name in names and field.name not in unused
            }
    draft = Assumptions(**{**now, **asked_for})
    changed = draft != of.assumptions
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Save", type="primary", icon=":material/save:", disabled=not changed or jobs_panel.busy(), key="save_assumed"
        ):
            with telling():
                state_anew(state.store(), draft, os_user(), datetime.now(UTC).replace(tzinfo=None))
                st.rerun()
        if changed:
            _preview(of, draft)
    _effects(of)


def _ask(field: Field, value: float) -> float:
    label = {"share": f"{field.label}, %", "days": f"{field.label}, days", "orders": f"{field.label}, orders"}.get(field.unit)
    key, told = f"assume_{field.name}", field.help
    if field.unit == "share":
        percent = st.number_input(
            label or "", field.low * 100.0, field.high * 100.0, value * 100.0, 1.0, "%.1f", key=key, help=told
        )
        return round(percent / 100, 6)
    step, form = {"days": (1.0, "%.0f"), "orders": (0.001, "%.4f")}.get(field.unit, (0.05, "%.2f"))
    low, high = float(field.low), float(field.high)
    return st.number_input(label or field.label, low, high, float(value), step, form, key=key, help=told)


def _preview(of: Valued, draft: Assumptions) -> None:
    then = value(state.store(), draft)
    if then is not None:
        st.markdown(
            f"With the change: **{asked.amount(float(then.best['value'].sum()), then)}** expected from "
            f"{fmt.count(len(then.best), 'shopper')}; now {asked.amount(float(of.best['value'].sum()), of)} from "
            f"{fmt.number(len(of.best))}."
        )


def _effects(of: Valued) -> None:
    st.subheader("How well actions work", anchor=False)
    st.caption("Assumed until it is measured: export an audience with some shoppers held back, and bring newer data in.")
    meaning = {field.name: field.help for field in FIELDS}
    for action, lift in of.lifts.items():
        st.markdown(
            f":material/{asked.NAMES[action][1]}: **{asked.named(action)}** {fmt.percent(lift.value, 1)} {asked.badge(lift)}  \n"
            f":gray[{meaning[ASSUMED[action]]} {fmt.plain(lift.sentence) if lift.measured else ''}]"
        )
    found = of.situation
    if found.basket is not None:
        st.caption(
            f"Counted in the log: of {fmt.count(found.basket.left, 'shopper')} with a basket left, "
            f"{fmt.number(found.basket.bought)} bought some of it after all, {fmt.percent(found.basket.taken)} of its value."
        )


_MONEY = ("margin", "contact_cost", "contact_orders", "coupon_depth")
_ONLY_WITH_PRICES = ("margin", "contact_cost", "coupon_depth", "coupon", "upsell", "discount_from")
_REST = ("basket_days", "welcome_days", "discount_from")
