"""The hourly look at the retraining policy: whenever a screen is opened, the first time in an hour."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from core.base.jobs import Lane, active
from core.update import retrain
from pages.shared import jobs_panel, state

_NEXT = "policy_next"


def look() -> None:
    """Ask the policy if the last time is an hour ago; waits while other work writes or trains."""
    now = datetime.now(UTC).replace(tzinfo=None)
    if now < st.session_state.get(_NEXT, datetime.min):
        return
    if jobs_panel.busy() or active(state.workspace().jobs, Lane.TRAINING):
        return
    st.session_state[_NEXT] = now + timedelta(minutes=5)
    done = retrain.check(state.store(), state.workspace(), state.index, now)
    if done is not None and done.run is not None:
        st.toast("A training was due, and has been started.", icon=":material/model_training:")
