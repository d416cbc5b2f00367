"""Recommend: a ranked list for one shopper, re-ranked while α moves, every pick explained."""

import streamlit as st

from core.represent.ratings import quality_report
from pages.shared import next_step, state
from pages.shared.lists import explained, ranked, reacting
from pages.shared.memory import keep, recall
from pages.shared.picker import shopper_picker

st.title("Recommend", anchor=False)
index = state.index()
if not len(index):
    next_step.needs_build("Recommendations are")

who, weight, places = st.columns([4, 4, 1], vertical_alignment="bottom")
with who:
    user = shopper_picker(newcomers=True)
plan, scored = state.plan(user), state.scored(user) if user else None
default = plan.alpha_for(scored.segment if scored else None)
recall("alpha")
alpha = weight.slider(
    "α: how much taste counts against quality",
    0.0,
    1.0,
    default,
    0.05,
    key="alpha",
    bind="query-params",
    help=f"score = α × taste + (1 − α) × quality. The arrows show the places moved against what is served, {default:g}.",
)
keep("alpha", alpha)
k = places.number_input("Picks", 1, 50, 10, key="k", persist_state="session")
for note in index.notes:
    st.caption(f":material/info: {note}")
if plan.arm:
    st.caption(f":material/science: Experiment {plan.experiment} runs: this shopper gets the lists of its {plan.arm} group.")
if user is None or scored is None:
    st.caption("Choose a shopper to see the list.")
    st.stop()

best = scored.rank(alpha, k, plan=plan)
ranked.headline(best)
reacting.notice(best)
if not best.picks:
    st.info("No item is left to recommend to this shopper.", icon=":material/inbox:")
    reacting.given(user)
    st.stop()

picks, reasons = st.columns([4, 3])
with picks.container(border=True):
    chosen = ranked.show(best, index, scored.moves(default, alpha, k, plan=plan))
pick = next(pick for pick in best.picks if pick.item_id == chosen)
with reasons:
    reacting.buttons(best, pick, reacting.impression(best, plan.at(alpha)))
    explained.why(scored, pick, plan.at(alpha), k)
    reacting.given(user)
    explained.history(best.history)
    explained.quality(state.read(quality_report))
explained.why_not(scored, plan.at(alpha), k)
