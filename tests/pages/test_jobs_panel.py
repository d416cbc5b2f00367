"""A running job on every screen: it shows, can be cancelled, and says how it ended."""

import threading
import time
from pathlib import Path

import pytest

from core.base import jobs
from core.base.errors import BadInput
from core.base.jobs import State
from core.base.workspace import open_workspace
from tests.pages.conftest import Open, text_of


@pytest.fixture
def folder(home: Path) -> Path:
    return open_workspace(home).jobs


def wait(folder: Path, job_id: str) -> State:
    """Wait until a job has ended and return how."""
    deadline = time.monotonic() + 10
    while jobs.read(folder, job_id).active and time.monotonic() < deadline:
        time.sleep(0.02)
    return jobs.read(folder, job_id).state


def test_a_running_job_shows_and_can_be_cancelled(folder: Path, screen: Open) -> None:
    release = threading.Event()

    def work(progress) -> None:
        while not release.wait(0.02):
            progress(0.4, "Reading rows")

    job_id = jobs.start(folder, "import", "Importing log.csv", work)
    time.sleep(0.1)
    app = screen()
    assert "Importing log.csv" in app.progress[0].text
    assert "Reading rows" in app.progress[0].text
    assert app.button(key="load_demo").disabled, "one job at a time"
    app.button(key="cancel_job").click().run()
    assert wait(folder, job_id) is State.CANCELLED
    release.set()
    app.run()
    assert "cancelled" in text_of(app)
    app.button(key="dismiss_job").click().run()
    assert "cancelled" not in text_of(app)


def test_a_failed_job_says_its_sentence(folder: Path, screen: Open) -> None:
    def work(progress) -> None:
        raise BadInput("The file holds no rows. Export it again.")

    wait(folder, jobs.start(folder, "import", "Importing log.csv", work))
    assert "Importing log.csv: The file holds no rows. Export it again." in text_of(screen())


def test_a_job_that_is_done_leaves_the_screen(folder: Path, screen: Open) -> None:
    wait(folder, jobs.start(folder, "refresh", "Bringing everything up to date", lambda progress: {"seconds": 1}))
    app = screen()
    assert not app.progress
    assert "Bringing everything" not in text_of(app)
