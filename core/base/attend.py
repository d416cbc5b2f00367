"""Stay with one job's process: wait for its turn, start it, stop it when asked, and write how it ended if it could not.

``python -m core.base.attend JOBFOLDER``, started by ``jobs.launch``. It loads nothing heavy, so a queue costs little, and
it is the parent that notices what a process cannot tell itself: that it was killed. If it is killed too, so is the work.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.base import jobs
from core.base.jobs import Lane, State

POLL_SECONDS = 0.1
QUEUE_SECONDS = 0.3
PATIENCE_SECONDS = 1.5
"""Time between asking a process to stop and killing it."""
APPEARS_WITHIN_SECONDS = 20.0
NICENESS = 5
"""Screens come before training on a busy machine."""
_PR_SET_PDEATHSIG = 1


def main(folder: Path) -> None:
    """Attend the job of this folder from its turn to its end."""
    record = _record(folder)
    if record is None:
        return
    with _turn(folder, Lane(record["lane"])) as mine:
        if not mine:
            jobs.finish(folder, State.CANCELLED)
            return
        jobs.begin(folder)
        process = subprocess.Popen(
            [*record["argv"], str(folder)], stdin=subprocess.DEVNULL, cwd=jobs.ROOT, process_group=0, preexec_fn=_die_with_parent
        )
        code = _watch(process, folder)
        if not (folder / "exit").exists():
            _tell_end(folder, code)


def _record(folder: Path) -> dict[str, str] | None:
    """Return job.json, which is written once this process's number is known; None where whoever asked for it died before."""
    deadline = time.monotonic() + APPEARS_WITHIN_SECONDS
    while not (folder / "job.json").exists():
        if time.monotonic() > deadline:
            return None
        time.sleep(POLL_SECONDS / 10)
    return jobs.read_json(folder / "job.json")


@contextmanager
def _turn(folder: Path, lane: Lane) -> Iterator[bool]:
    """Wait until the lane is free and no older job waits for it, and hold it; yield False where the job was cancelled."""
    with (folder.parent / f"{lane}.lock").open("a") as lock:
        while not (folder / "cancel").exists() and (_others_first(folder, lane) or not _take(lock.fileno())):
            time.sleep(QUEUE_SECONDS)
        yield not (folder / "cancel").exists()


def _others_first(folder: Path, lane: Lane) -> bool:
    return any(job.job_id < folder.name for job in jobs.waiting(folder.parent, lane))


def _take(lock: int) -> bool:
    """Return whether the lock could be had; it goes with this process, however that ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _watch(process: subprocess.Popen[bytes], folder: Path) -> int:
    """Return the exit code, negative for a signal; on ``cancel`` ask the process to stop, then make it."""
    asked: float | None = None
    while (code := process.poll()) is None:
        if asked is None and (folder / "cancel").exists():
            asked = time.monotonic()
            process.terminate()
        elif asked is not None and time.monotonic() - asked > PATIENCE_SECONDS:
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)
    return code


def _tell_end(folder: Path, code: int) -> None:
    """Write the end of a process that did not write it itself."""
    if (folder / "cancel").exists():
        jobs.finish(folder, State.CANCELLED)
    elif code == -signal.SIGKILL:
        told = "It was killed from outside (SIGKILL): most often the machine ran out of memory. Free some and start it again."
        jobs.finish(folder, State.FAILED, error=told)
    else:
        how = f"crashed ({signal.Signals(-code).name})" if code < 0 else f"stopped with exit status {code}"
        jobs.finish(folder, State.FAILED, error=f"It {how}. The end of its log tells more.", defect=True)


def _die_with_parent() -> None:
    """Run in the new process before its program: be killed when this one ends, so that no orphan works on."""
    os.nice(NICENESS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
