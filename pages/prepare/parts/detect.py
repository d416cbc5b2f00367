"""What was detected in a file: its form, its kind, which column is which field, and how its first rows come out."""

import streamlit as st

from core.base.schema import FileKind
from core.ingest.mapping import FIELDS, Choice, Field, Mapping, propose, remap
from core.ingest.preview import preview as preview_rows
from core.ingest.source import Source
from pages.shared import format as fmt
from pages.shared import state

_NOWHERE = "not in this file"
_CERTAIN, _LIKELY = 0.85, 0.5


def show(source: Source) -> Mapping:
    """Show what was detected and let it be corrected; return the mapping in force."""
    proposed = propose(source, state.store())
    with st.container(border=True):
        facts, chooser = st.columns([3, 1], vertical_alignment="center")
        with facts:
            _facts(source)
        kind = chooser.selectbox(
            "This file holds",
            list(FileKind),
            index=list(FileKind).index(proposed.kind),
            format_func=str.capitalize,
            key=_key("kind", source),
        )
        mapping = proposed if kind == proposed.kind else remap(proposed, source, kind=kind)
        return _columns(source, mapping)


def preview(source: Source, mapping: Mapping) -> bool:
    """Show how the first rows come out; return whether any of them loads."""
    rows = preview_rows(source, mapping, state.workspace(), state.store())
    with st.container(border=True):
        st.subheader("The first rows, as they will be stored", anchor=False)
        st.caption(
            f"Of the first {fmt.count(rows.read, 'row')}: {fmt.number(rows.loaded)} load, {fmt.number(rows.quarantined)} are set aside."
        )
        st.dataframe(
            rows.frame,
            hide_index=True,
            height=260,
            column_config={"reason": st.column_config.TextColumn("Set aside because", pinned=True, width="medium")},
            alt="Preview of the first rows",
        )
    return rows.loaded > 0


def _facts(source: Source) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{source.path.name}**", width="content")
        facts = [source.format, source.encoding, source.delimiter and f"delimiter {source.delimiter!r}"]
        for fact in [*facts, f"{len(source.columns)} columns", fmt.size(source.file_bytes)]:
            if fact:
                st.badge(str(fact), color="gray")
    for note in source.notes:
        st.caption(f":material/info: {note}")


def _columns(source: Source, mapping: Mapping) -> Mapping:
    choices = {choice.field: choice for choice in mapping.choices}
    fields = FIELDS[mapping.kind]
    found = [field for field in fields if field.required or choices[field.name].column]
    columns, constants = {}, {}
    for field in found:
        _field(source, mapping, field, choices[field.name], columns, constants)
    rest = [field for field in fields if field not in found]
    with st.expander(f"{fmt.count(len(rest), 'optional field')} not found in this file", icon=":material/more_horiz:"):
        for field in rest:
            _field(source, mapping, field, choices[field.name], columns, constants)
    return remap(mapping, source, columns=columns, constants=constants)
