"""The rows that were set aside: why, what they looked like, download, and another try with another mapping."""

from functools import partial
from typing import Any

import streamlit as st

from core.base.derived import Progress
from core.base.schema import Col, FileKind, ImportStatus
from core.ingest import history, quarantine
from core.ingest.mapping import Mapping
from pages.shared import format as fmt
from pages.shared import jobs_panel, next_step, state
from pages.shared.bring_in import detect

_PAGE = 100


def show() -> None:
    """Show the rows set aside from one import, filtered by reason, a page at a time."""
    imports = state.read(history.imports)
    aside = imports[(imports["rows_quarantined"] > 0) & (imports["status"] == ImportStatus.LOADED)]
    if aside.empty:
        next_step.nothing_yet("No row has been set aside.")
        return
    ids = aside[Col.IMPORT].tolist()
    kinds = dict(zip(ids, aside[Col.KIND], strict=True))
    names = {
        number: f"{name} · {fmt.count(rows, 'row')}"
        for number, name, rows in zip(ids, aside["file_name"], aside["rows_quarantined"].tolist(), strict=True)
    }
    with st.container(border=True):
        import_id = st.selectbox("Rows set aside from", list(names), format_func=names.__getitem__, key="aside_import")
        summary = state.read(quarantine.summary, import_id)
        counts = dict(zip(summary["reason"], summary["rows"], strict=True))
        reason = st.pills(
            "Because", list(counts), format_func=lambda why: f"{why} · {fmt.number(counts[why])}", key="aside_reason"
        )
        total = int(counts[reason] if reason else summary["rows"].sum())
        pages = max(1, -(-total // _PAGE))
        table = st.empty()
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            page = st.pagination(pages, key=f"aside_page_{import_id}_{reason}")
            st.download_button(
                "Download all as CSV",
                lambda: quarantine.to_csv(state.store(), import_id),
                file_name=f"set-aside-{import_id}.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                key="aside_download",
            )
        rows = state.read(quarantine.browse, import_id, reason, (page - 1) * _PAGE, _PAGE)
        table.dataframe(
            rows,
            hide_index=True,
            height=380,
            column_config={
                "row_number": st.column_config.NumberColumn("Row", format="localized", width="small"),
                "reason": st.column_config.TextColumn("Set aside because", width="medium"),
                "raw": st.column_config.TextColumn("As it was read", width="large"),
            },
            alt="Rows set aside",
        )
    _retry(import_id, FileKind(kinds[import_id]))


def _retry(import_id: int, kind: FileKind) -> None:
    """Let the mapping be corrected for these rows alone, and load those that now fit."""
    with st.expander(
        "Try these rows again with another mapping", icon=":material/replay:", key="retry", on_change="rerun"
    ) as fold:
        if not fold.open:
            return
        source = state.set_aside(import_id)
        mapping = detect.columns(source, state.proposal(source, kind))
        if detect.preview(source, mapping) and st.button(
            "Try again", type="primary", icon=":material/replay:", disabled=jobs_panel.busy(), key="retry_rows"
        ):
            jobs_panel.start("import", "Trying the rows set aside again", partial(_try_again, import_id, mapping))


def _try_again(import_id: int, mapping: Mapping, progress: Progress) -> Any:
    from core.update.bring_in import retry_and_refresh

    place = state.workspace()
    return retry_and_refresh(state.store(), place, state.settings(), state.encoder, import_id, mapping, progress).as_json()
