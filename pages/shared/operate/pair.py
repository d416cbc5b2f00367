"""Two runs side by side: what came out of each, and in what they differ."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.train import runs
from core.train.duel import duel
from core.train.runs import Run, Scores
from pages.shared import charts, run_charts, state
from pages.shared import format as fmt
from pages.shared.operate import listing, words

_OPTION = "Option"


def show(found: Sequence[Run]) -> None:
    """Let two runs be chosen, and show them side by side."""
    if len(found) < 2:
        st.caption("There is one run so far. Train another to compare the two.")
        return
    one, other = st.columns(2)
    with one:
        left = listing.choose(found, "Compare", "left_run", 0)
    with other:
        right = listing.choose(found, "with", "right_run", 1)
    if left.run_id == right.run_id:
        st.caption("Choose two different runs.")
        return
    if trouble := runs.comparable([left, right]):
        st.warning(fmt.plain(trouble), icon=":material/compare_arrows:")
    with st.grid(2, min_column_width=390) as grid:
        with grid.container(border=True, height="stretch"):
            st.markdown("**What came out**")
            _metrics(left, right)
        with grid.container(border=True, height="stretch"):
            st.markdown("**In what they differ**")
            _differences(left, right)
    if left.scores and right.scores:
        with st.container(border=True):
            _intervals(left.scores, right.scores, left.request.k)


def _metrics(left: Run, right: Run) -> None:
    if left.scores is None or right.scores is None:
        st.caption("One of them has not been judged.")
        return
    rows = [
        {
            "metric": metric.named(left.request.k),
            "left": metric.write(left.scores.metrics.get(name)),
            "right": metric.write(right.scores.metrics.get(name)),
            "change": _change(left.scores.metrics.get(name), right.scores.metrics.get(name)),
        }
        for name, metric in words.METRICS.items()
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "metric": column.TextColumn("Metric"),
            "left": column.TextColumn("First", alignment="right"),
            "right": column.TextColumn("Second", alignment="right"),
            "change": column.TextColumn("Second against first", alignment="right"),
        },
        alt="Metrics of both runs",
    )
    if row := duel(state.workspace().home, left, right):
        sure = "beyond chance" if row.low > 0 or row.high < 0 else "which may be chance"
        st.caption(
            f"Question by question, the second's NDCG is {row.difference:+.4f} against the first's: {sure} "
            f"(95 % interval {row.low:+.4f} to {row.high:+.4f}, paired bootstrap)."
        )


def _change(left: float | None, right: float | None) -> str:
    return f"{right / left - 1:+.1%}" if left and right is not None else fmt.NOTHING


def _differences(left: Run, right: Run) -> None:
    told = [_facts(run) for run in (left, right)]
    names = [name for name in told[0] | told[1] if told[0].get(name) != told[1].get(name)]
    rows = [{"what": name, "left": _told(told[0], name), "right": _told(told[1], name)} for name in names]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows, columns=["what", "left", "right"]),
        hide_index=True,
        column_config={
            "what": column.TextColumn("What", width=135),
            "left": column.TextColumn("First", width=180),
            "right": column.TextColumn("Second", width=180),
        },
        alt="In what the two runs differ",
    )


def _told(facts: dict[str, str], name: str) -> str:
    return facts.get(name, "preset's" if name.startswith(_OPTION) else fmt.NOTHING)


def _facts(run: Run) -> dict[str, str]:
    asked = run.request
    return {
        "State": words.STATES[run.state][0],
        "Preset": str(asked.preset),
        "Split": str(asked.protocol),
        "Seed": str(asked.seed),
        "On everything": "yes" if run.refitted else "no",
        "Data version": str(run.data_version),
        "Data hash": run.data_hash[:12],
        "Encoder": (run.tuned.encoder if run.tuned else run.encoder) or "none",
        "α": fmt.number(run.alpha, 2),
        **{f"{_OPTION} {name}": f"{value:g}" for name, value in asked.options.items()},
        **{f"Weight: {words.part(name).lower()}": f"{value:.3g}" for name, value in run.weights.items()},
        "Time": fmt.span(run.seconds),
        "Memory": words.memory(run.peak_mb),
        "Started": f"{fmt.moment(run.started_at)} UTC",
        "Note": run.note,
    }


def _intervals(left: Scores, right: Scores, k: int) -> None:
    st.markdown("**With intervals of 95 %**")
    with st.grid(4, min_column_width=230) as grid:
        for name in words.ACCURACY:
            with grid.container():
                st.caption(words.METRICS[name].named(k), help=words.METRICS[name].help)
                figure = run_charts.dots(
                    ["First", "Second"],
                    [left.metrics.get(name), right.metrics.get(name)],
                    [left.intervals.get(name), right.intervals.get(name)],
                    words.METRICS[name].axis,
                )
                charts.show(figure, words.METRICS[name].label, run_charts.height(2), key=f"pair_{name}")
