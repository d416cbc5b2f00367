"""Campaigns as they are followed: the main figures, a table with pace, what came of it by segment."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from core.ingest.quarantine import safe_cell
from core.score import campaigns
from core.score.campaigns import LEAST_SHOPPERS, Campaign, Segment, State, share_interval
from core.score.ctr import CtrReport
from pages.shared import format as fmt
from pages.shared import state

ALL = "All campaigns"
_PACE = "Budget and pace"
_COLUMNS = {
    _PACE: ("Ends", "Budget", "Spent", "Pace"),
    "Clicks": ("Showings", "Clicks", "Click rate", "95 %"),
    "Terms": ("Starts", "Ends", "Time over", "Bid", "Of budget", "A day at most", "Takes part"),
}
"""Columns that are looked at together, few enough for a narrow window; the download has them all."""
_EVEN = 0.1
"""Off an even spend by less than this share of the budget is on pace."""


def headline(every: Sequence[Campaign], report: CtrReport, now: datetime | None) -> None:
    """Show the main figures of all campaigns, and what they rest on."""
    shows, clicks = sum(one.shows for one in every), sum(one.clicks for one in every)
    running = sum(one.state is State.RUNNING for one in every)
    with st.grid(4, min_column_width=120):
        st.metric("Running campaigns", f"{running:,} of {len(every):,}", border=True, height="stretch")
        st.metric("Showings", fmt.number(shows), border=True, help=_SHOWING, height="stretch")
        st.metric("Click rate", _rate(clicks, shows), border=True, help=_interval(clicks, shows), height="stretch")
        spent = sum(one.spent for one in every)
        st.metric("Simulated revenue", fmt.money(spent), border=True, help=_SIMULATED, height="stretch")
    st.caption(f":material/info: As of {fmt.day(now)}, the last day of the log. {_SIMULATED}")
    if not shows:
        st.warning(fmt.plain(report.sentence), icon=":material/visibility_off:")


def table(every: Sequence[Campaign]) -> None:
    """Show every campaign, and let the table be taken away: it names no shopper."""
    frame = pd.DataFrame([_row(one) for one in every])
    asked = st.segmented_control(
        "Columns", list(_COLUMNS), default=_PACE, required=True, key="ads_columns", label_visibility="collapsed"
    )
    st.dataframe(
        frame,
        hide_index=True,
        height=min(36 * (len(frame) + 1) + 3, 520),
        column_order=["Campaign", "State", *_COLUMNS[asked]],
        column_config={
            "Campaign": st.column_config.TextColumn(pinned=True, width=165),
            "State": st.column_config.TextColumn(width=65),
            "Starts": st.column_config.DateColumn(format="D MMM YY"),
            "Ends": st.column_config.DateColumn(format="D MMM YY", width=78),
            "Bid": st.column_config.NumberColumn(format="%.2f", help="Money a click."),
            "Budget": st.column_config.NumberColumn(format="localized", width=58),
            "Spent": st.column_config.NumberColumn(format="%.2f", width=55, help=_SIMULATED),
            "Of budget": st.column_config.NumberColumn(format="percent", help="Spent ÷ budget."),
            "Time over": st.column_config.NumberColumn(format="percent", help="Share of its days that are over."),
            "Pace": st.column_config.TextColumn(width=110, help="Against a spend that is even over the days, in money."),
            "A day at most": st.column_config.NumberColumn(help="Times that a shopper is shown it, at most. Empty: no limit."),
            "Takes part": st.column_config.NumberColumn(
                format="percent",
                help="Share of its chances it takes: remaining budget share ÷ remaining time share, at most all.",
            ),
            "Showings": st.column_config.NumberColumn(format="localized"),
            "Clicks": st.column_config.NumberColumn(format="localized"),
            "Click rate": st.column_config.NumberColumn(format="%.2f %%"),
            "95 %": st.column_config.TextColumn(help="The click rate's interval: the fewer showings, the wider."),
        },
        placeholder="",
        alt="Campaigns",
    )
    _behind(every)
    st.download_button(
        "For advertisers (CSV)",
        frame.assign(Campaign=frame["Campaign"].map(safe_cell)).to_csv(index=False).encode(),
        "campaigns.csv",
        "text/csv",
        icon=":material/download:",
        help="Totals of each campaign; nothing in it names a shopper.",
    )


def _behind(every: Sequence[Campaign]) -> None:
    """Say how many running campaigns cannot spend their budgets."""
    running = [one for one in every if one.state is State.RUNNING]
    if behind := sum(_off(one) < -_EVEN for one in running):
        st.caption(
            f":material/info: {behind} of {fmt.count(len(running), 'running campaign')} are behind an even "
            "spend: they get too few clicks for their budgets, and pacing holds none of them back."
        )


def by_segment(every: Sequence[Campaign]) -> None:
    """Show click rate and revenue of each segment, of all campaigns or of one."""
    st.markdown("**By segment**")
    names = {one.campaign_id: one.name for one in every}
    chosen = st.selectbox(
        "Campaign", ["", *names], format_func=lambda one: names.get(one, ALL), key="ads_campaign", label_visibility="collapsed"
    )
    found = state.read(campaigns.by_segment, chosen or None)
    told = [one for one in found if one.shows and one.clicks is not None]
    if not told:
        st.caption("No ad was shown to enough shoppers.")
        return
    frame = pd.DataFrame([_segment(one) for one in told])
    st.dataframe(
        frame,
        hide_index=True,
        column_order=["Segment", "Click rate", "95 %", "Showings", "Revenue", "Per 1,000"],
        column_config={
            "Segment": st.column_config.TextColumn(pinned=True, width=210),
            "Click rate": st.column_config.ProgressColumn(
                format="%.2f %%", min_value=0, max_value=max(float(frame["Click rate"].max()), 0.01), width=98
            ),
            "95 %": st.column_config.TextColumn(help="The click rate's interval: the fewer showings, the wider."),
            "Revenue": st.column_config.NumberColumn(format="%.2f", width=62, help=_SIMULATED),
            "Per 1,000": st.column_config.NumberColumn(format="%.2f", help="Revenue per 1,000 showings, simulated."),
            "Showings": st.column_config.NumberColumn(format="localized", width=65, help=_SHOWING),
        },
        alt="What came of ads in each segment",
    )
    if len(told) < len(found):
        st.caption(f"{len(found) - len(told)} with fewer than {LEAST_SHOPPERS} shoppers who saw an ad are not told of.")


def _segment(one: Segment) -> dict[str, object]:
    shows, clicks, revenue = one.shows or 0, one.clicks or 0, one.revenue or 0.0
    return {
        "Segment": one.name,
        "Click rate": 100 * clicks / shows,
        "95 %": _interval(clicks, shows, short=True),
        "Revenue": revenue,
        "Per 1,000": 1000 * revenue / shows,
        "Shoppers": one.shoppers,
        "Showings": shows,
        "Clicks": clicks,
    }


def _row(one: Campaign) -> dict[str, object]:
    return {
        "Campaign": one.name,
        "State": str(one.state),
        "Starts": one.starts,
        "Ends": one.ends,
        "Bid": one.bid,
        "Budget": one.budget,
        "Spent": one.spent,
        "Pace": _pace(one),
        "Takes part": one.participation,
        "Showings": one.shows,
        "Clicks": one.clicks,
        "Click rate": None if one.ctr is None else 100 * one.ctr,
        "95 %": _interval(one.clicks, one.shows, short=True),
        "A day at most": one.frequency_cap,
        "Of budget": one.spent_share,
        "Time over": one.elapsed,
    }


def _pace(one: Campaign) -> str:
    if one.state is State.PLANNED or one.ahead is None or not one.budget:
        return fmt.NOTHING
    if abs(_off(one)) < _EVEN:
        return "on pace"
    if one.state is State.ENDED:
        return f"{fmt.money(one.budget - one.spent)} unspent"
    return f"{fmt.money(abs(one.ahead))} {'ahead' if one.ahead > 0 else 'behind'}"


def _off(one: Campaign) -> float:
    """Return how far it is ahead of an even spend, as a share of the budget; negative = behind, 0 where that is not known."""
    return one.ahead / one.budget if one.ahead is not None and one.budget else 0.0


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
