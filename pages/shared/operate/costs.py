"""What a training will learn from, and what it will cost: measured on the data itself, or told by the last run like it."""

import streamlit as st

from core.base.jobs import State
from core.ingest.findings import readiness
from core.profiles import overview
from core.train import inputs, probe
from core.train.names import Preset
from core.train.runs import Request, Run
from core.train.snapshot import take_snapshot
from core.update import feedback
from pages.shared import cards, state
from pages.shared import format as fmt
from pages.shared.operate import words

_ESTIMATE = "estimate"


def data() -> None:
    """Show how much there is to learn from, and whether it is enough."""
    ready, totals = state.read(readiness), state.read(overview.totals)
    with st.grid(3, min_column_width=110):
        st.metric("Shoppers", fmt.number(totals.shoppers), border=True)
        st.metric("Items", fmt.number(totals.items), border=True)
        st.metric(
            "Version", str(state.store().data_version()), border=True, help="Data version: it counts every import and every undo."
        )
    cards.readiness(ready)
    if besides := state.read(inputs.to_be_read):
        st.caption(f":material/info: Besides what was done and when, the model reads {fmt.plain(besides)}.")
    if waits := sum(feedback.waiting(state.store()).values()):
        st.caption(
            f":material/info: {fmt.count(waits, 'reaction')} to lists {'is' if waits == 1 else 'are'} not in the log, and so not "
            "learned from. The Recommend screen takes them into it."
        )


def take(request: Request, found: list[Run]) -> None:
    """Show what the run will take: measured where the user asks for it, and what the last one like it took."""
    st.markdown("**What it will take**")
    if request.preset is not Preset.ZERO_SHOT:
        _measured(request)
    if like := last_like(request, found):
        told_by(like)


def _measured(request: Request) -> None:
    asked = (request, state.version())
    if st.button(
        "Measure time and memory",
        icon=":material/timer:",
        key="measure",
        help="Learns from the first batches of your data in a process of its own, and works out the rest. Takes some seconds.",
    ):
        with st.spinner("Learning from the first batches"):
            snapshot = take_snapshot(state.store(), state.index(), state.workspace())
            st.session_state[_ESTIMATE] = (asked, probe.estimate(snapshot, request, state.settings().threads))
    kept, found = st.session_state.get(_ESTIMATE, (None, None))
    if found is None or kept != asked:
        return
    with st.grid(2, min_column_width=120):
        st.metric("Time at most", fmt.span(found.seconds), border=True, help="It stops earlier where nothing gets better.")
        st.metric(
            "Memory at least", words.memory(found.peak_mb), border=True, help="Held by its process after the first batches."
        )
    st.caption(
        f"Measured in {found.took:.1f} s of training with what else this machine is doing. Judging and the tables of what goes "
        "together come on top."
    )


def last_like(request: Request, found: list[Run]) -> Run | None:
    """Return the latest finished run of the same preset, that tuned the encoder and trained on everything as asked."""
    like = (run for run in found if run.state is State.DONE and run.request.preset is request.preset)
    return next((run for run in like if (run.request.refit, run.request.lora) == (request.refit, request.lora)), None)


def told_by(run: Run) -> None:
    """Say what a run like the one asked for took."""
    st.caption(
        f":material/timer: The last {run.request.preset} run took {fmt.span(run.seconds)} and "
        f"{words.memory(run.peak_mb)} at most, on {fmt.count(run.acts, 'interaction')} of "
        f"{fmt.count(run.shoppers, 'shopper')} with {fmt.count(run.items, 'item')}."
    )
