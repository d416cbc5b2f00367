"""The rows that were set aside: why, what they looked like, download, and another try with another mapping."""

import streamlit as st

from core.base.schema import Col
from core.ingest import history, quarantine
from pages.shared import format as fmt
from pages.shared import next_step, state

_PAGE = 100


def show() -> None:
    """Show the rows set aside from one import, filtered by reason, a page at a time."""
    imports = state.read(history.imports)
    aside = imports[imports["rows_quarantined"] > 0]
    if aside.empty:
        next_step.nothing_yet("No row has been set aside.")
        return
    names = {int(row.import_id): f"{row.file_name} · {fmt.count(row.rows_quarantined, 'row')}" for row in aside.itertuples()}
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
    _retry(import_id)


def _retry(import_id: int) -> None:
    """Offer another try: placeholder filled once the mapping form is here."""
    del import_id
    assert Col
