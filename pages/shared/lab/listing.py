"""One shopper's list under the slider: every α's list is in the browser, so that it changes as the slider moves."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core.score.diversity import POOL
from core.score.plan import Plan
from core.score.reactions import stamp
from core.score.recommend import Scored
from core.train.alpha_curve import ALPHAS, place
from core.train.trade_off import Advice
from pages.shared import state
from pages.shared.components.pick_list import Row, alpha_list
from pages.shared.lists import ranked
from pages.shared.memory import keep
from pages.shared.picker import shopper_picker

K = 10
_LISTS, _ALPHA, _TURN = "lab_lists", "lab_alpha", "lab_turn"


def show(live: Plan, shop: Advice | None) -> float:
    """Show the shopper, the slider and the list; return α. live: what is served to whoever is in no experiment."""
    user = shopper_picker()
    start = st.session_state.get(f"kept_{_ALPHA}", live.alpha)
    if user is None:
        st.caption("Choose a shopper to see their list change with α.")
        alpha = st.slider("α", 0.0, 1.0, float(ALPHAS[place(start)]), 0.05, key=_ALPHA)
    else:
        scored, plan = state.scored(user), state.plan(user)
        now = plan.alpha_for(scored.segment)
        marks = [(place(now), "now")]
        if shop and place(shop.suggested) != place(now):
            marks.append((place(shop.suggested), "suggested"))
        alpha = ALPHAS[
            alpha_list(_lists(scored, plan, now), place(start), marks, key=f"alpha_list_{st.session_state.get(_TURN, 0)}")
        ]
        st.caption(f"Arrows: places moved against what this shopper is served now, α {now:.2f}. Rules and diversity apply.")
    keep(_ALPHA, alpha)
    return float(alpha)


def move_to(alpha: float) -> None:
    """Move the slider, whichever is shown; call it from a button, before the screen is drawn."""
    keep(_ALPHA, alpha)
    st.session_state.pop(_ALPHA, None)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _lists(scored: Scored, plan: Plan, now: float) -> list[tuple[float, list[Row]]]:
    """Return (α, list) for every α, worked out once for a shopper and what is served; what was learned shows in the scores."""
    was = scored.arrange(plan.at(now), POOL)
    said, weights = stamp(state.store(), scored.user_id), replace(plan, learning=None)
    asked = (state.version(), scored.user_id, said, weights, was.score.tobytes())
    kept: tuple[Any, Any] = st.session_state.get(_LISTS, (None, None))
    if kept[0] != asked:
        lists = [scored.arrange(plan.at(alpha), K) for alpha in ALPHAS]
        told = scored.explain(lists)
        steps = [ranked.rows(best, scored.index, one.moves(was)) for best, one in zip(told, lists, strict=True)]
        kept = (asked, list(zip(ALPHAS, steps, strict=True)))
        st.session_state[_LISTS] = kept
    steps_kept: list[tuple[float, list[Row]]] = kept[1]
    return steps_kept
