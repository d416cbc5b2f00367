"""Experiments: two ways of making lists, shoppers split by chance between them, and what came of it."""

import streamlit as st

from pages.shared import next_step, state
from pages.shared.memory import keep, recall
from pages.shared.trials import acting, asking, figures

KEY = "trials_view"

st.title("Experiments", anchor=False)
if not len(state.index()):
    next_step.needs_build("Lists are")
recall(KEY)
with st.container(horizontal=True, vertical_alignment="center"):
    view = st.segmented_control(
        "View", ["Results", "Plan"], default="Results", required=True, key=KEY, bind="query-params", label_visibility="collapsed"
    )
    st.space("stretch")
    author = asking.who()
keep(KEY, view)
if view == "Plan":
    asking.ask(author)
    st.stop()

chosen = acting.choose()
if chosen is None:
    st.info("No experiment yet. Plan one: two ways of making lists, and what would have to change.", icon=":material/science:")
    asking.ask(author)
    st.stop()
acting.head(chosen, author)
if chosen.started_at is not None:
    found = figures.show(chosen)
    acting.make_up(chosen, found)
    acting.whose(chosen)
else:
    st.info("Planned, and not started yet: everybody gets what is published.", icon=":material/edit_calendar:")
