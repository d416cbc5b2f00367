"""The parts of the segments screen."""

import pandas as pd
import streamlit as st

from core.base.schema import Col
from core.profiles.portrait import Standout, measure
from core.profiles.segments import FitReport, Segment
from core.update.standing import standing
from pages.shared import charts, next_step, picker, state
from pages.shared import format as fmt

KEY = "segment"


def none_yet(fit: FitReport) -> None:
    """Say why there are no segments where they were built and found none, else offer to build; ends the page."""
    if not state.read(standing).built:
        next_step.needs_build("Segments are")
    with st.container(border=True):
        st.markdown(f":gray[:material/group_off:] {fit.state}")
    st.stop()


def overview(segments: tuple[Segment, ...]) -> None:
    """Show a card for each group: its name, its size, what stands out first."""
    across = 4 if len(segments) in {4, 7, 8, 10} else min(len(segments), 3)
    with st.grid(across, min_column_width=230) as grid:
        for segment in segments:
            with grid.container(border=True, height="stretch", gap="xsmall"):
                dot = charts.dot(segment.segment_id - 1)
                st.markdown(f"{dot} **{segment.name}**")
                st.progress(segment.share, text=f"{fmt.count(segment.size, 'shopper')} · {fmt.percent(segment.share)}")
                st.caption("  \n".join(_short(one) for one in segment.standouts[:2]))


def standouts(segment: Segment) -> None:
    """Show how far the group lies from the shop in what differs most."""
    if not segment.standouts:
        return
    st.caption("Against the average shopper, in standard deviations")
    labels = [one.feature.label for one in segment.standouts]
    effects = [one.effect for one in segment.standouts]
    texts = [f"{_said(one, one.value)} (shop {_said(one, one.shop)})" for one in segment.standouts]
    charts.show(charts.differences(labels, effects, texts), "What stands out", charts.bars_height(len(labels)) + 20)


def how_found(fit: FitReport, points: pd.DataFrame, chosen: int) -> None:
    """Show the map of the shoppers, or the silhouette of each number of groups tried."""
    view = st.segmented_control("View", ["Map", "Number of groups"], default="Map", required=True, label_visibility="collapsed")
    if view == "Map":
        charts.show(charts.clusters(points, chosen), "Shoppers on the two main axes of behaviour", 330)
        st.caption(f"A dot is a shopper; the two axes hold {fmt.percent(sum(fit.explained))} of the differences.")
    else:
        charts.show(charts.silhouette(fit.curve, fit.k), "Silhouette of each number of groups", 330)
        st.caption("The higher, the clearer the groups stand apart. The number with the highest silhouette was taken.")


def members(segment: Segment, frame: pd.DataFrame) -> None:
    """Show the group's shoppers, the most typical first; a selected one can be opened."""
    st.subheader(f"Shoppers of '{segment.name}'", anchor=False)
    event = st.dataframe(
        frame,
        hide_index=True,
        height=320,
        on_select="rerun",
        selection_mode="single-row",
        key=f"members_{segment.segment_id}",
        column_config={
            Col.USER: st.column_config.TextColumn("Shopper", pinned=True),
            "events": st.column_config.NumberColumn("Events", format="localized"),
            "orders": st.column_config.NumberColumn("Orders", format="localized"),
            "monetary": st.column_config.NumberColumn("Spent", format="%.2f"),
            "last_ts": st.column_config.DatetimeColumn("Last seen", format="D MMM YYYY"),
            "distance": st.column_config.NumberColumn("Distance to the centre", format="%.2f"),
        },
        alt="Shoppers of the segment, the most typical first",
    )
    if event.selection.rows:
        _links(str(frame[Col.USER].iloc[event.selection.rows[0]]))
        return
    shown = f"The {len(frame)} most typical of {fmt.number(segment.size)}. " if len(frame) < segment.size else ""
    st.caption(f"{shown}Select a shopper to open the profile or the list.")


def _links(user: str) -> None:
    with st.container(horizontal=True):
        name, chosen = fmt.plain(user), {picker.KEY: user}
        st.page_link(next_step.SHOPPER, label=f"Profile of {name}", icon=":material/person:", query_params=chosen)
        st.page_link(next_step.RECOMMEND, label=f"Recommend for {name}", icon=":material/recommend:", query_params=chosen)


def _short(one: Standout) -> str:
    arrow = "arrow_upward" if one.effect > 0 else "arrow_downward"
    return f":material/{arrow}: {one.feature.label}: {_said(one, one.value)}"


def _said(one: Standout, value: float) -> str:
    return measure(one.feature.unit, value)
