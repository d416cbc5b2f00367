"""Every run in a table, and choosing one of them."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.base.jobs import State
from core.represent import registry
from core.train import runs
from core.train.runs import Run
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.memory import keep, recall
from pages.shared.operate import words

KEY = "run"
_TABLE = "runs_table"
_SHOWN, _HEIGHT = 10, 380
TRAINING, RUNS = "operate/training.py", "operate/runs.py"


def every() -> list[Run]:
    """Return all runs, newest first; without any, say what to do and end the page."""
    found = runs.runs(state.workspace().home)
    if not found:
        with st.container(border=True, horizontal_alignment="center"):
            st.space("small")
            st.subheader("No training yet", anchor=False, text_alignment="center")
            st.markdown(
                "Lists come from zero-shot. Train a model on this shop, and see here what it is worth.", text_alignment="center"
            )
            st.page_link(TRAINING, label="Train a model", icon=":material/model_training:")
            st.space("small")
        st.stop()
    return found


def choose(found: Sequence[Run], label: str = "Run", key: str = KEY, place: int = 0) -> Run:
    """Let one be chosen, its id kept in the address and between screens; until then the ``place``-th newest that was judged.

    The address is written here: a widget bound to it would put its label there, which changes while a run goes on.
    """
    by_id = {run.run_id: run for run in found}
    recall(key)
    if st.session_state.get(key) not in by_id:
        judged = [run.run_id for run in found if run.scores] or list(by_id)
        asked = st.query_params.get(key)
        if asked and asked not in by_id:
            st.warning(f"There is no run '{fmt.plain(asked)}' here. This is the latest one.", icon=":material/search_off:")
        st.session_state[key] = asked if asked in by_id else judged[min(place, len(judged) - 1)]
    chosen = st.selectbox(label, list(by_id), format_func=lambda run_id: words.title(by_id[run_id]), key=key)
    st.query_params[key] = chosen
    keep(key, chosen)
    return by_id[chosen]


def table(found: Sequence[Run]) -> None:
    """Show the runs; a selected row becomes the chosen run."""
    live = registry.live(state.workspace().home)
    st.dataframe(
        _frame(found, live.run if live else None),
        hide_index=True,
        height="content" if len(found) <= _SHOWN else _HEIGHT,
        placeholder="",
        key=_TABLE,
        on_select=lambda: _take([run.run_id for run in found]),
        selection_mode="single-row",
        column_config=_columns(found),
        alt="All runs, newest first",
    )


def latest(many: int) -> None:
    """Show the last runs that are over and the way to all of them; nothing where there are none."""
    found = [run for run in runs.runs(state.workspace().home) if run.state not in (State.QUEUED, State.RUNNING)]
    if not found:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("Last runs", anchor=False, width="content")
            st.space("stretch")
            st.page_link(RUNS, label="All runs", icon=":material/history:")
        live = registry.live(state.workspace().home)
        st.dataframe(
            _frame(found[:many], live.run if live else None),
            hide_index=True,
            placeholder="",
            column_config=_columns(found),
            alt="The last runs",
        )


def _take(ids: list[str]) -> None:
    for row in st.session_state[_TABLE].selection.rows:
        st.session_state[KEY] = ids[row]


def _frame(found: Sequence[Run], live: str | None) -> pd.DataFrame:
    return pd.DataFrame([_row(run, live) for run in found])


def _row(run: Run, live: str | None) -> dict[str, object]:
    metrics, spans = (run.scores.metrics, run.scores.intervals) if run.scores else ({}, {})
    return {
        "started": run.started_at,
        "served": "● served" if run.run_id == live else "",
        "state": words.STATES[run.state][0],
        "preset": str(run.request.preset),
        "protocol": str(run.request.protocol),
        "data": run.data_version,
        "ndcg": metrics.get("ndcg"),
        "interval": words.interval(spans.get("ndcg"), words.METRICS["ndcg"].write) if run.scores else "",
        "hit_rate": words.METRICS["hit_rate"].write(metrics.get("hit_rate")) if run.scores else "",
        "gate": "" if not run.gate else "passed" if run.passed else "not passed",
        "seconds": run.seconds,
        "peak": round(run.peak_mb),
        "note": run.note,
    }


def _columns(found: Sequence[Run]) -> dict[str, Any]:
    lengths = {run.request.k for run in found}
    k = f"@{lengths.pop()}" if len(lengths) == 1 else ""
    column = st.column_config
    return {
        "started": column.DatetimeColumn("Started (UTC)", format="D MMM YYYY, HH:mm", timezone="UTC", width=128),
        "served": column.TextColumn("Served", width=68),
        "state": column.TextColumn("State", width=76),
        "preset": column.TextColumn("Preset", width=68),
        "protocol": column.TextColumn("Split", width=98),
        "data": column.NumberColumn("Data", width=45, help="Data version: it counts every import and every undo."),
        "ndcg": column.NumberColumn(f"NDCG{k}", format="%.4f", width=72),
        "interval": column.TextColumn("95 % interval", width=118),
        "hit_rate": column.TextColumn(f"HR{k}", alignment="right", width=62, help=words.METRICS["hit_rate"].help),
        "gate": column.TextColumn(
            "Gate", width=80, help="Whether it beat popularity, zero-shot and the live model beyond chance."
        ),
        "seconds": column.NumberColumn("Seconds", format="%.0f", width=60),
        "peak": column.NumberColumn("Peak MB", format="localized", width=70, help="Most memory that its process held."),
        "note": column.TextColumn("Note", width=120),
    }
