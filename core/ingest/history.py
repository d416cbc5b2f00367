"""The books of past imports, and taking one back."""

import pandas as pd

from core.base.db import Store, bump_version
from core.base.errors import BadInput
from core.base.log import log_event
from core.base.schema import RAW_TABLES, ImportStatus, Table


def imports(store: Store) -> pd.DataFrame:
    """Return one row an import, newest first: its id, file, kind, the three row counts, status, times (UTC) and file size."""
    return store.df(
        "SELECT import_id, file_name, kind, rows_read, rows_loaded, rows_quarantined, status, started_at, finished_at, "
        "file_bytes FROM imports ORDER BY import_id DESC"
    )


def undo(store: Store, import_id: int) -> int:
    """Remove every row the import loaded, gathered or quarantined; return the rows removed from the raw tables.

    The import stays in the books as undone, and its file may be loaded again. Raises BadInput where there is no such
    import or it is already undone.
    """
    with store.transaction() as cursor:
        found = cursor.execute("SELECT status FROM imports WHERE import_id = ?", [import_id]).fetchone()
        if found is None or found[0] == ImportStatus.UNDONE:
            raise BadInput(f"There is no loaded import {import_id} to undo. The list of imports shows which there are.")
        version = bump_version(cursor)
        cursor.execute("INSERT INTO undone VALUES (?, NULL)", [version])
        for table in (Table.EVENTS, Table.REVIEWS):
            concerned = f"SELECT DISTINCT user_id FROM {table} WHERE import_id = ? AND user_id IS NOT NULL"
            cursor.execute(f"INSERT INTO undone SELECT ?, user_id FROM ({concerned})", [version, import_id])
        removed = 0
        for table in RAW_TABLES:
            deleted = cursor.execute(f"DELETE FROM {table} WHERE import_id = ?", [import_id]).fetchone()
            removed += int(deleted[0]) if deleted else 0
        cursor.execute("DELETE FROM quarantine WHERE import_id = ?", [import_id])
        cursor.execute("UPDATE imports SET status = ? WHERE import_id = ?", [ImportStatus.UNDONE, import_id])
    log_event("undone", import_id=import_id, rows=removed)
    return removed
