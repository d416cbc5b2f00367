"""What was detected in a file: its form, its kind, which column is which field, and how its first rows come out."""

from typing import Any

import streamlit as st

from core.base.schema import Event, FileKind
from core.ingest.mapping import FIELDS, Field, Mapping, remap
from core.ingest.preview import preview as preview_rows
from core.ingest.source import Source
from pages.shared import format as fmt
from pages.shared import state

_EVENTS = tuple(f"always {event}" for event in Event if event is not Event.RATING)
_CERTAIN, _LIKELY = 0.8, 0.55
_WIDTHS = [2, 3, 5]


def show(source: Source) -> Mapping:
    """Show what was detected and let it be corrected; return the mapping in force. Raises BadInput on an impossible one."""
    guess = state.proposal(source)
    with st.container(border=True):
        _facts(source)
        kinds = list(FileKind)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kind = st.selectbox(
                "This file holds", kinds, kinds.index(guess.kind), str.capitalize, key=f"kind {source.path}", width=220
            )
            _certainty(guess, kind)
        return columns(source, guess if kind == guess.kind else state.proposal(source, kind))


def preview(source: Source, mapping: Mapping) -> bool:
    """Show how the first rows come out; return whether the file can be imported."""
    if missing := mapping.missing():
        names = ", ".join(field.label.lower() for field in missing)
        st.warning(f"Choose a column for: {names}. Without it no row can be loaded.", icon=":material/rule:")
        return False
    rows = preview_rows(source, mapping, state.workspace(), state.store())
    with st.container(border=True):
        st.subheader("The first rows, as they will be stored", anchor=False)
        st.caption(
            f"Of {fmt.count(rows.read, 'row')}: {fmt.number(rows.loaded)} load, {fmt.number(rows.quarantined)} are set aside."
        )
        st.dataframe(
            rows.frame,
            hide_index=True,
            height=260,
            column_order=[name for name in rows.frame.columns if rows.frame[name].notna().any()],
            column_config={"reason": st.column_config.TextColumn("Set aside because", pinned=True, width="medium")},
            placeholder="",
            alt="Preview of the first rows",
        )
    return True


def _facts(source: Source) -> None:
    facts = [source.format, source.encoding, f"delimiter {source.delimiter!r}" if source.delimiter else ""]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f":material/description: **{fmt.plain(source.path.name)}**", width="content")
        for fact in (*facts, fmt.count(len(source.columns), "column"), fmt.size(source.file_bytes)):
            if fact:
                st.badge(str(fact), color="gray")
    for note in source.notes:
        st.caption(f":material/info: {fmt.plain(note)}")


def _certainty(guess: Mapping, kind: FileKind) -> None:
    if kind != guess.kind:
        st.badge("chosen by you", color="blue")
    elif guess.remembered:
        st.badge("as for the last file of this shape", color="green", icon=":material/bookmark:")
    else:
        st.badge(f"{fmt.percent(guess.kind_confidence)} certain", color=_color(guess.kind_confidence))


def columns(source: Source, guess: Mapping) -> Mapping:
    """Show a row for each field: those found or needed first, the others folded away."""
    fields = FIELDS[guess.kind]
    found = [field for field in fields if field.required or _current(guess, field)]
    rest = [field for field in fields if field not in found]
    for column, heading in zip(st.columns(_WIDTHS), ("Field", "Column in the file", "Why, and what it holds"), strict=True):
        column.caption(heading)
    chosen = {field.name: _field(source, guess, field) for field in found}
    with st.expander(f"{fmt.count(len(rest), 'optional field')} not found in this file", icon=":material/more_horiz:"):
        chosen |= {field.name: _field(source, guess, field) for field in rest}
    mapping = _corrected(source, guess, chosen)
    for note in mapping.notes:
        st.caption(f":material/info: {fmt.plain(note)}")
    if mapping.unused:
        st.caption(f":material/visibility_off: Not read: {fmt.plain(', '.join(mapping.unused))}")
    return mapping


def _field(source: Source, guess: Mapping, field: Field) -> str | None:
    """Show one field's row and return what it is read from: a column, several joined by '+', 'always …', or None."""
    label, chooser, why = st.columns(_WIDTHS, vertical_alignment="center")
    label.markdown(f"**{field.label}**" + (" :red[*]" if field.required else ""), help=field.help)
    now = _current(guess, field)
    options: list[str | None] = [None, *source.columns, *(_EVENTS if field.name == "event_type" else ())]
    if now not in options:
        options.insert(1, now)
    key = f"{_prefix(source, guess)} {field.name}"
    picked: str | None = chooser.selectbox(
        field.label,
        options,
        options.index(now),
        format_func=_column_name,
        key=key,
        on_change=_release,
        args=(source, guess, key),
        label_visibility="collapsed",
    )
    with why:
        _why(source, guess, field, picked)
    return picked


def _column_name(column: str | None) -> str:
    return "Not in this file" if column is None else column


def _why(source: Source, guess: Mapping, field: Field, picked: str | None) -> None:
    if picked is None or picked in _EVENTS:
        return
    choices = [choice for choice in guess.choices if choice.field == field.name]
    samples = source.sample[picked].dropna().unique()[:3] if picked in source.columns else ()
    seen = " · ".join(f"`{str(value)[:28].replace('`', ' ')}`" for value in samples)
    if picked == _current(guess, field) and choices:
        sure = min(choice.confidence for choice in choices)
        st.markdown(f":{_color(sure)}-badge[{fmt.percent(sure)}] {fmt.plain(choices[0].why)}  \n:small[{seen}]")
    else:
        st.markdown(f":blue-badge[you] chosen by you  \n:small[{seen}]")


def _corrected(source: Source, guess: Mapping, chosen: dict[str, str | None]) -> Mapping:
    changed = {field.name: chosen[field.name] for field in FIELDS[guess.kind] if chosen[field.name] != _current(guess, field)}
    if not changed:
        return guess
    constants = {name: value.removeprefix("always ") for name, value in changed.items() if value in _EVENTS and value}
    columns = {name: None if name in constants else value for name, value in changed.items()}
    return remap(guess, source, columns=columns, constants=constants)


def _release(source: Source, guess: Mapping, key: str) -> None:
    """A column serves one field: take it from any other field that had it."""
    for field in FIELDS[guess.kind]:
        other = f"{_prefix(source, guess)} {field.name}"
        if other != key and st.session_state.get(other) == st.session_state[key]:
            st.session_state[other] = None


def _current(guess: Mapping, field: Field) -> str | None:
    """Return what the mapping reads a field from, as the row shows it."""
    if constant := guess.constants.get(field.name):
        return f"always {constant}"
    return "+".join(guess.columns(field.name)) or None


def _prefix(source: Source, guess: Mapping) -> str:
    return f"{source.path} {guess.kind}"


def _color(confidence: float) -> Any:
    return "green" if confidence >= _CERTAIN else "orange" if confidence >= _LIKELY else "red"
