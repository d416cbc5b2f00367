"""The decision tree that states the segments, drawn as a tree, and the rules of each with how far they hold."""

import pandas as pd
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
    with st.grid(3, min_column_width=200):
        st.metric(
            "Fidelity",
            fmt.percent(report.tree.fidelity),
            border=True,
            help="Share of the clustered shoppers whom the rules put into the segment that clustering found for them.",
        )
        st.metric(
            "On shoppers it has not seen",
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
        _table(report)


def _table(report: Report) -> None:
    rows = [
        (segment.name, str(rule), rule.size, rule.coverage, rule.precision)
        for segment in report.segments
        for rule in segment.rules
    ]
    share = {"format": "percent", "min_value": 0, "max_value": 1}
    st.dataframe(
        pd.DataFrame(rows, columns=["segment", "rule", "size", "coverage", "precision"]),
        hide_index=True,
        height="content",
        column_config={
            "segment": st.column_config.TextColumn("Segment", width="medium"),
            "rule": st.column_config.TextColumn("Who", width="large"),
            "size": st.column_config.NumberColumn("Shoppers", format="localized", width="small"),
            "coverage": st.column_config.ProgressColumn("Of the segment", help="Share of the segment who meet it", **share),
            "precision": st.column_config.ProgressColumn(
                "Right", help="Share of those who meet it that are in the segment", **share
            ),
        },
        alt="Rules of every segment",
    )
    unstated = [fmt.plain(one.name) for one in report.segments if not one.rules]
    if unstated:
        st.caption(f"No rule of four questions tells apart: {', '.join(unstated)}.")
