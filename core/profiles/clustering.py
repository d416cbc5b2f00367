"""K-means with the number of groups chosen by silhouette, and two axes to draw it on."""

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

MOST_GROUPS = 10
FIT_ROWS, SILHOUETTE_ROWS = 20_000, 3_000
"""Rows of the seeded samples on which every k is fitted and judged; a silhouette costs the square of its rows."""
MINI_BATCH_ROWS = 200_000
"""Rows from which the final fit goes in mini-batches."""
NEAR = 0.005
"""A smaller k is taken where its silhouette is within this of the best: the noise of the sample."""
TWO_BY = 0.05
"""Two groups are taken only where they beat every other k by this much: mostly they say "much" and "little"."""


@dataclass(frozen=True)
class Clustering:
    """k groups of n points. labels: (n,), 0 = the largest group; centres: (k, d); distances: (n,) to the own centre.

    curve: (k, silhouette) for every k tried; silhouette: of the k chosen, −1..1; points: (n, 2) principal components;
    explained: shares of the variance on the two axes.
    """

    labels: np.ndarray
    centres: np.ndarray
    distances: np.ndarray
    k: int
    silhouette: float
    curve: tuple[tuple[int, float], ...]
    points: np.ndarray
    explained: tuple[float, float]


def cluster(matrix: np.ndarray, seed: int) -> Clustering:
    """Group the rows of the (n, d) matrix, n at least 20 and not all equal. The same seed gives the same groups."""
    with threadpool_limits(1):  # on a busy machine scikit-learn's threads wait for each other: 100 times slower, measured
        return _cluster(matrix, seed)


def _cluster(matrix: np.ndarray, seed: int) -> Clustering:
    rng = np.random.default_rng(seed)
    sample = matrix[_some(rng, len(matrix), FIT_ROWS)]
    curve = _curve(sample, sample[_some(rng, len(sample), SILHOUETTE_ROWS)], seed)
    k, silhouette = _choose(curve)
    labels, centres = _fit(matrix, k, seed)
    axes = PCA(2, random_state=seed).fit(sample) if matrix.shape[1] > 1 else None
    return Clustering(
        labels=labels,
        centres=centres,
        distances=np.linalg.norm(matrix - centres[labels], axis=1),
        k=k,
        silhouette=silhouette,
        curve=curve,
        points=axes.transform(matrix) if axes else np.column_stack([matrix[:, 0], np.zeros(len(matrix))]),
        explained=(float(axes.explained_variance_ratio_[0]), float(axes.explained_variance_ratio_[1])) if axes else (1.0, 0.0),
    )


def _choose(curve: tuple[tuple[int, float], ...]) -> tuple[int, float]:
    """Return k and its silhouette: the smallest of those as good as the best, two only where clearly better.

    >>> _choose(((2, 0.16), (3, 0.14), (4, 0.151), (5, 0.155), (6, 0.13)))
    (4, 0.151)
    >>> _choose(((2, 0.5), (3, 0.3)))
    (2, 0.5)
    """
    more = [score for k, score in curve if k > 2]
    if not more or curve[0][1] >= max(more) + TWO_BY:
        return curve[0]
    return next((k, score) for k, score in curve if k > 2 and score >= max(more) - NEAR)


def _some(rng: np.random.Generator, n: int, most: int) -> np.ndarray:
    return np.sort(rng.choice(n, most, replace=False)) if n > most else np.arange(n)


def _curve(sample: np.ndarray, judged: np.ndarray, seed: int) -> tuple[tuple[int, float], ...]:
    """Return the silhouette of every k that leaves at least ten points a group and no more groups than distinct points."""
    most = min(MOST_GROUPS, len(sample) // 10, len(np.unique(judged, axis=0)) - 1)
    scores = []
    for k in range(2, max(most, 2) + 1):
        labels = KMeans(k, n_init=5, random_state=seed).fit(sample).predict(judged)
        scores.append((k, float(silhouette_score(judged, labels)) if len(set(labels)) > 1 else -1.0))
    return tuple(scores)


def _fit(matrix: np.ndarray, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and centres of the final fit, groups numbered by size, largest first."""
    big = len(matrix) > MINI_BATCH_ROWS
    make = MiniBatchKMeans(k, n_init=5, batch_size=8192, random_state=seed) if big else KMeans(k, n_init=10, random_state=seed)
    found = make.fit(matrix)
    order = np.argsort(-np.bincount(found.labels_, minlength=k), kind="stable")
    return np.argsort(order)[found.labels_], found.cluster_centers_[order]
