"""Jobs in processes of their own: they take turns, outlive who started them, and every way of ending is told."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from core.base import jobs
from core.base.jobs import Job, Lane, State

COUNT = """
    import sys, time
    from pathlib import Path
    from core.base import jobs

    def work(progress):
        given = jobs.given(Path(sys.argv[1]))
        for step in range(given["steps"]):
            progress(step / given["steps"], f"step {step}")
            time.sleep(0.05)
        return {"steps": given["steps"]}

    jobs.carry_out(Path(sys.argv[1]), work)
"""


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Launch a small program as a job; what still runs at the end of the test is stopped."""

    def launch(program: str = COUNT, **given: object) -> str:
        argv = [sys.executable, "-c", textwrap.dedent(program)]
        return jobs.launch(tmp_path, "train", "Train", argv, given=given, if_interrupted="Resume it.")

    yield launch
    for job in jobs.recent(tmp_path):
        if job.active:
            jobs.cancel(tmp_path, job.job_id)
            until(tmp_path, job.job_id, lambda job: not job.active)


def until(folder: Path, job_id: str, holds: Callable[[Job], bool], seconds: float = 20) -> Job:
    """Return the job once this holds; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds(job := jobs.read(folder, job_id)):
            return job
        time.sleep(0.02)
    raise AssertionError(f"not reached: {job}; {jobs.log_tail(folder, job_id)}")


def ended(job: Job) -> bool:
    return not job.active


def running(job: Job) -> bool:
    return job.state is State.RUNNING and bool(job.message)


def worker(folder: Path, job_id: str) -> psutil.Process:
    """Return the process that works, the child of the one that attends."""
    attendant = psutil.Process(jobs.read_json(folder / job_id / "job.json")["pid"])
    return attendant.children()[0]


def test_a_process_gets_what_it_is_given_and_tells_its_result(tmp_path: Path, launched: Callable[..., str]) -> None:
    job = until(tmp_path, launched(steps=2), ended)
    assert (job.state, job.done, job.result, job.lane) == (State.DONE, 1.0, {"steps": 2}, Lane.TRAINING)
    assert job.asked_at <= job.started_at <= job.finished_at


def test_one_runs_and_the_others_wait_in_order(tmp_path: Path, launched: Callable[..., str]) -> None:
    first, second, third = launched(steps=10_000), launched(steps=1), launched(steps=10_000)
    until(tmp_path, first, running)
    assert [job.job_id for job in jobs.waiting(tmp_path)] == [second, third]
    assert jobs.active(tmp_path, Lane.TRAINING).job_id == first
    jobs.cancel(tmp_path, third)
    assert until(tmp_path, third, ended).state is State.CANCELLED
    jobs.cancel(tmp_path, first)
    assert until(tmp_path, first, ended).state is State.CANCELLED
    assert until(tmp_path, second, ended).state is State.DONE


def test_training_and_the_data_do_not_wait_for_each_other(tmp_path: Path, launched: Callable[..., str]) -> None:
    until(tmp_path, launched(steps=10_000), running)
    assert jobs.active(tmp_path) is None
    job_id = jobs.start(tmp_path, "import", "Import", lambda progress: 1)
    assert until(tmp_path, job_id, ended).state is State.DONE
    assert jobs.active(tmp_path, Lane.TRAINING) is not None


def test_cancel_stops_within_two_seconds_even_what_does_not_listen(tmp_path: Path, launched: Callable[..., str]) -> None:
    deaf = """
        import signal, sys, time
        from pathlib import Path
        from core.base import jobs

        def work(progress):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            progress(0.5, "deaf")
            time.sleep(60)

        jobs.carry_out(Path(sys.argv[1]), work)
    """
    job_id = launched(deaf)
    until(tmp_path, job_id, lambda job: job.message == "deaf")
    start = time.monotonic()
    jobs.cancel(tmp_path, job_id)
    assert until(tmp_path, job_id, ended).state is State.CANCELLED
    assert time.monotonic() - start < 2.5


def test_a_killed_process_is_told_as_failed(tmp_path: Path, launched: Callable[..., str]) -> None:
    job_id = launched(steps=10_000)
    until(tmp_path, job_id, running)
    worker(tmp_path, job_id).kill()
    job = until(tmp_path, job_id, ended)
    assert job.state is State.FAILED
    assert "memory" in str(job.error)


def test_a_crash_shows_the_end_of_the_log(tmp_path: Path, launched: Callable[..., str]) -> None:
    job_id = launched("raise ImportError('no such library')")
    job = until(tmp_path, job_id, ended)
    assert job.state is State.FAILED
    assert "exit status 1" in str(job.error)
    assert jobs.log_tail(tmp_path, job_id, 1) == "ImportError: no such library"


def test_nothing_works_on_when_its_attendant_is_killed(tmp_path: Path, launched: Callable[..., str]) -> None:
    job_id = launched(steps=10_000)
    until(tmp_path, job_id, running)
    orphan = worker(tmp_path, job_id)
    orphan.parent().kill()
    orphan.wait(5)
    job = until(tmp_path, job_id, ended)
    assert (job.state, job.error) == (State.INTERRUPTED, "Resume it.")


def test_it_outlives_who_started_it_and_the_next_one_sees_it(tmp_path: Path) -> None:
    server = f"""
import sys, time
from pathlib import Path
from core.base import jobs
argv = [sys.executable, "-c", {textwrap.dedent(COUNT)!r}]
print(jobs.launch(Path({str(tmp_path)!r}), "train", "Train", argv, given={{"steps": 20}}))
sys.stdout.flush()
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, text=True, cwd=jobs.ROOT) as process:
        assert process.stdout is not None
        job_id = process.stdout.readline().strip()
        until(tmp_path, job_id, running)
        os.kill(process.pid, signal.SIGKILL)
    assert jobs.active(tmp_path, Lane.TRAINING).job_id == job_id
    assert until(tmp_path, job_id, ended).state is State.DONE


def test_it_says_how_long_it_will_take_yet(tmp_path: Path, launched: Callable[..., str]) -> None:
    job = until(tmp_path, launched(steps=100), lambda job: job.done >= 0.1)
    waited = (jobs.datetime.now(jobs.UTC) - job.started_at).total_seconds()
    left = job.seconds_left(jobs.datetime.now(jobs.UTC))
    assert left == pytest.approx(waited * (1 - job.done) / job.done, rel=0.1)
