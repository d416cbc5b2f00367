"""What rises and falls, whoever asks: the one part of the model that knows nobody, and is worth most where fashions pass."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.derived import Progress, no_progress
from core.represent.acts import Acts, distinct
from core.represent.model import MOST, UNCHANGED
from core.represent.neighbours import GAIN
from core.train.ease import Ease
from core.train.fading import fading
from core.train.judge import BATCH, TUNING_QUESTIONS, gains_among
from core.train.moments import moments, surest
from core.train.protocol import Examples

HALF_LIVES = (7.0, 14.0, 30.0, 90.0)
WEIGHTS = (0.0, 0.2, 0.4, 0.7, 1.0, 2.0, 3.0, 4.0)
TRIED_AT = 0.7
"""The weight at which the half-lives are compared."""
PRIOR = 20.0
"""Shoppers that every item has besides its own, spread over time as all are: of an item that few chose little change is told."""
RISING = 0.55
"""Of the items that EASE says nothing of, only those that score more than this can come near the first places."""


@dataclass(frozen=True)
class Options:
    """half_life_days: what "of late" means; weight: against the logarithm of EASE's sum, 0 = it is not asked."""

    half_life_days: float = 14.0
    weight: float = 0.0


class Trend:
    """score(i) = (1 + log₈ of the change of i's demand) / 2, in [0, 1]: 1/2 for none, 1 for eight times the demand or more.

    change = (x_i + 20 τ) / (c_i τ + 20 τ) with c_i the shoppers of i, x_i = Σ 0.5^(age / half-life) over them, τ = Σ x / Σ c.
    """

    name = "trend"

    def __init__(self, beside: Ease, options: Options = Options()):
        """beside: the fitted EASE that it is added to, and by whose options it is weighed."""
        self.options = options
        self._beside = beside

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Count; choose half-life and weight, beside EASE, by NDCG@10 at every moment of ``moments``; weight 0 if in doubt."""
        if valid is not None:
            progress(0.0, "trend: EASE as it was before")
            asked = list(_asked(train, valid, self._beside))
            progress(0.3, "trend: half-life")
            days = HALF_LIVES[int(np.argmax(_gained([Options(days, TRIED_AT) for days in HALF_LIVES], asked).mean(axis=1)))]
            progress(0.65, "trend: weight")
            tried = [Options(days, weight) for weight in WEIGHTS]
            self.options = tried[surest(_gained(tried, asked))]
        self.table = change(distinct(train), self.options.half_life_days)

    def score(self, history: Acts) -> np.ndarray:
        """Return the same scores for everyone: float32 (shoppers, items)."""
        return np.tile(self.table, (history.shoppers, 1))


@dataclass(frozen=True)
class _Asked:
    """Questions at one moment. acts: distinct, what EASE learned from; items: codes of those that may come first."""

    acts: Acts
    questions: Examples
    ease: Ease
    items: np.ndarray

    def gained(self, tried: Sequence[Options]) -> np.ndarray:
        """Return (options, questions): NDCG@10 of each question by each of the options."""
        added = [np.float32(one.weight) * change(self.acts, one.half_life_days)[self.items] for one in tried]
        found: list[list[np.ndarray]] = [[] for _ in tried]
        for batch in self.questions.batches(BATCH):
            scores = np.log1p(np.float32(GAIN) * np.maximum(self.ease.score(batch.history)[:, self.items], 0))
            for gains, more in zip(found, added, strict=True):
                gains.append(gains_among(scores + more, batch, self.items, 10))
        return np.stack([np.concatenate(gains) for gains in found])


def _gained(tried: Sequence[Options], asked: Sequence[_Asked]) -> np.ndarray:
    """Return (options, questions) at all moments."""
    return np.concatenate([one.gained(tried) for one in asked], axis=1)


def _asked(train: Acts, valid: Examples, ease: Ease) -> Iterator[_Asked]:
    for moment in moments(train, valid):
        acts = distinct(moment.train)
        small = ease.small(acts)
        rising = np.any([change(acts, days) > RISING for days in HALF_LIVES], axis=0)
        items = np.union1d(small.head, np.flatnonzero(rising))
        for questions in moment.asked:
            yield _Asked(acts, questions.sample(TUNING_QUESTIONS, np.random.default_rng(0)), small, items)


def change(acts: Acts, half_life_days: float) -> np.ndarray:
    """Return float32 (items,) in [0, 1], the score of the class; acts: one for each pair of shopper and item."""
    ever = np.bincount(acts.item, minlength=acts.items).astype(float)
    late = np.bincount(acts.item, weights=fading(acts, half_life_days), minlength=acts.items)
    usual = late.sum() / max(ever.sum(), 1.0)
    if not usual:
        return np.full(acts.items, UNCHANGED, np.float32)
    grown = np.log((late / usual + PRIOR) / (ever + PRIOR)) / math.log(MOST)
    return np.asarray(UNCHANGED * (1 + np.clip(grown, -1, 1)), np.float32)
