"""Three ways for a file to arrive: through the page, streamed to disk, or laid into the inbox folder."""

from pathlib import Path

import streamlit as st

from core.web.arrivals import inbox, keep
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.components.big_upload import big_upload

_KEPT = "kept_upload"


def choose() -> Path | None:
    """Show the ways and return the path of the chosen file, None while there is none."""
    limit = state.settings().upload_limit_mb
    waiting = inbox(state.workspace())
    ways = [f"Upload, up to {limit} MB", "Large file", f"Inbox folder ({len(waiting)})"]
    with st.container(border=True):
        way = st.segmented_control("How does the file come?", ways, default=ways[0], required=True, key="way")
        if way == ways[0]:
            return _uploaded(limit)
        return big_upload("big_upload") if way == ways[1] else _from_inbox()


def formats() -> None:
    """Say what can be brought in."""
    formats_, kinds = st.columns(2)
    with formats_.container(border=True, height="stretch"):
        st.subheader("Any of these formats", anchor=False)
        st.markdown(
            "CSV, TSV, JSON Lines, Parquet, XLSX, each also gzipped. Delimiter, encoding (UTF-8, UTF-16, latin-1, GBK), "
            "date format and decimal comma are found out for you."
        )
    with kinds.container(border=True, height="stretch"):
        st.subheader("Any of these contents", anchor=False)
        st.markdown(
            "**Events** (views, clicks, purchases, invoice lines) are enough to begin. **Items**, **reviews**, **users**, "
            "**social** ties, **orders**, **campaigns** and **coupons** make the picture richer."
        )


def _uploaded(limit: int) -> Path | None:
    file = st.file_uploader("File", max_upload_size=limit, key="upload", label_visibility="collapsed")
    if file is None:
        return None
    kept: tuple[str, Path] | None = st.session_state.get(_KEPT)
    if kept is None or kept[0] != file.file_id:
        kept = (file.file_id, keep(state.workspace(), file.name, [file.getvalue()]))
        st.session_state[_KEPT] = kept
    return kept[1]


def _from_inbox() -> Path | None:
    place, files = state.workspace(), inbox(state.workspace())
    if not files:
        st.info(f"Copy files into `{place.inbox}` and they appear here.", icon=":material/folder_open:")
        return None
    chosen = st.selectbox(
        "File in the inbox",
        files,
        index=None,
        format_func=lambda file: f"{file.name} · {fmt.size(file.file_bytes)} · {fmt.moment(file.modified_at)} UTC",
        placeholder=f"{fmt.count(len(files), 'file')} in {place.inbox}",
        key="inbox_file",
    )
    return chosen.path if chosen else None
