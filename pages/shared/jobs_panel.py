"""A running job on every screen: progress, message, elapsed time, cancel; and how the last one ended.

A training, which goes on beside other work, is told in a line: the training screen shows the rest.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from core.base import jobs
from core.base.derived import Progress
from core.base.jobs import Job, Lane, State
from pages.shared import format as fmt
from pages.shared import state

_WATCHED, _DISMISSED = "watched_job", "dismissed_job"
_POLL_SECONDS = 0.7
_TRAINING_POLL_SECONDS = 2.0
TRAINING = "operate/training.py"


def start(kind: str, title: str, work: Callable[[Progress], Any]) -> None:
    """Start ``work`` in the background and show its panel. Raises BadInput while another job is running."""
    st.session_state[_WATCHED] = jobs.start(state.workspace().jobs, kind, title, work)
    st.rerun()


def busy() -> bool:
    """Return whether a job is running, so that a screen can disable its start buttons."""
    return jobs.active(state.workspace().jobs) is not None


def finished(kind: str) -> Job | None:
    """Return the job of this kind that this session started or watched, once it is done."""
    watched = st.session_state.get(_WATCHED)
    if watched is None or watched == st.session_state.get(_DISMISSED):
        return None
    job = jobs.read(state.workspace().jobs, watched)
    return job if job.kind == kind and job.state is State.DONE else None


def show() -> None:
    """Show the running job, or how the latest one failed."""
    latest = next(iter(jobs.recent(state.workspace().jobs, 1, Lane.DATA)), None)
    if latest is None or latest.job_id == st.session_state.get(_DISMISSED):
        return
    if latest.active:
        st.session_state[_WATCHED] = latest.job_id
        st.fragment(_running, run_every=_POLL_SECONDS)(latest.job_id)
    elif latest.state is not State.DONE:
        _ended_badly(latest)


def show_training() -> None:
    """Show in a line that a model is being trained, with the way to its screen."""
    if job := jobs.active(state.workspace().jobs, Lane.TRAINING):
        st.fragment(_training, run_every=_TRAINING_POLL_SECONDS)(job.job_id)


def dismiss(job_id: str) -> None:
    """Stop showing a job that has ended."""
    st.session_state[_DISMISSED] = job_id


def _running(job_id: str) -> None:
    job = jobs.read(state.workspace().jobs, job_id)
    if not job.active:
        st.rerun()
    elapsed = (datetime.now(UTC) - job.started_at).total_seconds()
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="running_job"):
        st.progress(
            job.done,
            text=f"**{fmt.plain(job.title)}** · {fmt.plain(job.message)} · {fmt.percent(job.done)} · {fmt.span(elapsed)}",
        )
        st.button(
            "Cancel", icon=":material/close:", key="cancel_job", on_click=jobs.cancel, args=(state.workspace().jobs, job_id)
        )


def _training(job_id: str) -> None:
    job = jobs.read(state.workspace().jobs, job_id)
    if not job.active:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="running_training"):
        st.page_link(TRAINING, label="Training", icon=":material/model_training:")
        st.progress(job.done, text=f":gray[{fmt.plain(job.message)} · {fmt.percent(job.done)}]")


def _ended_badly(job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.state is State.CANCELLED:
            st.info(f"{fmt.plain(job.title)}: cancelled. Nothing half-done was kept.", icon=":material/cancel:")
        else:
            st.warning(fmt.plain(f"{job.title}: {job.error}"), icon=":material/error:")
        st.button("Dismiss", on_click=dismiss, args=(job.job_id,), key="dismiss_job")
