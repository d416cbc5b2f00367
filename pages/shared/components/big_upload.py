"""An uploader for files of any size: the browser streams the file to ``PUT /api/upload``, nothing is held in memory."""

from pathlib import Path

import streamlit as st

from core.web.arrivals import arrived
from pages.shared import state

_HERE = Path(__file__).parent

_uploader = st.components.v2.component(
    "big_upload",
    html=(_HERE / "big_upload.html").read_text(encoding="utf-8"),
    css=(_HERE / "big_upload.css").read_text(encoding="utf-8"),
    js=(_HERE / "big_upload.js").read_text(encoding="utf-8"),
)


def big_upload(key: str) -> Path | None:
    """Show the uploader and return the path of the file once it has arrived, else None."""
    result = _uploader(key=key, data={"address": "/api/upload/"}, on_token_change=_nothing)
    return arrived(state.workspace(), result.token) if result.token else None


def _nothing() -> None:
    """Make ``result.token`` exist before the first upload."""
