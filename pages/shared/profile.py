"""The parts of a shopper's profile."""

import pandas as pd
import streamlit as st

from core.base.schema import Col
from core.profiles.churn import shopper_risk
from core.profiles.shopper import Reading, Shopper
from pages.shared import charts, state
from pages.shared import format as fmt
from pages.shared.next_step import RECOMMEND
from pages.shared.picker import KEY

_SHOWN = 8
_UNITS = {
    "days": lambda value: f"{fmt.number(value, 0 if value >= 10 else 1)} d",
    "seconds": fmt.span,
    "money": fmt.money,
    "share": fmt.percent,
    "hour": lambda value: f"{int(value) % 24:02d}:{int(value % 1 * 60):02d}",
    "0 to 1": lambda value: fmt.number(value, 2),
    "stars": lambda value: f"{fmt.number(value, 1)} ★",
    "count": lambda value: fmt.number(value, 0 if value >= 10 or value == int(value) else 1),
}


def header(who: Shopper) -> None:
    """Show who the shopper is and the figures that matter first."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(fmt.plain(who.name or f"Shopper {who.user_id}"), anchor=False, width="content")
        if who.segment:
            placed = " · placed by rule" if who.by_rule else ""
            st.badge(f"{who.segment}{placed}", icon=":material/groups:", color="orange" if who.by_rule else "green")
        if who.robot:
            st.badge(f"Robot: {who.robot}", icon=":material/smart_toy:", color="red")
        if who.rfm:
            st.badge(f"RFM: {who.rfm}", color="blue")
        for fact, icon in ((who.country, "public"), (who.main_platform, "devices")):
            if fact:
                st.badge(fmt.plain(fact), icon=f":material/{icon}:", color="gray")
        st.space("stretch")
        chosen = {KEY: who.user_id}
        st.page_link(RECOMMEND, label="Recommend for this shopper", icon=":material/recommend:", query_params=chosen)
    leaving = state.read(shopper_risk, who.user_id)
    st.caption(f"First seen {fmt.day(who.first_seen)}, last seen {fmt.day(who.last_seen)}")
    with st.grid(5, min_column_width=110):
        st.metric("Orders", fmt.number(who.orders), border=True)
        st.metric("Spent", fmt.compact(who.monetary), border=True, help=f"{fmt.money(who.monetary)} bought less returned")
        st.metric("Events", fmt.number(who.events), border=True)
        st.metric("Different items", fmt.number(who.items), border=True)
        st.metric("Churn risk", fmt.percent(leaving.risk), border=True, help=leaving.sentence)


def stranger(user_id: str, said: int) -> None:
    """Say of a shopper who only gave feedback that there is no profile yet, and how there will be one."""
    st.info(
        f"The log does not know {fmt.plain(user_id)}: all there is are {fmt.count(said, 'reaction')} to lists. "
        "Their lists count these at once. Take the feedback into the log on the Recommend screen, and there is a profile too.",
        icon=":material/person_add:",
    )
    st.page_link(RECOMMEND, label="Recommend for this shopper", icon=":material/recommend:", query_params={KEY: user_id})


def interests(frame: pd.DataFrame) -> None:
    """Show what the shopper is drawn to, one facet at a time."""
    if frame.empty:
        st.caption("Nothing they did tells of a category, a brand or a price. A catalogue with these would.")
        return
    facets = frame["facet"].unique().tolist()
    facet = st.segmented_control(
        "Facet", facets, default=facets[0], required=True, format_func=str.capitalize, key="facet", label_visibility="collapsed"
    )
    top = frame[frame["facet"] == facet].head(_SHOWN)
    texts = [fmt.percent(share) for share in top["share"]]
    figure = charts.bars(top["value"].tolist(), top["share"].tolist(), texts)
    charts.show(figure, f"Shares of interest by {facet}", charts.bars_height(len(top)))


def readings(values: tuple[Reading, ...]) -> None:
    """Show every known feature beside the shop's median, with the share of shoppers at or below it."""
    known = [reading for reading in values if reading.value is not None]
    table = pd.DataFrame(
        {
            "feature": [reading.feature.label for reading in known],
            "value": [measure(reading.feature.unit, reading.value) for reading in known],
            "median": [measure(reading.feature.unit, reading.median) for reading in known],
            "percentile": [reading.percentile for reading in known],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        height=300,
        column_config={
            "feature": st.column_config.TextColumn("Behaviour", width="medium"),
            "value": st.column_config.TextColumn("This shopper", alignment="right"),
            "median": st.column_config.TextColumn("Shop's median", alignment="right"),
            "percentile": st.column_config.ProgressColumn("Higher than or equal to", format="percent", min_value=0, max_value=1),
        },
        alt="The shopper's behaviour beside the shop's median",
    )


def measure(unit: str, value: float | None) -> str:
    """Return a feature's value in its unit."""
    return fmt.NOTHING if value is None else _UNITS.get(unit, _UNITS["count"])(value)


def events(frame: pd.DataFrame, of: int) -> None:
    """Show the events as a table, newest first; of: how many the shopper has in all."""
    if len(frame) < of:
        st.caption(f"The latest {fmt.number(len(frame))} of {fmt.count(of, 'event')}.")
    st.dataframe(
        frame,
        hide_index=True,
        height=320,
        column_config={
            Col.TIMESTAMP: st.column_config.DatetimeColumn("When", format="D MMM YYYY, HH:mm", width=140),
            Col.EVENT: st.column_config.TextColumn("What", width="small"),
            Col.ITEM: st.column_config.TextColumn("Item", width="small"),
            Col.TITLE: st.column_config.TextColumn("Title", width=280),
            Col.CATEGORY: st.column_config.TextColumn("Category"),
            Col.QUANTITY: st.column_config.NumberColumn("Units", format="localized", width="small"),
            Col.PRICE: st.column_config.NumberColumn("Price", format="%.2f", width="small"),
            "money": st.column_config.NumberColumn("Money", format="%.2f", width="small"),
            Col.RATING: st.column_config.NumberColumn("Stars", width="small"),
            Col.PLATFORM: st.column_config.TextColumn("Platform", width="small"),
        },
        placeholder="",
        alt="The shopper's events, newest first",
    )
