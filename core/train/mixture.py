"""The product's model: towers, item-to-item and text taste added up, with weights chosen on the validation part."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.derived import Progress, no_progress
from core.represent.acts import Acts
from core.train.ease import Ease
from core.train.finetune import Tower
from core.train.item_to_item import ItemToItem, recent
from core.train.judge import ranks_of
from core.train.metrics import ndcg
from core.train.protocol import Examples
from core.train.scorer import Scorer, within

GAIN = 300.0
"""Item-to-item scores are counted as log(1 + 300 · score): zero stays zero, and the best do not drown the rest."""
TEXT_DECAY = 0.6
TUNING_CELLS = 40_000_000
"""Scores kept in memory, for each part, while the weights are chosen: 160 MB."""
GRID = (0.0, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
ROUNDS = 2


@dataclass(frozen=True)
class Weights:
    """Weight of each part against the towers' log probability; 0 = the part is not asked."""

    item_to_item: float = 1.0
    text: float = 4.0
    ease: float = 0.0


PARTS = ("item_to_item", "text", "ease")


class Mixture:
    """score = log mean_t p_t(i | u) + Σ_c w_c · part_c(u, i), t over towers of different seeds.

    Parts: log(1 + 300 · item-to-item), the cosine of the recent history's mean text vector, log(1 + 300 · EASE).
    """

    def __init__(self, name: str, towers: Sequence[Tower], vectors: np.ndarray, *, ease: bool = False):
        """vectors: float32 (n, d) text vectors. ease: count EASE in, for shops small enough for it."""
        self.name = name
        self.weights = Weights(ease=1.0 if ease else 0.0)
        self._towers = tuple(towers)
        self._vectors = vectors
        self._linear: dict[str, Scorer] = {"item_to_item": ItemToItem(), **({"ease": Ease()} if ease else {})}

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Train every part, then choose the weights by NDCG@10 on ``valid``, one at a time, twice around."""
        models: list[Scorer] = [*self._towers, *self._linear.values()]
        share = 1 / (len(models) + 1)
        for place, model in enumerate(models):
            model.fit(train, valid, within(progress, place * share, (place + 1) * share))
        if valid is not None:
            progress(1 - share, "Weighing the parts")
            self._weigh(valid)

    def score(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, n)."""
        scores = self._probability(history)
        for part in PARTS:
            if weight := getattr(self.weights, part):
                scores += weight * self._part(part, history)
        return scores

    def _probability(self, history: Acts) -> np.ndarray:
        logs = [tower.score(history) for tower in self._towers]
        return logs[0] if len(logs) == 1 else np.log(np.mean([np.exp(one) for one in logs], axis=0) + 1e-12)

    def _part(self, part: str, history: Acts) -> np.ndarray:
        if part == "text":
            taste = recent(history, TEXT_DECAY) @ self._vectors
            length = np.linalg.norm(taste, axis=1, keepdims=True)
            return np.asarray((taste / np.maximum(length, 1e-6)) @ self._vectors.T, np.float32)
        return np.log1p(GAIN * np.maximum(self._linear[part].score(history), 0)).astype(np.float32)

    def _weigh(self, valid: Examples) -> None:
        most = max(200, TUNING_CELLS // valid.history.items)
        sample = valid.sample(most, np.random.default_rng(0))
        base = self._probability(sample.history)
        base[sample.seen_row, sample.seen_item] = -np.inf
        base[:, ~sample.history.shown] = -np.inf
        parts = {part: self._part(part, sample.history) for part in PARTS if part == "text" or part in self._linear}
        best = -1.0
        for _ in range(ROUNDS):
            for part in parts:
                for value in GRID:
                    tried = replace(self.weights, **{part: value})
                    total = base + sum(getattr(tried, name) * scores for name, scores in parts.items())
                    rank = ranks_of(total, sample.target_row, sample.target_item)
                    found = float(ndcg(sample.target_row, rank, len(sample), 10).mean())
                    if found > best:
                        best, self.weights = found, tried
