"""From scores to a list, for one shopper: blend, learned adjustment, rules, sort, diversity, pins, cut."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.score.blend import best, check_alpha, check_k, rank_of
from core.score.diversity import POOL, varied
from core.score.effects import Effects, effects, touched
from core.score.index import Index
from core.score.plan import Plan
from core.score.rules import SCORED, On, Rule


@dataclass(frozen=True)
class Arranged:
    """The list, best first, and every candidate's score by parts.

    m candidates, rows: (m,) their index rows. places: (at most k,) positions among the candidates. The parts are (m,) each, and
    score = from_taste + from_quality + from_learning + from_rules, exactly, added in that order; standing: the score, or −∞
    where a rule hides the candidate. spread: the first places in the varied order, before the pins; pinned: place -> the pin
    that holds it, where it is in the list or not.
    """

    index: Index
    rows: np.ndarray
    alpha: float
    places: np.ndarray
    score: np.ndarray
    from_taste: np.ndarray
    from_quality: np.ndarray
    from_learning: np.ndarray
    from_rules: np.ndarray
    standing: np.ndarray
    spread: np.ndarray
    pinned: dict[int, Rule]
    effects: Effects

    def rank(self, places: np.ndarray) -> np.ndarray:
        """Return (len(places),) the rank of candidates by score, from 1."""
        return rank_of(self.standing, places)

    def moves(self, was: "Arranged") -> list[int]:
        """Return, for each place of the list, the places it rose (+) or fell (−) since ``was``, a longer one of theirs."""
        at = {place: rank for rank, place in enumerate(was.places.tolist(), start=1)}
        ranks = zip(self.places.tolist(), was.rank(self.places).tolist(), strict=True)
        return [at.get(place, max(rank, len(at) + 1)) - rank_now for rank_now, (place, rank) in enumerate(ranks, start=1)]

    @cached_property
    def moved(self) -> tuple[str | None, ...]:
        """Per place of the list: what put it there other than its taste and quality, as a sentence; None = nothing."""
        ranks, places = self.rank(self.places).tolist(), self.places.tolist()
        bare = np.where(np.isfinite(self.standing), self.from_taste + self.from_quality + self.from_learning, -np.inf)
        unruled = rank_of(bare, self.places).tolist()
        turns = {place: turn for turn, place in enumerate(self.spread.tolist(), start=1)}
        return tuple(
            _held(self.pinned[place])
            if place in self.pinned
            else "; ".join(part for part in (self.ruled(place, rank, was), _forward(rank, turns[place])) if part) or None
            for place, rank, was in zip(places, ranks, unruled, strict=True)
        )

    def ruled(self, place: int, rank: int, bare: int) -> str:
        """Say which rules lifted or lowered a candidate by score; rank: by score, bare: without them; '' = none did."""
        mine = [rule for rule in self.effects.rules if rule.kind in SCORED and touched(rule, self.index)[self.rows[place]]]
        if not mine or rank == bare:
            return ""
        names = " and ".join(f"rule {rule.rule_id} ({rule.added:+.2f})" for rule in mine)
        return f"{'Lifted' if rank < bare else 'Lowered'} from place {bare:,} by {names}"


def arrange(
    plan: Plan,
    index: Index,
    rows: np.ndarray,
    appeal: np.ndarray,
    quality: np.ndarray,
    *,
    k: int,
    segment: int | None = None,
    learned: np.ndarray | None = None,
) -> Arranged:
    """Return the best ``k`` by the plan, ties by position (which is by item id).

    rows: (m,) index rows of the candidates, ascending; appeal, quality: (m,) their s and q in [0, 1]; learned: (m,) what was
    learned from clicks, None = nothing. The first k of a longer list are the list of k. Raises BadInput on α outside [0, 1] or
    k below 1.
    """
    alpha = plan.alpha_for(segment)
    check_alpha(alpha)
    check_k(k)
    acting = effects(plan.rules, index, rows, segment)
    from_taste, from_quality = alpha * appeal, (1 - alpha) * quality
    from_learning = np.zeros(len(rows)) if learned is None else learned
    score = from_taste + from_quality + from_learning + acting.added
    standing = np.where(acting.hidden_by >= 0, -np.inf, score)
    pinned = _pinned(acting, index, rows, standing)
    spread = _spread(plan, index, rows, standing, k + len(pinned))
    places = _with_pins(spread, pinned, k)
    return Arranged(
        index=index,
        rows=rows,
        alpha=alpha,
        places=places,
        score=score,
        from_taste=from_taste,
        from_quality=from_quality,
        from_learning=from_learning,
        from_rules=acting.added,
        standing=standing,
        spread=spread,
        pinned=pinned,
        effects=acting,
    )


def _best(standing: np.ndarray, k: int) -> np.ndarray:
    """Return the places of the k best that no rule hides."""
    found = best(standing, k)
    return found[np.isfinite(standing[found])]


def _spread(plan: Plan, index: Index, rows: np.ndarray, standing: np.ndarray, k: int) -> np.ndarray:
    """Return the first k places in a varied order; by score where the plan asks for no diversity."""
    if not plan.diversity and plan.category_cap is None:
        return _best(standing, k)
    order = _best(standing, max(k, POOL) if plan.category_cap is None else len(standing))
    shelves = index.shelves[0]
    return varied(standing, order, rows, index.vectors, shelves, diversity=plan.diversity, cap=plan.category_cap, k=k)


def _pinned(acting: Effects, index: Index, rows: np.ndarray, standing: np.ndarray) -> dict[int, Rule]:
    """Return the candidate each pin holds, in the order of their places: of a category or brand the best one not held yet.

    An item that may not be shown cannot be pinned; one that two pins are on is held by the first.
    """
    held: dict[int, Rule] = {}
    for pin in acting.pins:
        may = np.flatnonzero(touched(pin, index)[rows] & np.isfinite(standing))
        free = [place for place in may.tolist() if place not in held] if pin.on is not On.ITEM else may.tolist()
        if free:
            held.setdefault(max(free, key=lambda place: standing[place]), pin)
    return held


def _with_pins(spread: np.ndarray, pinned: dict[int, Rule], k: int) -> np.ndarray:
    """Return the first k places of the list: pins at their positions, or the next ones free; everything else around them."""
    at: dict[int, int] = {}
    for place, pin in pinned.items():
        position = int(pin.position or 1)
        while position in at:
            position += 1
        at[position] = place
    others = iter([place for place in spread.tolist() if place not in pinned])
    listed = [at.pop(position) if position in at else next(others, -1) for position in range(1, k + 1)]
    listed = [place for place in listed if place >= 0] + [at[position] for position in sorted(at)]
    return np.array(listed[:k], int)


def _held(pin: Rule) -> str:
    return f"Pinned to place {pin.position} by rule {pin.rule_id}"


def _forward(rank: int, turn: int) -> str:
    """Say that diversity brought an item forward; rank: by score, turn: in the varied order."""
    return f"Brought forward from place {rank:,} to keep the list varied" if turn < rank else ""
