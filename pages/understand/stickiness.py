"""Stickiness: who is active, who comes back, how long they stay, who buys again, who is about to leave."""

import streamlit as st

from core.profiles import churn, splits, stickiness
from core.profiles.spreads import Measure
from pages.shared import churn_risk, next_step, state
from pages.shared import format as fmt
from pages.shared import stickiness as parts

st.title("Stickiness", anchor=False)
last_day = state.read(stickiness.last_day)
if last_day is None:
    next_step.needs_build("Stickiness is")

groups, group = parts.choose()
of = state.read(stickiness.figures, group.split, group.key)
report = state.read(churn.churn_report)
st.caption(
    f"{fmt.count(group.shoppers, 'shopper')} · up to {fmt.day(last_day)}, the last day of the log · active = any event, "
    f"returns and reviews too · {parts.how_split(group.split)}"
)
parts.cards(of, report)

match parts.choose_view():
    case "Activity":
        active, sticky = st.columns([3, 2])
        with active.container(border=True, height="stretch"):
            parts.active_shoppers(group)
        with sticky.container(border=True, height="stretch"):
            parts.stickiness_over_time(groups, group)
        with st.grid(4, min_column_width=240) as grid:
            with grid.container(border=True, height="stretch"):
                parts.visits(group)
            with grid.container(border=True, height="stretch"):
                parts.spread(Measure.VISIT_GAP, group, "Days between visits", "gaps", "Nobody has come back on another day.")
            with grid.container(border=True, height="stretch"):
                parts.spread(Measure.SESSION_EVENTS, group, "Events a visit", "visits", "There is no visit in this group.")
            with grid.container(border=True, height="stretch"):
                parts.spread(
                    Measure.SESSION_MINUTES, group, "Minutes a visit", "visits", "Not known: this log holds no browsing."
                )
        st.caption(parts.WHAT_IS_A_VISIT)
    case "Coming back":
        with st.container(border=True):
            basis = parts.choose_basis()
            parts.heat_map(basis, group)
        with st.container(border=True):
            parts.retention(basis, groups, group)
    case "Buying again":
        bought, between = st.columns([3, 2])
        with bought.container(border=True, height="stretch"):
            parts.buying_again(of, groups)
        with between.container(border=True, height="stretch"):
            parts.spread(Measure.PURCHASE_GAP, group, "Days between purchases", "gaps", "Nobody has bought on two days.", None)
    case "Leaving":
        churn_risk.show(of, groups, report)
st.caption(f":material/visibility: {splits.EXPOSURE_NOTE}")
