"""The replay on the demo shop: its button, the cumulative click-through of every ranker, and what learning gained."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.base import jobs
from core.base.derived import Progress
from core.base.jobs import Lane, State
from core.update.arms import Arm
from core.update.online import BATCH
from core.update.replay import Curve, Interval, Lift, Replay, read_replay, replay_shop
from core.update.simulated import is_demo
from pages.shared import charts, jobs_panel, state
from pages.shared import format as fmt

KIND = "replay"
_LABELS = {
    Arm.ONLINE: (
        "Online",
        "begins from the log; weights, α of segments and clicks beyond expectation learned as the visits come",
    ),
    Arm.WEIGHTS: (
        "Weights only",
        "weights of what is known of item and shopper, α of segments; no click beyond expectation counts",
    ),
    Arm.ONLINE_FED: ("Online, clicks in the history", "as Online; a click also counts in the shopper's taste at once"),
    Arm.FROZEN_FED: ("Frozen, clicks in the history", "nothing learned, but a click counts in the shopper's taste at once"),
    Arm.FROZEN: ("Frozen", "the list as it is served, everything held fixed"),
    Arm.POPULARITY: ("Popularity", "what most shoppers engaged with, less what they have"),
    Arm.RANDOM: ("Random", "any item they do not have"),
}
_DRAWN = (Arm.ONLINE, Arm.ONLINE_FED, Arm.WEIGHTS, Arm.FROZEN, Arm.POPULARITY, Arm.RANDOM)


def show() -> None:
    """Show the button and the last replay."""
    demo = is_demo(state.store(), state.workspace())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Replay: would it have paid?", anchor=False, width="stretch")
        if st.button("Replay", icon=":material/replay:", key="replay", disabled=jobs_panel.busy() or not demo):
            jobs_panel.start(KIND, "Replaying visits to the demo shop", _replay)
    if not demo:
        st.caption(
            ":material/info: Only the demo shop can be replayed: of a real shop nobody knows what shoppers would have clicked in "
            "a list they were not shown. On this shop, plan an experiment."
        )
        return
    made = _last()
    if made is None:
        st.caption(
            "20,000 lists of 10 = 200,000 places shown, five times: the same made-up visits under each ranker, with the same "
            "luck; the first 2,000 lists = 20,000 places are told apart. Clicks are drawn "
            "from the demo shop's known truth, which no ranker sees. Takes some minutes; nothing is written to the shop."
        )
        return
    _headline(made)
    charts.show(_drawn(made), "Cumulative click-through of each ranker", 380, key="replay_curve")
    st.caption("Clicks per place shown, of all lists so far. Bands: 95 % intervals over the seeds.")
    _table(made)
    served = "the trained model" if made.model else "no trained model"
    st.caption(
        f"{_counted(made.lists, made)} a seed, {fmt.count(len(made.seeds), 'seed')}, drawn from "
        f"{fmt.count(made.shoppers, 'shopper')}; {served}, α {made.alpha:.2f}. Learning takes in every "
        f"{BATCH} lists as soon as they are shown, which needs clicks that come at once. A shopper comes about "
        f"{fmt.number(made.lists / made.shoppers, 1)} times, and what they bought or rated in the log is never shown."
    )


def _headline(made: Replay) -> None:
    online, alone = made.lifts[Arm.ONLINE], made.lifts[Arm.WEIGHTS]
    st.markdown(
        f"Learning is clicked **{online.lift:+.1%}** over the frozen ranker in {_counted(made.lists, made)} "
        f"({_span(online.over_shoppers, online.over_seeds)}), and **{online.early:+.1%}** in the first "
        f"{_counted(made.early, made)} ({_span(online.early_over_shoppers, online.early_over_seeds)}). "
        f"Weights and α alone: **{alone.lift:+.1%}** and **{alone.early:+.1%}**."
    )


def _table(made: Replay) -> None:
    rows = [
        {"arm": label, "ctr": 100 * made.ctr[arm], **_lift(made.lifts.get(arm))}
        for arm, (label, _) in _LABELS.items()
        if arm in made.ctr
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "arm": column.TextColumn("Ranker", width=185),
            "ctr": column.NumberColumn("Clicked", format="%.2f %%", width=75),
            "lift": column.TextColumn("Against frozen (95 %)", width=180),
            "early": column.TextColumn(f"First {fmt.number(made.early)} lists", width=100),
        },
        alt="Click-through of each ranker, and what it is above the frozen one",
    )
    st.caption("Intervals over shoppers: drawn again 1,000 times, each with all their visits.")
    with st.expander("What the rankers are"):
        st.markdown("\n".join(f"- **{label}**: {told}" for arm, (label, told) in _LABELS.items() if arm in made.ctr))


def _lift(lift: Lift | None) -> dict[str, str]:
    if lift is None:
        return {"lift": "", "early": ""}
    return {"lift": f"{lift.lift:+.1%} ({_ends(lift.over_shoppers)})", "early": f"{lift.early:+.1%}"}


def _counted(lists: int, made: Replay) -> str:
    """Lists are told with the places they show, since "impressions" can mean either."""
    return f"{fmt.number(lists)} lists = {fmt.number(lists * made.places)} places"


def _span(over_shoppers: Interval, over_seeds: Interval) -> str:
    return f"95 %: {_ends(over_shoppers)} over shoppers, {_ends(over_seeds)} over seeds"


def _ends(interval: Interval) -> str:
    return "not told" if interval is None else f"{interval[0]:+.1%} to {interval[1]:+.1%}"


def _drawn(made: Replay) -> go.Figure:
    figure = go.Figure()
    for number, arm in enumerate(_DRAWN):
        if arm in made.curves:
            _add(figure, made.at, made.curves[arm], _LABELS[arm][0], charts.color(number))
    figure.update_layout(hovermode="x unified")
    figure.update_xaxes(title="lists shown", tickformat=",")
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure


def _add(figure: go.Figure, at: tuple[int, ...], curve: Curve, label: str, color: str) -> None:
    """Add one line with its band."""
    if curve.low and curve.high:
        edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"}
        figure.add_scatter(x=at, y=curve.low, **edge)
        figure.add_scatter(x=at, y=curve.high, fill="tonexty", fillcolor="rgba(128,128,128,0.22)", **edge)
    line = {"color": color, "width": 2}
    figure.add_scatter(x=at, y=curve.mean, name=label, mode="lines", line=line, hovertemplate="%{y:.1%}")


def _last() -> Replay | None:
    """The last replay that was done, by this program's jobs."""
    done = (one for one in jobs.recent(state.workspace().jobs, 50, Lane.DATA) if one.kind == KIND and one.state is State.DONE)
    found = next(done, None)
    return read_replay(found.result) if found else None


def _replay(progress: Progress) -> dict[str, Any]:
    return replay_shop(state.store(), state.index(), state.workspace(), progress=progress).as_json()
