"""Shop window: every list a shop shows beside the personal one, as a shopper would see it, with the reason on each card."""

import streamlit as st

from core.represent.pairs import pair_reports
from pages.shared import next_step, state
from pages.shared.memory import keep, recall
from pages.shared.surfaces.cards import footnote
from pages.shared.surfaces.views import SURFACES

KEY = "surface"

st.title("Shop window", anchor=False)
if not len(state.index()) or not state.read(pair_reports):
    next_step.needs_build("The shop window is")
recall(KEY)
chosen = st.segmented_control(
    "Surface", list(SURFACES), default="Home", required=True, key=KEY, bind="query-params", label_visibility="collapsed"
)
keep(KEY, chosen)
SURFACES[chosen]()
footnote()
