"""Next actions: what pays with which shopper, win back, remind, coupon, upsell or welcome; the sum in the open; the audience."""

import streamlit as st

from pages.shared import next_step, state
from pages.shared.actions import asked, assuming, by_segment, one_shopper, taking
from pages.shared.memory import keep, recall

KEY = "actions_view"

st.title("Next actions", anchor=False)
if not len(state.index()):
    next_step.needs_build("Actions are")
of = asked.valued()
if of is None:
    next_step.nothing_yet("The log covers two days or less: too short to tell who orders anyway.")
    st.stop()
recall(KEY)
view = st.segmented_control(
    "View",
    ["Segments", "Shopper", "Assumptions"],
    default="Segments",
    required=True,
    key=KEY,
    bind="query-params",
    label_visibility="collapsed",
)
keep(KEY, view)
asked.headline(of)
match view:
    case "Segments":
        with st.container(border=True):
            by_segment.table(of)
        closer, audience = st.columns([3, 2])
        with closer.container(border=True, height="stretch"):
            segment = by_segment.choose(of)
            rows = by_segment.actions(of, segment)
        with audience.container(border=True, height="stretch"):
            taking.ask(of, segment, rows["action"].tolist())
        with st.container(border=True):
            taking.earlier()
    case "Shopper":
        one_shopper.show(of)
    case "Assumptions":
        with st.container(border=True):
            assuming.show(of)
