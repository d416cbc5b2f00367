"""How the learning stands, the buttons that change it, and its log."""

import pandas as pd
import streamlit as st

from core.base.derived import Progress
from core.update import learning_log, online
from core.update.learning_log import Step, Version
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.boundary import telling
from pages.shared.lab import served
from pages.shared.memory import keep, recall

_DONE = {
    Step.BEGUN: "Begun from the log",
    Step.LEARNED: "Learned",
    Step.FROZEN: "Frozen",
    Step.UNFROZEN: "Unfrozen",
    Step.RESET: "Reset",
    Step.RESTORED: "Reset undone",
}
_TALL, _ROWS = 320, 8


def show() -> list[Version]:
    """Show the state and its buttons; return the versions, newest first."""
    history = learning_log.versions(state.store())
    held, waits = (history[0] if history else None), online.waiting(state.store(), served.now())
    recall(served.AUTHOR)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_told(held), width="stretch")
            author = st.text_input(
                "Your name",
                key=served.AUTHOR,
                placeholder="Your name, for the history",
                label_visibility="collapsed",
                width=210,
            )
            keep(served.AUTHOR, author)
            _buttons(history, waits.ready, author.strip() or "not said")
        _figures(held)
        st.caption(_from_log(held))
        st.caption(_waiting(waits))
    return history


def log(history: list[Version]) -> None:
    """Show every step, newest first."""
    st.subheader("Log", anchor=False)
    if not history:
        st.caption("Nothing happened yet. Every step is kept here, with who took it, and a reset can be undone.")
        return
    rows = [
        {
            "version": one.version,
            "ts": fmt.moment(one.ts),
            "what": _DONE[one.what],
            "author": one.author,
            "lists": one.state.lists,
            "clicks": one.state.clicks,
        }
        for one in history
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height=_TALL if len(rows) > _ROWS else "content",
        column_config={
            "version": column.NumberColumn("№", width=40),
            "ts": column.TextColumn("When (UTC)", width=140),
            "what": column.TextColumn("What", width=115),
            "author": column.TextColumn("Who", width=100),
            "lists": column.NumberColumn("Lists", format="localized", width=80, help="Learned from since the reset."),
            "clicks": column.NumberColumn("Clicks", format="localized", width=80, help="Learned from since the reset."),
        },
        alt="Every step of the learning, newest first",
    )


def _told(held: Version | None) -> str:
    if held is not None and held.frozen:
        return ":blue[:material/ac_unit:] **Frozen** :gray[· lists are made without what was learned; nothing is lost]"
    if held is None or not held.state.lists:
        return "**Nothing learned yet** :gray[· lists are made by taste, quality and the rules alone]"
    return f":green[:material/school:] **Learning** :gray[· in every list since {fmt.moment(held.ts)} UTC]"


def _figures(held: Version | None) -> None:
    if held is None or not held.state.lists:
        return
    learned = held.state
    with st.container(horizontal=True):
        st.metric("Lists learned from", fmt.number(learned.lists))
        st.metric("Places shown", fmt.number(learned.places))
        st.metric("Clicks", fmt.number(learned.clicks))
        st.metric("Clicked", fmt.percent(learned.clicks / learned.places, 1), help="Clicks per place shown.")


def _from_log(held: Version | None) -> str:
    """Say what learning begins with, before a single list was shown."""
    if held is None or held.state.stale:
        again = " What an older version of the program learned is of no use to this one." if held else ""
        return f"Learning begins from the log: what was clicked of what was seen there, by item, segment and category.{again}"
    views, clicks = held.state.log_views, held.state.log_clicks
    if not views:
        return "Learning began with nothing: the log does not tell what was seen and not clicked."
    return (
        f"Learning began from the log: {fmt.count(views, 'item')} seen in a visit, {fmt.percent(clicks / views)} clicked. "
        "That counts by item, segment and category from the first list learned from."
    )


def _waiting(waits: online.Waiting) -> str:
    """Say what can be learned from, or how to get there."""
    if not any((waits.ready, waits.young, waits.unread)):
        return (
            "No list of the shop waits. Lists are recorded where the shop asks for them (`python -m core shown --user ID`), "
            "clicks where it reports them (`python -m core feedback … --list ID`). What staff try out on the Recommend screen is "
            "no visit and teaches nothing."
        )
    parts = [f"{fmt.count(waits.ready, 'list')} can be learned from"]
    if waits.young:
        parts.append(f"{fmt.count(waits.young, 'list')} shown in the last 30 minutes may still be clicked")
    if waits.unread:
        parts.append(f"{fmt.count(waits.unread, 'list')} recorded without what the ranker saw, and cannot teach")
    return " · ".join(parts)


def _buttons(history: list[Version], ready: int, author: str) -> None:
    busy, frozen = jobs_panel.busy(), bool(history) and history[0].frozen
    learned = bool(history) and history[0].state.lists > 0
    begins = not history or history[0].state.stale
    label, idle = "Learn now" if ready or not begins else "Begin from the log", not (ready or begins)
    if st.button(label, icon=":material/school:", key="learn_now", type="primary", disabled=busy or frozen or idle):
        jobs_panel.start("learn", "Learning from clicks", lambda progress: _learn(progress, author))
    if frozen:
        st.button("Unfreeze", icon=":material/play_arrow:", key="unfreeze", disabled=busy, on_click=_unfreeze, args=(author,))
    else:
        st.button("Freeze", icon=":material/ac_unit:", key="freeze", disabled=busy, on_click=_freeze, args=(author,))
    if learning_log.can_restore(history):
        st.button("Undo reset", icon=":material/undo:", key="restore", disabled=busy, on_click=_restore, args=(author,))
    if learned:
        with st.popover("Reset", icon=":material/restart_alt:"):
            st.markdown(
                "Lists go back to what they were before anything was learned, and learning begins from the log again. "
                "**Undo reset** brings it back."
            )
            st.button("Reset", type="primary", key="reset", disabled=busy, on_click=_reset, args=(author,))


def _learn(progress: Progress, author: str) -> dict[str, object]:
    progress(0.1, "Reading what was shown and clicked")
    return online.learn(state.store(), state.index(), served.now(), author=author).as_json()


@telling()
def _freeze(author: str) -> None:
    learning_log.freeze(state.store(), author, served.now())


@telling()
def _unfreeze(author: str) -> None:
    learning_log.unfreeze(state.store(), author, served.now())


@telling()
def _reset(author: str) -> None:
    learning_log.reset(state.store(), author, served.now())


@telling()
def _restore(author: str) -> None:
    learning_log.restore(state.store(), author, served.now())
