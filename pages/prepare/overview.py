"""Overview: what is loaded, how fresh it is, how the shop is doing, what to do next."""

import streamlit as st

from core.ingest.findings import readiness
from core.profiles import overview, trends
from core.update.standing import standing
from pages.shared import cards, charts, next_step, state
from pages.shared import format as fmt

WINDOWS = {"30 days": 30, "90 days": 90, "180 days": 180, "All": None}
CURVES = {
    "Active shoppers": {"mau": "in 30 days", "wau": "in 7 days", "dau": "on the day"},
    "Events": {"events": "Events"},
    "Revenue": {"revenue": "Revenue"},
    "Stickiness": {"stickiness": "DAU ÷ MAU"},
}

st.title("Overview", anchor=False)
now = state.read(standing)
if not now.loaded:
    next_step.welcome()
    st.stop()

totals = state.read(overview.totals)
if totals.empty:
    next_step.needs_build("The overview is")
st.caption(
    f"{fmt.day(totals.first_day)} – {fmt.day(totals.last_day)} · {fmt.count(totals.days, 'day')} of log · "
    f"{fmt.count(totals.shoppers, 'shopper')} · {fmt.count(totals.items, 'item')} · profiles built {fmt.moment(now.built_at)} UTC"
)
cards.trends(totals, state.read(trends.trends))

left, right = st.columns([2, 1])
with left.container(border=True, height="stretch"):
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        curve = st.segmented_control(
            "Curve", list(CURVES), default="Active shoppers", required=True, label_visibility="collapsed"
        )
        window = st.segmented_control("Window", list(WINDOWS), default="90 days", required=True, label_visibility="collapsed")
    activity = state.read(overview.activity, WINDOWS[window])
    shape = ".0%" if curve == "Stickiness" else ",.0f"
    charts.show(
        charts.lines(activity, "day", CURVES[curve], fill=len(CURVES[curve]) == 1, y_format=shape), f"{curve} a day", None
    )
with right.container(border=True, height="stretch"):
    st.subheader("What to do next", anchor=False)
    next_step.checklist(now)

mix, categories, ready = st.columns(3)
with mix.container(border=True, height="stretch"):
    st.subheader("What happens", anchor=False)
    cards.event_mix(state.read(trends.event_mix))
with categories.container(border=True, height="stretch"):
    st.subheader("Where the money goes", anchor=False)
    cards.categories(state.read(trends.top_categories, 7))
with ready.container(border=True, height="stretch"):
    st.subheader("Is it enough data?", anchor=False)
    cards.readiness(state.read(readiness))
