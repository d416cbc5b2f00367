"""Search, facets, and the table of items they leave."""

from functools import partial

import streamlit as st

from core.base.schema import Col
from core.represent.browse import FACETS, LISTED, ORDERS, Shelf, browse
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.catalogue import item_page

_LABELS = {"category": "Category", "brand": "Brand", "price tier": "Price", "rating": "Stars", "stock": "Stock", "kind": "Kind"}


def show() -> None:
    """Show the search, the facets with how many items each value has, and the items; a selected one opens."""
    st.session_state.setdefault(_key("kind"), ["product"])
    text_in, order_in = st.columns([4, 1], vertical_alignment="bottom")
    text = text_in.text_input(
        "Search",
        key="search",
        bind="query-params",
        placeholder="Search title, brand, category, keywords or id",
        icon=":material/search:",
    )
    order = order_in.selectbox("Order", list(ORDERS), format_func=str.capitalize, key="order")
    found = state.read(browse, text or "", _chosen(), order)
    _facets(found)
    _table(found)


def _chosen() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what the facets of the last run hold: they are drawn after the search, with its counts."""
    return tuple((facet, tuple(st.session_state.get(_key(facet), ()))) for facet in FACETS)


def _facets(found: Shelf) -> None:
    with st.grid(6, min_column_width=150) as grid:
        for facet in FACETS:
            labels = {value: f"{value} · {fmt.number(items)}" for value, items in found.facets[facet].items()}
            options = list(dict.fromkeys([*st.session_state.get(_key(facet), ()), *labels]))
            grid.multiselect(
                _LABELS[facet],
                options,
                key=_key(facet),
                placeholder="All",
                format_func=partial(_named, labels),
            )


def _named(labels: dict[str, str], value: str) -> str:
    return labels.get(value, f"{value} · 0")


def _table(found: Shelf) -> None:
    shown = "" if len(found.frame) == found.items else f"The first {fmt.number(LISTED)} of "
    st.caption(f"{shown}{fmt.count(found.items, 'item')}. Select one to open it.")
    event = st.dataframe(
        found.frame,
        hide_index=True,
        height=560,
        on_select="rerun",
        selection_mode="single-row",
        key="shelf",
        column_config={
            Col.ITEM: st.column_config.TextColumn("Item", width=90),
            Col.TITLE: st.column_config.TextColumn("Title", width=270),
            Col.BRAND: st.column_config.TextColumn("Brand", width=120),
            Col.CATEGORY: st.column_config.TextColumn("Category", width=170),
            Col.PRICE: st.column_config.NumberColumn("Price", format="%.2f", width=70),
            "ratings": st.column_config.NumberColumn("Ratings", format="localized", width=70),
            "mean": st.column_config.NumberColumn("Stars", format="%.1f ★", width=70),
            "positive": st.column_config.ProgressColumn("Positive", format="percent", min_value=0, max_value=1, width=100),
            Col.POPULARITY: st.column_config.NumberColumn("Shoppers", format="localized", width=80),
            Col.STOCK: st.column_config.NumberColumn("Stock", format="localized", width=60),
        },
        placeholder="",
        alt="The items found",
    )
    for row in event.selection.rows:
        item_page.open_item(str(found.frame[Col.ITEM].iloc[row]))


def _key(facet: str) -> str:
    return f"facet_{facet}"
