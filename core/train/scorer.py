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


class Blender(Scorer, Protocol):
    """A model whose score is r = α · s + (1 − α) · q, once it is fitted."""

    @property
    def alpha(self) -> float:
        """The α it scores with."""

    @property
    def worth(self) -> np.ndarray:
        """float32 (items,): q, in [0, 1]."""

    def appeal(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, items): s, in [0, 1]; −1 for an item that cannot be compared: it comes after all others."""


def blended(appeal: np.ndarray, worth: np.ndarray, alpha: float) -> np.ndarray:
    """Return r, float32 (shoppers, items), of a ``Blender``'s s and q; less 1 for an item that cannot be compared."""
    scores = np.float32(alpha) * np.maximum(appeal, 0) + np.float32(1 - alpha) * worth
    return np.asarray(np.where(appeal < 0, scores - 1, scores))


def within(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress that maps 0..1 to ``start``..``end``."""
    return lambda done, told: progress(start + done * (end - start), told)
