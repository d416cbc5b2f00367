"""The ranker that learns from clicks: a logistic model of a click on a shown place, learned by online gradient descent.

    P(click) = 1 / (1 + exp(−z)),   z = bias + position + segment + scale · (r_α − CENTRE + Σ δ_j (f_j − ½))

r_α is the list's own score at the α of the shopper's segment, f_j the features of ``core.score.learning``, position the prior of
the place that was shown, segment that of a segment which clicks more or less than others whatever it is shown. Lists are
ordered by r_α + Σ δ_j f_j: the priors explain clicks and order nothing.
Every coordinate has a step size of its own, STEP over the root of its summed squared gradients (McMahan & Streeter 2010).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

POSITIONS = 20
"""Places with a prior of their own; those further down share the last."""
STEP, SCALE_STEP = 0.4, 5.0
"""Size of the first step; that of the scale is SCALE_STEP times as long, since it begins at SCALE and not near 0."""
SCALE, LEAST_SCALE, CENTRE, BIAS = 6.0, 1.0, 0.5, -5.5
MIDDLE = 0.5
"""Of a feature: taken off, so that how much is clicked at all goes into the bias and not into every weight."""
FIRST_SQUARES = 1.0
"""What the squared gradients begin at, so that a single list moves little."""
SHRINK = 5_000
"""Places shown at which what a segment's own α learned counts half."""
FURTHEST = 0.2
"""Most that learning moves a segment's α."""


@dataclass(frozen=True)
class Places:
    """p places of lists that were shown. features: (p, F), the first two taste and quality; alpha: (p,) before learning.

    segment: (p,) place in the ranker's segments, −1 = in none; position: (p,) from 1; clicked: (p,) bool.
    """

    features: np.ndarray
    alpha: np.ndarray
    segment: np.ndarray
    position: np.ndarray
    clicked: np.ndarray


@dataclass(frozen=True)
class Ranker:
    """What was learned: ``values`` holds F weights, the scale, the bias, POSITIONS priors; a shift of α, a prior a segment.

    squares: of the same length, the summed squared gradients; segments: their ids; shown: (segments,) places shown in each.
    """

    features: int
    values: np.ndarray
    squares: np.ndarray
    segments: tuple[int, ...]
    shown: np.ndarray

    @property
    def scale(self) -> float:
        """What a point of the score counts in z."""
        return float(self.values[self.features])

    @property
    def deltas(self) -> np.ndarray:
        """(F,) δ: what each feature adds to the score, at most."""
        return np.asarray(self.values[: self.features] / self.scale)

    @property
    def priors(self) -> np.ndarray:
        """(POSITIONS,) what each place counts in z, beside the bias."""
        return self.values[self._positions : self._segments]

    @cached_property
    def shifts(self) -> np.ndarray:
        """(segments,) what learning adds to α in each segment, shrunk towards 0 where few places were shown."""
        return np.asarray(self.values[self._segments :: 2] / self.scale * self._trusted)

    def place_of(self, segments: np.ndarray) -> np.ndarray:
        """Return the place of each segment id among the ranker's, −1 = not there."""
        places = {segment: place for place, segment in enumerate(self.segments)}
        return np.array([places.get(segment, -1) for segment in segments.tolist()], int)

    def knowing(self, segments: tuple[int, ...]) -> "Ranker":
        """Return the ranker with these segments added, where it did not know them."""
        new = tuple(segment for segment in segments if segment not in self.segments)
        return replace(
            self,
            values=np.append(self.values, np.zeros(2 * len(new))),
            squares=np.append(self.squares, np.full(2 * len(new), FIRST_SQUARES)),
            segments=self.segments + new,
            shown=np.append(self.shown, np.zeros(len(new))),
        )

    def logits(self, seen: Places) -> np.ndarray:
        """Return (p,) z of every place."""
        priors = self.priors[_place(seen)] + np.append(self.values[self._segments + 1 :: 2], 0.0)[seen.segment]
        score = self._scored(seen) + (seen.features - MIDDLE) @ self.deltas - CENTRE
        return np.asarray(self.values[self.features + 1] + priors + self.scale * score)

    def step(self, seen: Places, *, frozen: bool = False) -> "Ranker":
        """Return the ranker after one step down the gradient of the log-loss of these places.

        frozen: learn only what turns the list's own score into a chance of a click, so that the order stays as it is.
        """
        error = chance(self.logits(seen)) - seen.clicked
        gradient = np.zeros(len(self.values))
        gradient[self.features : self._positions] = error @ (self._scored(seen) - CENTRE), error.sum()
        gradient[self._positions : self._segments] = np.bincount(_place(seen), error, POSITIONS)
        gradient[self._segments + 1 :: 2] = self._by_segment(seen, error)
        if not frozen:
            gradient[: self.features] = error @ (seen.features - MIDDLE)
            pull = error * (seen.features[:, 0] - seen.features[:, 1])
            gradient[self._segments :: 2] = self._by_segment(seen, pull) * self._trusted
        squares = self.squares + gradient**2
        length = np.full(len(gradient), STEP)
        length[self.features] *= SCALE_STEP
        values = self.values - length * gradient / np.sqrt(squares)
        values[self.features] = max(values[self.features], LEAST_SCALE)
        most = FURTHEST * values[self.features]
        values[self._segments :: 2] = np.clip(values[self._segments :: 2], -most, most)
        shown = self.shown + self._by_segment(seen, np.ones(len(error)))
        return replace(self, values=values, squares=squares, shown=shown)

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        told = {name: getattr(self, name).tolist() for name in ("values", "squares", "shown")}
        return {"features": self.features, "segments": list(self.segments), **told}

    @property
    def _positions(self) -> int:
        return self.features + 2

    @property
    def _segments(self) -> int:
        return self._positions + POSITIONS

    @property
    def _trusted(self) -> np.ndarray:
        return np.asarray(self.shown / (self.shown + SHRINK))

    def _scored(self, seen: Places) -> np.ndarray:
        """(p,) r at the α learned so far."""
        taste, quality = seen.features[:, 0], seen.features[:, 1]
        alpha = np.clip(seen.alpha + np.append(self.shifts, 0.0)[seen.segment], 0, 1)
        return np.asarray(alpha * taste + (1 - alpha) * quality)

    def _by_segment(self, seen: Places, told: np.ndarray) -> np.ndarray:
        """(segments,) the sums over the places of each segment."""
        inside = seen.segment >= 0
        return np.asarray(np.bincount(seen.segment[inside], told[inside], len(self.shown)))


def new_ranker(features: int) -> Ranker:
    """Return the ranker that has learned nothing: δ = 0, α as published."""
    values = np.zeros(features + 2 + POSITIONS)
    values[features : features + 2] = SCALE, BIAS
    return Ranker(features, values, np.full(len(values), FIRST_SQUARES), (), np.zeros(0))


def read_ranker(told: dict[str, Any]) -> Ranker:
    """Return the ranker that ``as_json`` told."""
    arrays = {name: np.array(told[name], float) for name in ("values", "squares", "shown")}
    return Ranker(told["features"], segments=tuple(told["segments"]), **arrays)


def chance(logits: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(−z))."""
    return np.asarray(1 / (1 + np.exp(-logits)))


def log_loss(logits: np.ndarray, clicked: np.ndarray) -> float:
    """Return the sum of −log of the chance that was given to what happened.

    >>> round(log_loss(np.zeros(2), np.array([True, False])), 4)
    1.3863
    """
    return float(np.logaddexp(0, np.where(clicked, -logits, logits)).sum())


def _place(seen: Places) -> np.ndarray:
    return np.asarray(np.minimum(seen.position, POSITIONS) - 1)
