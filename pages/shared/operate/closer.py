"""One run looked at closely: what came out, how it learned, what it was made of, and the user's note."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.base.jobs import State
from core.train import runs
from core.train.report import encoder_line
from core.train.runs import Run
from pages.shared import charts, run_charts, state
from pages.shared import format as fmt
from pages.shared.operate import listing, serving, watching, words

_NARROWEST = 390
"""Pixels that the tables need: where two do not fit beside each other, they stand below."""
_CURVE = 2
"""Epochs that make a curve."""
_STAGES = {
    "read": "Reading the data",
    "tune": "Tuning the text encoder",
    "train": "Training",
    "judge": "Judging",
    "compare": "Comparing",
    "refit": "Training on everything",
    "keep": "Keeping the results",
}


def show(run: Run) -> None:
    """Show one run."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"Run {run.run_id}", anchor=False, width="content")
        serving.state_badge(run)
        st.space("stretch")
        serving.promote(run)
    _asked(run)
    if run.state in (State.QUEUED, State.RUNNING):
        st.page_link(listing.TRAINING, label="Watch it on the training screen", icon=":material/model_training:")
        if run.scores is None:
            _learned(run)
            return
    if run.state in (State.FAILED, State.INTERRUPTED, State.CANCELLED):
        with st.container(border=True):
            _why_not_done(run)
    for remark in run.remarks:
        st.info(fmt.plain(remark), icon=":material/info:")
    with st.grid(2, min_column_width=_NARROWEST) as grid:
        with grid.container(border=True, height="stretch"):
            st.markdown("**What it is worth**")
            metrics(run)
        with grid.container(border=True, height="stretch"):
            st.markdown("**The gate**")
            serving.gate(run)
    _learned(run)
    with st.grid(2, min_column_width=_NARROWEST) as grid:
        with grid.container(border=True, height="stretch"):
            _made_of(run)
        with grid.container(border=True, height="stretch"):
            _cost(run)
    _note(run)


def metrics(run: Run) -> None:
    """Show every metric with its interval."""
    if run.scores is None:
        st.caption("It has not been judged.")
        return
    k = run.request.k
    rows = [
        {
            "metric": words.METRICS[name].named(k),
            "value": words.METRICS[name].write(value),
            "interval": words.interval(run.scores.intervals.get(name), words.METRICS[name].write),
        }
        for name, value in run.scores.metrics.items()
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "metric": st.column_config.TextColumn("Metric", width=95),
            "value": st.column_config.TextColumn("Value", width=80, alignment="right"),
            "interval": st.column_config.TextColumn("95 % interval", width=140, alignment="right"),
        },
        alt="The metrics of the run",
    )
    st.caption(f"On the test part, asked once: {fmt.count(run.users, 'shopper')}, lists of {k}, what they had before masked.")
    for score in run.tasks:
        st.caption(score.in_words())


def _asked(run: Run) -> None:
    asked = run.request
    refit = "then trained on everything" if asked.refit else "not trained on everything"
    read_by = run.tuned.encoder if run.tuned else run.encoder
    encoder = f" · texts by {Path(read_by).name}{', tuned by this run' if run.tuned else ''}" if read_by else ""
    st.caption(
        f"{str(asked.preset).capitalize()} · {asked.protocol} split · seed {asked.seed} · {refit} · started "
        f"{fmt.moment(run.started_at)} UTC · data version {run.data_version}: {fmt.count(run.acts, 'interaction')}, "
        f"{fmt.count(run.shoppers, 'shopper')}, {fmt.count(run.items, 'item')}{fmt.plain(encoder)}"
    )


def _why_not_done(run: Run) -> None:
    if run.job_id and (state.workspace().jobs / run.job_id).exists():
        watching.ended_badly(run.job_id)
    elif run.error:
        st.warning(fmt.plain(run.error), icon=":material/error:")
    else:
        st.caption("It was stopped before it was over. Train again to have its results.")


def _learned(run: Run) -> None:
    """Show loss and validation NDCG an epoch; of a run that goes on, those so far."""
    epochs = run.curves or runs.curves(state.workspace().home, run.run_id)
    if len(epochs) < _CURVE:
        return
    loss, ndcg = st.columns(2)
    with loss.container(border=True):
        st.markdown("**Loss**")
        charts.show(run_charts.learning(epochs, "loss"), "Loss an epoch", 240, key="loss")
    with ndcg.container(border=True):
        st.markdown("**Validation NDCG**")
        charts.show(run_charts.learning(epochs, "ndcg"), "Validation NDCG an epoch", 240, key="ndcg")


def _made_of(run: Run) -> None:
    st.markdown("**What it is made of**")
    if run.alpha is not None:
        st.markdown(f"α = **{run.alpha:.2f}**: taste against quality, chosen on the validation part")
    if run.weights:
        total = sum(abs(weight) for weight in run.weights.values()) or 1.0
        names = [words.part(name) for name in run.weights]
        values = list(run.weights.values())
        figure = charts.bars(names, [abs(value) / total for value in values], [f"{value:.3g}" for value in values])
        charts.show(figure, "Weights of the model's parts", charts.bars_height(len(names)), key="weights")
        st.caption(
            "How much each part counts, chosen on the validation part; 0 = it did not help here.",
            help="  \n".join(f"**{label}**: {told}" for label, told in words.PARTS.values()),
        )
    if run.tuned is not None:
        st.caption(
            fmt.plain(encoder_line(run.tuned)), help="Whitened, as it is served; the held-out shoppers are of the training part."
        )
    options = ", ".join(f"{name} {value:g}" for name, value in run.request.options.items())
    st.caption(f"Options: {options or 'those of the preset'}")


def _cost(run: Run) -> None:
    st.markdown("**What it took**")
    with st.grid(2, min_column_width=120):
        st.metric("Time", fmt.span(run.seconds), border=True)
        st.metric("Memory at most", words.memory(run.peak_mb), border=True)
    if run.stages:
        texts = [f"{seconds:,.1f} s" for seconds in run.stages.values()]
        names = [_STAGES.get(stage, stage) for stage in run.stages]
        charts.show(
            charts.bars(names, list(run.stages.values()), texts), "Seconds by stage", charts.bars_height(len(names)), key="stages"
        )
    st.caption("Data hash")
    st.code(run.data_hash, language=None, wrap_lines=True)
    board = runs.folder(state.workspace().home, run.run_id) / runs.TENSORBOARD
    if board.exists():
        st.caption("TensorBoard")
        st.code(f"tensorboard --logdir {board}", language=None, wrap_lines=True)


def _note(run: Run) -> None:
    with st.container(border=True):
        note = st.text_area(
            "Note", run.note, key=f"note_{run.run_id}", height=80, placeholder="What you tried, and what you think of it"
        )
        if st.button("Save the note", icon=":material/save:", key="save_note", disabled=note == run.note):
            runs.set_note(state.workspace().home, run.run_id, note)
            st.rerun()
