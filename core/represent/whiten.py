"""Make a shop's text vectors tell its items apart: take out what all of its texts share.

A pretrained encoder spends most of its directions on what one shop's titles have in common ("a thing on sale"), so that
everything looks alike. Whitening (Su et al. 2021, arXiv:2103.15316; Huang et al. 2021, arXiv:2104.01767) removes the mean
and evens out the directions, with no training and no behaviour: on Amazon Beauty the validation NDCG@10 of the taste term
alone goes from 0.031 to 0.043, on Online Retail (next visit) from 0.039 to 0.064.
"""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

RIDGE = 0.1
"""Added to each direction's variance, as a part of the mean variance: keeps noise directions from being blown up."""
FEWEST_ITEMS = 100
"""Below this the directions cannot be estimated, and the vectors stay as they are."""
NO_VARIANCE = 1e-9
"""Mean variance of a direction from which on all texts are the same text, up to rounding; they stay as they are too."""


@dataclass(frozen=True)
class Whitening:
    """A map from an encoder's vectors to whitened ones, as it was estimated on one catalogue.

    mean: float32 (d,); scale: float32 (d, d): v' = normalise((v − mean) @ scale).
    """

    mean: np.ndarray
    scale: np.ndarray

    def apply(self, matrix: np.ndarray) -> np.ndarray:
        """Return float32 (n, d), rows of length 1, 0 where nothing sets a row apart."""
        with threadpool_limits(1):  # 0.1 s at 12,000 items; more threads wait for each other on a busy machine
            scaled = (matrix - self.mean) @ self.scale
        length = np.linalg.norm(scaled, axis=1, keepdims=True)
        return np.divide(scaled, length, out=np.zeros_like(scaled), where=length > 1e-6)


def fit_whitening(matrix: np.ndarray) -> Whitening | None:
    """Estimate the map on the vectors (n, d) of a catalogue; None where they had better stay as they are.

    v' = normalise((v − mean) E (λ + ε · mean λ)^(−1/2)) with covariance E λ Eᵀ and ε = RIDGE + d/n: the fewer the
    items per dimension, the less is changed.
    """
    count, dim = matrix.shape
    if count < FEWEST_ITEMS:
        return None
    mean = matrix.mean(axis=0)
    with threadpool_limits(1):
        centred = matrix - mean
        variance, directions = np.linalg.eigh((centred.T @ centred).astype(float) / count)
    if variance.mean() < NO_VARIANCE:
        return None
    ridge = (RIDGE + dim / count) * variance.mean()
    return Whitening(mean, (directions / np.sqrt(np.maximum(variance, 0) + ridge)).astype(np.float32))


def whitened(own: np.ndarray) -> tuple[np.ndarray, Whitening | None]:
    """Return an encoder's own vectors (n, d) whitened by what they say themselves, and how; rows of 0 are no text and stay."""
    told = own.any(axis=1)
    whitening = fit_whitening(own[told]) if told.any() else None
    if whitening is None:
        return own, None
    matrix = np.zeros_like(own)
    matrix[told] = whitening.apply(own[told])
    return matrix, whitening
