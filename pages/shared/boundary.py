"""The place where an error becomes a message on the screen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.base.errors import BadInput
from core.base.log import log_event
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from pages.shared import format as fmt


@contextmanager
def telling() -> Iterator[None]:
    """Turn an error inside into its message where it happens, so that the rest of the screen, and what was typed there, stays.

    As a decorator for the callback of a button: callbacks run before the screen is drawn, and their message comes above it.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the error boundary, of a part of a screen
        show_error(error)


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
