"""Name, pin, merge and split segments; every edit is kept in the audit and survives rebuilds."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from core.profiles import edits, segments
from core.profiles.segments import Segment
from pages.shared import format as fmt
from pages.shared import state


def menu(segment: Segment, listed: tuple[Segment, ...]) -> None:
    """Show what can be done to a segment."""
    with st.popover("Edit", icon=":material/edit:"):
        name = st.text_input("Name", segment.name, max_chars=edits.LONGEST_NAME, key=f"name_{segment.segment_id}")
        if st.button("Rename", disabled=name == segment.name, key=f"rename_{segment.segment_id}"):
            do(edits.rename, segment.segment_id, name)
        if st.button("Unpin" if segment.pinned else "Pin to the top", icon=":material/keep:", key=f"pin_{segment.segment_id}"):
            do(edits.pin, segment.segment_id, not segment.pinned)
        others = {one.segment_id: one.name for one in listed if one.segment_id != segment.segment_id}
        into = st.selectbox(
            "Merge into",
            list(others),
            None,
            format_func=others.__getitem__,
            key=f"into_{segment.segment_id}",
            placeholder="Another segment",
        )
        if st.button("Merge", disabled=into is None, key=f"merge_{segment.segment_id}"):
            do(edits.merge, segment.segment_id, into)
        if segment.merged and st.button(f"Split off {fmt.count(len(segment.merged), 'merged segment')}"):
            do(edits.split, segment.segment_id)


def do(edit: Callable[..., object], *args: Any) -> None:
    """Make an edit, tell the groups anew, and show the screen again. Raises BadInput where the edit cannot be made."""
    with st.spinner("Telling the groups anew"):
        edit(state.store(), *args, datetime.now(UTC).replace(tzinfo=None))
        segments.rebuild_segments(state.store(), state.settings())
    st.rerun()


def audit() -> None:
    """Show every edit, newest first."""
    made = state.read(edits.audit)
    if made.empty:
        st.caption(
            "No segment has been renamed, pinned or merged, and no group defined. Edits are listed here and survive rebuilds."
        )
        return
    st.dataframe(
        made,
        hide_index=True,
        column_config={
            "made_at": st.column_config.DatetimeColumn("When (UTC)", format="D MMM YYYY, HH:mm", width="small"),
            "what": st.column_config.TextColumn("What", width="large"),
        },
        alt="Edits to segments, newest first",
    )
