"""The store: migrated once, hardened, all-or-nothing, one process at a time."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from core.base.db import Store, bump_version, migrations, open_store
from core.base.errors import BadInput
from core.base.schema import BOOK_TABLES, RAW_TABLES, Col, Table
from core.base.settings import Settings
from core.base.workspace import Workspace


def test_a_new_store_has_every_table_and_version_zero(store: Store) -> None:
    there = {name for (name,) in store.rows("SELECT DISTINCT table_name FROM duckdb_columns()")}
    assert {str(table) for table in Table} <= there
    assert store.data_version() == 0


def test_every_raw_row_carries_its_import_and_every_derived_one_its_version(store: Store) -> None:
    columns: dict[str, set[str]] = {}
    for table, column in store.rows("SELECT table_name, column_name FROM duckdb_columns()"):
        columns.setdefault(table, set()).add(column)
    views = {name for (name,) in store.rows("SELECT view_name FROM duckdb_views() WHERE NOT internal")}
    derived = {str(table) for table in set(Table) - set(RAW_TABLES) - set(BOOK_TABLES)} - views
    assert [table for table in RAW_TABLES if Col.IMPORT not in columns[table]] == []
    assert sorted(table for table in derived if Col.VERSION not in columns[table]) == []


def test_reopening_applies_nothing_twice(workspace: Workspace, settings: Settings) -> None:
    for _ in range(2):
        store = open_store(workspace, settings)
        assert store.value("SELECT count(*) FROM migrations") == len(migrations())
        store.close()


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [migration.number for migration in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_store_from_a_newer_program_is_refused(workspace: Workspace, settings: Settings) -> None:
    store = open_store(workspace, settings)
    with store.transaction() as cursor:
        cursor.execute("INSERT INTO migrations VALUES (9999, 'from the future', now()::TIMESTAMP)")
    store.close()
    with pytest.raises(BadInput, match="newer version"):
        open_store(workspace, settings)


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as cursor:
        bump_version(cursor)
        raise ZeroDivisionError
    assert store.data_version() == 0
    with store.transaction() as cursor:
        assert bump_version(cursor) == 1
    assert store.data_version() == 1


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM read_text('/etc/hostname')", "SET threads = 1", "COPY meta TO '/tmp/leak.csv'", "INSTALL fts"]
)
def test_sql_cannot_leave_the_workspace(workspace: Workspace, settings: Settings, sql: str) -> None:
    store = open_store(workspace, settings)
    with pytest.raises(duckdb.Error):
        store.rows(sql)
    store.close()


def test_a_file_passed_in_may_be_read(workspace: Workspace, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "it's a file.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    store = open_store(workspace, settings, [path])
    assert store.rows("SELECT * FROM read_csv(?)", [str(path)]) == [(1,)]
    store.close()


def test_a_second_process_is_told_to_wait(workspace: Workspace, settings: Settings) -> None:
    store = open_store(workspace, settings)
    code = (
        "import sys; from pathlib import Path\n"
        "from core.base.db import open_store; from core.base.settings import load_settings\n"
        "from core.base.workspace import open_workspace; from core.base.errors import BadInput\n"
        "home = Path(sys.argv[1])\n"
        "try: open_store(open_workspace(home), load_settings({}, home=home))\n"
        "except BadInput as error: print(error)\n"
    )
    told = subprocess.run([sys.executable, "-c", code, str(workspace.home)], capture_output=True, text=True, check=True)
    assert "in use by another process" in told.stdout
    store.close()
