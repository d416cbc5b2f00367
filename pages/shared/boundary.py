"""The one place where an error becomes a message on the screen."""

import logging

import streamlit as st

from core.base.errors import BadInput
from core.base.log import log_event
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from pages.shared import format as fmt


def show_error(error: Exception) -> bool:
    """Show a sentence for a mistake the user can mend; log anything else and say where. Returns True: handled."""
    if isinstance(error, BadInput):
        st.warning(fmt.plain(str(error)), icon=":material/error:")
        return True
    log_event("screen failed", level=logging.ERROR, exc_info=True, error=type(error).__name__)
    log_file = open_workspace(load_settings().home).log_file
    st.error(
        f"This is a defect in Kindred, not something you did. Your data is unchanged. What happened is written to `{log_file}`.",
        title="Something went wrong on this page",
        icon=":material/bug_report:",
    )
    return True
