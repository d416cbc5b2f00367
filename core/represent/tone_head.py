"""Learn a shop's own sense of tone from its stars: two softmax regressions, one on words, one on the encoder's vectors.

Stars of 2 and less are negative, 3 neutral, 4 and more positive. Trained without class weights, so that probabilities keep
the shop's proportions; the class is chosen after an adjustment of the logits, log p − τ · log prior (Menon et al. 2021,
arXiv:2007.07314), which gives rare classes their due. C, τ and the mixture of the two are chosen on a validation part;
the test part is read once, at the end.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np

from core.base.derived import Progress, no_progress

CLASSES = ("negative", "neutral", "positive")
WORD_STRENGTHS = (1.0, 4.0, 16.0)
VECTOR_STRENGTHS = (3.0, 30.0, 300.0)
"""Inverse regularisation C tried."""
ADJUSTMENTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""τ tried: 0 takes the likeliest class, 1 treats the classes as equally common."""
VECTOR_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Weight of the vectors' log-probabilities against the words' tried."""
VOCABULARY = 30_000
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+(?:['’][^\W_]+)*")


class Tone(StrEnum):
    """What a review says on the whole."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


@dataclass(frozen=True)
class Parts:
    """Row numbers of a seeded split: 60 % to train, 20 % to choose, 20 % to test, each class in proportion."""

    train: np.ndarray
    choose: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Head:
    """A fitted head. vector_share: weight of the vectors, 0 = words only; adjustment: τ; prior: (3,) shares of the classes."""

    words: Any  # a fitted pipeline: texts -> softmax
    vectors: Any | None  # a fitted softmax regression; None where the shop has no vectors
    vector_share: float
    adjustment: float
    word_adjustment: float
    prior: np.ndarray

    def probabilities(self, texts: Sequence[str], vectors: np.ndarray | None) -> np.ndarray:
        """Return (n, 3) the chances of each class. vectors: (n, dim), or None to read by words alone."""
        log_p = np.log(self.words.predict_proba(list(texts)) + 1e-9)
        if vectors is not None and self.vectors is not None and self.vector_share:
            log_v = np.log(self.vectors.predict_proba(vectors) + 1e-9)
            log_p = (1 - self.vector_share) * log_p + self.vector_share * log_v
        p = np.exp(log_p - log_p.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)

    def polarity(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n,) how much likelier praise is than blame, by words: log odds less the shop's usual ones, 0 = as usual."""
        log_p = np.log(self.words.predict_proba(list(texts)) + 1e-9)
        return np.asarray(log_p[:, 2] - log_p[:, 0] - np.log(self.prior[2] / self.prior[0]))

    def classes(self, probabilities: np.ndarray, by_words: bool = False) -> np.ndarray:
        """Return (n,) the class of each row after the adjustment of the logits."""
        return adjusted(probabilities, self.prior, self.word_adjustment if by_words else self.adjustment)


def classes_of(stars: np.ndarray) -> np.ndarray:
    """Return 0 for stars of 2 and less, 2 for 4 and more, 1 between.

    >>> classes_of(np.array([1, 2, 3, 3.5, 4, 5])).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    return np.where(stars >= 4, 2, np.where(stars <= 2, 0, 1))


def split(classes: np.ndarray, seed: int) -> Parts:
    """Return a seeded split of the rows, 60/20/20 within each class."""
    rng = np.random.default_rng(seed)
    parts: list[list[np.ndarray]] = [[], [], []]
    for value in np.unique(classes):
        rows = rng.permutation(np.flatnonzero(classes == value))
        first, second = round(0.6 * len(rows)), round(0.8 * len(rows))
        for part, piece in zip(parts, np.split(rows, [first, second]), strict=True):
            part.append(piece)
    return Parts(*(np.sort(np.concatenate(part)) for part in parts))


def fit(
    texts: Sequence[str], vectors: np.ndarray | None, classes: np.ndarray, parts: Parts, progress: Progress = no_progress
) -> Head:
    """Return the head whose settings did best on ``parts.choose`` by macro-F1, fitted again on train and choose together.

    vectors: (n, dim) or None; classes: (n,) of 0, 1, 2, each in every part.
    """
    wanted = classes[parts.choose]
    prior = np.bincount(classes[parts.train], minlength=3) / len(parts.train)
    table = np.array(texts, dtype=object)
    words = _strongest(map(_word_model, WORD_STRENGTHS), table, classes, parts, _part(progress, 0.0, 0.4))
    best_v = None
    if vectors is not None:
        best_v = _strongest(map(_softmax, VECTOR_STRENGTHS), vectors, classes, parts, _part(progress, 0.4, 0.7))
    share, adjustment = _mixture(words, best_v, wanted, prior)
    progress(0.7, "Learning once more from all but the held-out reviews")
    seen = np.concatenate([parts.train, parts.choose])
    final_v = best_v.model.fit(vectors[seen], classes[seen]) if best_v and vectors is not None else None
    return Head(words.model.fit(table[seen], classes[seen]), final_v, share, adjustment, words.adjustment, prior)


def adjusted(probabilities: np.ndarray, prior: np.ndarray, adjustment: float) -> np.ndarray:
    """Return (n,) argmax of log p − τ · log prior."""
    return np.asarray((np.log(probabilities + 1e-9) - adjustment * np.log(prior)).argmax(axis=1))


def macro_f1(wanted: np.ndarray, found: np.ndarray) -> float:
    """Return the mean of the three classes' F1, in [0, 1]; a class that neither has counts 0."""
    from sklearn.metrics import f1_score

    return float(f1_score(wanted, found, labels=[0, 1, 2], average="macro", zero_division=0))


def f1_each(wanted: np.ndarray, found: np.ndarray) -> tuple[float, ...]:
    """Return the F1 of negative, neutral, positive."""
    from sklearn.metrics import f1_score

    return tuple(map(float, f1_score(wanted, found, labels=[0, 1, 2], average=None, zero_division=0)))


def calibration_error(wanted: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error of 'positive': mean |share − chance| over bins of the chance, weighted by size."""
    chance = probabilities[:, 2]
    place = np.minimum((chance * bins).astype(int), bins - 1)
    gaps = [
        abs((wanted[place == bin_] == 2).mean() - chance[place == bin_].mean()) * (place == bin_).mean()
        for bin_ in np.unique(place)
    ]
    return float(sum(gaps))


@dataclass(frozen=True)
class _Candidate:
    model: Any
    probabilities: np.ndarray  # (rows of the choosing part, 3)
    adjustment: float
    f1: float


def _strongest(models: Iterable[Any], inputs: np.ndarray, classes: np.ndarray, parts: Parts, progress: Progress) -> _Candidate:
    """Return the model with the highest macro-F1 on the choosing part at its best adjustment; the first of equals."""
    prior = np.bincount(classes[parts.train], minlength=3) / len(parts.train)
    candidates = []
    for place, model in enumerate(models):
        progress(place / 3, f"Trying a strength of regularisation, {place + 1} of 3")
        model.fit(inputs[parts.train], classes[parts.train])
        probabilities = model.predict_proba(inputs[parts.choose])
        adjustment, f1 = _best_adjustment(probabilities, classes[parts.choose], prior)
        candidates.append(_Candidate(model, probabilities, adjustment, f1))
    return max(candidates, key=lambda one: one.f1)


def _mixture(words: _Candidate, vectors: _Candidate | None, wanted: np.ndarray, prior: np.ndarray) -> tuple[float, float]:
    """Return the share of the vectors and the adjustment with the highest macro-F1; the smallest share of equals."""
    if vectors is None:
        return 0.0, words.adjustment
    tried = []
    for share in VECTOR_SHARES:
        mixed = words.probabilities ** (1 - share) * vectors.probabilities**share
        adjustment, f1 = _best_adjustment(mixed / mixed.sum(axis=1, keepdims=True), wanted, prior)
        tried.append((f1, -share, adjustment))
    _, share, adjustment = max(tried)
    return -share, adjustment


def _best_adjustment(probabilities: np.ndarray, wanted: np.ndarray, prior: np.ndarray) -> tuple[float, float]:
    scores = [(macro_f1(wanted, adjusted(probabilities, prior, tau)), -tau) for tau in ADJUSTMENTS]
    f1, tau = max(scores)
    return -tau, f1


def _word_model(strength: float) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    counter = TfidfVectorizer(analyzer=phrases, min_df=2, sublinear_tf=True, max_features=VOCABULARY, dtype=np.float32)
    return make_pipeline(counter, _softmax(strength))


def _softmax(strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=300, tol=1e-3)


def phrases(text: str) -> list[str]:
    """Return the words of a text and its pairs of neighbours, stop words kept: 'not' matters. Chinese goes by characters.

    >>> phrases("Not good!")
    ['not', 'good', 'not good']
    """
    words = _TOKEN.findall(text.casefold())
    return words + [f"{left} {right}" for left, right in pairwise(words)]


def _part(progress: Progress, start: float, end: float) -> Progress:
    return lambda done, message: progress(start + done * (end - start), message)
