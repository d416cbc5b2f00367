"""One shopper's list under the slider: every α's list is in the browser, so that it changes as the slider moves."""

import streamlit as st

from core.score.plan import Plan
from core.train.alpha_curve import ALPHAS, place
from core.train.trade_off import Advice
from pages.shared import state
from pages.shared.components.pick_list import alpha_list
from pages.shared.lists import by_alpha
from pages.shared.memory import keep
from pages.shared.picker import shopper_picker

K = 10
_ALPHA, _TURN = "lab_alpha", "lab_turn"


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
        marks = [(now, "now")]
        if shop and place(shop.suggested) != place(now):
            marks.append((shop.suggested, "suggested"))
        steps = [(step.alpha, step.rows) for step in by_alpha.lists(scored, plan, K)]
        alpha = now
        if steps[0][1]:
            alpha, _ = alpha_list(steps, start, marks, key=f"alpha_list_{st.session_state.get(_TURN, 0)}")
        else:
            st.info("No item is left to recommend to this shopper.", icon=":material/inbox:")
        st.caption(f"Arrows: places moved against what this shopper is served now, α {now:.2f}. Rules and diversity apply.")
    keep(_ALPHA, alpha)
    return float(alpha)


def move_to(alpha: float) -> None:
    """Move the slider, whichever is shown; call it from a button, before the screen is drawn."""
    keep(_ALPHA, alpha)
    st.session_state.pop(_ALPHA, None)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
