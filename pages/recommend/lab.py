"""α lab: weigh taste against quality with what it is worth in sight; draft, publish, revert."""

import streamlit as st

from pages.shared import next_step, state
from pages.shared.lab import by_segment, curve, drafting, listing, releasing, served

st.title("α lab", anchor=False)
if not len(state.index()):
    next_step.needs_build("Lists are")
st.caption("score = α × taste + (1 − α) × quality. Move the slider and see one shopper's list, and what it is worth over all.")
author = served.show()
found, live = curve.kept(), state.plan()
shop = curve.advised(found, live.alpha)

ranked, worth = st.columns([6, 5])
with ranked.container(border=True, height="stretch"):
    alpha = listing.show(live, shop)
with worth.container(border=True, height="stretch"):
    curve.show(found, shop, alpha, live)

with st.container(border=True):
    own = by_segment.show(found, shop, alpha, live)

write, made = st.columns([2, 3])
with write.container(border=True, height="stretch"):
    drafting.ask(alpha, own, live, author)
with made.container(border=True, height="stretch"):
    releasing.publish(live, author)
with st.container(border=True):
    releasing.history(live)
