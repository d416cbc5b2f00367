"""Who a shopper is close to: friends, or else buyers of the same things, and what those buy."""

import streamlit as st

from core.base.schema import Col
from core.profiles.social import LEAST_SHARED, Relations
from pages.shared import charts, group_charts, next_step, picker
from pages.shared import format as fmt


def show(close: Relations) -> None:
    """Show the people and the categories they share with the shopper."""
    st.subheader("Friends" if close.by_edges else "Shoppers who buy the same", anchor=False)
    if close.people.empty:
        st.caption(f"No friends are known, and nobody else has {LEAST_SHARED} products in common with this shopper.")
        return
    if close.by_edges:
        st.caption(f"{fmt.count(close.degree, 'friend')} in the social file.")
    else:
        st.caption(
            f"No friends of this shopper are known. These are co-purchase neighbours: {fmt.count(close.degree, 'shopper')} "
            f"with at least {LEAST_SHARED} products in common, the closest first."
        )
    people, categories = st.columns([3, 2])
    with people:
        _people(close)
    with categories:
        _categories(close)


def _people(close: Relations) -> None:
    event = st.dataframe(
        close.people,
        hide_index=True,
        height=300,
        on_select="rerun",
        selection_mode="single-row",
        key="relations",
        column_order=[Col.USER, *([Col.NAME] if close.people[Col.NAME].notna().any() else []), "segment", "shared", "overlap"],
        column_config={
            Col.USER: st.column_config.TextColumn("Shopper", pinned=True),
            Col.NAME: st.column_config.TextColumn("Name"),
            "segment": st.column_config.TextColumn("Segment"),
            "shared": st.column_config.NumberColumn("In common", help="Products both bought", format="localized"),
            "overlap": st.column_config.ProgressColumn(
                "Overlap", help="In common ÷ products of either", format="percent", min_value=0, max_value=1
            ),
        },
        placeholder="",
        alt="The people closest to the shopper",
    )
    if event.selection.rows:
        other = str(close.people[Col.USER].iloc[event.selection.rows[0]])
        link = {picker.KEY: other}
        st.page_link(next_step.SHOPPER, label=f"Profile of {fmt.plain(other)}", icon=":material/person:", query_params=link)


def _categories(close: Relations) -> None:
    shares = close.categories
    if shares.empty:
        st.caption("No item they bought has a category.")
        return
    names = ("The friends" if close.by_edges else "The neighbours", "This shopper")
    figure = group_charts.side_by_side(shares["category"].tolist(), shares["theirs"].tolist(), shares["own"].tolist(), names)
    charts.show(figure, "Categories beside those of the people closest", 300)
