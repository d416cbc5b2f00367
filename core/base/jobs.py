"""Long work off the screen's thread, its state in files so that any page, or the next server, can read it.

``jobs/<id>/``: ``job.json`` (what, who, since when), ``progress.jsonl`` (a line a step), ``log.txt`` (a traceback where
it failed), ``cancel`` (asks it to stop), ``exit`` (how it ended). A job without ``exit`` whose process is gone was
interrupted; its transaction rolled back with the process, so nothing half-done is left.
"""

import json
import os
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil

from core.base.derived import Progress
from core.base.errors import BadInput
from core.base.log import log_event


class Cancelled(Exception):
    """Raised out of ``progress`` when the user asked the job to stop."""


class State(StrEnum):
    """How a job stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Job:
    """One job as its files tell it. done: 0..1; result: what the work returned, as JSON; error: a sentence."""

    job_id: str
    kind: str
    title: str
    started_at: datetime
    state: State
    done: float
    message: str
    finished_at: datetime | None = None
    result: Any = None
    error: str | None = None

    @property
    def active(self) -> bool:
        return self.state is State.RUNNING


def start(jobs: Path, kind: str, title: str, work: Callable[[Progress], Any]) -> str:
    """Run ``work(progress)`` on a thread of this process and return the job's id at once.

    The result of ``work`` must be JSON. Raises BadInput while another job is running: one at a time.
    """
    if running := active(jobs):
        raise BadInput(f"'{running.title}' is still running. Wait for it to finish, or cancel it first.")
    job_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:6]}"
    folder = jobs / job_id
    folder.mkdir(parents=True)
    process = psutil.Process()
    record = {"kind": kind, "title": title, "pid": process.pid, "created": process.create_time(), "started_at": _now()}
    _write(folder / "job.json", record)
    threading.Thread(target=_run, args=(folder, work), name=f"job-{job_id}", daemon=True).start()
    return job_id


def read(jobs: Path, job_id: str) -> Job:
    """Return the job's present state from its files."""
    folder = jobs / job_id
    record = json.loads((folder / "job.json").read_text())
    ended = json.loads((folder / "exit").read_text()) if (folder / "exit").exists() else None
    done, message = _last_progress(folder)
    state = State(ended["state"]) if ended else (State.RUNNING if _alive(record) else State.INTERRUPTED)
    return Job(
        job_id=job_id,
        kind=record["kind"],
        title=record["title"],
        started_at=datetime.fromisoformat(record["started_at"]),
        state=state,
        done=1.0 if state is State.DONE else done,
        message=message,
        finished_at=datetime.fromisoformat(ended["at"]) if ended else None,
        result=ended.get("result") if ended else None,
        error=ended.get("error") if ended else _INTERRUPTED if state is State.INTERRUPTED else None,
    )


def recent(jobs: Path, limit: int = 20) -> list[Job]:
    """Return the latest jobs, newest first."""
    names = sorted((path.parent.name for path in jobs.glob("*/job.json")), reverse=True)
    return [read(jobs, name) for name in names[:limit]]


def active(jobs: Path) -> Job | None:
    """Return the running job, or None."""
    return next((job for job in recent(jobs) if job.active), None)


def cancel(jobs: Path, job_id: str) -> None:
    """Ask the job to stop at its next step."""
    (jobs / job_id / "cancel").touch()


_INTERRUPTED = "The program stopped while this was running. Nothing half-done was kept; start it again."


def _run(folder: Path, work: Callable[[Progress], Any]) -> None:
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
    except Exception as error:  # noqa: BLE001 - a thread has no caller: the boundary is here
        (folder / "log.txt").write_text(traceback.format_exc(), encoding="utf-8")
        log_event("job failed", level=40, exc_info=True, job=folder.name)
        end = {"state": State.FAILED, "error": f"Unexpected {type(error).__name__}: {error}"}
    _write(folder / "exit", {**end, "at": _now()})


def _last_progress(folder: Path) -> tuple[float, str]:
    path = folder / "progress.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if not lines:
        return 0.0, ""
    last = json.loads(lines[-1])
    return float(last["done"]), str(last["message"])


def _alive(record: dict[str, Any]) -> bool:
    try:
        return bool(psutil.Process(record["pid"]).create_time() == record["created"])
    except psutil.NoSuchProcess:
        return False


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write whole or not at all, so that a reader never sees half a file."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content, ensure_ascii=False, default=str), encoding="utf-8")
    os.replace(draft, path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
