"""Every import, and the way to take one back."""

from functools import partial

import streamlit as st

from core.base.derived import Progress
from core.base.schema import Col, ImportStatus
from core.ingest import history
from core.update.feedback import FILE_NAME
from pages.shared import format as fmt
from pages.shared import jobs_panel, next_step, state

_KEPT = "The feedback stays, and counts beside the log again."
_UNTOUCHED = "The file itself is not touched: you can import it again."


def show() -> None:
    """Show the imports, newest first; a selected one can be undone."""
    imports = state.read(history.imports)
    if imports.empty:
        next_step.nothing_yet("No file has been imported yet.")
        return
    with st.container(border=True):
        event = st.dataframe(
            imports,
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            key="imports",
            column_order=["file_name", "kind", "rows_read", "rows_loaded", "rows_quarantined", "finished_at", "status"],
            column_config={
                "file_name": st.column_config.TextColumn("File", width="medium"),
                "kind": st.column_config.TextColumn("Holds", width="small"),
                "rows_read": st.column_config.NumberColumn("Read", format="localized"),
                "rows_loaded": st.column_config.NumberColumn("Loaded", format="localized"),
                "rows_quarantined": st.column_config.NumberColumn("Set aside", format="localized"),
                "finished_at": st.column_config.DatetimeColumn("Imported (UTC)", format="D MMM YYYY, HH:mm"),
                "status": st.column_config.TextColumn("Status", width="small"),
            },
            alt="Imports, newest first",
        )
        st.caption("Select an import to undo it.")
    for row in event.selection.rows:
        chosen = imports.iloc[row]
        if chosen["status"] == ImportStatus.LOADED and st.button(
            f"Undo the import of {chosen['file_name']}", icon=":material/undo:", disabled=jobs_panel.busy(), key="undo"
        ):
            confirm(int(chosen[Col.IMPORT]), chosen["file_name"], int(chosen["rows_loaded"]))


@st.dialog("Undo this import?", icon=":material/undo:")
def confirm(import_id: int, file_name: str, rows: int) -> None:
    """Ask once more, then take the import back and rebuild in the background."""
    st.markdown(
        f"The {fmt.count(rows, 'row')} that **{fmt.plain(file_name)}** brought in are removed, and what was set aside from it. "
        f"Profiles, segments and scores are rebuilt without them. {_KEPT if file_name == FILE_NAME else _UNTOUCHED}"
    )
    with st.container(horizontal=True):
        if st.button("Undo the import", type="primary", key="undo_yes"):
            jobs_panel.start("undo", f"Undoing the import of {file_name}", partial(_undo, import_id))
        if st.button("Keep it", key="undo_no"):
            st.rerun()


def _undo(import_id: int, progress: Progress) -> dict[str, int]:
    from core.update.bring_in import undo_and_refresh

    return {"removed": undo_and_refresh(state.store(), state.settings(), state.encoder, import_id, progress)}
