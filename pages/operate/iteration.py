"""Iteration: what came after each change of the lists, and when to train again."""

import streamlit as st

from core.update.standing import standing
from pages.shared import next_step, state
from pages.shared.trials import effects, retraining

st.title("Iteration", anchor=False)
if not state.read(standing).built:
    next_step.needs_build("What this is told from is")

verdict, policy = st.columns(2)
with verdict.container(border=True, height="stretch"):
    retraining.now()
with policy.container(border=True, height="stretch"):
    retraining.thresholds()

with st.container(border=True):
    st.subheader("After each change", anchor=False)
    if change := effects.choose():
        effects.show(change)
with st.container(border=True):
    retraining.log()
