"""Ask a model the questions of a part: full ranking over all items, what was seen before masked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.base.derived import Progress, no_progress
from core.represent.acts import Acts
from core.train.metrics import ndcg
from core.train.protocol import Examples

BATCH = 512
TUNING_QUESTIONS = 4000
TUNING_CELLS = 50_000_000
"""Scores that one setting is judged by, at most: in a shop of more than 12,500 items fewer questions are asked."""
LEAST_QUESTIONS = 1000
CELLS = 5_000_000
"""Scores compared at once while ranks are counted: 20 MB of them."""
CROWD = 8
"""Targets in a row from which on sorting the row costs less than to compare each of them with all of it."""

Score = Callable[[Acts], np.ndarray]


@dataclass(frozen=True)
class Answers:
    """What a model made of the questions. rank: of each target, see ``metrics``; lists: (m, k) item codes, best first."""

    rank: np.ndarray
    lists: np.ndarray


def ask(score: Score, examples: Examples, k: int, progress: Progress = no_progress, *, mask: bool = True) -> Answers:
    """Rank every item that can be recommended for every question. Ties in a list go to the lower item code.

    mask=False leaves what was seen before in the ranking, as some papers do; the product never does.
    """
    ranks, lists = [], []
    for number, (batch, scores) in enumerate(_scored(score, examples, mask)):
        progress(number * BATCH / len(examples), "Ranking")
        ranks.append(ranks_of(scores, batch.target_row, batch.target_item))
        lists.append(best(scores, k))
    return Answers(np.concatenate(ranks), np.concatenate(lists))


def tuning_ndcg(score: Score, valid: Examples, k: int = 10) -> float:
    """Return the mean NDCG@k over ``tuning_sample``."""
    sample = tuning_sample(valid)
    return float(np.concatenate([gains_of(scores, batch, k) for batch, scores in _scored(score, sample, mask=True)]).mean())


def gains_of(scores: np.ndarray, batch: Examples, k: int) -> np.ndarray:
    """Return (m,) NDCG@k of each question by its row of the scores (m, n)."""
    return ndcg(batch.target_row, ranks_of(scores, batch.target_row, batch.target_item, within=k), len(batch), k)


def tuning_sample(valid: Examples) -> Examples:
    """Return at most TUNING_QUESTIONS of the questions, always the same ones, which ask for at most TUNING_CELLS scores."""
    most = min(TUNING_QUESTIONS, max(LEAST_QUESTIONS, TUNING_CELLS // max(valid.history.items, 1)))
    return valid.sample(most, np.random.default_rng(0))


def gains_among(scores: np.ndarray, batch: Examples, items: np.ndarray, k: int) -> np.ndarray:
    """Return (m,) NDCG@k where only these items can be recommended, by scores (m, len(items)), changed in place.

    items: ascending codes. A target that is none of them is not found.
    """
    column = np.full(batch.history.items, -1)
    column[items] = np.arange(len(items))
    seen, target = column[batch.seen_item], column[batch.target_item]
    scores[batch.seen_row[seen >= 0], seen[seen >= 0]] = -np.inf
    scores[:, ~batch.history.shown[items]] = -np.inf
    rank = np.full(len(target), np.inf)
    rank[target >= 0] = ranks_of(scores, batch.target_row[target >= 0], target[target >= 0], within=k)
    return ndcg(batch.target_row, rank, len(batch), k)


def _scored(score: Score, examples: Examples, mask: bool) -> Iterator[tuple[Examples, np.ndarray]]:
    """Yield batches of questions with their scores, −∞ for what was seen before or cannot be recommended."""
    for batch in examples.batches(BATCH):
        yield batch, hide(score(batch.history), batch, mask)


def hide(scores: np.ndarray, batch: Examples, mask: bool = True) -> np.ndarray:
    """Return the scores, changed in place: −∞ for what was seen before (``mask``) or cannot be recommended."""
    if mask:
        scores[batch.seen_row, batch.seen_item] = -np.inf
    scores[:, ~batch.history.shown] = -np.inf
    return scores


def ranks_of(scores: np.ndarray, row: np.ndarray, item: np.ndarray, within: int | None = None) -> np.ndarray:
    """Return (targets,) 1 + better + equal others / 2 of the item in its row of the scores (m, n).

    Where a row is asked for more than CROWD items, it is sorted once for all of them; ``within``: only ranks up to this are
    wanted, and others may be infinite, which takes a fraction of the time there.

    >>> ranks_of(np.array([[3.0, 1.0, 1.0, 1.0]]), np.array([0]), np.array([2]))
    array([3.])
    """
    ranks = np.empty(len(row))
    asked = np.bincount(row, minlength=len(scores))
    few = np.flatnonzero(asked[row] <= CROWD)
    step = max(1, CELLS // scores.shape[1])
    for start in range(0, len(few), step):
        part = few[start : start + step]
        theirs = scores[row[part]]
        mine = theirs[np.arange(len(theirs)), item[part]][:, None]
        ranks[part] = 1 + (theirs > mine).sum(axis=1) + ((theirs == mine).sum(axis=1) - 1) / 2
    targets, ends = np.argsort(row, kind="stable"), np.cumsum(asked)
    for crowded in np.flatnonzero(asked > CROWD):
        part = targets[ends[crowded] - asked[crowded] : ends[crowded]]
        ranks[part] = _ranks_in(scores[crowded], scores[crowded, item[part]], within)
    return ranks


def _ranks_in(scores: np.ndarray, mine: np.ndarray, within: int | None) -> np.ndarray:
    """Return (targets,) what ``ranks_of`` does for the targets of one row (n,). mine: (targets,) their scores."""
    if within is not None and within < len(scores):
        scores = scores[scores >= np.partition(scores, -within)[-within]]
    ordered = np.sort(scores)
    begin, end = (np.searchsorted(ordered, mine, side) for side in ("left", "right"))
    return np.where(end > 0, 1 + (len(ordered) - end) + (end - begin - 1) / 2, np.inf)


def best(scores: np.ndarray, k: int) -> np.ndarray:
    """Return (m, k) columns of the highest scores of each row, highest first, ties to the lower column; k ≤ n.

    >>> best(np.array([[1.0, 3.0, 3.0, 0.0]]), 2)
    array([[1, 2]])
    """
    columns = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    least = np.take_along_axis(scores, columns, axis=1).min(axis=1)
    for row in np.flatnonzero((scores >= least[:, None]).sum(axis=1) > k):  # a tie at the cut
        columns[row] = np.argsort(-scores[row], kind="stable")[:k]
    columns.sort(axis=1)
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)
