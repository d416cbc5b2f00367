"""The decision tree that states the segments, drawn as a tree, and the rules of each with how far they hold."""

import streamlit as st

from core.profiles.segments import Report
from pages.shared import charts, group_charts
from pages.shared import format as fmt


def show(report: Report) -> None:
    """Show the tree and its rules."""
    if report.tree is None:
        st.caption("There is no tree.")
        return
    root, names = report.tree.root, {one.segment_id: one.name for one in report.segments}
    with st.grid(3, min_column_width=150):
        st.metric(
            "Fidelity",
            fmt.percent(report.tree.fidelity),
            border=True,
            help="Share of the clustered shoppers whom the rules put into the segment that clustering found for them.",
        )
        st.metric(
            "On unseen shoppers",
            fmt.percent(report.tree.unseen),
            border=True,
            help="The same for trees grown without the shopper (five folds): how well a new shopper is placed.",
        )
        st.metric(
            "Placed by rule",
            fmt.number(report.placed),
            border=True,
            help="Shoppers with fewer than two events are not clustered; the rules place them at once.",
        )
    with st.container(border=True):
        st.subheader("The rules as a tree", anchor=False)
        charts.show(group_charts.tree(root, names), "Decision tree of the segments", group_charts.tree_height(root))
        st.caption(
            "From left to right; up where the condition holds, down where not. At the end: the segment, "
            "the shoppers who arrive there, and how many of them are in it. What is not known of a shopper counts as the median."
        )
    with st.container(border=True):
        st.subheader("The rules in words", anchor=False)
        _in_words(report)


def _in_words(report: Report) -> None:
    for segment in report.segments:
        said = [
            f"- {fmt.plain(str(rule))} :gray[· {fmt.count(rule.size, 'shopper')}, {fmt.percent(rule.coverage)} of the segment, "
            f"right for {fmt.percent(rule.precision)}]"
            for rule in segment.rules
        ]
        head = f"{charts.dot(segment.segment_id - 1)} **{fmt.plain(segment.name)}**"
        st.markdown("\n".join([head, "", *said]) if said else f"{head}  \n:gray[No rule of four questions tells them apart.]")
