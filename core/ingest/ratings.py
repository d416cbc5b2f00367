"""The scale a column of ratings is on, and its way to 1..5."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """low and high: the ends of the scale, as the file writes them."""

    low: float
    high: float

    @property
    def rescales(self) -> bool:
        return (self.low, self.high) != (1.0, 5.0)

    def __str__(self) -> str:
        return "by thumbs (0 or 1)" if (self.low, self.high) == (0, 1) else f"{self.low:g} to {self.high:g}"


_SCALES = (Scale(1, 5), Scale(0.5, 5), Scale(0, 5), Scale(1, 10), Scale(0, 10), Scale(0, 100))


def scale_of(values: Sequence[float]) -> Scale:
    """Return the smallest usual scale that holds 97 % of the values: what is left over is out of range.

    Thumbs are 0/1 or -1/1. Half stars from 0.5 are on 0.5 to 5. A rare 0 in a column of 1..5 is out of range, not a scale.
    >>> str(scale_of([1, 5, 4, 3])), str(scale_of([8, 10, 3])), str(scale_of([0, 1, 1])), str(scale_of([0.5, 5, 3.5]))
    ('1 to 5', '1 to 10', 'by thumbs (0 or 1)', '0.5 to 5')
    """
    distinct = set(values)
    if not distinct or distinct == {1.0}:
        return Scale(1, 5)
    if distinct <= {0.0, 1.0}:
        return Scale(0, 1)
    if distinct == {-1.0, 1.0}:
        return Scale(-1, 1)
    inside = [scale for scale in _SCALES if _share(values, scale) >= _ENOUGH]
    best = inside[0] if inside else _SCALES[-1]
    if best.high == 5 and 0.5 in distinct:
        return Scale(0.5, 5)
    return best


_ENOUGH = 0.97


def _share(values: Sequence[float], scale: Scale) -> float:
    return sum(scale.low <= value <= scale.high for value in values) / len(values)


def rating_sql(number: str, scale: Scale) -> str:
    """Return SQL bringing a number on the scale to 1..5; outside the scale it stays outside 1..5."""
    if not scale.rescales:
        return number
    return f"(1 + 4 * ({number} - {scale.low!r}) / {scale.high - scale.low!r})"
