"""Segments: groups of shoppers who behave alike, what stands out in each, and the shoppers in them."""

import streamlit as st

from core.profiles import segments
from pages.shared import format as fmt
from pages.shared import groups, state
from pages.shared.memory import keep, recall

st.title("Segments", anchor=False)
report = state.read(segments.report)
if not report.segments:
    groups.none_yet(report.fit)

fit = report.fit
st.caption(
    f"{fmt.count(fit.shoppers, 'shopper')} in {len(report.segments)} groups · silhouette {fmt.number(fit.silhouette, 2)} · "
    f"{fmt.number(fit.left_out)} with fewer than two events are in none"
)
groups.overview(report.segments)

by_id = {segment.segment_id: segment for segment in report.segments}
recall(groups.KEY)
chosen = st.pills(
    "Look closer at",
    list(by_id),
    default=report.segments[0].segment_id,
    required=True,
    format_func=lambda number: by_id[number].name,
    key=groups.KEY,
    bind="query-params",
)
keep(groups.KEY, chosen)
segment = by_id[chosen]

differs, found = st.columns([3, 2])
with differs.container(border=True, height="stretch"):
    st.subheader(segment.name, anchor=False)
    st.markdown(segment.portrait)
    groups.standouts(segment)
with found.container(border=True, height="stretch"):
    groups.how_found(fit, state.read(segments.scatter, 1500), chosen)
with st.container(border=True):
    groups.members(segment, state.read(segments.members, chosen, 200))
