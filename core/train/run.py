"""One run from beginning to end, read from a snapshot and told by its folder: train, judge, compare, train for serving."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.jobs import Cancelled, State
from core.base.settings import Settings, load_settings
from core.train import inputs, multitask, rival, runs
from core.train.evaluate import Report, evaluate, measure
from core.train.finetune import Options
from core.train.gate import gate
from core.train.mixture import Mixture
from core.train.names import Preset
from core.train.popularity import Popularity
from core.train.presets import make_preset
from core.train.protocol import Part, Split, split
from core.train.reread import check, reread
from core.train.rival import Rival
from core.train.runs import Epoch, Request, Run
from core.train.scorer import Scorer, within
from core.train.snapshot import SNAPSHOTS, Snapshot
from core.train.tensorboard import write_scalars
from core.train.zero_shot import ZeroShot

STAGES = {
    "read": ("Reading the data", 0.02),
    "tune": ("Tuning the text encoder", 0.4),
    "train": ("Training", 0.55),
    "judge": ("Judging", 0.06),
    "compare": ("Comparing", 0.12),
    "refit": ("Training on everything", 0.23),
    "keep": ("Keeping the results", 0.02),
}
"""What each stage is called, and its rough part of the whole time."""


def train(
    snapshot: Snapshot, home: Path, request: Request, progress: Progress = no_progress, settings: Settings | None = None
) -> Run:
    """Do a whole new run in this process and return it; everything about it is in its folder under ``home``.

    settings: see ``carry_on``. Raises BadInput where an option is unknown, or the log is too small to be split or learned from.
    """
    return carry_on(home, runs.new_run(snapshot, request), progress, snapshot, settings)


def carry_on(
    home: Path,
    run: Run,
    progress: Progress = no_progress,
    snapshot: Snapshot | None = None,
    settings: Settings | None = None,
) -> Run:
    """Do a run, from its beginning or from its checkpoints, and return it. However it ends, run.json tells it.

    settings: None = those of the environment; they name the encoder that is tuned, its precision and threads.
    """
    snapshot = snapshot or Snapshot(home / SNAPSHOTS / run.snapshot)
    sitting = Sitting(home, run, progress, snapshot, settings or load_settings(home=home))
    sitting.tell(state=State.RUNNING)
    try:
        sitting.go()
    except Cancelled:
        sitting.tell(state=State.CANCELLED, finished_at=datetime.now(UTC))
        raise
    except Exception as error:
        told = str(error) if isinstance(error, BadInput) else f"Unexpected {type(error).__name__}: {error}"
        sitting.tell(state=State.FAILED, finished_at=datetime.now(UTC), error=told)
        raise
    return sitting.run


class Sitting:
    """What one process does of a run. ``run``: as it stands, which is what run.json holds."""

    def __init__(self, home: Path, run: Run, progress: Progress, snapshot: Snapshot, settings: Settings):
        self.run = run
        self._settings = settings
        self._home, self._snapshot, self._progress = home, snapshot, progress
        self._folder = runs.folder(home, run.run_id)
        self._seconds_before, self._start = run.seconds, time.perf_counter()
        self._done = 0.0

    def tell(self, **changes: Any) -> None:
        """Write what is known now, with the time spent and the memory held so far."""
        seconds = self._seconds_before + time.perf_counter() - self._start
        self.run = replace(self.run, seconds=round(seconds, 2), peak_mb=max(peak_mb(), self.run.peak_mb), **changes)
        runs.write(self._home, self.run)

    def go(self) -> None:
        """Do every stage."""
        request = self.run.request
        with self._stage("read"):
            check(self._snapshot, request)
            cut = split(self._snapshot.acts, request.protocol)
        learned = None if request.preset is Preset.ZERO_SHOT else self._learn(cut)
        mine = self._judge(cut, learned or ZeroShot(self._snapshot, alpha=None))
        self._compare(mine, cut)
        if learned is not None and request.refit:
            self._refit(learned)
        with self._stage("keep"):
            write_scalars(self._folder / runs.TENSORBOARD, self.run)
        self.tell(state=State.DONE, finished_at=datetime.now(UTC), error=None)

    def _learn(self, cut: Split) -> Mixture:
        """Train on the training part, choose on the validation part, and keep the model."""
        request = self.run.request
        model = make_preset(
            request.preset,
            self._reread(cut) if request.lora else self._snapshot,
            request.seed,
            options(request),
            checkpoints=self._folder,
            watch=lambda *epoch: runs.add_epoch(self._home, self.run.run_id, Epoch(*epoch)),
        )
        with self._stage("train") as step:
            model.fit(cut.train(), cut.examples(Part.VALID), step)
            model.model.save(self._folder / runs.HELD_OUT)
        read = inputs.was_read(model.towers[0].shape) if model.weights.towers else ()
        told = (*read, *model.remarks(), *multitask.left_out(cut.train(), options(request)))
        self.tell(weights=model.weights_by_name(), curves=runs.curves(self._home, self.run.run_id), remarks=told)
        self.tell(tasks=multitask.judge(model.towers, cut))
        return model

    def _reread(self, cut: Split) -> Snapshot:
        """Tune the text encoder on the training part, and return the snapshot as that one reads it."""
        run = self.run
        with self._stage("tune") as step:
            snapshot, tuned = reread(self._snapshot, cut, self._settings, run.run_id, run.request.seed, self._folder, step)
        self.tell(tuned=tuned)
        return snapshot

    def _judge(self, cut: Split, model: Mixture | ZeroShot) -> np.ndarray:
        """Ask the test part, once; return (m,) NDCG of each question."""
        ask = evaluate if isinstance(model, ZeroShot) else measure
        with self._stage("judge") as step:
            report = ask(model, self._snapshot, cut, k=self.run.request.k, seed=self.run.request.seed, progress=step)
        remarks = (*self.run.remarks, report.sampled) if report.sampled else self.run.remarks
        self.tell(alpha=model.alpha, scores=runs.scores_of(report), users=report.users, remarks=remarks)
        return report.ndcg

    def _compare(self, mine: np.ndarray, cut: Split) -> None:
        """Ask the rivals the same questions, and hold the gate."""
        with self._stage("compare") as step:
            rivals, remarks = self._rivals(cut, step)
        answers = {one.scores.name: one.ndcg for one in rivals}
        rows = gate(mine, answers, self.run.request.seed, {one.scores.name: one.scores.note for one in rivals})
        runs.write_answers(self._home, self.run.run_id, {runs.MINE: mine, **answers})
        self.tell(baselines=tuple(one.scores for one in rivals), gate=rows, remarks=(*self.run.remarks, *remarks))

    def _rivals(self, cut: Split, progress: Progress) -> tuple[list[Rival], tuple[str, ...]]:
        """Return popularity, zero-shot and the live model, and what to say of those that could not be asked."""

        def judge(model: Scorer, step: Progress) -> Report:
            return evaluate(model, self._snapshot, cut, k=self.run.request.k, seed=self.run.request.seed, progress=step)

        found: list[Rival | None] = [_rival(judge(Popularity(), within(progress, 0.0, 0.2)))]
        remarks = []
        if self.run.request.preset is not Preset.ZERO_SHOT and self._snapshot.vectors.any():
            found.append(_rival(judge(ZeroShot(self._snapshot, alpha=None), within(progress, 0.2, 0.7))))
        try:
            found.append(rival.live_rival(self._settings, self.run, self._snapshot, judge, within(progress, 0.7, 1.0)))
        except BadInput as error:
            remarks.append(rival.trouble(error))
        return [one for one in found if one is not None], tuple(remarks)

    def _refit(self, model: Mixture) -> None:
        """Train the chosen configuration on everything, and keep the model to be served."""
        with self._stage("refit") as step:
            model.fit(self._snapshot.acts, None, step)
            model.model.save(self._folder / runs.SERVING)
        self.tell(refitted=True)

    @contextmanager
    def _stage(self, name: str) -> Iterator[Progress]:
        """Time a stage and give it its part of the progress; ``run.stages`` adds up over sittings."""
        label, share = STAGES[name]
        asked = {"refit": self.run.request.refit, "tune": self.run.request.lora}
        whole = sum(part for stage, (_, part) in STAGES.items() if asked.get(stage, True))
        begin, end = self._done, min(1.0, self._done + share / whole)
        self._progress(begin, label)
        start = time.perf_counter()
        yield lambda done, told: within(self._progress, begin, end)(done, f"{label}: {told}")
        seconds = self.run.stages.get(name, 0.0) + time.perf_counter() - start
        self._done = end
        self.tell(stages={**self.run.stages, name: round(seconds, 2)})


def options(request: Request) -> Options:
    """Return the request's options for the towers. Raises BadInput naming one that there is not."""
    known = {field.name for field in fields(Options)} - {"seed", "epochs"}
    if unknown := sorted(set(request.options) - known):
        raise BadInput(f"There is no option {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    return replace(Options(), **request.options)  # type: ignore[arg-type]


def peak_mb() -> float:
    """Return the most memory this process has held so far, MiB."""
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def _rival(report: Report) -> Rival:
    return Rival(runs.scores_of(report), report.ndcg)
