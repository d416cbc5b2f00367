"""Training: choose how much to spend, see what it will learn from, start, watch, cancel; leave and come back."""

import streamlit as st

from core.train import runs, worker
from core.train.snapshot import take_snapshot
from core.update.standing import standing
from pages.shared import next_step, state
from pages.shared.operate import asking, costs, listing, watching

st.title("Training", anchor=False)
if not state.read(standing).built:
    next_step.needs_build("What training learns from is")
st.caption("A model learns from this shop's own log which items go together, in a process of its own: you may leave this screen.")
watching.show()

form, material = st.columns([3, 2])
with form.container(border=True, height="stretch"):
    st.subheader("New training", anchor=False)
    request = asking.ask()
    if st.button("Start training", type="primary", icon=":material/play_arrow:", key="start_training"):
        with st.spinner("Taking a snapshot of the data"):
            worker.start(state.workspace(), take_snapshot(state.store(), state.index(), state.workspace()), request)
        st.rerun()
with material.container(border=True, height="stretch"):
    st.subheader("What it learns from", anchor=False)
    costs.data()
    costs.take(request, runs.runs(state.workspace().home))

listing.latest(5)
