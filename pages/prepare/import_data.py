"""Import: bring a file in, see what was read as what, what was set aside and why, and take it back."""

import streamlit as st

from pages.shared.bring_in import bring, findings, history, quarantine

VIEWS = {
    "Bring a file": bring.show,
    "History": history.show,
    "Set aside": quarantine.show,
    "Findings": findings.show,
}
st.title("Import", anchor=False)
st.caption("Every row read is loaded or set aside with a reason. Nothing disappears, and every import can be undone.")
view = st.segmented_control(
    "View",
    list(VIEWS),
    default="Bring a file",
    required=True,
    key="import_view",
    bind="query-params",
    label_visibility="collapsed",
)
VIEWS[view]()
