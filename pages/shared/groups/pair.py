"""Two groups side by side: segments, RFM groups or the user's own."""

import pandas as pd
import streamlit as st

from core.profiles import audience, compare
from core.profiles.compare import Comparison, Side
from core.profiles.portrait import measure
from pages.shared import charts, group_charts, state
from pages.shared import format as fmt

SHOWN = 8


def show() -> None:
    """Show two chosen groups side by side."""
    listed = {group.key: group for group in state.read(audience.groups)}
    keys = list(listed)
    one, other = st.columns(2)
    left = one.selectbox("Compare", keys, 0, format_func=lambda key: _label(listed[key]), key="left", bind="query-params")
    right = other.selectbox(
        "with", keys, min(1, len(keys) - 1), format_func=lambda key: _label(listed[key]), key="right", bind="query-params"
    )
    names = listed[left].name, listed[right].name
    found = state.read(compare.compare, left, right)
    for column, side, name in ((one, found.left, names[0]), (other, found.right, names[1])):
        with column:
            _side(side, name)
    if found.both:
        st.caption(f"{fmt.count(found.both, 'shopper')} are in both.")
    differ, buy = st.columns(2)
    with differ.container(border=True, height="stretch"):
        _differences(found, names)
    with buy.container(border=True, height="stretch"):
        _categories(found, names)
    with st.container(border=True):
        _table(found, names)


def _label(group: audience.Group) -> str:
    kind = {"segment": "segment", "own": "own group", "rfm": "RFM"}[group.key.split(":")[0]]
    return f"{group.name} ({kind}, {group.size:,})"


def _side(side: Side, name: str) -> None:
    with st.grid(3, min_column_width=120):
        st.metric("Shoppers", fmt.number(side.size), border=True, help=name)
        st.metric("Of all", fmt.percent(side.share, 1), border=True)
        st.metric("Of the revenue", fmt.percent(side.revenue, 1), border=True)


def _differences(found: Comparison, names: tuple[str, str]) -> None:
    st.subheader("What differs most", anchor=False)
    top = found.features[found.features["effect"].notna()].head(SHOWN)
    sides = zip(top["unit"].tolist(), top["left"].tolist(), top["right"].tolist(), strict=True)
    texts = [f"{_said(unit, left)} : {_said(unit, right)}" for unit, left, right in sides]
    figure = charts.differences(top["label"].tolist(), top["effect"].tolist(), texts)
    charts.show(figure, f"{names[0]} against {names[1]}", charts.bars_height(len(top)) + 20)
    st.caption(f"To the right: more for {fmt.plain(names[0])}; in standard deviations of the shop.")


def _categories(found: Comparison, names: tuple[str, str]) -> None:
    st.subheader("What they spend on", anchor=False)
    if found.categories.empty:
        st.caption("No item they bought has a category.")
        return
    shares = found.categories
    figure = group_charts.side_by_side(shares["category"].tolist(), shares["left"].tolist(), shares["right"].tolist(), names)
    charts.show(figure, "Spend by category", charts.bars_height(len(shares)) + 60)


def _table(found: Comparison, names: tuple[str, str]) -> None:
    columns = ["label", "unit", "left", "right", "shop", "effect"]
    rows = [
        (label, *(_said(unit, value) for value in means), effect)
        for label, unit, *means, effect in found.features[columns].to_numpy().tolist()
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["feature", "left", "right", "shop", "effect"]),
        hide_index=True,
        height=320,
        column_config={
            "feature": st.column_config.TextColumn("Behaviour", width="medium"),
            "left": st.column_config.TextColumn(names[0], alignment="right"),
            "right": st.column_config.TextColumn(names[1], alignment="right"),
            "shop": st.column_config.TextColumn("Everyone", alignment="right"),
            "effect": st.column_config.NumberColumn("Difference, standard deviations", format="%+.2f"),
        },
        alt="Means of both groups on every feature",
    )


def _said(unit: str, value: float) -> str:
    return fmt.NOTHING if value != value else measure(unit, value)
