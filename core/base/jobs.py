"""Long work off the screen's thread, its state in files so that any page, or the next server, can read it.

``jobs/<id>/``: ``job.json`` (what, who, since when), ``started`` (a process job's turn has come), ``progress.jsonl`` (a
line a step), ``log.txt`` (what it printed; a traceback where it failed), ``cancel`` (asks it to stop), ``exit`` (how it
ended). A job without ``exit`` whose process is gone was interrupted.

Work on the store runs on a thread of the process that holds it (``start``); its transaction rolls back with the process,
so nothing half-done is left. Work on a snapshot runs in a process of its own (``launch``), attended by
``core.base.attend``: it outlives the server, and waits for its turn while another of its lane runs.
"""

import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil

from core.base.derived import Progress
from core.base.errors import BadInput
from core.base.log import log_event

ROOT = Path(__file__).parents[2]
"""Where ``python -m core…`` is run from."""
CLOCK_SLACK = 2.0
"""Seconds by which a process's time of birth may seem to move when the clock is set."""
TAIL_BYTES = 65_536


class Cancelled(Exception):
    """Raised out of ``progress`` when the user asked the job to stop."""


class Lane(StrEnum):
    """Jobs of one lane take turns; lanes do not wait for each other."""

    DATA = "data"
    TRAINING = "training"


class State(StrEnum):
    """How a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Job:
    """One job as its files tell it. done: 0..1; result: what the work returned, as JSON; error: a sentence.

    given: what ``launch`` was told to hand to it. asked_at: when it was asked for; started_at: when its turn came, the same
    where it did not have to wait or still does. defect: it failed by a fault of the program, not of what it was given.
    """

    job_id: str
    kind: str
    title: str
    started_at: datetime
    state: State
    done: float
    message: str
    asked_at: datetime
    lane: Lane = Lane.DATA
    given: Any = None
    finished_at: datetime | None = None
    result: Any = None
    error: str | None = None
    defect: bool = False

    @property
    def active(self) -> bool:
        """Whether it has not ended yet: it runs, or waits for its turn."""
        return self.state in (State.RUNNING, State.QUEUED)

    def seconds_left(self, now: datetime) -> float | None:
        """Return how long it will take yet if it goes on at this pace; None before 2 % are done and when it does not run."""
        if self.state is not State.RUNNING or self.done < 0.02:
            return None
        return (now - self.started_at).total_seconds() * (1 - self.done) / self.done


def new_id() -> str:
    """Return an id that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{uuid4().hex[:4]}"


def start(jobs: Path, kind: str, title: str, work: Callable[[Progress], Any]) -> str:
    """Run ``work(progress)`` on a thread of this process and return the job's id at once.

    The result of ``work`` must be JSON. Raises BadInput while another such job is running: one at a time.
    """
    if running := active(jobs, Lane.DATA):
        raise BadInput(f"'{running.title}' is still running. Wait for it to finish, or cancel it first.")
    folder = _new_folder(jobs, new_id())
    _register(folder, psutil.Process(), kind, title, Lane.DATA)
    threading.Thread(target=carry_out, args=(folder, work), name=f"job-{folder.name}", daemon=True).start()
    return folder.name


def launch(
    jobs: Path,
    kind: str,
    title: str,
    argv: Sequence[str],
    *,
    given: Any = None,
    lane: Lane = Lane.TRAINING,
    if_interrupted: str | None = None,
    job_id: str | None = None,
) -> str:
    """Run a command in a process of its own, detached from this one, and return the job's id at once.

    argv: the command, to which the job's folder is added as the last word; it is run from the program's folder and ends
    by ``carry_out``. given: JSON that ``given(folder)`` hands to it. It waits, queued, while another job of the lane runs.
    if_interrupted: the sentence shown where it is stopped from outside. job_id: made by ``new_id`` where it must be known
    before.
    """
    folder = _new_folder(jobs, job_id or new_id())
    with (folder / "log.txt").open("ab") as log:
        attendant = subprocess.Popen(
            [sys.executable, "-m", "core.base.attend", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            start_new_session=True,
        )
    told = {"if_interrupted": if_interrupted} if if_interrupted else {}
    _register(folder, psutil.Process(attendant.pid), kind, title, lane, argv=list(argv), given=given, **told)
    threading.Thread(target=attendant.wait, name=f"reap-{folder.name}", daemon=True).start()
    return folder.name


def read(jobs: Path, job_id: str) -> Job:
    """Return the job's present state from its files. Raises BadInput where there is no such job."""
    folder = jobs / job_id
    if not (folder / "job.json").exists():
        raise BadInput(f"There is no job '{job_id}'.")
    record = read_json(folder / "job.json")
    ended = read_json(folder / "exit") if (folder / "exit").exists() else {}
    asked_at = datetime.fromisoformat(record["started_at"])
    began = read_json(folder / "started")["at"] if (folder / "started").exists() else None
    state = State(ended["state"]) if ended else _state_now(record, began)
    done, message = _last_progress(folder)
    interrupted = record.get("if_interrupted", _INTERRUPTED) if state is State.INTERRUPTED else None
    return Job(
        job_id=job_id,
        kind=record["kind"],
        title=record["title"],
        lane=Lane(record.get("lane", Lane.DATA)),
        given=record.get("given"),
        asked_at=asked_at,
        started_at=datetime.fromisoformat(began) if began else asked_at,
        state=state,
        done=1.0 if state is State.DONE else done,
        message=message,
        finished_at=datetime.fromisoformat(ended["at"]) if ended else None,
        result=ended.get("result"),
        error=ended.get("error", interrupted),
        defect=ended.get("defect", False),
    )


def recent(jobs: Path, limit: int = 20, lane: Lane | None = None) -> list[Job]:
    """Return the latest jobs, of every lane or of one, newest first."""
    return list(islice(_newest_first(jobs, lane), limit))


def active(jobs: Path, lane: Lane = Lane.DATA) -> Job | None:
    """Return the lane's running job, or None."""
    return next((job for job in recent(jobs, 50, lane) if job.state is State.RUNNING), None)


def waiting(jobs: Path, lane: Lane = Lane.TRAINING) -> list[Job]:
    """Return the lane's queued jobs, the next one first."""
    return [job for job in reversed(recent(jobs, 50, lane)) if job.state is State.QUEUED]


def cancel(jobs: Path, job_id: str) -> None:
    """Ask the job to stop: at its next step, or, in a process of its own, within about two seconds."""
    (jobs / job_id / "cancel").touch()


def log_tail(jobs: Path, job_id: str, lines: int = 40) -> str:
    """Return the end of what the job printed; '' where it printed nothing."""
    return "\n".join(_tail(jobs / job_id / "log.txt")[-lines:])


def given(folder: Path) -> Any:
    """Return what ``launch`` was told to hand to the job of this folder."""
    return read_json(folder / "job.json")["given"]


def carry_out(folder: Path, work: Callable[[Progress], Any]) -> None:
    """Run ``work(progress)`` as the job of this folder, and write how it ended.

    The outermost call of a job's thread or process: here, and only here, any failure is caught, kept and told.
    """

    def progress(done: float, message: str) -> None:
        if (folder / "cancel").exists():
            raise Cancelled
        with (folder / "progress.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"at": _now(), "done": round(done, 4), "message": message}) + "\n")

    try:
        progress(0.0, "Starting")
        end: dict[str, Any] = {"state": State.DONE, "result": work(progress)}
    except Cancelled:
        end = {"state": State.CANCELLED}
    except BadInput as error:
        end = {"state": State.FAILED, "error": str(error)}
    except Exception as error:  # noqa: BLE001 - nobody above to catch it: the boundary is here
        with (folder / "log.txt").open("a", encoding="utf-8") as log:
            log.write(traceback.format_exc())
        log_event("job failed", level=40, exc_info=True, job=folder.name)
        end = {"state": State.FAILED, "error": f"Unexpected {type(error).__name__}: {error}", "defect": True}
    finish(folder, **end)


def finish(folder: Path, state: State, **more: Any) -> None:
    """Write how a job ended."""
    write_json(folder / "exit", {"state": state, **more, "at": _now()})


def begin(folder: Path) -> None:
    """Write that a queued job's turn has come."""
    write_json(folder / "started", {"at": _now()})


def alive(pid: int, created: float) -> bool:
    """Return whether the process born at ``created`` (seconds since 1970) still runs under this number."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - created) < CLOCK_SLACK
    except psutil.NoSuchProcess:
        return False


def read_json(path: Path) -> dict[str, Any]:
    """Return the object that a file holds."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write whole or not at all, so that a reader never sees half a file."""
    draft = path.with_suffix(f".{uuid4().hex[:8]}.draft")
    draft.write_text(json.dumps(content, ensure_ascii=False, default=str), encoding="utf-8")
    os.replace(draft, path)


_INTERRUPTED = "The program stopped while this was running. Nothing half-done was kept; start it again."


def _new_folder(jobs: Path, job_id: str) -> Path:
    folder = jobs / job_id
    folder.mkdir(parents=True)
    return folder


def _register(folder: Path, process: psutil.Process, kind: str, title: str, lane: Lane, **more: Any) -> None:
    """Write job.json: from here on the job is there for every reader."""
    record = {"kind": kind, "title": title, "lane": lane, "pid": process.pid, "created": process.create_time()}
    write_json(folder / "job.json", {**record, "started_at": _now(), **more})


def _newest_first(jobs: Path, lane: Lane | None) -> Iterator[Job]:
    for name in sorted((path.parent.name for path in jobs.glob("*/job.json")), reverse=True):
        job = read(jobs, name)
        if lane is None or job.lane is lane:
            yield job


def _state_now(record: dict[str, Any], began: str | None) -> State:
    """Return how a job without an end stands."""
    if not alive(record["pid"], record["created"]):
        return State.INTERRUPTED
    return State.QUEUED if "argv" in record and began is None else State.RUNNING


def _last_progress(folder: Path) -> tuple[float, str]:
    lines = _tail(folder / "progress.jsonl")
    if not lines:
        return 0.0, ""
    last = json.loads(lines[-1])
    return float(last["done"]), str(last["message"])


def _tail(path: Path) -> list[str]:
    """Return the last whole lines of a file, of at most TAIL_BYTES; none where there is no file."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        return file.read().decode("utf-8", "replace").splitlines()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
