"""Pairs of items that the same shoppers came to, near each other in time: what the text encoder is tuned on and judged by."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from core.represent.acts import Acts, distinct
from core.train.judge import ranks_of
from core.train.metrics import ndcg, recall

STEPS = 3
"""Items up to this many steps apart in a shopper's history are a pair; it counts 1 / steps."""
SHARES = (0.8, 0.1, 0.1)
"""Of the shoppers: whose pairs are learned from, stopped by, and reported on."""
POPULARITY = 0.5
"""A pair is drawn by its weight over (neighbours of one · of the other) to this power: bestsellers do not fill the batches."""
BATCH = 512


@dataclass(frozen=True)
class Pairs:
    """The pairs of three groups of shoppers drawn at random, each float32 (n, n), symmetric, 0 = no pair.

    together: whether two items are both known to one of the shoppers learned from, at whatever distance.
    """

    learn: sp.csr_matrix
    valid: sp.csr_matrix
    test: sp.csr_matrix
    together: sp.csr_matrix


def co_engaged(acts: Acts, told: np.ndarray, seed: int) -> Pairs:
    """Return the pairs of products that shoppers did not return.

    acts: the part of a log that may be learned from; told: (n,) bool, the items that have a text.
    """
    acts = distinct(acts)
    acts = acts.where(told[acts.item])
    group = np.random.default_rng(seed).choice(len(SHARES), size=acts.shoppers, p=SHARES)
    learn, valid, test = (acts.where(group[acts.user] == which) for which in range(len(SHARES)))
    known = sp.csr_matrix((np.ones(len(learn), np.float32), (learn.user, learn.item)), shape=(acts.shoppers, acts.items))
    return Pairs(neighbours(learn), neighbours(valid), neighbours(test), (known.T @ known).tocsr())


def neighbours(acts: Acts) -> sp.csr_matrix:
    """Return float32 (n, n): Σ 1 / steps over the shoppers who came to both items within STEPS of each other.

    acts: of distinct items for each shopper, in order.
    """
    total = sp.csr_matrix((acts.items, acts.items), dtype=np.float32)
    for step in range(1, STEPS + 1):
        same = acts.user[step:] == acts.user[:-step]
        ends = (acts.item[:-step][same], acts.item[step:][same])
        total += sp.csr_matrix((np.full(int(same.sum()), 1 / step, np.float32), ends), shape=total.shape)
    return (total + total.T).tocsr()


def chances(pairs: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (p,) one item, (p,) the other, (p,) the probability with which that pair is drawn."""
    found = pairs.tocoo()
    degree = np.diff(pairs.indptr).astype(float)
    weight = found.data / (degree[found.row] * degree[found.col]) ** POPULARITY
    return found.row, found.col, weight / weight.sum()


def retrieval(vectors: np.ndarray, pairs: sp.csr_matrix, shown: np.ndarray, k: int = 10) -> np.ndarray:
    """Return (q, 2): NDCG@k and recall@k of each item that has pairs, asked for them among all shown items by cosine.

    vectors: float32 (n, d), length 1; shown: (n,) bool. The item itself is left out of its ranking.
    """
    asked = np.flatnonzero(np.diff(pairs.indptr))
    rows, ranks = [], []
    for start in range(0, len(asked), BATCH):
        part = asked[start : start + BATCH]
        scores = vectors[part] @ vectors.T
        scores[:, ~shown] = -np.inf
        scores[np.arange(len(part)), part] = -np.inf
        wanted = pairs[part].tocoo()
        order = np.argsort(wanted.row, kind="stable")
        rows.append(wanted.row[order] + start)
        ranks.append(ranks_of(scores, wanted.row[order], wanted.col[order]))
    row, rank = np.concatenate(rows), np.concatenate(ranks)
    return np.column_stack([metric(row, rank, len(asked), k) for metric in (ndcg, recall)])
