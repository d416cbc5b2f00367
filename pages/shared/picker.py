"""Choose a shopper: the most active ones in a list, any other by typing an id or a part of a name."""

import streamlit as st

from core.profiles import shopper
from pages.shared import format as fmt
from pages.shared import state

KEY = "user"
_LISTED = 200


def shopper_picker() -> str | None:
    """Show the picker, bound to ``?user=`` and kept between pages; return the chosen shopper's id, None where there is none."""
    known = state.read(shopper.users, _LISTED)
    labels = {row.user_id: _label(row) for row in known.itertuples()}
    typed = st.selectbox(
        "Shopper",
        list(labels),
        format_func=lambda user: labels.get(user, user),
        accept_new_options=True,
        placeholder="Choose one of the most active, or type any id or name",
        key=KEY,
        bind="query-params",
        persist_state="session",
    )
    if typed is None or typed in labels:
        return typed
    return _resolve(typed)


def _resolve(typed: str) -> str | None:
    """Return the shopper meant by a typed text: an exact id, the only match, or one the user picks among several."""
    matches = state.read(shopper.find, typed, 12)
    ids = list(matches["user_id"])
    if typed in ids:
        return typed
    if not ids:
        st.warning(f"No shopper's id or name contains '{typed}'. Check the spelling, or choose one from the list.")
        return None
    names = {row.user_id: _label(row) for row in matches.itertuples()}
    return st.pills(f"Shoppers matching '{typed}'", ids, default=ids[0], required=True, format_func=names.__getitem__)


def _label(row) -> str:
    name = f" · {row.name}" if isinstance(row.name, str) else ""
    return f"{row.user_id}{name} · {fmt.count(row.events, 'event')}"
