"""A run's accuracy beside that of its baselines on the same questions, and on parts of them."""

from collections.abc import Sequence

import streamlit as st

from core.train.runs import Run, Scores
from pages.shared import charts, run_charts, state
from pages.shared import format as fmt
from pages.shared.operate import words

_CUTS = {"Items": "item", "History": "history", "Segments": "segment"}
_WHAT = {
    "item": "Cold: nobody had engaged with the item in what the model learned from; warm: somebody had.",
    "history": "By how much the shopper had done before.",
    "segment": "By the segment the shopper is in.",
}


def warn(run: Run) -> None:
    """Warn where the run saw other data than the shop holds now."""
    now = state.store().data_version()
    if run.data_version != now:
        st.warning(
            f"This run was judged on data version {run.data_version}; the shop is at version {now}. Its figures tell how it did "
            "on that data, and must not be read beside those of a run on the new one. Train again to judge it on the new data.",
            icon=":material/update:",
        )


def models(run: Run) -> dict[str, Scores]:
    """Return the run's scores and those of its baselines, by what to call them."""
    mine = {f"This run ({run.request.preset})": run.scores} if run.scores else {}
    return {**mine, **{one.name.capitalize(): one for one in run.baselines}}


def metrics(shown: dict[str, Scores], names: Sequence[str], k: int) -> None:
    """Show a small chart a metric: a dot a model, with its interval where there is one."""
    with st.grid(4, min_column_width=240) as grid:
        for name in names:
            metric = words.METRICS[name]
            with grid.container(border=True):
                st.markdown(f"**{metric.named(k)}**", help=metric.help)
                figure = run_charts.dots(
                    list(shown),
                    [one.metrics.get(name) for one in shown.values()],
                    [one.intervals.get(name) for one in shown.values()],
                    metric.axis,
                )
                charts.show(figure, metric.label, run_charts.height(len(shown)), key=f"metric_{name}")


def notes(shown: dict[str, Scores]) -> None:
    """Say how a model was asked, where that was not as usual."""
    for name, one in shown.items():
        if one.note:
            st.caption(f"{fmt.plain(name)}: {fmt.plain(one.note)}")


def slices(shown: dict[str, Scores], k: int) -> None:
    """Show accuracy on parts of the questions, cut as the user chooses."""
    with st.container(horizontal=True, gap="large"):
        by = _CUTS[st.segmented_control("Cut by", list(_CUTS), default="Items", required=True, key="cut", bind="query-params")]
        name = st.segmented_control(
            "Metric",
            words.ACCURACY,
            default="ndcg",
            required=True,
            format_func=lambda one: words.METRICS[one].named(k),
            key="cut_metric",
        )
    users = {cut.name: cut.users for one in shown.values() for cut in one.slices if cut.by == by}
    if not users:
        st.caption("There are no segments in this data." if by == "segment" else "The run holds no such part.")
        return
    st.caption(_WHAT[by])
    labels = [f"{_short(part)} · {fmt.count(many, 'shopper')}" for part, many in users.items()]
    series = {model: [_value(one, by, part, name) for part in users] for model, one in shown.items()}
    figure = run_charts.slices(labels, series, words.METRICS[name].axis)
    charts.show(
        figure, f"{words.METRICS[name].label} on parts of the questions", run_charts.height(len(users), legend=True), key="cuts"
    )
    if small := [_short(part) for part, many in users.items() if many < 50]:
        st.caption(f"Few shoppers, so mostly chance: {fmt.plain(', '.join(small))}.")


def _value(scores: Scores, by: str, part: str, name: str) -> float | None:
    return next((cut.metrics[name] for cut in scores.slices if (cut.by, cut.name) == (by, part)), None)


def _short(part: str) -> str:
    return fmt.shortened(part, 40)
