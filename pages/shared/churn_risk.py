"""The risk that shoppers leave: how it is spread, how far it can be trusted, who has most at stake."""

import pandas as pd
import streamlit as st

from core.base.schema import Col
from core.profiles import churn
from core.profiles.churn import ChurnReport
from core.profiles.splits import Group, Split
from core.profiles.spreads import Measure
from core.profiles.stickiness import Figures
from pages.shared import charts, next_step, picker, state
from pages.shared import format as fmt
from pages.shared import stickiness_charts as drawn
from pages.shared.stickiness import spread


def show(of: Figures, groups: tuple[Group, ...], report: ChurnReport) -> None:
    """Show the risks, how far they can be trusted, and what they come from; or why there are none."""
    st.subheader("Who is about to leave", anchor=False)
    best = report.best
    if best is None or of.churn is None:
        st.markdown(f":gray[:material/hourglass_empty:] {report.state}")
        return
    st.markdown(
        f"Risk: the chance of no event in the next **{report.horizon} days**. {report.horizon_why} In force: **{best.name}**."
    )
    grid = st.grid(3, min_column_width=270)
    with grid.container(border=True, height="stretch"):
        spread(Measure.RISK, of.group, "Shoppers by risk, from … %", "shoppers", "Nobody in this group can be told a risk.")
        st.caption(
            f"{fmt.count(of.churn.scored, 'shopper')} with a risk, {fmt.percent(of.churn.mean_risk)} on average. "
            f"{fmt.number(of.churn.lapsed)} have been gone for {report.horizon} days or more and count as churned; "
            f"{fmt.number(of.churn.too_new)} have not enough history (seen on one day only)."
        )
    with grid.container(border=True, height="stretch"):
        st.markdown("**Told against what happened**")
        charts.show(drawn.reliability(report.judged), "Reliability of the risks", 240)
        st.caption(_verdict(report))
    with grid.container(border=True, height="stretch"):
        if of.group.split == Split.ALL:
            _what_counts(report)
        else:
            _by_group(groups, of.group.split)
    at_stake(of.group)


def at_stake(group: Group) -> None:
    """Show the shoppers with most to lose; a selected one can be opened."""
    st.markdown("**Most at stake: risk × spent so far**")
    frame = state.read(churn.most_at_stake, group.split, group.key, 100)
    event = st.dataframe(
        frame,
        hide_index=True,
        height=280,
        on_select="rerun",
        selection_mode="single-row",
        key=f"stake_{group.split}_{group.key}",
        column_config={
            Col.USER: st.column_config.TextColumn("Shopper", pinned=True),
            "risk": st.column_config.ProgressColumn("Risk", format="percent", min_value=0, max_value=1),
            "at_stake": st.column_config.NumberColumn("At stake", format="%.0f"),
            "spent": st.column_config.NumberColumn("Spent", format="%.2f"),
            "orders": st.column_config.NumberColumn("Orders", format="localized"),
            "last_ts": st.column_config.DatetimeColumn("Last seen", format="D MMM YYYY"),
        },
        placeholder="",
        alt="Shoppers with most at stake",
    )
    if event.selection.rows:
        user = str(frame[Col.USER].iloc[event.selection.rows[0]])
        chosen = {picker.KEY: user}
        st.page_link(next_step.SHOPPER, label=f"Profile of {fmt.plain(user)}", icon=":material/person:", query_params=chosen)
    else:
        st.caption("Select a shopper to open the profile.")


def _verdict(report: ChurnReport) -> str:
    full, baseline = report.judged
    won = "beats" if report.chosen == full.name else "does not beat"
    return (
        f"{fmt.count(report.shoppers[2], 'shopper')} as of {fmt.day(pd.Timestamp(report.cuts[2]))}, later than all it saw: "
        f"AUC {full.auc:.2f}, Brier {full.brier:.3f}. It {won} {baseline.name} ({baseline.auc:.2f}, {baseline.brier:.3f}). "
        f"{fmt.percent(report.base_rate)} left."
    )


def _what_counts(report: ChurnReport) -> None:
    st.markdown("**What the risk rests on**")
    top = [pair for pair in report.importance if pair[1] > 0][:6]
    texts = [f"{lost:.3f}" for _, lost in top]
    charts.show(charts.bars([label for label, _ in top], [lost for _, lost in top], texts), "What the risk rests on", 240)
    st.caption("How much AUC is lost where a feature is shuffled among the shoppers. Features that say the same share it.")


def _by_group(groups: tuple[Group, ...], split: Split) -> None:
    st.markdown("**Mean risk**")
    risks = {one.group: one.mean_risk for one in state.read(churn.churn_figures, split)}
    told = [(number, group, risks[group.key]) for number, group in enumerate(groups) if risks.get(group.key) is not None]
    figure = charts.bars(
        [group.name for _, group, _ in told],
        [risk or 0 for _, _, risk in told],
        [fmt.percent(risk) for _, _, risk in told],
        [charts.color(number) for number, _, _ in told],
    )
    charts.show(figure, "Mean risk of each group", max(200, charts.bars_height(len(told))))
