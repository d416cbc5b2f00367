"""How shoppers moved between segments, how the segments grew from fit to fit, and what users changed."""

import streamlit as st

from core.profiles import identity, movement, segments
from pages.shared import charts, group_charts, state
from pages.shared import format as fmt
from pages.shared.groups import editing

SPANS = (30, 60, 90, 180)


def show() -> None:
    """Show the moves over a span the user chooses, the sizes over time, and the edits."""
    with st.container(border=True):
        st.subheader("Moves between segments", anchor=False)
        days = st.segmented_control(
            "Over the last days", SPANS, default=SPANS[0], required=True, key="move_days", bind="query-params"
        )
        _moves(state.read(movement.movement, days))
    history, made = st.columns([3, 2])
    with history.container(border=True, height="stretch"):
        st.subheader("Sizes from fit to fit", anchor=False)
        fitted = state.read(identity.history)
        if fitted["fitted_at"].nunique() > 1:
            charts.show(group_charts.sizes(fitted), "Share of each segment at every fit", 280)
        else:
            st.caption("There is one fit so far. Each import makes another, and the sizes are compared here.")
        st.caption(
            "A segment keeps its name and colour while its centre stays nearer to where it was than half-way to another one."
        )
        if lost := state.read(segments.missing_pins):
            st.caption(f"Pinned, but not found in the latest fit: {fmt.plain(', '.join(lost))}.")
    with made.container(border=True, height="stretch"):
        st.subheader("Edits", anchor=False)
        editing.audit()


def _moves(moved: movement.Movement | None) -> None:
    if moved is None:
        st.caption("The log does not reach back that far. Choose a shorter span.")
        return
    stay = f"{fmt.count(moved.stayed, 'shopper')} stayed, {fmt.number(moved.moved)} moved to another segment"
    st.markdown(f"{stay} between {fmt.day(moved.cut)} and {fmt.day(moved.now)}.")
    charts.show(group_charts.sankey(moved), "Moves between segments", 430)
    st.caption(
        f"Left: everyone measured as if {fmt.moment(moved.cut)} were today, with only what was logged by then, "
        "and put to the nearest of today's centres. Right: the segments in force. "
        "Counts of visits and orders are smaller at the earlier date "
        "for everyone; "
        "prices and categories are today's on both sides."
    )
