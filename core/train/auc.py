"""How sure a figure of merit is, the AUC above all, and its difference from a rival's on the same cases."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.stats import rankdata


def auc(chances: np.ndarray, happened: np.ndarray) -> float:
    """Return the area under the ROC curve, ties half; NaN where all or none happened.

    >>> auc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    0.875
    """
    hits = int(happened.sum())
    misses = len(happened) - hits
    if not hits or not misses:
        return float("nan")
    return float((rankdata(chances)[happened].sum() - hits * (hits + 1) / 2) / (hits * misses))


def resampled(
    chances: Mapping[str, np.ndarray],
    happened: np.ndarray,
    seed: int,
    resamples: int = 500,
    group: np.ndarray | None = None,
    measure: Callable[[np.ndarray, np.ndarray], float] = auc,
) -> dict[str, np.ndarray]:
    """Return (resamples,) values of each model, all on the same draws of the cases with replacement (Efron & Tibshirani 1993).

    group: (m,) numbers from 0; whole groups are drawn, for cases that hang together. A draw in which all or none happened has no
    AUC and is NaN: read the result with ``ends``.
    """
    rng, many = np.random.default_rng(seed), len(happened) if group is None else int(group.max()) + 1
    found: dict[str, list[float]] = {name: [] for name in chances}
    for _ in range(resamples):
        times = np.bincount(rng.integers(0, many, many), minlength=many)
        at = np.repeat(np.arange(len(happened)), times if group is None else times[group])
        for name, told in chances.items():
            found[name].append(measure(told[at], happened[at]))
    return {name: np.array(values) for name, values in found.items()}


def ends(values: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of resampled values."""
    low, high = np.nanquantile(values, [0.025, 0.975]).tolist()
    return low, high
