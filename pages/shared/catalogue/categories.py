"""A category, or the whole shop: its keywords, prices and what its reviews say."""

import streamlit as st

from core.represent import item as items
from core.represent import opinions
from core.represent.browse import categories
from core.represent.keywords import category_keywords
from pages.shared import charts, state
from pages.shared import format as fmt
from pages.shared.catalogue import figures, voices

SHOP = ""


def show() -> None:
    """Show the picker and the category chosen."""
    counts = state.read(categories)
    name = st.selectbox(
        "Category",
        [SHOP, *counts],
        key="category",
        bind="query-params",
        format_func=lambda path: f"{path} · {fmt.count(counts[path], 'item')}" if path else "The whole shop",
    )
    scope = ("category", name) if name else ("shop", SHOP)
    said = state.read(opinions.opinions, *scope)
    told, about = st.columns(2)
    with told.container(border=True, height="stretch"):
        st.subheader("What reviews say", anchor=False)
        voices.tones(said, state.read(opinions.over_time, *scope))
    with about.container(border=True, height="stretch"):
        if name:
            _about(name)
        else:
            st.subheader("How reviews are read", anchor=False)
            voices.how_read()
    voices.aspects(said)


def _about(name: str) -> None:
    st.subheader("What sets it apart", anchor=False)
    words = state.read(category_keywords, name)["keyword"].tolist()
    st.markdown(voices.chips(words) or ":gray[No keyword stands out.]")
    bins = state.read(items.category_prices, name)
    if len(bins):
        st.caption("Prices")
        charts.show(figures.prices(bins, None), "Prices of the category", 170)
