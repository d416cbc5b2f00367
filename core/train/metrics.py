"""What a ranking is worth: one function a metric, its formula and source in its docstring.

Accuracy is read from full ranks. A *question* is one shopper, in row r, with |T_r| targets; each target has a rank from 1
among all items not seen before, ties counting half: rank = 1 + |better| + |equal others| / 2. Lists are (m, k) item codes.
Every accuracy metric returns (m,), one value a question in [0, 1], so that means, intervals and slices are taken outside.
"""

from collections.abc import Callable

import numpy as np

Accuracy = Callable[[np.ndarray, np.ndarray, int, int], np.ndarray]


def recall(row: np.ndarray, rank: np.ndarray, questions: int, k: int) -> np.ndarray:
    """Share of the targets among the first k: |T ∩ top k| / |T|. Herlocker et al. 2004, doi:10.1145/963770.963772.

    >>> recall(np.array([0, 0, 1]), np.array([1.0, 7.0, 2.5]), questions=2, k=5)
    array([0.5, 1. ])
    """
    return _sum(row, rank <= k, questions) / _targets(row, questions)


def hit_rate(row: np.ndarray, rank: np.ndarray, questions: int, k: int) -> np.ndarray:
    """1 where any target is among the first k, else 0. Deshpande & Karypis 2004, doi:10.1145/963770.963776.

    >>> hit_rate(np.array([0, 0, 1]), np.array([1.0, 7.0, 9.0]), questions=2, k=5)
    array([1., 0.])
    """
    return (_sum(row, rank <= k, questions) > 0).astype(float)


def ndcg(row: np.ndarray, rank: np.ndarray, questions: int, k: int) -> np.ndarray:
    """Gain discounted by rank, over the best possible: Σ_{t: rank ≤ k} 1/log2(1 + rank_t) / Σ_{j ≤ min(k, |T|)} 1/log2(1 + j).

    Järvelin & Kekäläinen 2002, doi:10.1145/582415.582418, with gain 1 for a target.

    >>> ndcg(np.array([0, 1]), np.array([1.0, 3.0]), questions=2, k=5)
    array([1. , 0.5])
    """
    gain = _sum(row, np.where(rank <= k, 1 / np.log2(1 + rank), 0.0), questions)
    ideal = np.cumsum(1 / np.log2(2 + np.arange(k)))
    return gain / ideal[np.minimum(_targets(row, questions), k).astype(int) - 1]


def mrr(row: np.ndarray, rank: np.ndarray, questions: int, k: int) -> np.ndarray:
    """1 / rank of the best target, 0 where it is not among the first k. Voorhees 1999, TREC-8 question answering track.

    >>> mrr(np.array([0, 0, 1]), np.array([4.0, 2.0, 9.0]), questions=2, k=5)
    array([0.5, 0. ])
    """
    best = np.full(questions, np.inf)
    np.minimum.at(best, row, rank)
    return np.where(best <= k, 1 / best, 0.0)


ACCURACY: dict[str, Accuracy] = {"ndcg": ndcg, "hit_rate": hit_rate, "recall": recall, "mrr": mrr}


def coverage(lists: np.ndarray, items: int) -> float:
    """Share of the items that anyone is shown: |∪ lists| / items. Ge et al. 2010, doi:10.1145/1864708.1864761.

    >>> coverage(np.array([[0, 1], [0, 2]]), items=6)
    0.5
    """
    return len(np.unique(lists)) / items


def gini(lists: np.ndarray, items: int) -> float:
    """How unevenly the places go to the items: Σ_j (2j − n − 1) x_(j) / (n Σ x), x_(j) times shown, ascending.

    0: every item as often; towards 1: all places to one item. Fleder & Hosanagar 2009, doi:10.1287/mnsc.1080.0974.

    >>> gini(np.array([[0, 1], [0, 1]]), items=4)
    0.5
    """
    shown = np.sort(np.bincount(lists.ravel(), minlength=items))
    weights = 2 * np.arange(1, items + 1) - items - 1
    return float(weights @ shown / (items * shown.sum()))


def novelty(lists: np.ndarray, shoppers_of_item: np.ndarray, shoppers: int) -> float:
    """Mean surprise of a place, in bits: −log2((1 + shoppers who know the item) / (1 + shoppers)). Zhou et al. 2010,
    doi:10.1073/pnas.1000488107; the 1s keep an item that nobody knows finite.

    >>> novelty(np.array([[0, 1]]), np.array([7, 1]), shoppers=7)
    1.0
    """
    known = (1 + shoppers_of_item) / (1 + shoppers)
    return float(-np.log2(known[lists]).mean())


def diversity(lists: np.ndarray, vectors: np.ndarray) -> float:
    """Mean 1 − cosine over the pairs of a list, mean over the lists: how unlike the items of a list are.

    Ziegler et al. 2005, doi:10.1145/1060745.1060754. vectors: (items, d), length 1; NaN for lists of one or no vectors.

    >>> diversity(np.array([[0, 1], [0, 0]]), np.eye(2))
    0.5
    """
    size = lists.shape[1]
    if size < 2 or not vectors.shape[1]:
        return float("nan")
    parts = [vectors[lists[start : start + 4096]] for start in range(0, len(lists), 4096)]
    total = sum(float((part.sum(axis=1) ** 2).sum() - (part**2).sum()) for part in parts)
    return 1 - total / (len(lists) * size * (size - 1))


def intervals(values: np.ndarray, rng: np.random.Generator, resamples: int = 1000, level: float = 0.95) -> np.ndarray:
    """Return (columns, 2): the percentile bootstrap interval of each column's mean, questions resampled as a whole.

    values: (m, columns). Efron & Tibshirani 1993, ch. 13. Give a column of differences for a paired comparison.
    """
    means = np.empty((resamples, values.shape[1]))
    for place in range(resamples):
        means[place] = values[rng.integers(0, len(values), len(values))].mean(axis=0)
    tail = (1 - level) / 2
    return np.quantile(means, [tail, 1 - tail], axis=0).T


def _sum(row: np.ndarray, value: np.ndarray, questions: int) -> np.ndarray:
    return np.bincount(row, weights=value, minlength=questions)


def _targets(row: np.ndarray, questions: int) -> np.ndarray:
    return np.bincount(row, minlength=questions).astype(float)
