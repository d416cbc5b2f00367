"""The groups: a card each, one looked at closely, its place on the map, and its shoppers."""

from typing import Any

import pandas as pd
import streamlit as st

from core.base.schema import Col
from core.profiles import audience, segments
from core.profiles.behaviour import Feature
from core.profiles.portrait import Standout, measure
from core.profiles.segments import Report, Segment
from pages.shared import charts, next_step, picker, state
from pages.shared import format as fmt
from pages.shared.groups import editing
from pages.shared.memory import keep, recall

KEY = "segment"


def show(report: Report) -> None:
    """Show all groups and the chosen one."""
    _cards(report.segments)
    segment = choose(report.segments)
    differs, place = st.columns([3, 2])
    with differs.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(segment.name, anchor=False, width="content")
            st.space("stretch")
            editing.menu(segment, report.segments)
        st.markdown(fmt.plain(segment.portrait))
        feature = standouts(segment)
    with place.container(border=True, height="stretch"):
        picked = _map(report, segment.segment_id)
    with st.container(border=True):
        _members(segment, picked, feature)


def choose(listed: tuple[Segment, ...]) -> Segment:
    """Return the segment to look at, kept in the address and between screens."""
    by_id = {segment.segment_id: segment for segment in listed}
    recall(KEY)
    chosen = st.pills(
        "Look closer at",
        list(by_id),
        default=listed[0].segment_id,
        required=True,
        format_func=lambda number: by_id[number].name,
        key=KEY,
        bind="query-params",
    )
    keep(KEY, chosen)
    return by_id.get(chosen, listed[0])


def standouts(segment: Segment) -> Feature | None:
    """Show how far the group lies from the shop in what differs most; return the feature whose bar is selected."""
    if not segment.standouts:
        return None
    st.caption("Against the average shopper, in standard deviations. Select a bar to list the shoppers by it.")
    labels = [one.feature.label for one in segment.standouts]
    effects = [one.effect for one in segment.standouts]
    texts = [f"{_said(one, one.value)} (shop {_said(one, one.shop)})" for one in segment.standouts]
    figure, height = charts.differences(labels, effects, texts), charts.bars_height(len(labels)) + 20
    event = charts.show(figure, "What stands out", height, f"standouts_{segment.segment_id}", select=True)
    chosen = {str(point["y"]) for point in event.selection.points}
    return next((one.feature for one in segment.standouts if one.feature.label in chosen), None)


def _cards(listed: tuple[Segment, ...]) -> None:
    across = 4 if len(listed) in {4, 7, 8, 10} else min(len(listed), 3)
    with st.grid(across, min_column_width=230) as grid:
        for segment in listed:
            with grid.container(border=True, height="stretch", gap="xsmall"):
                pin = " :gray[:material/keep:]" if segment.pinned else ""
                st.markdown(f"{charts.dot(segment.segment_id - 1)} **{fmt.plain(segment.name)}**{pin}")
                st.progress(segment.share, text=f"{fmt.count(segment.size, 'shopper')} · {fmt.percent(segment.share)}")
                st.caption("  \n".join(_short(one) for one in segment.standouts[:2]))


def _map(report: Report, chosen: int) -> str | None:
    """Show the shoppers on the two main axes; return the one whose dot is selected."""
    points = state.read(segments.scatter, 1500)
    event = charts.show(charts.clusters(points, chosen), "Shoppers on the two main axes of behaviour", 330, "map", select=True)
    first, second = (fmt.percent(share) for share in report.fit.explained)
    st.caption(
        f"A dot is a shopper. Across: {first} of all differences, up: {second} (principal components). "
        "Select a dot to see who it is."
    )
    return str(event.selection.points[0]["text"]) if event.selection.points else None


def _members(segment: Segment, picked: str | None, feature: Feature | None) -> None:
    """Show the group's shoppers, the most typical first, or by a feature; who is picked on the map or selected can be opened."""
    frame = state.read(segments.members, segment.segment_id, 200, feature.name if feature else None)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"Shoppers of '{segment.name}'", anchor=False, width="content")
        st.space("stretch")
        export = state.read(audience.export_group, f"segment:{segment.segment_id}")
        st.download_button(
            f"Export {fmt.count(export.rows, 'shopper')}",
            export.content,
            f"segment-{segment.segment_id}.csv",
            "text/csv",
            icon=":material/download:",
            help="Checked: the file holds as many rows as the store counts.",
        )
    if picked:
        _links(picked)
        return
    event = table(frame, f"members_{segment.segment_id}", "Shoppers of the segment", feature)
    if event.selection.rows:
        _links(str(frame[Col.USER].iloc[event.selection.rows[0]]))
        return
    first = f"first by '{feature.label}'" if feature else "most typical"
    shown = f"The {len(frame)} {first} of {fmt.number(segment.size)}. " if len(frame) < segment.size else ""
    st.caption(f"{shown}Select a shopper to open the profile or the list.")


def table(frame: pd.DataFrame, key: str, alt: str, feature: Feature | None = None) -> Any:
    """Show shoppers with their figures, one more feature among them, and return the selection."""
    more = {feature.name: st.column_config.NumberColumn(f"{feature.label}, {feature.unit}", format="%.2f")} if feature else {}
    return st.dataframe(
        frame,
        hide_index=True,
        height=320,
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        column_config=more
        | {
            Col.USER: st.column_config.TextColumn("Shopper", pinned=True),
            "events": st.column_config.NumberColumn("Events", format="localized"),
            "orders": st.column_config.NumberColumn("Orders", format="localized"),
            "monetary": st.column_config.NumberColumn("Spent", format="%.2f"),
            "last_ts": st.column_config.DatetimeColumn("Last seen", format="D MMM YYYY"),
            "distance": st.column_config.NumberColumn("Distance to the centre", format="%.2f"),
        },
        alt=alt,
    )


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
