"""Evaluation: how good the lists of a run are beside its baselines, for whom, and how sure that is."""

import streamlit as st

from pages.shared import format as fmt
from pages.shared.operate import judged, listing, words

st.title("Evaluation", anchor=False)
found = listing.every()
run = listing.choose(found)
shown = judged.models(run)
if run.scores is None:
    st.info(f"This run is {run.state} and has not been judged. Choose another, or wait for it.", icon=":material/inbox:")
    st.stop()
judged.warn(run)
k = run.request.k
st.caption(
    f"{str(run.request.protocol).capitalize()} split of data version {run.data_version} · {fmt.count(run.users, 'shopper')} "
    "asked · every item ranked, what they had before masked · "
    f"lists of {k} items"
)
st.subheader("Does it find what they came to want?", anchor=False)
judged.metrics(shown, words.ACCURACY, k)
st.caption("Whiskers: 95 % intervals over shoppers (bootstrap). All models answered the same questions.")
st.subheader("What do its lists look like?", anchor=False)
judged.metrics(shown, ("coverage", "gini", "novelty", "diversity"), k)
st.caption("Taken from all the lists as a whole, so without an interval.")
judged.notes(shown)
st.caption(f"This run was judged at lists of {k} only. For another length: `python -m core evaluate --run {run.run_id} --k 20`")
with st.container(border=True):
    st.subheader("For whom?", anchor=False)
    judged.slices(shown, k)
