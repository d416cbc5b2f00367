"""The one interface of every model: learn from a part of the log, then score every item for any history."""

from typing import Protocol

import numpy as np
import scipy.sparse as sp

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


def engaged(acts: Acts, weight: np.ndarray | None = None) -> sp.csr_matrix:
    """Return float32 (shoppers, items) with 1 where a shopper did anything with an item; ``weight`` (a,): the sum of theirs."""
    values = np.ones(len(acts), np.float32) if weight is None else weight.astype(np.float32)
    matrix = sp.csr_matrix((values, (acts.user, acts.item)), shape=(acts.shoppers, acts.items))
    matrix.sum_duplicates()
    if weight is None:
        matrix.data[:] = 1
    return matrix
