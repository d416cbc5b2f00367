"""How much an act still says: less with every day since, by a half-life in days."""

import numpy as np

from core.represent.acts import Acts

DAY = np.timedelta64(1, "D")


def fading(acts: Acts, half_life_days: float) -> np.ndarray:
    """Return (a,) in (0, 1]: 0.5^(days before the latest act / half-life); the undated count as the earliest.

    An infinite half-life keeps 1 for every act.
    """
    known = ~np.isnat(acts.when)
    if not known.any() or np.isinf(half_life_days):
        return np.ones(len(acts))
    when = np.where(known, acts.when, acts.when[known].min())
    return np.asarray(0.5 ** ((acts.when[known].max() - when) / DAY / half_life_days))
