"""A shopper's list at every α, worked out once and all in the browser, so that the list changes while the slider moves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.score.diversity import POOL
from core.score.plan import Plan
from core.score.reactions import stamp
from core.score.recommend import Recommendation, Scored
from core.train.alpha_curve import ALPHAS
from pages.shared import state
from pages.shared.components.pick_list import Row, alpha_list
from pages.shared.lists import ranked
from pages.shared.memory import keep

_LISTS, _ADDRESS = "lists_by_alpha", "alpha"
_WRITTEN = re.compile(r"[01](\.\d+)?")


@dataclass(frozen=True)
class Step:
    """The list at one α, explained, and as it is shown; its arrows compare with what the shopper is served."""

    alpha: float
    best: Recommendation
    rows: list[Row]


def lists(scored: Scored, plan: Plan, k: int) -> tuple[Step, ...]:
    """Return the list of k at every α of the grid and at the one that the shopper is served.

    Worked out once for a shopper and what is served; what was learned shows in the scores.
    """
    now = plan.alpha_for(scored.segment)
    was = scored.arrange(plan.at(now), max(k, POOL))
    said, weights = stamp(state.store(), scored.user_id), replace(plan, learning=None)
    asked = (state.version(), scored.user_id, said, weights, k, was.score.tobytes())
    kept: tuple[Any, tuple[Step, ...]] = st.session_state.get(_LISTS, (None, ()))
    if kept[0] != asked:
        alphas = sorted({*ALPHAS, now})
        arranged = [scored.arrange(plan.at(alpha), k) for alpha in alphas]
        told = zip(alphas, scored.explain(arranged), arranged, strict=True)
        steps = tuple(Step(alpha, best, ranked.rows(best, scored.index, one.moves(was))) for alpha, best, one in told)
        kept = st.session_state[_LISTS] = (asked, steps)
    return kept[1]


def turn(steps: Sequence[Step], now: float) -> tuple[Step, str]:
    """Show the slider and the list; return the step it stands at and the item id of the pick that is chosen.

    now: α that is served. Where the slider was left is kept in the address and for the next visit of the screen.
    """
    shown = [(step.alpha, step.rows) for step in steps]
    alpha, chosen = alpha_list(shown, _begin(now), [(now, "now")], key="picks", choose=True)
    keep(_ADDRESS, None if alpha == now else alpha)
    if alpha == now:
        st.query_params.pop(_ADDRESS, None)
    else:
        st.query_params[_ADDRESS] = f"{alpha:g}"
    return next(step for step in steps if step.alpha == alpha), chosen


def _begin(now: float) -> float:
    """Return α of the address, else the one that the slider was left at, else the one that is served."""
    told = st.query_params.get(_ADDRESS, "")
    if _WRITTEN.fullmatch(told):
        return min(float(told), 1.0)
    kept: float | None = st.session_state.get(f"kept_{_ADDRESS}")
    return now if kept is None else kept
