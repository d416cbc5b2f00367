"""The books: read = loaded + quarantined, whatever happens, and everything can be taken back."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.base.db import Store, memory_store, open_store
from core.base.errors import BadInput
from core.base.jobs import Cancelled
from core.base.schema import RAW_TABLES
from core.base.settings import load_settings
from core.base.workspace import Workspace, open_workspace
from core.ingest import history, quarantine
from core.ingest.load import ImportResult, import_file
from core.ingest.mapping import propose, remap
from core.ingest.preview import preview
from core.ingest.source import inspect
from core.ingest.synonyms import NULL_WORDS
from tests.ingest.conftest import HEADER, NOW, log_rows

Load = Callable[..., ImportResult]


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return {table: store.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in (*RAW_TABLES, "quarantine")}


def test_the_same_file_twice_changes_nothing(load: Load, store: Store, log: str) -> None:
    first = load(log)
    before, version = contents(store), store.data_version()
    second = load(log, name="copy.csv")
    assert second.already_loaded
    assert (second.import_id, second.read, second.loaded) == (first.import_id, first.read, first.loaded)
    assert (contents(store), store.data_version()) == (before, version)
    assert "already loaded" in second.notes[0]


def test_an_overlapping_export_adds_only_what_is_new(load: Load, store: Store) -> None:
    rows = log_rows(60)
    load("\n".join([HEADER, *rows[:40]]), name="march.csv")
    result = load("\n".join([HEADER, *rows[20:]]), name="april.csv")
    assert (result.read, result.loaded) == (40, 20)
    assert result.reasons == {"duplicate of an earlier import": 20}
    assert store.value("SELECT count(*) FROM events") == 60


def test_undo_restores_exactly_and_the_file_may_come_again(load: Load, store: Store, log: str) -> None:
    load("\n".join([HEADER, *log_rows(10), "u1,i1,never,view,1,1"]), name="first.csv")
    before = contents(store)
    result = load(log.replace("\nu", "\nv"), name="second.csv")
    version = store.data_version()
    assert history.undo(store, result.import_id) == 40
    assert contents(store) == before
    assert store.data_version() == version + 1
    with pytest.raises(BadInput, match="no loaded import"):
        history.undo(store, result.import_id)
    again = load(log.replace("\nu", "\nv"), name="second.csv")
    assert (again.already_loaded, again.loaded) == (False, 40)
    assert history.imports(store)["status"].tolist() == ["loaded", "undone", "loaded"]


def test_cancel_leaves_nothing(store: Store, workspace: Workspace, tmp_path: Path, log: str) -> None:
    (tmp_path / "log.csv").write_text(log)
    for stop_at in range(1, 6):
        calls = iter(range(1, 100))

        def progress(done: float, message: str, calls: object = calls, stop_at: int = stop_at) -> None:
            assert 0 <= done <= 1
            assert message
            if next(calls) == stop_at:  # type: ignore[call-overload]
                raise Cancelled

        with pytest.raises(Cancelled):
            import_file(store, workspace, tmp_path / "log.csv", progress=progress, now=NOW)
        assert all(rows == [] for rows in contents(store).values())
        assert store.value("SELECT count(*) FROM imports") == 0
        assert store.data_version() == 0
    assert list(workspace.uploads.iterdir()) == []


def test_first_reason_wins_in_document_order(load: Load, store: Store) -> None:
    rows = [
        ",,,,,",
        "u1,,,,,",
        "u1,i1,,,,",
        "u1,i1,soon,,,",
        "u1,i1,2024-01-01,,,",
        "u1,i1,2024-01-01,view,x,1",
        "u1,i1,2024-01-01,view,1,0",
    ]
    rows += ["u1,i1,0,view,1,1", "u1,i1,2999-01-01,view,1,1", "u1,i1,2024-01-01,view,-1,1", "u1,i1,2024-01-01,view,1,1"]
    load("\n".join([HEADER, *rows]), columns={"timestamp": "timestamp"}, kind="events")
    assert quarantine.browse(store, 1)["reason"].tolist() == [
        "no shopper id", "no product id", "no time", "time cannot be read", "no event", "price is not a number",
        "quantity is zero",
        "time is zero or before 1990", "time is in the future", "price is negative",
    ]  # fmt: skip
    assert quarantine.browse(store, 1)["row_number"].tolist() == list(range(1, 11))


def test_browse_filters_and_pages(load: Load, store: Store, log: str) -> None:
    load(log + "u1,i1\n" * 3 + ",i1,2024-01-01,view,1,1\n")
    assert quarantine.summary(store, 1).to_dict("list") == {"reason": ["too few fields", "no shopper id"], "rows": [3, 1]}
    page = quarantine.browse(store, 1, reason="too few fields", offset=1, limit=5)
    assert page["row_number"].tolist() == [42, 43]
    assert json.loads(quarantine.browse(store, 1, reason="no shopper id")["raw"][0])["item_id"] == "i1"


def test_the_download_runs_no_formula(load: Load, store: Store) -> None:
    load("user_id,item_id,timestamp,event_type,price\nu1,\"=cmd|' /C calc'!A0\",never,view,-3\nu2,i2,2024-01-01,view,3\n@u3,i3\n")
    rows = list(csv.reader(io.StringIO(quarantine.to_csv(store, 1).decode("utf-8-sig"))))
    assert rows[0] == ["row_number", "reason", "user_id", "item_id", "timestamp", "event_type", "price", "raw"]
    assert rows[1] == ["1", "time cannot be read", "u1", "'=cmd|' /C calc'!A0", "never", "view", "-3", ""]
    assert rows[2] == ["3", "too few fields", "", "", "", "", "", "'@u3,i3"]


def test_retry_loads_what_a_new_mapping_can_read(load: Load, store: Store, workspace: Workspace) -> None:
    rows = [
        *log_rows(20),
        *(f"u9,i{i},2024-05-0{1 + i} 10:00:00,hovered,1,1" for i in range(5)),
        "u9,i0",
        ",i1,2024-05-01,hovered,1,1",
    ]
    first = load("\n".join([HEADER, *rows]))
    assert first.reasons == {"unknown event 'hovered'": 5, "no shopper id": 1, "too few fields": 1}
    version = store.data_version()
    source = quarantine.as_source(store, 1)
    mapping = remap(
        propose(source, store), source, constants={"event_type:hovered": "view"}, columns={"event_type": "event_type"}
    )
    result = quarantine.retry(store, workspace, 1, mapping, now=NOW)
    assert (result.read, result.loaded, result.quarantined) == (27, 25, 2)
    assert result.reasons == {"no shopper id": 1, "too few fields": 1}
    assert quarantine.browse(store, 1)["row_number"].tolist() == [26, 27]
    assert store.value("SELECT count(*) FROM events WHERE user_id = 'u9' AND event_type = 'view'") == 5
    assert store.rows("SELECT rows_read, rows_loaded, rows_quarantined FROM imports") == [(27, 25, 2)]
    assert store.data_version() == version + 1
    assert history.undo(store, 1) == 25


def test_retrying_duplicates_keeps_them_out(load: Load, store: Store, workspace: Workspace, log: str) -> None:
    load(log + log_rows(1)[0] + "\n")
    source = quarantine.as_source(store, 1)
    result = quarantine.retry(store, workspace, 1, propose(source, store), now=NOW)
    assert (result.loaded, result.reasons) == (40, {"duplicate of an earlier row": 1})


def test_the_first_row_of_an_item_wins_and_a_later_file_updates_it(load: Load, store: Store) -> None:
    result = load("item_id,title,price\n1,Cup,2\n2,Pot,3\n1,Cup,4\n2,Pot,3\n")
    assert result.reasons == {"duplicate of an earlier row": 1, "same item_id as an earlier row": 1}
    assert store.rows("SELECT item_id, price FROM items ORDER BY item_id") == [("1", 2.0), ("2", 3.0)]
    later = load("item_id,title,price\n1,Cup,2\n2,Pot,9\n", name="later.csv")
    assert (later.loaded, later.reasons) == (1, {"duplicate of an earlier import": 1})


def test_anonymous_reviews_with_the_same_stars_are_no_duplicates(load: Load) -> None:
    rows = ["0,7,33,5,", "1,7,41,5,", "2,7,33,5,", "3,7,60,4,Fine"]
    result = load(",Clothing ID,Age,Rating,Review Text\n" + "\n".join(rows), name="reviews.csv")
    assert (result.loaded, result.reasons) == (3, {"duplicate of an earlier row": 1})


def test_preview_shows_what_an_import_would_do(store: Store, workspace: Workspace, tmp_path: Path, log: str) -> None:
    (tmp_path / "log.csv").write_text(log + ",i1,2024-01-01,view,1,1\n")
    source = inspect(tmp_path / "log.csv", workspace)
    shown = preview(source, propose(source, store), workspace, store, rows=5, now=NOW)
    assert (shown.read, shown.loaded, shown.quarantined) == (41, 40, 1)
    assert shown.frame["user_id"].tolist() == ["u0", "u1", "u2", "u3", "u4"]
    assert shown.frame["reason"].isna().all()
    assert store.value("SELECT count(*) FROM events") == 0


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
ID = st.one_of(st.sampled_from(["", "u1", "u2", "Ω", "a,b", 'q"q', "x\ny", " "]), CELL)
TIME = st.sampled_from(["2024-01-01", "2024-01-02 10:00:00", "", "0", "soon", "2999-01-01", "01/02/2024"])
ROW = st.tuples(ID, ID, TIME, st.sampled_from(["view", "buy", "", "?"]), st.sampled_from(["1", "-2", "", "x", "1.5"]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(ROW, min_size=1, max_size=30),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_balances_and_undo_restores(tmp_path: Path, rows: list[tuple[str, ...]], quoting: int, end: str) -> None:
    path = tmp_path / "any.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
        writer.writerow(["user_id", "item_id", "timestamp", "event_type", "price"])
        writer.writerows(rows)
    store, workspace = memory_store(), open_workspace(tmp_path / "home")
    before = contents(store)
    result = import_file(store, workspace, path, kind="events", columns=ALL, now=NOW)  # type: ignore[arg-type]
    assert result.read == len(rows) == result.loaded + result.quarantined
    assert store.value("SELECT count(*) FROM events") == result.loaded
    assert store.value("SELECT count(*) FROM quarantine") == result.quarantined
    numbers = [row[0] for row in store.rows("SELECT row_number FROM quarantine ORDER BY row_number")]
    assert len(set(numbers)) == len(numbers)
    assert all(1 <= number <= len(rows) for number in numbers)
    history.undo(store, result.import_id)
    assert contents(store) == before
    store.close()


ALL = {name: name for name in ("user_id", "item_id", "timestamp", "event_type", "price")}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(titles=st.lists(CELL.filter(lambda text: text.strip() == text and text not in NULL_WORDS), min_size=1, max_size=20))
def test_text_comes_back_as_it_was(tmp_path: Path, titles: list[str]) -> None:
    path = tmp_path / "items.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
            [["item_id", "title"], *([f"i{n}", title] for n, title in enumerate(titles))]
        )
    store, workspace = memory_store(), open_workspace(tmp_path / "home")
    result = import_file(store, workspace, path, kind="items", columns={"item_id": "item_id", "title": "title"}, now=NOW)  # type: ignore[arg-type]
    assert result.loaded == len(titles)
    assert [row[0] for row in store.rows("SELECT title FROM items ORDER BY CAST(item_id[2:] AS INTEGER)")] == titles
    store.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    damage=st.lists(
        st.tuples(st.integers(0, 2000), st.sampled_from([b'"', b",", b"\n", b"\r", b"\xff", b"\0", b";", b""])),
        min_size=1,
        max_size=6,
    )
)
def test_a_damaged_file_balances_or_is_refused(tmp_path: Path, damage: list[tuple[int, bytes]]) -> None:
    content = bytearray("\n".join([HEADER, *log_rows(40)]).encode())
    for place, byte in damage:
        at = len(HEADER) + 1 + place % (len(content) - len(HEADER) - 1)
        content[at : at + 1] = byte
    path = tmp_path / "damaged.csv"
    path.write_bytes(bytes(content))
    store, workspace = memory_store(), open_workspace(tmp_path / "home")
    result = import_file(store, workspace, path, now=NOW)
    assert result.read == result.loaded + result.quarantined
    assert 40 - len(damage) <= result.read <= 40 + len(damage)
    assert result.loaded >= 40 - 3 * len(damage)
    store.close()


def test_times_in_the_books_are_utc(load: Load, store: Store, log: str) -> None:
    load(log)
    started, finished = store.rows("SELECT started_at, finished_at FROM imports")[0]
    assert isinstance(started, datetime)
    assert started <= finished


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_outside_the_workspace_is_read_through_a_copy(tmp_path: Path, log: str, packed: bool) -> None:
    path = tmp_path / "elsewhere" / ("log.csv.gz" if packed else "log.csv")
    path.parent.mkdir()
    path.write_bytes(gzip.compress(log.encode()) if packed else log.encode())
    workspace = open_workspace(tmp_path / "home")
    store = open_store(workspace, load_settings({}, home=workspace.home))
    assert import_file(store, workspace, path, now=NOW).loaded == 40
    assert list(workspace.uploads.iterdir()) == []
    store.close()


def test_a_column_of_names_taken_for_events_gives_one_reason(load: Load, store: Store) -> None:
    rows = "\n".join(f"u{i},i{i},2024-01-01,name {i}" for i in range(150))
    columns = {"user_id": "user", "item_id": "item", "timestamp": "time", "event_type": "label"}
    assert load("user,item,time,label\n" + rows, columns=columns, kind="events").reasons == {"unknown event": 150}
