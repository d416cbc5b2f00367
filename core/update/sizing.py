"""How many shoppers an experiment needs before it is likely to find the change that is worth finding."""

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

from core.base.errors import BadInput
from core.update.sequential import LEVEL, half_width

POWER = 0.8
"""Chance of finding a change as large as the one worth finding."""


@dataclass(frozen=True)
class Size:
    """Shoppers in both arms together. once: looked at once, at the end; any_time: with leave to stop at any look."""

    once: int
    any_time: int


def two_proportions(base: float, effect: float, share: float = 0.5) -> float:
    """Return how many trials both arms need together to tell ``base`` from ``base · (1 + effect)``, two-sided, α 0.05, power 0.8.

    share: of the trials that are in the treatment. The usual formula for two proportions (Fleiss, Levin & Paik 2003, ch. 4),
    without the continuity correction. Raises BadInput where a rate leaves (0, 1), or where nothing is to be told apart.

    >>> round(two_proportions(0.10, 0.2) / 2)
    3841
    """
    changed = base * (1 + effect)
    if not (0 < base < 1 and 0 < changed < 1) or effect == 0:
        raise BadInput(f"From {base:.1%} to {changed:.1%} is no change that can be found: rates lie between 0 % and 100 %.")
    if not 0 < share < 1:
        raise BadInput(f"A share of {share:g} leaves one side empty: it lies between 0 and 1.")
    normal = NormalDist()
    mean = (1 - share) * base + share * changed
    under_none = math.sqrt(mean * (1 - mean) / (share * (1 - share)))
    under_change = math.sqrt(base * (1 - base) / (1 - share) + changed * (1 - changed) / share)
    root = normal.inv_cdf(1 - LEVEL / 2) * under_none + normal.inv_cdf(POWER) * under_change
    return (root / (changed - base)) ** 2


def size(base: float, effect: float, share: float = 0.5, *, per_shopper: float = 1.0, design: float = 1.0) -> Size:
    """Return how many shoppers it takes. per_shopper: trials of one; design: by how much more spread they are than coins."""
    once = two_proportions(base, effect, share) * design / per_shopper
    return Size(math.ceil(once), math.ceil(once * price_of_looking()))


@cache
def price_of_looking() -> float:
    """Return how many times the shoppers are needed where one may stop at any look, for the same chance of finding the change.

    By bisection over the variance at which an estimate as large as the change clears the interval with chance POWER.
    """
    normal = NormalDist()
    power = normal.inv_cdf(POWER)
    fixed = 1 / (normal.inv_cdf(1 - LEVEL / 2) + power) ** 2
    low, high = fixed / 100, fixed
    for _ in range(60):
        middle = (low + high) / 2
        if half_width(middle, 1.0) + power * math.sqrt(middle) < 1:
            low = middle
        else:
            high = middle
    return fixed / low
