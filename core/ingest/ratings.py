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


_SCALES = (Scale(1, 5), Scale(1, 10), Scale(0, 10), Scale(0, 100))


def scale_of(values: Sequence[float]) -> Scale:
    """Return the smallest usual scale that holds 99 % of the values: what is left over is out of range.

    Thumbs are 0/1 or -1/1. Half stars from 0.5 are on 0.5 to 5. A rare 0 in a column of 1..5 is out of range, not a scale.
    >>> str(scale_of([1, 5, 4, 3])), str(scale_of([8, 10, 3])), str(scale_of([0, 1, 1])), str(scale_of([0.5, 5, 3.5]))
    ('1 to 5', '1 to 10', 'by thumbs (0 or 1)', '0.5 to 5')
    """
    if not values:
        return Scale(1, 5)
    ordered = sorted(values)
    low, high = ordered[int(len(ordered) * 0.005)], ordered[min(len(ordered) - 1, int(len(ordered) * 0.995))]
    if set(ordered) <= {0.0, 1.0} and 0.0 in ordered:
        return Scale(0, 1)
    if set(ordered) == {-1.0, 1.0}:
        return Scale(-1, 1)
    if high <= 5 and low == 0.5:
        return Scale(0.5, 5)
    if high <= 5 and low == 0 and sum(value == 0 for value in ordered) > 0.02 * len(ordered):
        return Scale(0, 5)
    usual = _SCALES if low >= 1 or high <= 5 else _SCALES[2:]
    return next((scale for scale in usual if high <= scale.high), _SCALES[-1])


def rating_sql(number: str, scale: Scale) -> str:
    """Return SQL bringing a number on the scale to 1..5; outside the scale it stays outside 1..5."""
    if not scale.rescales:
        return number
    return f"(1 + 4 * ({number} - {scale.low!r}) / {scale.high - scale.low!r})"
