"""Trainings that go on, wait, or ended badly: progress, what was learned so far, cancel, resume, and what went wrong."""

from datetime import UTC, datetime

import streamlit as st

from core.base import jobs
from core.base.jobs import Job, Lane, State
from core.train import runs, worker
from pages.shared import charts, run_charts, state
from pages.shared import format as fmt
from pages.shared.operate import words

_DISMISSED = "dismissed_training"
_POLL_SECONDS = 1.5
_LOG_LINES = 30
_TOLD_FROM = 0.05
"""Part done before which the pace says little: reading the data is over in no time."""


def show() -> None:
    """Show the training that runs and those that wait; else how the latest one failed."""
    listed = jobs.recent(state.workspace().jobs, 50, Lane.TRAINING)
    if any(job.active for job in listed):
        st.fragment(_live, run_every=_POLL_SECONDS)(tuple(job.job_id for job in listed if job.active))
    elif listed and listed[0].state is not State.DONE and listed[0].job_id != st.session_state.get(_DISMISSED):
        with st.container(border=True):
            ended_badly(listed[0].job_id, dismissable=True)


def ended_badly(job_id: str, dismissable: bool = False) -> None:
    """Show how a training ended that did not end well, the end of its log, and the button that goes on with it."""
    if not (state.workspace().jobs / job_id).exists():
        return
    job = jobs.read(state.workspace().jobs, job_id)
    label, icon, color = words.STATES[job.state]
    st.markdown(f":{color}[:material/{icon}:] **{fmt.plain(job.title)}: {label.lower()}**")
    if job.error:
        st.warning(fmt.plain(job.error), icon=":material/error:")
    if job.state is not State.CANCELLED and (printed := jobs.log_tail(state.workspace().jobs, job_id, _LOG_LINES)):
        with st.expander("The end of its log", expanded=job.defect, icon=":material/terminal:"):
            st.code(printed, language=None, height=260)
    with st.container(horizontal=True):
        _resume((job.given or {}).get("run"))
        if dismissable and st.button("Dismiss", icon=":material/close:", key="dismiss_training"):
            st.session_state[_DISMISSED] = job_id
            st.rerun()


def _resume(run_id: str | None) -> None:
    """Show the button that goes on with a run."""
    if run_id and st.button(
        "Resume", icon=":material/play_arrow:", key="resume", help="Goes on from the last epoch that was over."
    ):
        worker.resume(state.workspace(), run_id)
        st.rerun()


def _live(active: tuple[str, ...]) -> None:
    """Show the running training and the queue; rerun the screen when either changes."""
    there = [jobs.read(state.workspace().jobs, job_id) for job_id in active]
    if not all(job.active for job in there):
        st.rerun()
    running = [job for job in there if job.state is State.RUNNING]
    waiting = [job for job in reversed(there) if job.state is State.QUEUED]
    with st.container(border=True):
        for job in running:
            _running(job)
        for place, job in enumerate(waiting):
            _waiting(job, place)


def _running(job: Job) -> None:
    now = datetime.now(UTC)
    left = job.seconds_left(now) if job.done >= _TOLD_FROM else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":blue[:material/autorenew:] **{fmt.plain(job.title)}**", width="content")
        st.space("stretch")
        _cancel(job)
    st.progress(job.done, text=f"{fmt.plain(job.message)} · {fmt.percent(job.done)}")
    learned = runs.curves(state.workspace().home, (job.given or {}).get("run", ""))
    with st.grid(4, min_column_width=130):
        st.metric("Time so far", fmt.span((now - job.started_at).total_seconds()), border=True)
        st.metric(
            "Time left",
            fmt.NOTHING if left is None else f"~ {fmt.span(left)}",
            border=True,
            help="If it goes on at the pace so far. Stopping early, where nothing gets better, makes it shorter.",
        )
        st.metric(
            "Loss", f"{learned[-1].loss:.3f}" if learned else fmt.NOTHING, border=True, help="Of the last epoch that is over."
        )
        st.metric("Validation NDCG@10", f"{learned[-1].ndcg:.4f}" if learned else fmt.NOTHING, border=True)
    if len(learned) > 1:
        loss, ndcg = st.columns(2)
        with loss:
            charts.show(run_charts.learning(learned, "loss"), "Loss an epoch", 200, key="live_loss")
        with ndcg:
            charts.show(run_charts.learning(learned, "ndcg"), "Validation NDCG an epoch", 200, key="live_ndcg")


def _waiting(job: Job, place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":gray[:material/hourglass_empty:] {fmt.plain(job.title)} :gray[· number {place + 1} in the queue, since "
            f"{fmt.moment(job.asked_at)} UTC]",
            width="content",
        )
        st.space("stretch")
        _cancel(job)


def _cancel(job: Job) -> None:
    st.button(
        "Cancel",
        icon=":material/close:",
        key=f"cancel_{job.job_id}",
        on_click=jobs.cancel,
        args=(state.workspace().jobs, job.job_id),
    )
