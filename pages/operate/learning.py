"""Learning: what clicks taught the lists, how it drifts, whether it pays; freeze, reset, replay."""

import streamlit as st

from pages.shared import next_step, state
from pages.shared.learning import replaying, standing, told

st.title("Learning", anchor=False)
if not len(state.index()):
    next_step.needs_build("Lists are")
st.caption(
    "Every list that is shown in the shop teaches: what is clicked, and what is passed over. "
    "score = α × taste + (1 − α) × quality + what was learned. Nothing is trained for it, and the next list counts it."
)
history = standing.show()
if history and history[0].state.lists:
    with st.grid(2, min_column_width=380) as grid:
        for part in (told.weights, told.segments, told.drift, told.regret):
            with grid.container(border=True, height="stretch"):
                part(history)
with st.container(border=True):
    replaying.show()
with st.container(border=True):
    standing.log(history)
