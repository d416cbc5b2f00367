"""Choices that outlive their screen: a widget bound to the URL forgets its value when another screen is opened."""

import streamlit as st

_SCREEN, _ARRIVED = "screen", "just_arrived"


def arrive(screen: str) -> None:
    """Note which screen is shown; the shell calls it first, so that a screen knows whether it has just been opened."""
    st.session_state[_ARRIVED] = st.session_state.get(_SCREEN) != screen
    st.session_state[_SCREEN] = screen


def recall(key: str) -> None:
    """Give a widget the value it was left with elsewhere; call it before the widget. An address that names one wins."""
    kept = f"kept_{key}"
    if st.session_state.get(_ARRIVED) and key not in st.query_params and kept in st.session_state:
        st.session_state[key] = st.session_state[kept]


def keep(key: str, value: object) -> None:
    """Remember a widget's value for the next screen that recalls it."""
    st.session_state[f"kept_{key}"] = value
