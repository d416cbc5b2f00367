"""What is in demand of late, whoever asks: the one part of the model that knows nobody, and is worth most where fashions pass."""

import math
from dataclasses import dataclass, replace

import numpy as np

from core.base.derived import Progress, no_progress
from core.represent.acts import Acts, distinct
from core.train.fading import fading
from core.train.judge import tuning_ndcg
from core.train.protocol import Examples

HALF_LIVES = (3.0, 7.0, 14.0, 30.0, 90.0, math.inf)


@dataclass(frozen=True)
class Options:
    """half_life_days: after which an act counts half."""

    half_life_days: float = 14.0


class Trend:
    """score(i) = log(1 + x_i / mean x) over its maximum, in [0, 1], with x_i = Σ 0.5^(age / half-life) over i's shoppers."""

    name = "trend"

    def __init__(self, options: Options = Options()):
        self.options = options

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Count; choose the half-life by NDCG@10 on ``valid``."""
        acts = distinct(train)
        if valid is not None:
            gained = []
            for place, days in enumerate(HALF_LIVES):
                progress(place / len(HALF_LIVES), f"trend: half-life {days:g} days")
                self.table = demand(acts, days)
                gained.append(tuning_ndcg(self.score, valid))
            self.options = replace(self.options, half_life_days=HALF_LIVES[int(np.argmax(gained))])
        self.table = demand(acts, self.options.half_life_days)

    def score(self, history: Acts) -> np.ndarray:
        """Return the same scores for everyone: float32 (shoppers, items)."""
        return np.tile(self.table, (history.shoppers, 1))


def demand(acts: Acts, half_life_days: float) -> np.ndarray:
    """Return float32 (items,) in [0, 1], the score of the class; acts: one for each pair of shopper and item."""
    counted = np.bincount(acts.item, weights=fading(acts, half_life_days), minlength=acts.items)
    found = np.log1p(counted / max(float(counted.mean()), 1e-12))
    return np.asarray(found / max(float(found.max(initial=0.0)), 1e-12), np.float32)
