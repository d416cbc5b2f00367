"""Models of churn: fitted on one cut, calibrated on a later one, judged on a later one still."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.profiles.churn import RECENCY_ONLY, Bin, Judged
from core.profiles.churn_data import FEATURES

LOGISTIC, BOOSTED = "logistic regression", "boosted trees"
BINS = 10
_RECENCY = [name for name, _ in FEATURES].index("recency")

Scorer = Callable[[np.ndarray], np.ndarray]
"""From an (n, features) matrix to (n,) chances of being gone, 0..1."""


def fit(name: str, matrix: np.ndarray, gone: np.ndarray, seed: int) -> Scorer:
    """Return an uncalibrated model of the (n, features) matrix and the (n,) outcomes, both outcomes present."""
    if name == RECENCY_ONLY:
        recency = _estimator(LOGISTIC, seed).fit(matrix[:, [_RECENCY]], gone)
        return lambda rows: recency.predict_proba(rows[:, [_RECENCY]])[:, 1]
    model = _estimator(name, seed).fit(matrix, gone)
    return lambda rows: model.predict_proba(rows)[:, 1]


def _estimator(name: str, seed: int) -> Any:
    if name == BOOSTED:
        return HistGradientBoostingClassifier(
            max_iter=120, learning_rate=0.06, max_leaf_nodes=15, min_samples_leaf=40, l2_regularization=1.0, random_state=seed
        )
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def calibrate(scorer: Scorer, matrix: np.ndarray, gone: np.ndarray) -> Scorer:
    """Return the scorer with its log-odds stretched and shifted to fit the outcomes of a later cut (Platt 1999).

    The order of shoppers stays, so the AUC does too.
    """
    bend = LogisticRegression(C=1e6).fit(_log_odds(scorer(matrix)), gone)
    return lambda rows: bend.predict_proba(_log_odds(scorer(rows)))[:, 1]


def _log_odds(chances: np.ndarray) -> np.ndarray:
    kept = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.log(kept / (1 - kept)).reshape(-1, 1)


def auc(risks: np.ndarray, gone: np.ndarray) -> float:
    """Return the area under the ROC curve, ties half."""
    return float(roc_auc_score(gone, risks))


def judge(name: str, risks: np.ndarray, gone: np.ndarray) -> Judged:
    """Return how (n,) risks did against (n,) outcomes, both outcomes present."""
    bins = reliability(risks, gone)
    brier, share = float(brier_score_loss(gone, risks)), float(gone.mean())
    gap = sum(one.shoppers * abs(one.predicted - one.observed) for one in bins) / len(gone)
    return Judged(name, auc(risks, gone), brier, 1 - brier / (share * (1 - share)), gap, bins)


def reliability(risks: np.ndarray, gone: np.ndarray) -> tuple[Bin, ...]:
    """Return up to ten bins of as many shoppers each, by risk, lowest first; shoppers of the same risk share a bin.

    >>> [(one.predicted, one.observed) for one in reliability(np.array([0.1, 0.1, 0.9, 0.9]), np.array([0, 0, 1, 0]))]
    [(0.1, 0.0), (0.9, 0.5)]
    """
    edges = np.unique(np.quantile(risks, np.linspace(0, 1, BINS + 1)[1:-1]))
    places = np.searchsorted(edges, risks, side="right")
    return tuple(_bin(risks[places == place], gone[places == place]) for place in np.unique(places))


def _bin(risks: np.ndarray, gone: np.ndarray) -> Bin:
    n, share, z = len(gone), float(gone.mean()), 1.96
    middle, wide = share + z * z / (2 * n), z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (middle - wide) / (1 + z * z / n), (middle + wide) / (1 + z * z / n)
    return Bin(float(risks.mean()), share, n, max(0.0, float(low)), min(1.0, float(high)))


def importance(scorer: Scorer, matrix: np.ndarray, gone: np.ndarray, seed: int) -> tuple[tuple[str, float], ...]:
    """Return each feature's label and how much AUC is lost where its values are shuffled among the shoppers; most first."""
    rng, full = np.random.default_rng(seed), auc(scorer(matrix), gone)
    lost = []
    for place, (_, label) in enumerate(FEATURES):
        shuffled = matrix.copy()
        shuffled[:, place] = rng.permutation(shuffled[:, place])
        lost.append((label, full - auc(scorer(shuffled), gone)))
    return tuple(sorted(lost, key=lambda pair: -pair[1]))
