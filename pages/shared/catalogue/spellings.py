"""Spellings that may be one name: the user decides, nothing is merged by itself."""

import streamlit as st

from core.represent import spelling
from core.represent.spelling import Decision, Field, Suggestion
from core.update.standing import standing
from pages.shared import format as fmt
from pages.shared import next_step, state

_LISTED = 40


def show() -> None:
    """Show the open suggestions with their reasons, and the decisions taken, each of which can be taken back."""
    decided = state.read(spelling.decisions)
    if not state.read(standing).built and len(decided):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                ":orange[:material/sync:] Merges count from the next build on: catalogue, interests, keywords and vectors."
            )
            next_step.build_button()
    found = [one for field in Field for one in state.read(spelling.suggestions, field)]
    st.subheader(f"{fmt.count(len(found), 'suggestion')}", anchor=False)
    if not found:
        st.caption("No brand and no level of a category looks like a misspelling of another.")
    for one in found[:_LISTED]:
        _suggestion(one)
    if len(decided):
        st.subheader("Decided", anchor=False)
    for decision in decided:
        _decision(decision)


def _suggestion(one: Suggestion) -> None:
    key = f"{one.field}_{one.spelling}_{one.canonical}"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{fmt.plain(one.spelling)}** :gray[· {fmt.count(one.items, 'item')}] :material/arrow_forward: "
            f"**{fmt.plain(one.canonical)}** :gray[· {fmt.count(one.canonical_items, 'item')}]  \n"
            f":gray[{one.field.capitalize()}: {one.why}]",
            width="stretch",
        )
        store = state.store()
        st.button(
            "Merge",
            key=f"merge_{key}",
            type="primary",
            on_click=spelling.merge,
            args=(store, one.field, one.spelling, one.canonical),
        )
        st.button(
            "Swap",
            help=f"Merge the other way round: {one.canonical} into {one.spelling}.",
            key=f"turn_{key}",
            on_click=spelling.merge,
            args=(store, one.field, one.canonical, one.spelling),
        )
        st.button(
            "Keep apart", key=f"apart_{key}", on_click=spelling.keep_apart, args=(store, one.field, one.spelling, one.canonical)
        )


def _decision(one: Decision) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        icon = ":green[:material/merge:]" if one.merged else ":gray[:material/call_split:]"
        verdict = "stands for" if one.merged else "is not"
        names = f"**{fmt.plain(one.spelling)}** {verdict} **{fmt.plain(one.canonical)}**"
        st.markdown(f"{icon} {one.field.capitalize()} {names} :gray[· {fmt.moment(one.at)} UTC]", width="stretch")
        st.button(
            "Take back",
            key=f"back_{one.field}_{one.spelling}_{one.canonical}",
            icon=":material/undo:",
            type="tertiary",
            on_click=spelling.take_back,
            args=(state.store(), one.field, one.spelling, one.canonical),
        )
