"""The app: screens and REST routes in one process. ``streamlit run app.py``, or ``uvicorn app:app`` with one worker."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from core.base.errors import BadInput
from core.base.log import setup_log
from core.base.settings import load_settings
from core.base.workspace import Workspace, open_workspace
from core.web.arrivals import sweep
from core.web.routes import routes
from pages.shared.boundary import show_error

SHELL = Path(__file__).parent / "pages" / "shell.py"


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Clear out old uploads at the start; release the store when the server stops."""
    sweep(workspace, datetime.now(UTC).replace(tzinfo=None))
    yield
    from pages.shared import state

    state.close()


def chosen_workspace() -> Workspace:
    """Return the workspace that the settings name, its log open; end with a sentence where a setting is wrong."""
    try:
        settings = load_settings()
        workspace = open_workspace(settings.home)
    except BadInput as error:
        sys.exit(f"Kindred cannot start. {error}")
    setup_log(workspace, settings.log_level)
    return workspace


workspace = chosen_workspace()
app = st.App(SHELL, routes=routes(workspace), lifespan=lifespan, on_script_error=show_error)
