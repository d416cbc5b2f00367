"""Import: a file is looked into, its mapping corrected, its rows loaded in the background; mistakes get a sentence."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.base import jobs
from core.base.workspace import open_workspace
from core.represent.encoder import encoder_name
from pages.shared import state
from tests.pages.conftest import Open, assert_sound, text_of
from tests.pages.shop import SHOPPERS, WordEncoder, write_events

IMPORT = "prepare/import_data.py"


@pytest.fixture
def quick_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let background jobs encode with the test encoder instead of loading weights."""
    encoder = WordEncoder(encoder_name(state.settings()))
    monkeypatch.setattr(state, "encoder", lambda: encoder)


def finish(home: Path, app: AppTest) -> AppTest:
    """Wait for the running job and rerun the screen."""
    deadline = time.monotonic() + 60
    while jobs.active(open_workspace(home).jobs) and time.monotonic() < deadline:
        time.sleep(0.05)
    app.run()
    assert_sound(app)
    return app


def upload(screen: Open, name: str, content: bytes) -> AppTest:
    """Open the screen and upload a file."""
    app = screen(IMPORT)
    app.file_uploader(key="upload").upload(name, content)
    app.run()
    assert_sound(app)
    return app


def test_an_empty_screen_says_what_can_be_brought(home: Path, screen: Open) -> None:
    assert "Parquet" in text_of(screen(IMPORT))


def test_a_log_is_mapped_previewed_and_loaded(home: Path, tmp_path: Path, screen: Open, quick_encoder: None) -> None:
    app = upload(screen, "log.csv", write_events(tmp_path / "log.csv").read_bytes())
    mapped = {box.label: box.value for box in app.selectbox}
    assert mapped["Shopper"] == "customer"
    assert mapped["Product"] == "sku"
    assert mapped["Time"] == "when"
    assert not app.button(key="import").disabled
    app.button(key="import").click().run()
    finish(home, app)
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures == {"Rows read": "152", "Loaded": "150", "Set aside": "2"}


def test_taking_a_column_for_one_field_takes_it_from_the_other(home: Path, tmp_path: Path, screen: Open) -> None:
    app = upload(screen, "log.csv", write_events(tmp_path / "log.csv").read_bytes())
    boxes = {box.label: box for box in app.selectbox}
    boxes["Product"].select("customer").run()
    assert_sound(app)
    after = {box.label: box.value for box in app.selectbox}
    assert after["Product"] == "customer"
    assert after["Shopper"] is None
    assert app.button(key="import").disabled
    assert "Choose a column for: shopper" in text_of(app)


def test_a_field_can_be_left_out(home: Path, tmp_path: Path, screen: Open) -> None:
    app = upload(screen, "log.csv", write_events(tmp_path / "log.csv").read_bytes())
    boxes = {box.label: box for box in app.selectbox}
    boxes["Product title"].select_index(0).run()
    assert_sound(app)
    assert {box.label: box.value for box in app.selectbox}["Product title"] is None
    assert "Not read: title" in text_of(app)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("header.csv", b"user_id,item_id,timestamp\n"),
        ("blank.csv", b"\n\n\n"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
        ("broken.xlsx", b"this is no workbook"),
        ("half.parquet", b"PAR1" + b"\x00" * 100),
    ],
)
def test_a_file_that_is_no_table_gets_a_sentence(home: Path, screen: Open, name: str, content: bytes) -> None:
    app = upload(screen, name, content)
    assert app.warning or not app.get("button"), f"no sentence about {name}"


def test_the_inbox_lists_what_lies_there(home: Path, tmp_path: Path, screen: Open) -> None:
    write_events(open_workspace(home).inbox / "inbox-log.csv")
    app = screen(IMPORT)
    app.segmented_control(key="way").set_value("Inbox folder (1)").run()
    box = app.selectbox(key="inbox_file")
    box.select_index(0).run()
    assert_sound(app)
    assert app.button(key="import").label == "Import inbox-log.csv"


def test_history_undoes_an_import_after_asking(shop: Path, screen: Open, quick_encoder: None) -> None:
    app = screen(IMPORT, import_view="History")
    assert "log.csv" in app.dataframe[0].value["file_name"].tolist()


def test_rows_set_aside_are_listed_with_their_reasons(shop: Path, screen: Open) -> None:
    app = screen(IMPORT, import_view="Set aside")
    assert len(app.dataframe[0].value) == 2
    assert app.get("download_button")


@pytest.mark.parametrize("view", ["History", "Set aside", "Findings"])
def test_an_empty_workspace_has_nothing_to_list(home: Path, screen: Open, view: str) -> None:
    app = screen(IMPORT, import_view=view)
    assert app.button(key="load_demo")


def test_findings_of_a_small_shop_warn_and_never_block(shop: Path, screen: Open) -> None:
    app = screen(IMPORT, import_view="Findings")
    assert f"{SHOPPERS} shoppers with two or more" in "\n".join(bar.text for bar in app.progress)
