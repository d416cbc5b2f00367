"""Runs: every training with what came out of it; look closely, compare, note, serve, roll back."""

import streamlit as st

from pages.shared.memory import keep, recall
from pages.shared.operate import closer, listing, pair, serving

VIEWS = ("One run", "Compare", "Switches")
KEY = "runs_view"

st.title("Runs", anchor=False)
found = listing.every()
serving.now()
listing.table(found)
recall(KEY)
view = st.segmented_control(
    "View", VIEWS, default="One run", required=True, key=KEY, bind="query-params", label_visibility="collapsed"
)
keep(KEY, view)
match view:
    case "One run":
        closer.show(listing.choose(found))
    case "Compare":
        pair.show(found)
    case "Switches":
        serving.switches()
