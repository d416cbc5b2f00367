"""Segments: groups of shoppers who behave alike, as pictures, rules, RFM, moves, comparisons and audiences."""

import streamlit as st

from core.profiles import segments
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.groups import builder, closer, found, moves, none_yet, pair, rfm, rules

st.title("Segments", anchor=False)
report = state.read(segments.report)
if not report.segments:
    none_yet.show(report.fit)

fit = report.fit
robots = f" · {fmt.count(fit.robots, 'robot')} left out" if fit.robots else ""
fidelity = report.tree.fidelity if report.tree else None
st.caption(
    f"{fmt.count(fit.shoppers, 'shopper')} in {fmt.count(len(report.segments), 'group')}{robots} · "
    f"silhouette {fmt.number(fit.silhouette, 2)} · stability {fmt.number(fit.stability, 2)} · "
    f"rules right for {fmt.percent(fidelity)}"
)
VIEWS = {
    "Groups": lambda: closer.show(report),
    "Rules": lambda: rules.show(report),
    "RFM": rfm.show,
    "Moves": moves.show,
    "Compare": pair.show,
    "Audiences": builder.show,
    "How found": lambda: found.show(fit),
}
view = st.segmented_control(
    "View", list(VIEWS), default="Groups", required=True, key="view", bind="query-params", label_visibility="collapsed"
)
VIEWS[view]()
