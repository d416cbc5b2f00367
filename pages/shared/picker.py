"""Choose a shopper: the most active ones in a list, any other by typing an id or a part of a name."""

import streamlit as st

from core.base.schema import Col
from core.profiles import shopper
from core.score.reactions import known_by_feedback
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.memory import keep, recall

KEY = "user"
_LISTED = 200
_MATCHES = 12


def shopper_picker(newcomers: bool = False) -> str | None:
    """Show the picker, bound to ``?user=`` and kept between pages; return the chosen shopper's id, None where there is none.

    newcomers: an id that nobody has stands for somebody new, instead of being a mistake.
    """
    recall(KEY)
    listed = list(state.read(shopper.users, _LISTED)[Col.USER])
    typed: str | None = st.selectbox(
        "Shopper",
        listed,
        None,
        accept_new_options=True,
        placeholder="Choose one of the most active, or type any id or name, a new one too"
        if newcomers
        else "Choose one of the most active, or type any id or name",
        key=KEY,
        bind="query-params",
    )
    keep(KEY, typed)
    return typed if typed is None or typed in listed else _resolve(typed, newcomers)


def _resolve(typed: str, newcomers: bool) -> str | None:
    """Return the shopper meant by a typed text: an exact id, the only match, or one the user picks among several.

    Shoppers whom the log does not know, but who gave feedback, are found too.
    """
    matches, strangers = state.read(shopper.find, typed, _MATCHES), known_by_feedback(state.store(), typed, _MATCHES)
    ids = [*matches["user_id"], *strangers]
    if typed in ids:
        return typed
    if not ids and newcomers:
        st.caption(
            f":material/person_add: No shopper's id or name contains '{fmt.plain(typed)}', so this is what somebody new sees. "
            "React to three picks, and the list is theirs."
        )
        return typed
    if not ids:
        st.warning(f"No shopper's id or name contains '{fmt.plain(typed)}'. Check the spelling, or choose one from the list.")
        return None
    labels = [_label(*row) for row in matches[[Col.USER, Col.NAME, "events"]].itertuples(index=False)]
    labels += [f"{user} · {fmt.count(said, 'reaction')}, not in the log" for user, said in strangers.items()]
    names = dict(zip(ids, labels, strict=True))
    return st.pills(f"Shoppers matching '{fmt.plain(typed)}'", ids, default=ids[0], required=True, format_func=names.__getitem__)


def _label(user: str, name: object, events: int) -> str:
    called = f" · {name}" if isinstance(name, str) else ""
    return f"{user}{called} · {fmt.count(events, 'event')}"
