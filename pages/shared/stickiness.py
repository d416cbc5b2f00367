"""The parts of the stickiness screen."""

from typing import Literal

import pandas as pd
import streamlit as st

from core.profiles import active, cohorts, repeat, sessions, splits, spreads
from core.profiles.churn import ChurnReport
from core.profiles.cohorts import Basis
from core.profiles.repeat import Spell
from core.profiles.splits import Group, Split
from core.profiles.spreads import Measure
from core.profiles.stickiness import Figures
from pages.shared import charts, state
from pages.shared import format as fmt
from pages.shared import stickiness_charts as drawn
from pages.shared.memory import keep, recall

SPLIT, GROUP = "split", "group"
VIEW, VIEWS = "view", ("Activity", "Coming back", "Buying again", "Leaving")
WHAT_IS_A_VISIT = (
    "A visit is a session of the log, else events with at most 30 minutes between them; returns and reviews are none. Visits a "
    "week are those of a shopper who came in it. Minutes run from the first event to the last, of visits of two events or more."
)
_SPLITS = {"Everyone": Split.ALL, "Segments": Split.SEGMENT, "Platforms": Split.PLATFORM}
_BASES = {"Any event": Basis.ACTIVITY, "Purchases": Basis.PURCHASE}
_SPELLS = {"First purchase": Spell.FIRST, "Any purchase": Spell.ANY}
_NO_GROUPS = {
    Split.SEGMENT: "There are no segments: they need at least 25 shoppers with two events each.",
    Split.PLATFORM: "The log names no platform. Map a column to platform to split by it.",
}
_HOW = {
    Split.ALL: "all shoppers together",
    Split.SEGMENT: "segments are formed from the whole log, so a group of regulars comes back more by definition",
    Split.PLATFORM: "a shopper counts on the platform they use most",
}
_SHOWN_COHORTS = 26


def choose() -> tuple[tuple[Group, ...], Group]:
    """Show the split and, where it has several groups, which one to look at; return the groups and the chosen one."""
    recall(SPLIT)
    recall(GROUP)
    named = st.segmented_control(
        "Split", list(_SPLITS), default="Everyone", required=True, key=SPLIT, bind="query-params", label_visibility="collapsed"
    )
    keep(SPLIT, named)
    split = _SPLITS[named]
    groups = state.read(splits.groups, split)
    if not groups:
        st.caption(_NO_GROUPS[split])
        st.stop()
    if split == Split.ALL:
        return groups, groups[0]
    labels = {group.key: f"{charts.dot(number)} {fmt.plain(group.name)}" for number, group in enumerate(groups)}
    chosen = st.pills(
        "Group", list(labels), default=groups[0].key, required=True, format_func=lambda key: labels.get(key, key), key=GROUP,
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    keep(GROUP, chosen)
    return groups, next((group for group in groups if group.key == chosen), groups[0])


def how_split(split: Split) -> str:
    """Return how shoppers come into the groups of a split, in words."""
    return _HOW[split]


def cards(of: Figures, report: ChurnReport) -> None:
    """Show the six figures of a group, each with its curve."""
    split, key = of.group.split, of.group.key
    month = next((kept for kept in of.retention if kept.week == 4), None)
    again = of.repeat.marks[1]
    curve, weeks = state.read(repeat.curve, Spell.FIRST, split, key, 90), state.read(sessions.weeks, split, key)
    daily, sticky = state.read(active.activity, split, key), state.read(active.stickiness_by_group, split)
    back = state.read(cohorts.retention_by_group, Basis.ACTIVITY, split)
    with st.grid(6, min_column_width=150):
        _card("Shoppers a month", fmt.number(of.mau), daily["mau"], "Distinct shoppers of the 30 days up to the last of the log.")
        _card(
            "Stickiness",
            fmt.percent(of.stickiness, 1),
            sticky.loc[sticky["grp"] == key, "stickiness"],
            f"Shoppers a day ÷ shoppers a month, over the last 30 days: {fmt.number(of.dau)} a day on average.",
        )
        _card(
            "Back after 4 weeks",
            fmt.percent(month.share if month else None),
            back.loc[(back["grp"] == key) & (back["week"] > 0), "share"],
            "Share of shoppers with an event in the fourth week after their first one. The curve runs over weeks 1 to 26.",
        )
        _card(
            "Visits a week",
            fmt.number(of.sessions.per_shopper, 2),
            weeks["per_shopper"],
            "Sessions of a shopper who came in the week; mean of the last four whole weeks.",
        )
        _card(
            "Buy again, 60 days",
            fmt.percent(again.share),
            curve["share"],
            "From the first purchase on. Those watched for less are counted as long as they were.",
        )
        _card(
            "At risk",
            fmt.percent(of.churn.at_risk_share if of.churn else None),
            state.read(spreads.spread, Measure.RISK, split, key)["share"],
            f"Share with a risk of {fmt.percent(report.at_risk_from)} or more. The bars: how risk is spread.",
            "bar",
        )


def active_shoppers(group: Group) -> None:
    """Show the daily, weekly and monthly shoppers of a group."""
    st.subheader("Active shoppers", anchor=False)
    names = {"mau": "in 30 days", "wau": "in 7 days", "dau": "on the day"}
    frame = state.read(active.activity, group.split, group.key)
    charts.show(charts.lines(frame, "day", names), "Shoppers active on a day, in 7 and in 30 days", 280)


def stickiness_over_time(groups: tuple[Group, ...], group: Group) -> None:
    """Show DAU ÷ MAU of every group."""
    st.subheader("DAU ÷ MAU", anchor=False)
    frame = state.read(active.stickiness_by_group, group.split)
    if frame.empty:
        st.caption("A month of log is needed before a day can be set against its month.")
        return
    charts.show(drawn.stickiness(frame, groups, group.key), "Share of a month's shoppers who come on a day", 280)


def choose_view() -> str:
    """Show what the screen can look at, kept between pages; return what was chosen."""
    recall(VIEW)
    chosen: str = st.segmented_control(
        "View", VIEWS, default=VIEWS[0], required=True, key=VIEW, bind="query-params", label_visibility="collapsed"
    )
    keep(VIEW, chosen)
    return chosen


def choose_basis() -> Basis:
    """Show what makes a cohort beside the title; return what was chosen."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Weekly cohorts", anchor=False, width="content")
        chosen = st.segmented_control(
            "Basis", list(_BASES), default="Any event", required=True, key="basis", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
    return _BASES[chosen]


def heat_map(basis: Basis, group: Group) -> None:
    """Show the weekly cohorts of a group."""
    frame = state.read(cohorts.cohorts, basis, group.split, group.key, _SHOWN_COHORTS)
    if frame.empty:
        st.caption("No cohort yet: the log holds no whole week, or nobody bought.")
        return
    noun = "came" if basis is Basis.ACTIVITY else "bought"
    charts.show(drawn.cohorts(frame, noun), "Retention of weekly cohorts", drawn.cohorts_height(frame["cohort"].nunique()))
    st.caption(
        f"A row: the shoppers who first {noun} in that week, from its Monday on, and how many. A column: the share of them back "
        "that many weeks later, in %. Blank: that week is not over yet. The first weeks of a log also hold everybody who came "
        "before it began."
    )


def retention(basis: Basis, groups: tuple[Group, ...], group: Group) -> None:
    """Show the retention of every group, all cohorts together."""
    st.subheader("All cohorts together", anchor=False)
    frame = state.read(cohorts.retention_by_group, basis, group.split)
    charts.show(drawn.retention(frame, groups, group.key), "Share of shoppers back, by weeks since their first", 260)


def visits(group: Group) -> None:
    """Show how often the shoppers of a week come in it."""
    st.markdown("**Visits a week**")
    frame = state.read(sessions.weeks, group.split, group.key)
    charts.show(charts.lines(frame, "week", {"per_shopper": "Visits"}, y_format=".2f"), "Visits a week", 220)


def spread(measure: Measure, group: Group, title: str, noun: str, missing: str, height: int | None = 220) -> None:
    """Show how a measure is spread over a group, or why it is not known; height None fills the container."""
    st.markdown(f"**{title}**")
    frame = state.read(spreads.spread, measure, group.split, group.key)
    if frame.empty:
        st.caption(missing)
        return
    figure = drawn.columns(frame["label"].tolist(), frame["share"].tolist(), frame["n"].tolist(), noun)
    charts.show(figure, title, height)


def buying_again(of: Figures, groups: tuple[Group, ...]) -> None:
    """Show the curve of buying again, of one group or of all, and its quoted days."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Bought again after …", anchor=False, width="content")
        named = st.segmented_control(
            "After", list(_SPELLS), default="First purchase", required=True, key="after", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
    spell = _SPELLS[named]
    split, key = of.group.split, of.group.key
    seen = state.read(repeat.repeat_figures, split, key, spell)
    if not seen.buyers:
        st.caption("Nobody in this group has bought anything.")
        return
    noun = "shopper" if spell is Spell.FIRST else "purchase"
    marks = " · ".join(f"**{fmt.percent(mark.share)}** in {mark.days} days" for mark in seen.marks)
    half = f" · half by day **{seen.median_days}**" if seen.median_days else ""
    st.markdown(f"{marks}{half}")
    if split == Split.ALL:
        figure = drawn.buying_again(state.read(repeat.curve, spell, split, key))
    else:
        frame = state.read(repeat.curves_by_group, spell, split)
        figure = drawn.by_group(frame, "days", "share", groups, key, "hv", "days since the purchase")
    charts.show(figure, "Share that has bought again, by days since the purchase", 280)
    st.caption(
        f"{fmt.count(seen.buyers, noun)}; {fmt.percent(seen.rate)} seen to be followed by another day of purchase. "
        "The curve (Kaplan–Meier) counts those not watched long enough as far as they were; it ends where under ten are left."
    )


def _card(label: str, value: str, series: pd.Series, explained: str, kind: Literal["area", "bar"] = "area") -> None:
    points = series.dropna().tolist() or None
    st.metric(label, value, help=explained, border=True, height="stretch", chart_data=points, chart_type=kind)
