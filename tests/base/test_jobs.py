"""Jobs: their state is in files, and every way of ending is told."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.base import jobs
from core.base.errors import BadInput


def wait(folder: Path, job_id: str) -> jobs.Job:
    """Return the job once it has ended; fail after ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not (job := jobs.read(folder, job_id)).active:
            return job
        time.sleep(0.01)
    raise AssertionError("the job did not end")


def test_a_finished_job_tells_its_result(tmp_path: Path) -> None:
    job = wait(tmp_path, jobs.start(tmp_path, "import", "Import a.csv", lambda progress: {"loaded": 3}))
    assert (job.state, job.done, job.result) == (jobs.State.DONE, 1.0, {"loaded": 3})


def test_a_users_mistake_is_told_in_its_own_words(tmp_path: Path) -> None:
    def work(progress: Callable[[float, str], None]) -> None:
        raise BadInput("The file is empty.")

    job = wait(tmp_path, jobs.start(tmp_path, "import", "Import", work))
    assert (job.state, job.error) == (jobs.State.FAILED, "The file is empty.")
    assert not (tmp_path / job.job_id / "log.txt").exists()


def test_a_crash_is_told_and_its_traceback_kept(tmp_path: Path) -> None:
    job = wait(tmp_path, jobs.start(tmp_path, "import", "Import", lambda progress: 1 / 0))
    assert job.state is jobs.State.FAILED
    assert "ZeroDivisionError" in str(job.error)
    assert "Traceback" in (tmp_path / job.job_id / "log.txt").read_text(encoding="utf-8")


def test_cancel_stops_at_the_next_step_and_a_second_job_has_to_wait(tmp_path: Path) -> None:
    go_on = threading.Event()

    def work(progress: Callable[[float, str], None]) -> None:
        progress(0.5, "half")
        go_on.wait(10)
        progress(0.9, "nearly")

    job_id = jobs.start(tmp_path, "import", "Import", work)
    with pytest.raises(BadInput, match="still running"):
        jobs.start(tmp_path, "import", "Another", work)
    jobs.cancel(tmp_path, job_id)
    go_on.set()
    assert wait(tmp_path, job_id).state is jobs.State.CANCELLED


def test_a_job_whose_process_is_gone_was_interrupted(tmp_path: Path) -> None:
    folder = tmp_path / "20260101-000000-abcdef"
    folder.mkdir()
    record = {"kind": "import", "title": "Import", "pid": 1, "created": 0.0, "started_at": "2026-01-01T00:00:00+00:00"}
    (folder / "job.json").write_text(json.dumps(record), encoding="utf-8")
    assert jobs.recent(tmp_path)[0].state is jobs.State.INTERRUPTED
