"""EASE: the best linear item-to-item model there is in closed form, over a shop's most engaged items."""

import math
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

from core.base.derived import Progress, no_progress
from core.represent.acts import Acts, distinct
from core.represent.neighbours import engaged, nearest, recent
from core.train.fading import fading
from core.train.judge import BATCH, TUNING_QUESTIONS, gains_among
from core.train.moments import Moment, moments, surest
from core.train.protocol import Examples
from core.train.scorer import within

HEAD = 12_500
"""Items that it learns, the most engaged ones: its table is dense, 600 MB at this many. The rest score 0."""
TUNING_HEAD = 4_000
"""Ridge and half-life are chosen on this many items: a table a second instead of a quarter of a minute."""
BLOCK = 1024
RIDGES = (60.0, 300.0, 1000.0)
HALF_LIVES = (30.0, 90.0, math.inf)
DECAYS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.98, 1.0)
"""Read as 1 is a whole history: what someone bought a year ago says as much as what they bought last."""
_NOTHING = np.empty((0, 0), np.float32)


@dataclass(frozen=True)
class Options:
    """ridge: λ of the formula; half_life_days: after which an act teaches half; decay: what each step back loses."""

    ridge: float = 60.0
    half_life_days: float = math.inf
    decay: float = 0.7


class Ease:
    """B = I − P · diag(1 / diag P) with P = (XᵀX + λI)⁻¹; score = recency-weighted history @ B.

    X: (shoppers, head items), √(0.5^(age / half-life)) where a shopper engaged. Steck 2019, doi:10.1145/3308558.3313710.
    ``head``: ascending codes of the items that it learned.
    """

    name = "ease"

    def __init__(self, options: Options = Options(), half_lives: tuple[float, ...] = HALF_LIVES):
        """half_lives: to choose from; infinity alone makes it EASE as published."""
        self.options = options
        self._half_lives = half_lives
        self._weights = _NOTHING
        self._cut: sp.csr_matrix | None = None

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Choose ridge and half-life on the TUNING_HEAD, solve, and choose the decay, all by NDCG@10 on ``valid``.

        The half-life, which looks the better the fresher the model is, is finite only where that is better at every moment of
        ``moments`` together, and beyond chance.
        """
        acts = distinct(train)
        if valid is not None:
            self.options = replace(self.options, decay=0.9, ridge=RIDGES[1], half_life_days=math.inf)
            self._solve(acts, TUNING_HEAD)
            self._choose_decay(valid, within(progress, 0.0, 0.15))
            self._choose_ridge(acts, valid, within(progress, 0.15, 0.3))
            self._choose_half_life(moments(train, valid), within(progress, 0.3, 0.6))
        progress(0.6, "EASE: solving")
        self._solve(acts, HEAD)
        if valid is not None:
            self._choose_decay(valid, within(progress, 0.7, 1.0))

    def score(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, items); 0 outside the head."""
        if self._cut is not None:
            return (recent(history, self.options.decay) @ self._cut).toarray()
        scores = np.zeros((history.shoppers, history.items), np.float32)
        scores[:, self.head] = recent(history, self.options.decay)[:, self.head] @ self._weights
        return scores

    def sparse(self) -> sp.csr_matrix:
        """Return float32 (items, items): each row's 500 weights of largest size, which all but equal the whole.

        Only they are kept from then on, until it learns again.
        """
        if self._cut is not None:
            return self._cut
        blocks = [nearest(sp.csr_matrix(self._weights[start : start + BLOCK])) for start in range(0, len(self._weights), BLOCK)]
        kept = sp.coo_matrix(sp.vstack(blocks))
        shape = (self._items, self._items)
        self._cut = sp.csr_matrix((kept.data, (self.head[kept.row], self.head[kept.col])), shape=shape)
        self._weights = _NOTHING
        return self._cut

    def small(self, acts: Acts) -> "Ease":
        """Return EASE by the same options over the TUNING_HEAD of another log. acts: distinct."""
        small = Ease(self.options)
        small._solve(acts, TUNING_HEAD)
        return small

    def _choose_ridge(self, acts: Acts, valid: Examples, progress: Progress) -> None:
        gained = []
        for place, ridge in enumerate(RIDGES):
            progress(place / len(RIDGES), f"EASE: ridge {ridge:g}")
            self.options = replace(self.options, ridge=ridge)
            self._solve(acts, TUNING_HEAD)
            gained.append(self._gained(valid).mean())
        self.options = replace(self.options, ridge=RIDGES[int(np.argmax(gained))])

    def _choose_half_life(self, asked: list[Moment], progress: Progress) -> None:
        values = sorted(self._half_lives, reverse=True)
        gained = []
        for place, days in enumerate(values):
            progress(place / len(values), f"EASE: half-life {days:g} days")
            self.options = replace(self.options, half_life_days=days)
            found = []
            for moment in asked:
                small = self.small(distinct(moment.train))
                found += [small._gained(questions) for questions in moment.asked]
            gained.append(np.concatenate(found))
        self.options = replace(self.options, half_life_days=values[surest(np.stack(gained))])

    def _choose_decay(self, valid: Examples, progress: Progress) -> None:
        gained = []
        for place, decay in enumerate(DECAYS):
            progress(place / len(DECAYS), f"EASE: decay {decay:g}")
            self.options = replace(self.options, decay=decay)
            gained.append(self._gained(valid).mean())
        self.options = replace(self.options, decay=DECAYS[int(np.argmax(gained))])

    def _gained(self, questions: Examples) -> np.ndarray:
        """Return (q,) NDCG@10 among the items that it learned, of at most TUNING_QUESTIONS questions."""
        sample = questions.sample(TUNING_QUESTIONS, np.random.default_rng(0))
        gained = []
        for batch in sample.batches(BATCH):
            scores = np.asarray(recent(batch.history, self.options.decay)[:, self.head] @ self._weights)
            gained.append(gains_among(scores, batch, self.head, 10))
        return np.concatenate(gained)

    def _solve(self, acts: Acts, most: int) -> None:
        """Learn the weights of at most this many items."""
        counts = np.bincount(acts.item, minlength=acts.items)
        order = np.argsort(-counts, kind="stable")
        self._items, self.head = acts.items, np.sort(order[: min(most, max(int((counts > 0).sum()), 1))])
        self._weights, self._cut = _NOTHING, None  # what was learned before goes first
        matrix = engaged(acts, np.sqrt(fading(acts, self.options.half_life_days)))[:, self.head]
        self._weights = solve(sp.csr_matrix(matrix), self.options.ridge)


def solve(matrix: sp.csr_matrix, ridge: float) -> np.ndarray:
    """Return float32 (items, items), the weights B of the class, diagonal 0, in the memory of one such table.

    matrix: (shoppers, items) ≥ 0.
    """
    columns, count = sp.csc_matrix(matrix), matrix.shape[1]
    gram = np.empty((count, count), np.float32, order="F")
    for start in range(0, count, BLOCK):
        gram[:, start : start + BLOCK] = (matrix.T @ columns[:, start : start + BLOCK]).toarray()
    gram[np.diag_indices_from(gram)] += ridge
    upper, failed = lapack.spotrf(gram, lower=False, overwrite_a=True)
    inverse, failed_too = lapack.spotri(upper, lower=False, overwrite_c=True)
    if failed or failed_too:
        raise np.linalg.LinAlgError("XᵀX + λI should be positive definite")
    weights = _mirrored(inverse).T  # symmetric: the same table, by rows
    weights /= -np.diag(weights)
    np.fill_diagonal(weights, 0)
    return weights


def _mirrored(upper: np.ndarray) -> np.ndarray:
    """Return the square matrix with its part below the diagonal overwritten by the part above it, in place."""
    for start in range(0, len(upper), BLOCK):
        end = start + BLOCK
        corner = upper[start:end, start:end]
        upper[start:end, start:end] = np.triu(corner) + np.triu(corner, 1).T
        upper[end:, start:end] = upper[start:end, end:].T
    return upper
