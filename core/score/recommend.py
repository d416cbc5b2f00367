"""One shopper's list, the pieces in order: history → taste → candidates → arrangement by the plan → explanation.

Every list of the product comes from here: the screen, the command line, the API, batches and evaluation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col, Feedback
from core.represent.traits import traits_of
from core.score import taste as taste_of
from core.score.arrange import Arranged, arrange
from core.score.attribution import attribution
from core.score.candidates import Candidates, Refused, candidates
from core.score.diversity import POOL
from core.score.fallback import Fallback, Rung, fallback
from core.score.index import Index
from core.score.learned import LearnedTaste, learned_taste
from core.score.learning import FEATURES
from core.score.plan import Plan, live_plan, plain
from core.score.reasons import Cause, causes, companions, reasons, shared_keywords, usual_price
from core.score.taste import Taste

HIDDEN_BY_RULE = "hidden by a rule"


@dataclass(frozen=True)
class Pick:
    """One place of a list.

    taste, quality: s and q of the formula, in [0, 1]; from_learning, from_rules: what clicks taught, and what boosts and buries
    add; score = from_taste + from_quality + from_learning + from_rules, exactly. from_together, from_revisit and from_trend:
    the parts of from_taste that come from what the same shoppers choose, from having looked at it before, and from its demand
    rising, or falling (< 0), of late; 0 before training. causes: the history items that speak most for it; keywords: those it
    shares with them; reasons: short true sentences; moved: what else put it at its place, None = nothing.
    """

    item_id: str
    title: str
    rank: int
    score: float
    from_taste: float
    from_together: float
    from_revisit: float
    from_trend: float
    from_quality: float
    taste: float
    quality: float
    reasons: tuple[str, ...]
    causes: tuple[Cause, ...]
    keywords: tuple[str, ...]
    from_learning: float = 0.0
    from_rules: float = 0.0
    moved: str | None = None

    @property
    def sum(self) -> str:
        """Return the score and its parts: '0.700 = 0.500 taste + 0.200 quality', with what else there is."""
        others = {"learned": self.from_learning, "rules": self.from_rules}
        told = "".join(f" {'+' if part > 0 else '−'} {abs(part):.3f} {name}" for name, part in others.items() if part)
        return f"{self.score:.3f} = {self.from_taste:.3f} taste + {self.from_quality:.3f} quality{told}"

    def as_json(self) -> dict[str, Any]:
        """Return the fields that the command line and the API give."""
        return {
            "item_id": self.item_id,
            "title": self.title,
            "rank": self.rank,
            "score": self.score,
            "from_taste": self.from_taste,
            "from_together": self.from_together,
            "from_revisit": self.from_revisit,
            "from_trend": self.from_trend,
            "from_quality": self.from_quality,
            "from_learning": self.from_learning,
            "from_rules": self.from_rules,
            "moved": self.moved,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True)
class Recommendation:
    """A shopper's list, best first. excluded: items left out, by reason; history: what the taste was made from."""

    user_id: str
    alpha: float
    picks: tuple[Pick, ...]
    fallback: Fallback
    sentence: str
    excluded: dict[str, int]
    history: pd.DataFrame

    def as_json(self) -> dict[str, Any]:
        """Return ``{"user", "items": [...], "fallback", "sentence", "alpha", "excluded"}``; fallback: the rung's label."""
        return {
            "user": self.user_id,
            "items": [pick.as_json() for pick in self.picks],
            "fallback": str(self.fallback),
            "sentence": self.sentence,
            "alpha": self.alpha,
            "excluded": self.excluded,
        }


@dataclass(frozen=True)
class Scored:
    """Everything about a shopper's list but α: re-ranking is one weighted sum.

    m candidates. appeal: (m,) s in [0, 1]: taste, or on a lower rung what stands in for it; together, revisit, trend: (m,)
    the parts of s that come from what the same shoppers choose and from having looked at the item before (together the trained
    model's β · c), and from its demand rising or falling of late (its γ · (t − 1/2)); quality: (m,) q in [0, 1].
    """

    index: Index
    user_id: str
    history: pd.DataFrame
    taste: Taste | LearnedTaste | None
    rung: Rung
    candidates: Candidates
    appeal: np.ndarray
    together: np.ndarray
    revisit: np.ndarray
    trend: np.ndarray
    quality: np.ndarray
    liked: np.ndarray  # index rows of the history items that count for the shopper
    segment: int | None  # None: in none

    def arrange(self, plan: Plan, k: int) -> Arranged:
        """Return the best k candidates by the plan. Raises BadInput on α outside [0, 1] or k below 1."""
        learned = None
        if plan.learning is not None:
            learned = plan.learning.adjustment(self.index, self.candidates.rows, self.history, self.appeal, self.quality)
        rows = self.candidates.rows
        return arrange(plan, self.index, rows, self.appeal, self.quality, k=k, segment=self.segment, learned=learned)

    def learned(self, plan: Plan, item_id: str) -> tuple[tuple[str, float], ...]:
        """Return what each learned feature adds to a candidate's score, by what it is called; they sum to ``from_learning``."""
        if plan.learning is None:
            return ()
        at = np.flatnonzero(self.candidates.rows == self.index.row(item_id))
        rows = self.candidates.rows[at]
        parts = plan.learning.parts(self.index, rows, self.history, self.appeal[at], self.quality[at])[0]
        return tuple((feature.label, part) for feature, part in zip(FEATURES, parts.tolist(), strict=True))

    def rank(self, alpha: float | None = None, k: int = 10, *, plan: Plan | None = None) -> Recommendation:
        """Return the explained list, see ``recommend``. Raises BadInput on α outside [0, 1] or k below 1."""
        return self.explain([self.arrange(self.plan(alpha, plan), k)])[0]

    def explain(self, lists: Sequence[Arranged]) -> tuple[Recommendation, ...]:
        """Return each list explained; what speaks for an item is worked out once, in however many of the lists it is."""
        places = np.unique(np.concatenate([best.places for best in lists]))
        rows = self.candidates.rows[places]
        found = causes(self.index, attribution(self.index, self.taste, rows), self.history, rows)
        beside = companions(self.index, self.taste, rows)
        why = dict(zip(places.tolist(), zip(found, beside, strict=True), strict=True))
        return tuple(self._explained(best, why) for best in lists)

    def _explained(self, best: Arranged, why: dict[int, tuple[tuple[Cause, ...], str | None]]) -> Recommendation:
        picks = tuple(self._pick(best, turn, *why[place]) for turn, place in enumerate(best.places.tolist()))
        excluded = self.candidates.excluded()
        if ruled_out := int((best.effects.hidden_by >= 0).sum()):
            excluded[HIDDEN_BY_RULE] = ruled_out
        return Recommendation(self.user_id, best.alpha, picks, self.rung.label, self.rung.sentence, excluded, self.history)

    def plan(self, alpha: float | None, plan: Plan | None) -> Plan:
        """Return the plan that is meant: an α that is given wins over the plan's; nothing given = the index's α alone."""
        meant = plan or plain(self.index.alpha)
        return meant if alpha is None else meant.at(alpha)

    def moves(self, before: float, after: float, k: int = 10, *, plan: Plan | None = None) -> list[int]:
        """Return, for each of the k items at α = ``after``, the places it rose (+) or fell (−) since α = ``before``."""
        return self.arrange(self.plan(after, plan), k).moves(self.arrange(self.plan(before, plan), max(k, POOL)))

    @cached_property
    def usual_price(self) -> tuple[float, float] | None:
        """What the shopper usually pays, see ``core.score.reasons``; None where it is not known."""
        return usual_price(self.history)

    def _pick(self, best: Arranged, place: int, found: tuple[Cause, ...], companion: str | None) -> Pick:
        at = best.places[place]
        row = int(self.candidates.rows[at])
        taste, together = float(self.appeal[at]), float(self.together[at])
        words = shared_keywords(self.index, row, found)
        return Pick(
            item_id=self.index.ids[row],
            title=self.index.titles[row],
            rank=place + 1,
            score=float(best.score[at]),
            from_taste=float(best.from_taste[at]),
            from_together=float(best.alpha * together),
            from_revisit=float(best.alpha * self.revisit[at]),
            from_trend=float(best.alpha * self.trend[at]),
            from_quality=float(best.from_quality[at]),
            taste=taste,
            quality=float(self.quality[at]),
            reasons=reasons(
                self.index,
                row,
                self.rung,
                found,
                words,
                self.liked,
                companion,
                paired_first=2 * together > taste,
                revisited=bool(self.revisit[at] > 0),
                usual=self.usual_price,
                rise=self.index.model.rise(row) if self.index.model is not None and self.trend[at] > 0 else 1.0,
            ),
            causes=found,
            keywords=words,
            from_learning=float(best.from_learning[at]),
            from_rules=float(best.from_rules[at]),
            moved=best.moved[place],
        )


def score_shopper(store: Store, index: Index, user_id: str, *, keep_bought: bool = False) -> Scored:
    """Return a shopper's scored candidates. An unknown shopper gets a lower rung of the ladder, never an error.

    keep_bought: leave what they have already in the list, for shops where people buy the same again.
    """
    history = taste_of.history(store, index, user_id)
    taste = learned_taste(index, history, traits_of(store, index.traits, [user_id])) or taste_of.taste(index, history)
    owned = np.zeros(0, int) if keep_bought else _owned(index, history)
    allowed = candidates(index, owned, need_vector=taste is not None, refused=_refused(index, history))
    if taste is not None:
        rung = Rung(Fallback.PERSONAL, "Ranked by this shopper's own taste.", taste.appeal(index))
    else:
        rung = fallback(store, index, user_id, history)
    rows, nothing = allowed.rows, np.zeros(len(index))
    return Scored(
        index,
        user_id,
        history,
        taste,
        rung,
        allowed,
        rung.appeal[rows],
        (taste.together(index) if taste is not None else nothing)[rows],
        (taste.revisit(index) if taste is not None else nothing)[rows],
        (taste.trend(index) if taste is not None else nothing)[rows],
        index.quality[rows],
        _rows(index, history[history[Col.WEIGHT] > 0]),
        store.value("SELECT min(segment_id) FROM members WHERE user_id = ?", [user_id]),
    )


def recommend(
    store: Store,
    index: Index,
    user_id: str,
    *,
    alpha: float | None = None,
    k: int = 10,
    plan: Plan | None = None,
    keep_bought: bool = False,
) -> Recommendation:
    """Return the explained top ``k`` for a shopper, by a plan; None = the index's α alone.

    alpha: wins over the plan's. Raises BadInput on α outside [0, 1] or k below 1.
    """
    return score_shopper(store, index, user_id, keep_bought=keep_bought).rank(alpha, k, plan=plan)


def serve(store: Store, index: Index, user_id: str, k: int = 10) -> Recommendation:
    """Return the list as it is served now: by the release, rules, learning and experiment in force."""
    return recommend(store, index, user_id, k=k, plan=live_plan(store, index, user_id))


def _owned(index: Index, history: pd.DataFrame) -> np.ndarray:
    return _rows(index, history[(history["purchases"] > 0) | history[Col.RATING].notna()])


def _refused(index: Index, history: pd.DataFrame) -> Refused:
    verdict = history[Col.VERDICT]
    kinds = (Feedback.DISLIKE, Feedback.NOT_INTERESTED)
    return Refused(*(_rows(index, history[verdict == kind]) for kind in kinds))


def _rows(index: Index, history: pd.DataFrame) -> np.ndarray:
    return np.array([index.rows[item] for item in history[Col.ITEM] if item in index.rows], int)
