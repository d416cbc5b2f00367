"""Recommend: a ranked list for one shopper, re-ranked while α moves, every pick explained."""

import streamlit as st

from core.represent.ratings import quality_report
from pages.shared import next_step, state
from pages.shared.lists import by_alpha, explained, ranked, reacting
from pages.shared.picker import shopper_picker

st.title("Recommend", anchor=False)
index = state.index()
if not len(index):
    next_step.needs_build("Recommendations are")

who, places = st.columns([8, 1], vertical_alignment="bottom")
with who:
    user = shopper_picker(newcomers=True)
k = int(places.number_input("Picks", 1, 50, 10, key="k", persist_state="session"))
for note in index.notes:
    st.caption(f":material/info: {note}")
if user is None:
    st.caption("Choose a shopper to see the list.")
    st.stop()

plan, scored = state.plan(user), state.scored(user)
if plan.arm:
    st.caption(f":material/science: Experiment {plan.experiment} runs: this shopper gets the lists of its {plan.arm} group.")
now, steps = plan.alpha_for(scored.segment), by_alpha.lists(scored, plan, k)
if not steps[0].best.picks:
    ranked.headline(steps[0].best)
    reacting.notice(steps[0].best)
    st.info("No item is left to recommend to this shopper.", icon=":material/inbox:")
    reacting.given(user)
    st.stop()

above = st.container()
picks, reasons = st.columns([4, 3])
with picks.container(border=True):
    st.subheader(f"Best {len(steps[0].best.picks)}", anchor=False)
    step, chosen = by_alpha.turn(steps, now)
    ranked.looked_at(step.best)
best, asked = step.best, plan.at(step.alpha)
with above:
    ranked.headline(best)
    reacting.notice(best)
pick = next(pick for pick in best.picks if pick.item_id == chosen)
with reasons:
    reacting.buttons(best, pick, reacting.impression(best, asked))
    explained.why(scored, pick, asked, k)
    reacting.given(user)
    explained.quality(state.read(quality_report))
explained.history(best.history)
explained.why_not(scored, asked, k)
