"""What a varied list costs: accuracy on the validation part at each diversity and category cap, by the code that serves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.derived import Progress, no_progress
from core.score.diversity import POOL, varied
from core.train.judge import BATCH, best, hide
from core.train.metrics import diversity as unlikeness
from core.train.metrics import intervals, ndcg
from core.train.protocol import Part
from core.train.served import Served

DIVERSITIES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
CAPS = (5, 3, 2, 1)
QUESTIONS = 1000
Setting = tuple[float, int | None]
"""Diversity and category cap."""


@dataclass(frozen=True)
class Cost:
    """One setting. ndcg: mean NDCG@k; change: against lists without diversity and cap, low, high: its 95 % interval.

    unlike: mean 1 − cosine between the items of a list; categories: mean number of categories in a list; NaN where the shop
    has no vectors, or no categories.
    """

    diversity: float
    cap: int | None
    ndcg: float
    change: float
    low: float
    high: float
    unlike: float
    categories: float


@dataclass(frozen=True)
class Costs:
    """What was asked of whom. sentence: which model; users: shoppers asked; rows: the settings, the first without any."""

    sentence: str
    users: int
    k: int
    rows: tuple[Cost, ...]

    def at(self, setting: Setting) -> Cost | None:
        """Return the row of a setting, None where it was not measured."""
        return next((row for row in self.rows if (row.diversity, row.cap) == setting), None)


def diversity_costs(
    asked: Served, shelves: dict[str, str | None], settings: Sequence[Setting], *, k: int = 10, progress: Progress = no_progress
) -> Costs:
    """Return what each setting costs on the validation part, over at most QUESTIONS shoppers, always the same ones.

    shelves: item id -> category, None = not known.
    """
    sample = asked.cut.examples(Part.VALID).sample(QUESTIONS, np.random.default_rng(0))
    codes = _codes(asked, shelves)
    chosen: tuple[Setting, ...] = ((0.0, None), *(setting for setting in settings if setting != (0.0, None)))
    lists = np.full((len(chosen), len(sample), k), -1)
    for number, batch in enumerate(sample.batches(BATCH)):
        progress(number * BATCH / len(sample), "Arranging the lists of the validation part")
        scores = hide(asked.scorer.score(batch.history), batch)
        _arrange(scores, asked.snapshot.vectors, codes, chosen, lists[:, number * BATCH : number * BATCH + len(batch)])
    gained = np.column_stack([_gained(one, sample.target_row, sample.target_item) for one in lists])
    bounds = intervals(gained - gained[:, :1], np.random.default_rng(7))
    rows = tuple(
        _cost(setting, gained[:, at], gained[:, 0], bounds[at], lists[at], asked, codes) for at, setting in enumerate(chosen)
    )
    return Costs(asked.sentence, len(sample), k, rows)


def _arrange(scores: np.ndarray, vectors: np.ndarray, codes: np.ndarray, chosen: Sequence[Setting], into: np.ndarray) -> None:
    """Write the lists of the settings for the shoppers of a batch. scores: (m, n); into: (settings, m, k), −1 = no item."""
    capped = any(cap is not None for _, cap in chosen)
    orders = best(scores, scores.shape[1] if capped else min(max(POOL, into.shape[2]), scores.shape[1]))
    rows = np.arange(scores.shape[1])
    for shopper, order in enumerate(orders):
        mine = scores[shopper].astype(float)
        order = order[np.isfinite(mine[order])]
        for at, (diversity, cap) in enumerate(chosen):
            shown = varied(mine, order, rows, vectors, codes, diversity=diversity, cap=cap, k=into.shape[2])
            into[at, shopper, : len(shown)] = shown


def _gained(lists: np.ndarray, target_row: np.ndarray, target_item: np.ndarray) -> np.ndarray:
    """Return (m,) NDCG of the lists (m, k); a target that is not in its list is below it."""
    found = lists[target_row] == target_item[:, None]
    rank = np.where(found.any(axis=1), found.argmax(axis=1) + 1, lists.shape[1] + 1)
    return ndcg(target_row, rank, len(lists), lists.shape[1])


def _cost(
    setting: Setting, mine: np.ndarray, off: np.ndarray, bound: np.ndarray, lists: np.ndarray, asked: Served, codes: np.ndarray
) -> Cost:
    whole = lists[(lists >= 0).all(axis=1)]
    shelves = np.where(lists >= 0, codes[lists], -1)
    shelves.sort(axis=1)
    different = ((np.diff(shelves, axis=1, prepend=-1) > 0) & (shelves >= 0)).sum(axis=1)
    return Cost(
        *setting,
        ndcg=float(mine.mean()),
        change=float((mine - off).mean()),
        low=float(bound[0]),
        high=float(bound[1]),
        unlike=unlikeness(whole, asked.snapshot.vectors) if len(whole) else float("nan"),
        categories=float(different.mean()) if (codes >= 0).any() else float("nan"),
    )


def _codes(asked: Served, shelves: dict[str, str | None]) -> np.ndarray:
    """Return (n,) the number of each item's category, −1 = not known."""
    names = [shelves.get(item) for item in asked.snapshot.items["item_id"]]
    numbers = {name: number for number, name in enumerate(sorted({name for name in names if name is not None}))}
    return np.array([-1 if name is None else numbers[name] for name in names])
