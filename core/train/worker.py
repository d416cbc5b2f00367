"""Train in a process of its own: ``python -m core.train.worker JOBFOLDER``, and how the app and the command line start it."""

import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from core.base import jobs
from core.base.derived import Progress
from core.base.errors import BadInput
from core.base.jobs import Cancelled, Lane, State
from core.base.log import setup_log
from core.base.settings import load_settings
from core.base.workspace import Workspace, open_workspace
from core.train import runs
from core.train.reread import check
from core.train.runs import Request, Run
from core.train.snapshot import SNAPSHOTS, Snapshot

KIND = "train"
_RESUMABLE = "The training was stopped from outside. Resume it: what it had learned so far is kept."


def start(workspace: Workspace, snapshot: Snapshot, request: Request) -> Run:
    """Queue a new run on this snapshot and return it at once, with its ``job_id``: it begins when no other trains.

    Watch it by ``jobs.read(workspace.jobs, run.job_id)`` and ``runs.read``; stop it by ``jobs.cancel``. Raises BadInput where
    a text encoder is to be tuned and this shop has too little for it.
    """
    check(snapshot, request)
    return _launch(workspace, runs.new_run(snapshot, request))


def resume(workspace: Workspace, run_id: str) -> Run:
    """Queue a run that was interrupted, cancelled or failed, to go on from its checkpoints; return it with its new job.

    Raises BadInput where it is done or still goes on, or where its snapshot is gone.
    """
    run = runs.read(workspace.home, run_id)
    if run.state in (State.DONE, State.RUNNING, State.QUEUED):
        raise BadInput(f"Run {run_id} is {run.state}: there is nothing to resume.")
    if not (workspace.home / SNAPSHOTS / run.snapshot).exists():
        raise BadInput(f"The data that run {run_id} was trained on ({run.snapshot}) is no longer there. Train again.")
    return _launch(workspace, replace(run, state=State.QUEUED, error=None, finished_at=None))


def _launch(workspace: Workspace, run: Run) -> Run:
    run = replace(run, job_id=jobs.new_id())
    runs.write(workspace.home, run)
    jobs.launch(
        workspace.jobs,
        KIND,
        f"Training {run.request.preset} on data version {run.data_version}",
        [sys.executable, "-m", "core.train.worker"],
        given={"home": str(workspace.home), "run": run.run_id},
        lane=Lane.TRAINING,
        if_interrupted=_RESUMABLE,
        job_id=run.job_id,
    )
    return run


def main(folder: Path) -> None:
    """Do the work of this job's folder."""
    given = jobs.given(folder)
    settings = load_settings(home=given["home"])
    workspace = open_workspace(settings.home)
    setup_log(workspace, settings.log_level)
    signal.signal(signal.SIGTERM, _stop)

    def work(progress: Progress) -> Any:
        import torch

        from core.train.run import carry_on

        torch.set_num_threads(settings.threads)
        run = runs.read(workspace.home, given["run"])
        done = carry_on(workspace.home, replace(run, job_id=folder.name), progress, settings=settings)
        return {"run": done.run_id, "metrics": runs.evaluated(done), "seconds": done.seconds, "peak_mb": done.peak_mb}

    jobs.carry_out(folder, work)


def _stop(signal_number: int, frame: FrameType | None) -> None:
    raise Cancelled


if __name__ == "__main__":
    main(Path(sys.argv[1]))
