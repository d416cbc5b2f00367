"""Cards that more than one screen shows."""

from typing import Any

import pandas as pd
import streamlit as st

from core.base.schema import Col
from core.ingest.findings import Readiness
from core.profiles.overview import Totals
from core.profiles.trends import Trend, Trends
from pages.shared import charts
from pages.shared import format as fmt

_LEVELS: dict[str, tuple[Any, str]] = {
    "good": ("green", "check_circle"),
    "usable": ("orange", "info"),
    "too little": ("red", "warning"),
}


def trends(totals: Totals, moved: Trends) -> None:
    """Show the shop's main figures of the last days, each with its curve and the change on the days before."""
    since = f"Last {moved.days} days, against the {moved.days} before."
    st.caption(f"The last {moved.days} days of the log, and the change on the {moved.days} before")
    with st.grid(6, min_column_width=150):
        _trend("Events", fmt.compact(moved.events.value), moved.events, f"{since} {fmt.number(totals.events)} in all.")
        _trend(
            "Purchases", fmt.compact(moved.purchases.value), moved.purchases, f"{since} {fmt.number(totals.purchases)} in all."
        )
        _trend("Revenue", fmt.compact(moved.revenue.value), moved.revenue, f"{since} {fmt.money(totals.revenue)} in all.")
        _trend("Shoppers a day", fmt.number(moved.shoppers.value), moved.shoppers, f"Mean of the days. {since}")
        _trend("Shoppers a month", fmt.number(moved.month.value), moved.month, "In the 30 days up to the last one of the log.")
        _trend(
            "Stickiness", fmt.percent(moved.stickiness.value, 1), moved.stickiness, f"Shoppers a day ÷ shoppers a month. {since}"
        )


def event_mix(events: pd.DataFrame) -> None:
    """Show how many events of each type the log holds."""
    texts = [fmt.compact(many) for many in events["events"]]
    figure = charts.bars(events[Col.EVENT].str.capitalize().tolist(), events["events"].tolist(), texts)
    charts.show(figure, "Events of each type", charts.bars_height(len(events)))


def categories(top: pd.DataFrame) -> None:
    """Show the share of the spend of each top category."""
    if top.empty:
        st.caption("No item has a category. Import a catalogue to see this.")
        return
    texts = [fmt.percent(share) for share in top["share"]]
    charts.show(
        charts.bars(top[Col.CATEGORY].tolist(), top["share"].tolist(), texts), "Top categories", charts.bars_height(len(top))
    )


def readiness(ready: Readiness) -> None:
    """Show whether there is enough data, and what more would bring."""
    color, icon = _LEVELS[ready.level]
    st.badge(ready.level.capitalize(), color=color, icon=f":material/{icon}:")
    st.markdown(ready.sentence)
    st.progress(min(ready.interactions / 50_000, 1.0), text=f"{fmt.number(ready.interactions)} interactions (good: 50,000)")
    st.progress(
        min(ready.shoppers_with_two / 1_000, 1.0),
        text=f"{fmt.number(ready.shoppers_with_two)} shoppers with two or more (good: 1,000)",
    )


def _trend(label: str, value: str, trend: Trend, explained: str) -> None:
    change = None if trend.change is None else f"{trend.change:+.1%}"
    st.metric(
        label,
        value,
        change,
        help=explained,
        border=True,
        height="stretch",
        chart_data=list(trend.series),
        chart_type="area",
    )
