"""Run one long SQL statement with progress and cancel: it works on a thread while this one reports and listens."""

import threading
from typing import Any

import duckdb

from core.base.derived import Progress

_TICK = 0.25


def run(
    cursor: duckdb.DuckDBPyConnection, sql: str, progress: Progress, start: float, stop: float, message: str
) -> list[tuple[Any, ...]]:
    """Execute ``sql`` and return its rows, reporting progress in [start, stop].

    Whatever ``progress`` raises (Cancelled) interrupts the statement and is raised on; so is what the statement raises.
    """
    rows: list[tuple[Any, ...]] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            rows.extend(cursor.execute(sql).fetchall())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread below
            failure.append(error)

    progress(start, message)
    thread = threading.Thread(target=work, name="import-sql", daemon=True)
    thread.start()
    try:
        ticks = 0
        while thread.is_alive():
            thread.join(_TICK)
            ticks += 1
            progress(start + (stop - start) * (1 - 0.97**ticks), message)
    except BaseException:
        cursor.interrupt()
        thread.join()
        raise
    if failure:
        raise failure[0]
    return rows
