"""What a model is worth on a shop: metrics with intervals, lists as a whole, and slices, all from one pass over the questions."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.base.derived import Progress, no_progress
from core.represent.neighbours import engaged
from core.train.judge import Answers, ask
from core.train.metrics import ACCURACY, coverage, diversity, gini, intervals, novelty
from core.train.names import Protocol
from core.train.protocol import Examples, Part, Split
from core.train.scorer import Scorer, within
from core.train.snapshot import Snapshot

HISTORY_BOUNDS = (5, 10, 20)
MOST_QUESTIONS = 50_000
"""Where a part has more, this many are asked, drawn at random, the same ones of every model."""


@dataclass(frozen=True)
class Slice:
    """Accuracy on a part of the questions. by: what was cut by; name: which part; users: questions in it."""

    by: str
    name: str
    users: int
    metrics: dict[str, float]


@dataclass(frozen=True)
class Report:
    """One model on one split.

    users: shoppers asked, ``of`` so many that could be;
    metrics: of ACCURACY at ``k``, and coverage, gini, novelty (bits), diversity of the lists of k; intervals: 95 %, of the
    accuracy metrics; per_question: (m, metrics of ACCURACY), row = question, for paired comparisons; seconds: fit, then rank.
    """

    model: str
    protocol: Protocol
    data_version: int
    content_hash: str
    k: int
    users: int
    of: int
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    slices: tuple[Slice, ...]
    per_question: np.ndarray
    fit_seconds: float
    rank_seconds: float

    @property
    def ndcg(self) -> np.ndarray:
        """(m,) NDCG of each question."""
        return self.per_question[:, list(ACCURACY).index("ndcg")]

    @property
    def sampled(self) -> str:
        """What to say of a part that was too large to be asked as a whole; empty where it was."""
        return "" if self.users == self.of else f"Judged by {self.users:,} of {self.of:,} shoppers, drawn at random."

    def lines(self) -> list[str]:
        """Return the report as lines for a terminal."""
        told = [
            f"{self.model}, {self.protocol} split of data version {self.data_version}: {self.users:,} shoppers, lists of {self.k}"
        ]
        if self.sampled:
            told.append(self.sampled)
        for name, value in self.metrics.items():
            low, high = self.intervals.get(name, (np.nan, np.nan))
            told.append(f"{name:>10}  {value:8.4f}" + (f"  ({low:.4f} to {high:.4f})" if name in self.intervals else ""))
        for cut in self.slices:
            told.append(f"{cut.metrics['ndcg']:>20.4f} ndcg  {cut.users:>8,} shoppers  {cut.by}: {cut.name}")
        return [*told, f"fitted in {self.fit_seconds:.1f} s, ranked in {self.rank_seconds:.1f} s"]

    def as_json(self) -> dict[str, Any]:
        """Return ``{"model", every metric, "k", "users", "protocol", "data_version", "intervals", "slices", "seconds"}``."""
        return {
            "model": self.model,
            **{name: round(value, 6) if np.isfinite(value) else None for name, value in self.metrics.items()},
            "k": self.k,
            "users": self.users,
            "protocol": str(self.protocol),
            "data_version": self.data_version,
            "data_hash": self.content_hash,
            "intervals": {name: [round(low, 6), round(high, 6)] for name, (low, high) in self.intervals.items()},
            "slices": [
                {"by": cut.by, "name": cut.name, "users": cut.users, **{name: round(v, 6) for name, v in cut.metrics.items()}}
                for cut in self.slices
            ],
            "seconds": {"fit": round(self.fit_seconds, 2), "rank": round(self.rank_seconds, 2)},
        }


def evaluate(
    model: Scorer,
    snapshot: Snapshot,
    split: Split,
    *,
    k: int = 10,
    part: Part = Part.TEST,
    seed: int = 7,
    progress: Progress = no_progress,
) -> Report:
    """Fit the model on the training part, its settings on the validation part, and ask it the questions of ``part``.

    Every item that can be recommended is ranked, what the shopper had before is masked. Same snapshot and seed, same report.
    """
    start = time.perf_counter()
    model.fit(split.train(), split.examples(Part.VALID), within(progress, 0.0, 0.5))
    fit_seconds = time.perf_counter() - start
    report = measure(model, snapshot, split, k=k, part=part, seed=seed, progress=within(progress, 0.5, 1.0))
    return replace(report, fit_seconds=fit_seconds)


def measure(
    model: Scorer,
    snapshot: Snapshot,
    split: Split,
    *,
    k: int = 10,
    part: Part = Part.TEST,
    seed: int = 7,
    progress: Progress = no_progress,
) -> Report:
    """Ask a model that is fitted already the questions of ``part``; the report's ``fit_seconds`` is 0."""
    train, everyone = split.train(), split.examples(part)
    examples = everyone.sample(MOST_QUESTIONS, np.random.default_rng(0))
    shown = np.flatnonzero(train.shown)
    k = min(k, len(shown))
    start = time.perf_counter()
    answers = ask(model.score, examples, k, progress)
    rank_seconds = time.perf_counter() - start
    lists = np.searchsorted(shown, answers.lists)
    shoppers_of_item = np.asarray(engaged(train).sum(axis=0)).ravel()
    per_question = accuracy(examples, answers.rank, k)
    bounds = intervals(per_question, np.random.default_rng(seed))
    return Report(
        model=model.name,
        protocol=split.protocol,
        data_version=snapshot.meta.data_version,
        content_hash=snapshot.meta.content_hash,
        k=k,
        users=len(examples),
        of=len(everyone),
        metrics={
            **_means(per_question),
            "coverage": coverage(lists, len(shown)),
            "gini": gini(lists, len(shown)),
            "novelty": novelty(lists, shoppers_of_item[shown], train.shoppers),
            "diversity": diversity(lists, snapshot.vectors[shown]),
        },
        intervals={name: (float(low), float(high)) for name, (low, high) in zip(ACCURACY, bounds, strict=True)},
        slices=slices(examples, answers, shoppers_of_item, snapshot.shoppers["segment"], k),
        per_question=per_question,
        fit_seconds=0.0,
        rank_seconds=rank_seconds,
    )


def accuracy(examples: Examples, rank: np.ndarray, k: int) -> np.ndarray:
    """Return (m, metrics of ACCURACY) of the ranks of the examples' targets."""
    return np.column_stack([metric(examples.target_row, rank, len(examples), k) for metric in ACCURACY.values()])


def slices(examples: Examples, answers: Answers, shoppers_of_item: np.ndarray, segment: pd.Series, k: int) -> tuple[Slice, ...]:
    """Return accuracy by target (cold: nobody engaged with it in training), by length of history, and by segment.

    Cut by target, a question keeps only its targets of that kind, and counts where it has one.
    """
    cold = shoppers_of_item[examples.target_item] == 0
    length = np.digitize(np.diff(examples.history.starts), HISTORY_BOUNDS)
    named = segment.iloc[examples.users].fillna("in no segment").to_numpy(object)
    found = [_of_targets("item", name, examples, answers.rank, mask, k) for name, mask in (("cold", cold), ("warm", ~cold))]
    for place, name in enumerate(_lengths()):
        found.append(_of_targets("history", name, examples, answers.rank, (length == place)[examples.target_row], k))
    for name in sorted(set(named)):
        found.append(_of_targets("segment", name, examples, answers.rank, (named == name)[examples.target_row], k))
    return tuple(cut for cut in found if cut.users)


def _of_targets(by: str, name: str, examples: Examples, rank: np.ndarray, mask: np.ndarray, k: int) -> Slice:
    rows, row = np.unique(examples.target_row[mask], return_inverse=True)
    if not len(rows):
        return Slice(by, name, 0, {})
    values = np.column_stack([metric(row, rank[mask], len(rows), k) for metric in ACCURACY.values()])
    return Slice(by, name, len(rows), _means(values))


def _means(per_question: np.ndarray) -> dict[str, float]:
    return dict(zip(ACCURACY, per_question.mean(axis=0).tolist(), strict=True))


def _lengths() -> list[str]:
    """Return the names of the bins of HISTORY_BOUNDS: '1 to 4 acts', …, '20 acts or more'."""
    starts = (1, *HISTORY_BOUNDS)
    names = [f"{low} to {high - 1} acts" for low, high in zip(starts, HISTORY_BOUNDS, strict=False)]
    return [*names, f"{HISTORY_BOUNDS[-1]} acts or more"]
