"""What a training will learn from, and what it will cost: measured on the data itself, or told by the last run like it."""

import streamlit as st

from core.base.jobs import State
from core.ingest.findings import readiness
from core.profiles import overview
from core.train.runs import Request, Run
from pages.shared import cards, state
from pages.shared import format as fmt
from pages.shared.operate import words


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


def last_like(request: Request, found: list[Run]) -> Run | None:
    """Return the latest finished run of the same preset, with or without training on everything as asked."""
    like = (run for run in found if run.state is State.DONE and run.request.preset is request.preset)
    return next((run for run in like if run.request.refit == request.refit), None)


def told_by(run: Run) -> None:
    """Say what a run like the one asked for has cost."""
    st.markdown("**What it will take**")
    st.caption(
        f":material/timer: The last {run.request.preset} run took {fmt.span(run.seconds)} and "
        f"{words.memory(run.peak_mb)} at most, on {fmt.count(run.acts, 'interaction')} of "
        f"{fmt.count(run.shoppers, 'shopper')} with {fmt.count(run.items, 'item')}."
    )
