"""What the segments screen shows where there are none."""

import streamlit as st

from core.profiles.fits import FitReport
from core.update.standing import standing
from pages.shared import next_step, state


def show(fit: FitReport) -> None:
    """Say why there are no segments where they were built and found none, else offer to build; ends the page."""
    if not state.read(standing).built:
        next_step.needs_build("Segments are")
    with st.container(border=True):
        st.markdown(f":gray[:material/group_off:] {fit.state}")
    st.stop()
