"""The one interface of every model: learn from a part of the log, then score every item for any history."""

from typing import Protocol

import numpy as np

from core.base.derived import Progress, no_progress
from core.represent.acts import Acts
from core.train.protocol import Examples


class Scorer(Protocol):
    """A model of what shoppers want next."""

    @property
    def name(self) -> str:
        """What it is called on screens and in tables."""

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Learn from ``train``. Settings are chosen on ``valid``; where it is None they stay as they were chosen before."""

    def score(self, history: Acts) -> np.ndarray:
        """Return float32 (history.shoppers, items): higher = wanted more. A shopper without acts gets the model's best guess."""


def within(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress that maps 0..1 to ``start``..``end``."""
    return lambda done, told: progress(start + done * (end - start), told)
