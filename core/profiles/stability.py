"""Whether the same groups would be found in other shoppers of the same shop: bootstrap and the adjusted Rand index.

Each resample draws as many shoppers with replacement, groups them anew into k, and puts the original shoppers to the
nearest centre found; the adjusted Rand index says how far the two groupings agree: 1 the same, 0 as by chance.
Hubert and Arabie (1985), Comparing partitions; Hennig (2007), Cluster-wise assessment of cluster stability.
"""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

RESAMPLES, MOST_ROWS = 15, 5_000
"""How many resamples, and the rows of the seeded sample they are drawn from."""


def stability(matrix: np.ndarray, labels: np.ndarray, seed: int, resamples: int = RESAMPLES) -> tuple[float, ...]:
    """Return the adjusted Rand index of each resample, −1..1. matrix: (n, d); labels: (n,), at least two groups."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(matrix), min(len(matrix), MOST_ROWS), replace=False)
    points, known, k = matrix[rows], labels[rows], len(np.unique(labels))
    with threadpool_limits(1):
        return tuple(_agreement(points, known, k, rng) for _ in range(resamples))


def _agreement(points: np.ndarray, known: np.ndarray, k: int, rng: np.random.Generator) -> float:
    drawn = points[rng.integers(0, len(points), len(points))]
    groups = min(k, len(np.unique(drawn, axis=0)))
    found = KMeans(groups, n_init=3, random_state=int(rng.integers(2**31))).fit(drawn)
    return float(adjusted_rand_score(known, found.predict(points)))
