"""From scores to a list, for one shopper: blend, learned adjustment, rules, sort, diversity, pins, cut."""

from dataclasses import dataclass

import numpy as np

from core.score.blend import best, check_alpha, check_k
from core.score.plan import Plan


@dataclass(frozen=True)
class Arranged:
    """The list, best first, and every candidate's score by parts.

    m candidates. places: (at most k,) positions among the candidates. The parts are (m,) each, and
    score = from_taste + from_quality + from_learning + from_rules, exactly, added in that order.
    moved: per place of the list, what put it there other than its score, as a sentence; None = nothing.
    """

    alpha: float
    places: np.ndarray
    score: np.ndarray
    from_taste: np.ndarray
    from_quality: np.ndarray
    from_learning: np.ndarray
    from_rules: np.ndarray
    moved: tuple[str | None, ...]


def arrange(
    plan: Plan, appeal: np.ndarray, quality: np.ndarray, *, k: int, segment: int | None = None, learned: np.ndarray | None = None
) -> Arranged:
    """Return the best ``k`` by the plan, ties by position (which is by item id).

    appeal, quality: (m,) s and q in [0, 1]; learned: (m,) what was learned from clicks, None = nothing.
    Raises BadInput on α outside [0, 1] or k below 1.
    """
    alpha = plan.alpha_for(segment)
    check_alpha(alpha)
    check_k(k)
    nothing = np.zeros(len(appeal))
    from_taste, from_quality = alpha * appeal, (1 - alpha) * quality
    from_learning, from_rules = nothing if learned is None else learned, nothing
    score = from_taste + from_quality + from_learning + from_rules
    places = best(score, k)
    return Arranged(alpha, places, score, from_taste, from_quality, from_learning, from_rules, (None,) * len(places))
