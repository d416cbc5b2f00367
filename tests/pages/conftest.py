"""The screens driven in this process, on an empty workspace and on a tiny shop."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.base.db import open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.represent.encoder import encoder_name
from core.update.bring_in import import_and_refresh
from pages.shared import state
from tests.pages.shop import WordEncoder, write_events

SHELL = str(Path(__file__).parents[2] / "pages" / "shell.py")
Open = Callable[..., AppTest]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace that the app takes for its own; its store is released afterwards."""
    folder = tmp_path / "home"
    monkeypatch.setenv("KINDRED_HOME", str(folder))
    yield folder
    state.close()


@pytest.fixture
def shop(home: Path, tmp_path: Path) -> Path:
    """The same workspace with the tiny shop loaded and everything built."""
    load(home, write_events(tmp_path / "log.csv"), tmp_path)
    return home


def load(home: Path, path: Path, also_read: Path) -> None:
    """Import a file into a workspace and build everything, with the test encoder."""
    settings = load_settings(home=home)
    workspace = open_workspace(home)
    store = open_store(workspace, settings, [also_read])
    encoder = WordEncoder(encoder_name(settings))
    import_and_refresh(store, workspace, settings, lambda: encoder, path)
    store.close()


@pytest.fixture
def screen() -> Open:
    """Return a function that opens one screen, with query parameters, and checks that it did not fail."""

    def open_screen(path: str = "", **query: str) -> AppTest:
        app = AppTest.from_file(SHELL, default_timeout=60)
        app.run()
        if path:
            app.switch_page(path)
        for name, value in query.items():
            app.query_params[name] = value
        if path or query:
            app.run()
        assert_sound(app)
        return app

    return open_screen


def assert_sound(app: AppTest) -> None:
    """Fail where the screen shows a traceback or the message about a defect."""
    assert not app.exception, [error.message for error in app.exception]
    assert not app.error, [error.value for error in app.error]


def text_of(app: AppTest) -> str:
    """Return everything written on the screen, without Markdown's escapes."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning, app.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")
