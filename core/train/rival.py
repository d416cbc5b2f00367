"""The model that is served now, asked the same questions as a new run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.base.derived import Progress
from core.base.errors import BadInput
from core.base.settings import Settings
from core.represent import registry
from core.represent.model import load_model
from core.represent.registry import Live
from core.train import runs
from core.train.evaluate import Report
from core.train.learned import Learned
from core.train.runs import Run, Scores
from core.train.scorer import Scorer
from core.train.snapshot import Snapshot

LIVE = "live model"
Judge = Callable[[Scorer, Progress], Report]
"""Ask a model the questions of the run: fit it, which here counts quality, and rank."""


@dataclass(frozen=True)
class Rival:
    """A model to be beaten. ndcg: (m,) of each question."""

    scores: Scores
    ndcg: np.ndarray


def live_rival(settings: Settings, run: Run, snapshot: Snapshot, judge: Judge, progress: Progress) -> Rival | None:
    """Return the served model on the run's questions; None where zero-shot is served, or the run itself is.

    Where it was judged on the same data and split, its answers are read from its own folder: they come from a model that
    had not seen the test part. Raises BadInput where its model cannot be read or asked.
    """
    home = settings.home
    live = registry.live(home)
    if live is None or live.run == run.run_id:
        return None
    return _judged_before(home, live, run) or _asked_now(settings, live, snapshot, judge, progress)


def _judged_before(home: Path, live: Live, run: Run) -> Rival | None:
    path = runs.folder(home, live.run) / runs.PER_QUESTION
    if not path.exists():
        return None
    before = runs.read(home, live.run)
    if before.scores is None or runs.comparable([before, run]) is not None:
        return None
    with np.load(path) as kept:
        ndcg = kept[runs.MINE]
    scores = Scores(LIVE, before.scores.metrics, before.scores.intervals, before.scores.slices, f"Run {live.run}.")
    return Rival(scores, ndcg)


def _asked_now(settings: Settings, live: Live, snapshot: Snapshot, judge: Judge, progress: Progress) -> Rival:
    learned = Learned(LIVE, load_model(settings.home / live.folder), snapshot, settings)
    note = f"Run {live.run}, as it is served: it may have seen some of the answers, which makes it harder to beat."
    report = judge(learned, progress)
    return Rival(runs.scores_of(report, note), report.ndcg)


def trouble(error: BadInput) -> str:
    """Return what to tell of a served model that could not be asked."""
    return f"The live model could not be asked the same questions, so it is missing from the gate: {error}"
