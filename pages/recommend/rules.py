"""Rules: what a merchandiser decides about lists, tried out before it stands; how varied lists are, and what that costs."""

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from core.represent.registry import os_user
from core.score.rules import add_rule, check
from pages.shared import jobs_panel, next_step, state
from pages.shared.boundary import telling
from pages.shared.memory import keep, recall
from pages.shared.merchant import effect, listing, trial, variety

KEY = "rules_view"
NEW = 0
"""The number of a rule on trial."""

st.title("Rules", anchor=False)
if not len(state.index()):
    next_step.needs_build("Lists are")
recall(KEY)
view = st.segmented_control(
    "View", ["Rules", "Variety"], default="Rules", required=True, key=KEY, bind="query-params", label_visibility="collapsed"
)
keep(KEY, view)
if view == "Variety":
    variety.show()
    st.stop()

build, change = st.columns([2, 3])
with build.container(border=True, height="stretch"):
    st.subheader("Try a rule", anchor=False)
    draft = trial.ask()
    now = datetime.now(UTC).replace(tzinfo=None)
    if st.button("Add the rule", type="primary", icon=":material/add:", disabled=draft is None or jobs_panel.busy()) and draft:
        with telling():
            add_rule(state.store(), draft, author=os_user(), now=now)
            st.toast("The rule counts from the next list on.", icon=":material/check:")
with change.container(border=True, height="stretch"):
    st.subheader("What it would change", anchor=False)
    if draft is None:
        st.caption("Choose what the rule is on.")
    else:
        with telling():
            check(state.store(), draft)
            live = state.plan()
            effect.show(live, replace(live, rules=(*live.rules, draft.rule(NEW, "", datetime.min))))
listing.show()
