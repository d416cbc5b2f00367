"""The store: one DuckDB file, hardened, migrated, with a data version."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from core.base.errors import BadInput
from core.base.settings import Settings
from core.base.workspace import Workspace

Params = Sequence[Any] | dict[str, Any] | None


class Store:
    """One process's handle on the store. Reads take a cursor of their own; writes go one at a time through ``transaction``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self._connection = connection
        self._writing = threading.RLock()
        _migrate(connection)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor, closed afterwards; a DuckDB connection must not be shared between threads."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor inside one transaction: committed as a whole, or rolled back on any exception."""
        with self._writing, self.cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    def df(self, sql: str, params: Params = None) -> pd.DataFrame:
        """Return the result of a query as a frame."""
        with self.cursor() as cursor:
            return cursor.execute(sql, params).df() if params is not None else cursor.execute(sql).df()

    def rows(self, sql: str, params: Params = None) -> list[tuple[Any, ...]]:
        """Return the result of a query as tuples."""
        with self.cursor() as cursor:
            return (cursor.execute(sql, params) if params is not None else cursor.execute(sql)).fetchall()

    def value(self, sql: str, params: Params = None) -> Any:
        """Return the single value of a one-row, one-column query; None where there is no row."""
        rows = self.rows(sql, params)
        return rows[0][0] if rows else None

    def data_version(self) -> int:
        """Return the number of committed changes to the raw tables; 0 = nothing was ever loaded."""
        return int(self.value("SELECT value FROM meta WHERE key = 'data_version'"))

    def close(self) -> None:
        """Release the file for other processes."""
        self._connection.close()


@dataclass(frozen=True)
class Migration:
    """One numbered step of the store's structure; a file ``migrations/NUMBER_name.sql``."""

    number: int
    name: str
    sql: str


def migrations() -> list[Migration]:
    """Return every migration this program knows, in order."""
    paths = sorted((Path(__file__).parent / "migrations").glob("*.sql"))
    return [Migration(int(path.stem[:4]), path.stem[5:].replace("_", " "), path.read_text(encoding="utf-8")) for path in paths]


def bump_version(cursor: duckdb.DuckDBPyConnection) -> int:
    """Raise the data version inside the caller's transaction and return the new one."""
    row = cursor.execute(
        "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS VARCHAR) WHERE key = 'data_version' RETURNING value"
    ).fetchone()
    assert row is not None
    return int(row[0])


def open_store(workspace: Workspace, settings: Settings, also_read: Sequence[Path] = ()) -> Store:
    """Open (or create) the workspace's store; SQL may read only the workspace and ``also_read``.

    Raises BadInput where another process holds the file: DuckDB allows one.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{settings.memory_mb}MiB",
        "threads": settings.threads,
        "temp_directory": str(workspace.temp),
    }
    try:
        connection = duckdb.connect(str(workspace.store), config=config)
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise BadInput(
            f"The store {workspace.store} is in use by another process (one at a time may open it). "
            "Close the app or the other command, or give this one its own --home."
        ) from None
    _harden(connection, settings, [workspace.home, *also_read])
    return Store(connection)


def memory_store(spill: Path | None = None, limit_mb: int = 1500) -> Store:
    """Return an empty, migrated store in memory. spill: a folder that what is above the limit, MiB, goes to; None = no limit."""
    config: dict[str, str | bool | int | float | list[str]] = (
        {} if spill is None else {"memory_limit": f"{limit_mb}MiB", "temp_directory": str(spill)}
    )
    return Store(duckdb.connect(":memory:", config=config))


def _harden(connection: duckdb.DuckDBPyConnection, settings: Settings, readable: Sequence[Path]) -> None:
    """Shut the door behind the workspace; the order matters, since the last line locks every setting."""
    folders = [str(path) for path in readable if path.is_dir()]
    files = [str(path) for path in readable if not path.is_dir()]
    connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute(f"SET max_execution_time = {settings.query_timeout_s * 1000}")
    connection.execute(f"SET allowed_directories = {_sql_list(folders)}")
    connection.execute(f"SET allowed_paths = {_sql_list(files)}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _sql_list(paths: Sequence[str]) -> str:
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "]"


def _migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Apply the migrations not yet applied, each in its own transaction; refuse a store newer than this program."""
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name VARCHAR, applied_at TIMESTAMP)")
    connection.execute("CREATE TABLE IF NOT EXISTS meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)")
    connection.execute("INSERT INTO meta VALUES ('data_version', '0') ON CONFLICT DO NOTHING")
    applied = {number for (number,) in connection.execute("SELECT number FROM migrations").fetchall()}
    there = migrations()
    if newer := applied - {migration.number for migration in there}:
        raise BadInput(
            f"This store was written by a newer version of Kindred (migration {max(newer)}). Update Kindred to open it."
        )
    for migration in there:
        if migration.number not in applied:
            applied_at = datetime.now(UTC).replace(tzinfo=None)
            connection.execute(f"BEGIN TRANSACTION; {migration.sql}")
            connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", [migration.number, migration.name, applied_at])
            connection.execute("COMMIT")
