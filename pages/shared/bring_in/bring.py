"""Bring a file in: choose it, check what was detected, correct the mapping, look at the first rows, import."""

from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from core.base.derived import Progress
from core.ingest.mapping import Mapping
from pages.shared import jobs_panel, state
from pages.shared.bring_in import arrive, detect, result


def show() -> None:
    """Show the whole way from a file to the import's result."""
    if job := jobs_panel.finished("import"):
        result.show(job)
        return
    path = arrive.choose()
    if path is None:
        arrive.formats()
        return
    source = state.source(path)
    mapping = detect.show(source)
    fits = detect.preview(source, mapping)
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            f"Import {path.name}",
            type="primary",
            icon=":material/download_done:",
            disabled=jobs_panel.busy() or not fits,
            key="import",
        )
        st.caption("Runs in the background: you may go on working. Segments, vectors and scores are rebuilt after it.")
    if pressed:
        jobs_panel.start("import", f"Importing {path.name}", partial(_import, path, mapping))


def _import(path: Path, mapping: Mapping, progress: Progress) -> Any:
    from core.update.bring_in import import_and_refresh

    place = state.workspace()
    return import_and_refresh(state.store(), place, state.settings(), state.encoder, path, mapping, progress).as_json()
