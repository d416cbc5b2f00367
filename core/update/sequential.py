"""Figures of two arms, and the interval of their difference that holds at every look.

A measure is a ratio over the shoppers of an arm: Σ y ÷ Σ x (clicks ÷ places shown, buyers ÷ shoppers, days ÷ weeks). Shoppers
are what was drawn by chance, so the spread is taken over shoppers, not over places (delta method; Deng, Knoblich & Lu 2018).

Somebody who looks every day and stops at the first 95 % interval without 0 is wrong far more often than one time in twenty.
The interval here is a confidence sequence: with 95 % it holds the truth at *every* look. It is the mixture sequential
probability ratio test with a normal mixture over the difference (Robbins 1970; Johari, Koomen, Pekelis & Walsh 2017), with the
variance estimated: with V the variance of the estimate d and τ the standard deviation of the mixture,

    |d − truth| ≤ sqrt( 2 V (V + τ²) / τ² · ( ln(1/α) + ½ ln((V + τ²) / V) ) )    at every look, with chance 1 − α.

τ is the change worth finding, fixed before the start. The estimate is taken for normal, so there is no verdict before each arm
has LEAST_SHOPPERS and LEAST_HITS.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

LEVEL = 0.05
"""Chance of an interval that does not hold the truth."""
LEAST_SHOPPERS, LEAST_HITS = 100, 20
"""What each arm needs before the estimates are normal enough: shoppers, and of what is counted above the line."""
Z = NormalDist().inv_cdf(1 - LEVEL / 2)


@dataclass(frozen=True)
class Figure:
    """A ratio over the shoppers of one arm. variance: of the rate as an estimate; hits, of: Σ y and Σ x."""

    shoppers: int
    hits: float
    of: float
    rate: float
    variance: float

    @property
    def enough(self) -> bool:
        """Whether it can be taken for normal."""
        return self.shoppers >= LEAST_SHOPPERS and self.hits >= LEAST_HITS

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval, for one look; not below 0."""
        half = Z * math.sqrt(self.variance)
        return max(self.rate - half, 0.0), self.rate + half


@dataclass(frozen=True)
class Contrast:
    """Treatment less control. low, high: 95 % over all looks, None where it is too early; relative: to the control's rate."""

    value: float
    low: float | None
    high: float | None
    relative: float | None

    @property
    def decided(self) -> bool:
        """Whether 0 is outside."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def figure(y: np.ndarray, x: np.ndarray) -> Figure | None:
    """Return Σ y ÷ Σ x with its variance over shoppers; None where Σ x is 0. y, x: (n,), row = a shopper."""
    n, total = len(y), float(x.sum())
    if total <= 0:
        return None
    rate = float(y.sum()) / total
    spread = float(((y - rate * x) ** 2).sum()) * n / max(n - 1, 1)
    return Figure(n, float(y.sum()), total, rate, spread / total**2)


def contrast(control: Figure, treatment: Figure, tau: float) -> Contrast:
    """Return the difference with its interval for any number of looks. tau: the change worth finding, > 0."""
    value = treatment.rate - control.rate
    relative = value / control.rate if control.rate > 0 else None
    variance = control.variance + treatment.variance
    if not (control.enough and treatment.enough and variance > 0):
        return Contrast(value, None, None, relative)
    half = half_width(variance, tau)
    return Contrast(value, value - half, value + half, relative)


def half_width(variance: float, tau: float, level: float = LEVEL) -> float:
    """Return how far the truth may be from the estimate at any look, but with chance ``level``. variance, tau > 0.

    >>> round(half_width(0.0001, 0.02), 4)
    0.0308
    """
    both = variance + tau**2
    return math.sqrt(2 * variance * both / tau**2 * (math.log(1 / level) + math.log(both / variance) / 2))


def mismatch(control: int, treatment: int, share: float) -> float:
    """Return the chance of arms at least as uneven as these if the split works (chi-square, one degree of freedom).

    share: of shoppers who should be in the treatment. 1.0 where nobody is in. Below 0.001 something is wrong with who is
    counted, and the results should not be read (sample ratio mismatch; Fabijan et al. 2019).

    >>> round(mismatch(500, 500, 0.5), 3), mismatch(5000, 5400, 0.5) < 0.001
    (1.0, True)
    """
    total = control + treatment
    if not total:
        return 1.0
    expected = total * share
    square = (treatment - expected) ** 2 / (expected * (1 - share))
    return math.erfc(math.sqrt(square / 2))
