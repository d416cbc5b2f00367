"""The baseline that knows nobody: what most shoppers engaged with."""

import numpy as np

from core.base.derived import Progress, no_progress
from core.represent.acts import Acts
from core.represent.neighbours import engaged
from core.train.protocol import Examples


class Popularity:
    """Score = number of distinct shoppers who did anything with the item."""

    name = "popularity"

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Count."""
        self._shoppers = np.asarray(engaged(train).sum(axis=0), np.float32).ravel()

    def score(self, history: Acts) -> np.ndarray:
        """Return the same scores for everyone: float32 (shoppers, items)."""
        return np.tile(self._shoppers, (history.shoppers, 1))
