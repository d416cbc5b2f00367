"""Campaigns as they are followed: the main figures, a table with pace, what came of it by segment."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from core.score import campaigns
from core.score.campaigns import LEAST_SHOPPERS, Campaign, State, share_interval
from core.score.ctr import CtrReport
from pages.shared import charts, state
from pages.shared import format as fmt

ALL = "All campaigns"
_EVEN = 0.1
"""Off an even spend by less than this share of the budget is on pace."""


def headline(every: Sequence[Campaign], report: CtrReport, now: datetime | None) -> None:
    """Show the main figures of all campaigns, and what they rest on."""
    shows, clicks = sum(one.shows for one in every), sum(one.clicks for one in every)
    running = sum(one.state is State.RUNNING for one in every)
    with st.grid(4, min_column_width=150):
        st.metric("Running campaigns", f"{running:,} of {len(every):,}", border=True, height="stretch")
        st.metric("Showings", fmt.number(shows), border=True, help=_SHOWING, height="stretch")
        st.metric("Click rate", _rate(clicks, shows), border=True, help=_interval(clicks, shows), height="stretch")
        spent = sum(one.spent for one in every)
        st.metric("Revenue, simulated", fmt.money(spent), border=True, help=_SIMULATED, height="stretch")
    st.caption(f":material/info: As of {fmt.day(now)}, the last day of the log. {_SIMULATED}")
    if not shows:
        st.warning(fmt.plain(report.sentence), icon=":material/visibility_off:")


def table(every: Sequence[Campaign]) -> None:
    """Show every campaign, and let the table be taken away: it names no shopper."""
    frame = pd.DataFrame([_row(one) for one in every])
    st.dataframe(
        frame,
        hide_index=True,
        height=min(36 * (len(frame) + 1) + 3, 520),
        column_config={
            "Campaign": st.column_config.TextColumn(pinned=True, width=190),
            "Starts": st.column_config.DateColumn(format="D MMM YY"),
            "Ends": st.column_config.DateColumn(format="D MMM YY"),
            "Bid": st.column_config.NumberColumn(format="%.2f", help="Money a click."),
            "Budget": st.column_config.NumberColumn(format="localized"),
            "Spent": st.column_config.NumberColumn(format="%.2f", help=_SIMULATED),
            "Of budget": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "Time over": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "Pace": st.column_config.TextColumn(help="Against a spend that is even over the days, in money."),
            "Takes part": st.column_config.NumberColumn(
                format="percent",
                help="Share of its chances it takes: remaining budget share ÷ remaining time share, at most all.",
            ),
            "Showings": st.column_config.NumberColumn(format="localized"),
            "Clicks": st.column_config.NumberColumn(format="localized"),
            "Click rate": st.column_config.NumberColumn(format="%.2f %%"),
            "95 %": st.column_config.TextColumn(help="The click rate's interval: the fewer showings, the wider."),
        },
        alt="Campaigns",
    )
    st.download_button(
        "For advertisers (CSV)",
        frame.to_csv(index=False).encode(),
        "campaigns.csv",
        "text/csv",
        icon=":material/download:",
        help="Totals of each campaign; nothing in it names a shopper.",
    )


def by_segment(every: Sequence[Campaign]) -> None:
    """Show click rate and revenue of each segment, of all campaigns or of one."""
    st.markdown("**By segment**")
    names = {one.campaign_id: one.name for one in every}
    chosen = st.selectbox(
        "Campaign", ["", *names], format_func=lambda one: names.get(one, ALL), key="ads_campaign", label_visibility="collapsed"
    )
    found = state.read(campaigns.by_segment, chosen or None)
    told = [(one.name, one.clicks, one.shows, one.revenue) for one in found if one.shows and one.clicks is not None]
    if not told:
        st.caption("No ad was shown to enough shoppers.")
        return
    left, right = st.columns(2)
    labels = [name for name, *_ in told]
    with left:
        st.caption("Click rate")
        texts = [f"{_rate(clicks, shows)}  ({_interval(clicks, shows, short=True)})" for _, clicks, shows, _ in told]
        rates = [clicks / shows for _, clicks, shows, _ in told]
        charts.show(charts.bars(labels, rates, texts), "Click rate of each segment", charts.bars_height(len(told)))
    with right:
        st.caption("Revenue, simulated")
        texts = [f"{fmt.money(revenue)} from {fmt.count(clicks, 'click')}" for _, clicks, _, revenue in told]
        money = [revenue or 0.0 for *_, revenue in told]
        charts.show(charts.bars(labels, money, texts), "Revenue from each segment", charts.bars_height(len(told)))
    hidden = (
        "" if len(told) == len(found) else f" {len(found) - len(told)} with fewer than {LEAST_SHOPPERS} shoppers are not told."
    )
    st.caption(f"In brackets the 95 % interval.{hidden}")


def _row(one: Campaign) -> dict[str, object]:
    return {
        "Campaign": one.name,
        "State": str(one.state),
        "Starts": one.starts,
        "Ends": one.ends,
        "Bid": one.bid,
        "Budget": one.budget,
        "Spent": one.spent,
        "Of budget": one.spent_share,
        "Time over": one.elapsed,
        "Pace": _pace(one),
        "Takes part": one.participation,
        "Showings": one.shows,
        "Clicks": one.clicks,
        "Click rate": None if one.ctr is None else 100 * one.ctr,
        "95 %": _interval(one.clicks, one.shows, short=True),
        "A day at most": one.frequency_cap,
    }


def _pace(one: Campaign) -> str:
    if one.state is State.PLANNED or one.ahead is None or not one.budget:
        return fmt.NOTHING
    if abs(one.ahead) < _EVEN * one.budget:
        return "on pace"
    return f"{fmt.money(abs(one.ahead))} {'ahead' if one.ahead > 0 else 'behind'}"


def _rate(clicks: int, shows: int) -> str:
    return fmt.percent(clicks / shows, 2) if shows else fmt.NOTHING


def _interval(clicks: int, shows: int, short: bool = False) -> str:
    if not shows:
        return fmt.NOTHING if short else "No ad was shown."
    low, high = (fmt.percent(end, 1) for end in share_interval(clicks, shows))
    return f"{low} – {high}" if short else f"{fmt.count(clicks, 'click')}; 95 % interval {low} to {high}"


_SHOWING = "An ad, a shopper and a visit in which they saw it, while its campaign ran. Robots are left out."
_SIMULATED = (
    "Spending is simulated from the log, since the files hold no invoices: each click costs its bid until the budget is used up."
)
