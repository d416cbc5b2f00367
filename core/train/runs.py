"""Every run as its folder tells it: what it was asked for, what came out, and how far it is.

``runs/<run id>/``: ``run.json`` (this module's ``Run``, written whole or not at all), ``held_out/`` (the model that was
judged: it knows the training part only), ``serving/`` (the same configuration trained on everything; with ``refit``),
``checkpoint*`` (what an interrupted run goes on from), ``curves.jsonl`` (a line an epoch, while it trains),
``per_question.npz`` (for paired comparisons), ``tensorboard/``, ``note.txt``. Nothing here is slow to import.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from pydantic import TypeAdapter

from core.base import jobs
from core.base.errors import BadInput
from core.base.jobs import State
from core.train.evaluate import Report, Slice
from core.train.gate import GateRow
from core.train.names import Preset, Protocol, Task
from core.train.snapshot import Snapshot

RUNS = "runs"
RUN, NOTE, CURVES, PER_QUESTION = "run.json", "note.txt", "curves.jsonl", "per_question.npz"
MINE = "run"
"""Name of the run's own answers in PER_QUESTION, beside those of its rivals."""
HELD_OUT, SERVING, TENSORBOARD = "held_out", "serving", "tensorboard"


@dataclass(frozen=True)
class Request:
    """What a run is asked for.

    refit: afterwards train the chosen configuration on everything, for serving; k: length of the lists that are judged;
    lora: tune the text encoder first, on the training part;
    options: what differs from the preset, by the names of ``core.train.finetune.Options``.
    """

    preset: Preset = Preset.QUICK
    protocol: Protocol = Protocol.TEMPORAL
    seed: int = 7
    refit: bool = False
    k: int = 10
    options: dict[str, int | float] = field(default_factory=dict)
    lora: bool = False


@dataclass(frozen=True)
class Scores:
    """One model on the run's test part.

    metrics: of ``core.train.metrics.ACCURACY`` at k, coverage, gini, novelty (bits), diversity; None = not defined here.
    intervals: 95 %, of the accuracy metrics. note: how it was asked, where that was not as usual.
    """

    name: str
    metrics: dict[str, float | None]
    intervals: dict[str, tuple[float, float]]
    slices: tuple[Slice, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class TaskScore:
    """How well a task was foreseen on the validation part. answers: that there were; usual: what always saying the mean gets.

    value, usual: of a purchase the area under the ROC curve; of a rating the root of the mean squared error, in stars.
    """

    task: Task
    answers: int
    value: float
    usual: float

    def in_words(self) -> str:
        """Return the score as a sentence."""
        what, unit = ("AUC", "") if self.task is Task.PURCHASE else ("RMSE", " stars")
        worth = f"{what} {self.value:.3f}{unit}, {self.usual:.3f}{unit} by the mean"
        return f"Next {self.task}: {worth}, on {self.answers:,} moments of the validation part."


@dataclass(frozen=True)
class Epoch:
    """One epoch of one tower, counted from 1. loss: mean over its batches; ndcg: NDCG@10 on the validation part."""

    tower: int
    epoch: int
    loss: float
    ndcg: float


@dataclass(frozen=True)
class Tuned:
    """The text encoder that a run tuned for itself, on the training part alone.

    folder: relative to home; before, after: NDCG@10 of finding, from an item's text, what held-out shoppers of the training
    part came to with it, whitened as served; gain: relative, with its 95 % interval; seconds: of the steps.
    """

    encoder: str
    folder: str
    before: float
    after: float
    gain: tuple[float, float, float]
    seconds: float


@dataclass(frozen=True)
class Run:
    """One run. Fields that are not known yet are empty or None.

    snapshot: name of its folder; data_version, data_hash, encoder: of the snapshot; acts, shoppers, items: its size;
    users: questions asked. baselines: popularity, zero-shot and, where one was served, 'live'. gate: a row a baseline.
    alpha: weight of taste against quality, chosen on the validation part; weights: of the model's parts, by name.
    stages: seconds by stage; seconds: of all sessions of the run; peak_mb: most memory that the process held, MiB.
    tasks: how well what was learned besides the next item is foreseen, on the validation part.
    tuned: the encoder that was tuned first, where that was asked for.
    remarks: what to know about it, in sentences; note: the user's own words; error: why it failed, in a sentence.
    """

    run_id: str
    request: Request
    state: State
    started_at: datetime
    snapshot: str
    data_version: int
    data_hash: str
    encoder: str | None
    acts: int
    shoppers: int
    items: int
    job_id: str | None = None
    finished_at: datetime | None = None
    users: int = 0
    scores: Scores | None = None
    baselines: tuple[Scores, ...] = ()
    gate: tuple[GateRow, ...] = ()
    curves: tuple[Epoch, ...] = ()
    alpha: float | None = None
    weights: dict[str, float] = field(default_factory=dict)
    tasks: tuple[TaskScore, ...] = ()
    stages: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    peak_mb: float = 0.0
    refitted: bool = False
    tuned: Tuned | None = None
    remarks: tuple[str, ...] = ()
    error: str | None = None
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether it beat every baseline by more than chance."""
        return bool(self.gate) and all(row.passed for row in self.gate)

    @property
    def served_folder(self) -> str | None:
        """Folder of the model that promoting it serves, relative to home; None where it has none (zero-shot, not done)."""
        if self.state is not State.DONE or self.request.preset is Preset.ZERO_SHOT:
            return None
        return f"{RUNS}/{self.run_id}/{SERVING if self.refitted else HELD_OUT}"

    def as_json(self) -> dict[str, Any]:
        """Return ``{"run", "state", "preset", "protocol", "seed", "refit", "metrics", …, "seconds", "peak_mb"}``."""
        told = json.loads(_RUN.dump_json(self))
        request = told.pop("request")
        return {"run": told.pop("run_id"), **request, **told, "metrics": evaluated(self), "passed": self.passed}


def evaluated(run: Run) -> dict[str, Any]:
    """Return the run's scores as ``evaluate`` prints them: every metric, k, users, protocol, data_version, intervals."""
    if run.scores is None:
        return {}
    return {
        **{name: None if value is None else round(value, 6) for name, value in run.scores.metrics.items()},
        "k": run.request.k,
        "users": run.users,
        "protocol": str(run.request.protocol),
        "data_version": run.data_version,
        "intervals": {name: [round(low, 6), round(high, 6)] for name, (low, high) in run.scores.intervals.items()},
    }


def new_run(snapshot: Snapshot, request: Request) -> Run:
    """Return a run that has not begun; nothing is written yet."""
    started_at, meta = datetime.now(UTC), snapshot.meta
    return Run(
        run_id=f"{started_at:%Y%m%d-%H%M%S}-{uuid4().hex[:4]}",
        request=request,
        state=State.QUEUED,
        started_at=started_at,
        snapshot=snapshot.folder.name,
        data_version=meta.data_version,
        data_hash=meta.content_hash,
        encoder=meta.encoder,
        acts=meta.acts,
        shoppers=meta.shoppers,
        items=meta.items,
    )


def folder(home: Path, run_id: str) -> Path:
    """Return the run's folder, whether it is there or not."""
    return home / RUNS / run_id


def read(home: Path, run_id: str) -> Run:
    """Return a run with its note. One whose process is gone is told as its job ended, or as interrupted.

    Raises BadInput where there is no such run.
    """
    path = folder(home, run_id) / RUN
    if not path.exists():
        raise BadInput(f"There is no run '{run_id}'. List them with: python -m core runs")
    run = _RUN.validate_json(path.read_bytes())
    note = path.with_name(NOTE)
    run = replace(run, note=note.read_text(encoding="utf-8") if note.exists() else "")
    return _settled(home, run) if run.state in (State.QUEUED, State.RUNNING) else run


def runs(home: Path) -> list[Run]:
    """Return every run, newest first."""
    names = sorted((path.parent.name for path in (home / RUNS).glob(f"*/{RUN}")), reverse=True)
    return [read(home, name) for name in names]


def write(home: Path, run: Run) -> None:
    """Write run.json whole or not at all."""
    path = folder(home, run.run_id) / RUN
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(_RUN.dump_json(run, indent=1))
    draft.replace(path)


def set_note(home: Path, run_id: str, note: str) -> None:
    """Keep a user's words about a run; '' takes them away. Raises BadInput where there is no such run."""
    path = folder(home, read(home, run_id).run_id) / NOTE
    path.write_text(note, encoding="utf-8")


def add_epoch(home: Path, run_id: str, epoch: Epoch) -> None:
    """Note an epoch that is just over, for whoever watches."""
    with (folder(home, run_id) / CURVES).open("a", encoding="utf-8") as lines:
        lines.write(_EPOCH.dump_json(epoch).decode() + "\n")


def curves(home: Path, run_id: str) -> tuple[Epoch, ...]:
    """Return the epochs so far, tower by tower; those of a run that goes on are there as soon as they are over."""
    path = folder(home, run_id) / CURVES
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = {(epoch.tower, epoch.epoch): epoch for epoch in map(_EPOCH.validate_json, lines)}
    return tuple(found[place] for place in sorted(found))


def write_answers(home: Path, run_id: str, ndcg: dict[str, np.ndarray]) -> None:
    """Keep (m,) NDCG of each question, of the run (MINE) and of each rival by name: whole or not at all."""
    path = folder(home, run_id) / PER_QUESTION
    draft = path.with_name(f".{PER_QUESTION}")
    np.savez_compressed(draft, **ndcg)  # type: ignore[arg-type]
    draft.replace(path)


def scores_of(report: Report, note: str = "") -> Scores:
    """Return what a run keeps of a report."""
    metrics = {name: value if np.isfinite(value) else None for name, value in report.metrics.items()}
    return Scores(report.model, metrics, dict(report.intervals), report.slices, note)


def comparable(runs: list[Run]) -> str | None:
    """Return why the metrics of these runs must not be read side by side, in a sentence; None where they may."""
    if len({run.data_hash for run in runs}) > 1:
        versions = ", ".join(str(version) for version in sorted({run.data_version for run in runs}))
        return f"These runs saw different data (data versions {versions}), so their metrics say nothing about each other."
    if len({run.request.protocol for run in runs}) > 1:
        return "These runs were asked different questions (another split), so their metrics say nothing about each other."
    if len({run.request.k for run in runs}) > 1:
        return "These runs were judged by lists of different length, so their metrics say nothing about each other."
    return None


_RUN, _EPOCH = TypeAdapter(Run), TypeAdapter(Epoch)
_GONE = "The process stopped before the run was over. Resume it: what it had learned so far is kept."


def _settled(home: Path, run: Run) -> Run:
    """Return a run that has not written its end as its job says that it stands."""
    if run.job_id is None or not (home / "jobs" / run.job_id).exists():
        return run
    job = jobs.read(home / "jobs", run.job_id)
    if job.active:
        return replace(run, state=job.state)
    state = State.INTERRUPTED if job.state is State.DONE else job.state
    error = job.error or (None if state is State.CANCELLED else _GONE)
    return replace(run, state=state, error=error, finished_at=job.finished_at)
