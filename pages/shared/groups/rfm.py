"""RFM beside the segments: the grid of fifths with its names, and which segment falls into which name."""

import streamlit as st

from core.profiles import rfm
from pages.shared import charts, group_charts, state


def show() -> None:
    """Show the grid and the cross-table."""
    cells = state.read(rfm.sizes)
    if cells.empty:
        st.caption("Nobody has bought anything, and RFM scores purchases: a log with purchases would fill this.")
        return
    with st.container(border=True):
        st.subheader("Buyers by recency, frequency and money", anchor=False)
        charts.show(group_charts.rfm_grid(cells), "Buyers in each cell of the RFM grid", 440)
        st.caption(
            "Each buyer is scored 1 to 5 on the latest order, on orders and on money; across is the mean of the last two. "
            "Equal values get equal scores, so the fifths are not all of the same size."
        )
    with st.container(border=True):
        st.subheader("Segments against RFM", anchor=False)
        charts.show(group_charts.cross(state.read(rfm.cross)), "Shoppers of each segment by RFM name", 440)
        st.caption("Shoppers; the colour is the share of the segment. RFM sees what was bought, segments how people behave.")
    with st.container(border=True):
        st.subheader("The groups in figures", anchor=False)
        st.dataframe(
            cells,
            hide_index=True,
            height=300,
            column_config={
                "name": st.column_config.TextColumn("RFM group", pinned=True),
                "r": st.column_config.NumberColumn("Recency"),
                "fm": st.column_config.NumberColumn("Frequency, money"),
                "buyers": st.column_config.NumberColumn("Buyers", format="localized"),
                "days": st.column_config.NumberColumn("Days since the last order", format="%.0f"),
                "orders": st.column_config.NumberColumn("Orders", format="%.1f"),
                "monetary": st.column_config.NumberColumn("Spent", format="%.2f"),
            },
            alt="Every cell of the RFM grid in figures",
        )
