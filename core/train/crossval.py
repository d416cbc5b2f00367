"""Cross-validation by a rolling origin: one model trained and asked at several moments of the log, each time on its future."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.represent.acts import Acts
from core.train.evaluate import Report, evaluate
from core.train.metrics import ACCURACY
from core.train.names import Protocol
from core.train.protocol import SHARE, Split, split, successes
from core.train.scorer import Scorer, within
from core.train.snapshot import Snapshot

LEAST, MOST = 2, 5
"""Folds: one has no spread; after five of a tenth each too little is left to learn from."""


@dataclass(frozen=True)
class CrossValidated:
    """One model over the folds, the earliest first.

    mean: of each accuracy metric; intervals: 95 % of the mean, by Student's t over the folds. Folds share most of what they
    learn from, so the interval tells how steady the model is over time; it is not a test of one model against another.
    """

    model: str
    folds: tuple[Report, ...]
    mean: dict[str, float]
    intervals: dict[str, tuple[float, float]]

    def as_json(self) -> dict[str, Any]:
        """Return ``{"model", "folds": [each as evaluate prints it], "mean", "intervals"}``."""
        return {
            "model": self.model,
            "folds": [fold.as_json() for fold in self.folds],
            "mean": {name: round(value, 6) for name, value in self.mean.items()},
            "intervals": {name: [round(low, 6), round(high, 6)] for name, (low, high) in self.intervals.items()},
        }

    def lines(self) -> list[str]:
        """Return it as lines for a terminal."""
        told = [f"{self.model}: {len(self.folds)} folds, each asked about its own future"]
        for number, fold in enumerate(self.folds, 1):
            told.append(f"    fold {number}  ndcg {fold.metrics['ndcg']:.4f}  {fold.users:>8,} shoppers")
        for name, value in self.mean.items():
            low, high = self.intervals[name]
            told.append(f"{name:>10}  {value:8.4f}  ({low:.4f} to {high:.4f})")
        return told


def cross_validate(
    make: Callable[[], Scorer],
    snapshot: Snapshot,
    *,
    folds: int = 3,
    k: int = 10,
    seed: int = 7,
    progress: Progress = no_progress,
) -> CrossValidated:
    """Train and ask a fresh model on every fold. Raises BadInput on a number of folds that is not possible."""
    found = []
    cuts = origins(snapshot.acts, folds)
    for number, cut in enumerate(cuts):
        step = within(progress, number / folds, (number + 1) / folds)
        found.append(evaluate(make(), snapshot, cut, k=k, seed=seed, progress=step))
    values = np.array([[fold.metrics[name] for name in ACCURACY] for fold in found])
    half = stats.t.ppf(0.975, folds - 1) * values.std(axis=0, ddof=1) / np.sqrt(folds)
    mean = dict(zip(ACCURACY, values.mean(axis=0).tolist(), strict=True))
    intervals = {name: (mean[name] - float(wide), mean[name] + float(wide)) for name, wide in zip(ACCURACY, half, strict=True)}
    return CrossValidated(found[0].model, tuple(found), mean, intervals)


def origins(acts: Acts, folds: int) -> list[Split]:
    """Return temporal splits, the earliest first: their test parts are the last ``folds`` tenths of the dated successes.

    What comes after a fold's test part is not in it at all. Raises BadInput where there are too few or too many folds, or
    the log is too short for them.
    """
    if not LEAST <= folds <= MOST:
        raise BadInput(f"Cross-validation takes {LEAST} to {MOST} folds; {folds} were asked for.")
    success = successes(acts)
    moments = np.sort(acts.when[success & ~np.isnat(acts.when)])
    if not len(moments):
        raise BadInput("The log has no times, so there is no future to ask about: cross-validation needs them.")
    found = []
    for back in reversed(range(folds)):
        kept = 1 - SHARE * back
        end = moments[-1] if not back else moments[int(len(moments) * kept)]
        inside = np.isnat(acts.when) | (acts.when <= end if not back else acts.when < end)
        found.append(split(acts.where(inside), Protocol.TEMPORAL, SHARE / kept))
    return found
