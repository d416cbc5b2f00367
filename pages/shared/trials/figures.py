"""What an experiment has shown: the verdict, the figures of both groups, how the difference went from day to day."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.score.assignment import Arm
from core.update import outcomes
from core.update.experiments import Experiment, Measure
from core.update.outcomes import SUSPICIOUS, Outcome, Results, Verdict
from core.update.sequential import LEAST_HITS, LEAST_SHOPPERS, Figure
from pages.shared import charts, state
from pages.shared import format as fmt
from pages.shared.trials.asking import MEASURES

_LOOKS = {
    Verdict.UNTRUSTED: (st.error, "report"),
    Verdict.EARLY: (st.info, "hourglass_empty"),
    Verdict.BETTER: (st.success, "trending_up"),
    Verdict.WORSE: (st.warning, "trending_down"),
    Verdict.SAME: (st.info, "drag_handle"),
    Verdict.OPEN: (st.info, "hourglass_top"),
}


def show(one: Experiment) -> Results:
    """Show the results so far and return them; without any, say what has to happen."""
    found = outcomes.results(state.store(), one)
    if not sum(found.shoppers.values()):
        st.info(
            "No shopper has been shown a list of this experiment yet. Lists that the shop serves and records count; those of the "
            "preview do not.",
            icon=":material/inbox:",
        )
        return found
    look, icon = _LOOKS[found.verdict]
    look(found.sentence(), icon=f":material/{icon}:")
    if found.simulated:
        st.warning(
            f"{fmt.count(found.simulated, 'shopper')} of {sum(found.shoppers.values()):,} and what they did are **simulated**: "
            "their days are counted on from the start, and they count nowhere else.",
            icon=":material/smart_toy:",
        )
    with st.grid(3, min_column_width=180):
        for outcome in found.outcomes:
            _measure(outcome, outcome.measure is one.measure)
    _trail(one)
    _sizes(found)
    return found


def _measure(outcome: Outcome, decides: bool) -> None:
    name, what, _ = MEASURES[outcome.measure]
    difference = outcome.difference
    with st.container(border=True, height="stretch"):
        relative = None if difference is None or difference.relative is None else f"{difference.relative:+.1%}"
        sure: Any = "normal" if difference is not None and difference.decided else "off"
        st.metric(
            f"{name}{' · decides' if decides else ''}",
            _rate(outcome, Arm.TREATMENT),
            relative,
            delta_color=sure,
            help=f"{what}, with the new lists; below it the change. Grey: not told from chance yet.",
        )
        for arm, label in ((Arm.CONTROL, "Now"), (Arm.TREATMENT, "New")):
            st.markdown(f"{label} **{_rate(outcome, arm)}** :gray[{_interval(outcome.arms[arm], outcome.measure)}]")
        if difference is None:
            st.caption(
                "Known from a week after the first list on." if outcome.measure is Measure.STICKINESS else "Not known yet."
            )
        elif difference.low is None or difference.high is None:
            st.caption(f"No interval yet: it takes {LEAST_SHOPPERS} shoppers and {LEAST_HITS} counted in each group.")
        else:
            low, high = (_points(value, outcome.measure) for value in (difference.low, difference.high))
            st.caption(f"Difference {_points(difference.value, outcome.measure)}, between {low} and {high} at every look.")


def _rate(outcome: Outcome, arm: Arm) -> str:
    found = outcome.arms[arm]
    return fmt.NOTHING if found is None else _written(found.rate, outcome.measure)


def _written(rate: float, measure: Measure) -> str:
    return fmt.number(rate, 2) if measure is Measure.STICKINESS else fmt.percent(rate, 1)


def _points(value: float, measure: Measure) -> str:
    return f"{value:+.2f} days" if measure is Measure.STICKINESS else f"{100 * value:+.1f} points"


def _interval(found: Figure | None, measure: Measure) -> str:
    if found is None:
        return ""
    low, high = found.interval
    return f"({_written(low, measure)} to {_written(high, measure)})"


def _trail(one: Experiment) -> None:
    frame = outcomes.trail(state.store(), one)
    if frame["low"].notna().sum() < 2:
        return
    with st.container(border=True):
        st.subheader("Difference in clicks, as it would have been seen each day", anchor=False)
        charts.show(_drawn(frame), "Difference of clicks per place shown, with its interval, from day to day", 240)
        st.caption(
            "Band: the interval that holds at every look, with 95 %. It allows looking each day and stopping once it leaves 0. "
            "An ordinary 95 % interval, looked at each day, sees differences that are not there far too often."
        )


def _drawn(frame: pd.DataFrame) -> go.Figure:
    edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure = go.Figure()
    low, high, value = (100 * frame[name] for name in ("low", "high", "value"))
    figure.add_scatter(x=frame["day"], y=low, **edge)
    figure.add_scatter(x=frame["day"], y=high, fill="tonexty", fillcolor="rgba(23,150,138,0.18)", **edge)
    figure.add_scatter(
        x=frame["day"], y=value, mode="lines+markers", line={"color": charts.MAIN, "width": 2}, marker={"size": 6},
        hovertemplate="%{x|%-d %b %Y}: %{y:+.1f} points<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=0, line={"width": 1, "dash": "dot", "color": charts.SECOND})
    figure.update_layout(showlegend=False)
    figure.update_xaxes(tickformat=charts.DAYS, showgrid=False)
    figure.update_yaxes(tickformat="+.0f", ticksuffix=" points", zeroline=False)
    return figure


def _sizes(found: Results) -> None:
    control, treatment = (fmt.count(found.shoppers[arm], "shopper") for arm in Arm)
    asked = fmt.percent(found.experiment.share)
    fits = "fits" if found.chance >= SUSPICIOUS else "does not fit"
    chance = f"{found.chance:.2f}" if found.chance >= 0.01 else f"{found.chance:.1g}"
    st.caption(
        f"Groups: {control} with the lists of now, {treatment} with the new ones, which {fits} the {asked} asked for "
        f"(chi-square p = {chance}). Counted until {fmt.moment(found.until)} UTC."
    )
