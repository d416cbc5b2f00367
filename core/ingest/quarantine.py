"""The rows that did not load: counted, browsed, taken home as CSV, tried again under another mapping."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pandas as pd

from core.base.db import Store, bump_version
from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.log import log_event
from core.base.schema import FileKind, ImportStatus
from core.base.workspace import Workspace
from core.ingest.load import ImportResult, load_rows, require
from core.ingest.mapping import Mapping
from core.ingest.records import Record
from core.ingest.source import PROBE_ROWS, SAMPLE_ROWS, Format, Source
from core.ingest.staging import numbered_copy
from core.ingest.wholecolumn import settle_formats

_NUMBER = re.compile(r"[+-]?[\d.,]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def summary(store: Store, import_id: int) -> pd.DataFrame:
    """Return (reason, rows), most rows first."""
    return store.df(
        "SELECT reason, count(*) AS rows FROM quarantine WHERE import_id = ? GROUP BY reason ORDER BY rows DESC, reason",
        [import_id],
    )


def browse(store: Store, import_id: int, reason: str | None = None, offset: int = 0, limit: int = 100) -> pd.DataFrame:
    """Return (row_number, reason, raw) in file order; ``reason`` None shows all."""
    return store.df(
        "SELECT row_number, reason, raw FROM quarantine WHERE import_id = $id AND ($reason IS NULL OR reason = $reason) "
        "ORDER BY row_number LIMIT $limit OFFSET $offset",
        {"id": import_id, "reason": reason, "limit": limit, "offset": offset},
    )


def to_csv(store: Store, import_id: int) -> bytes:
    """Return the quarantine as UTF-8 CSV with a byte-order mark: row_number, reason, then the file's own columns.

    A row that could not be split has its text in ``raw``. A cell that a spreadsheet would run as a formula is preceded
    by an apostrophe; numbers are left alone.
    """
    columns = _columns(store, import_id)
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["row_number", "reason", *(safe_cell(column) for column in columns), "raw"])
    for number, reason, raw in _rows(store, import_id):
        cells = _cells(raw, columns)
        split = cells if cells is not None else [""] * len(columns)
        writer.writerow(
            [number, safe_cell(reason), *(safe_cell(cell) for cell in split), "" if cells is not None else safe_cell(raw)]
        )
    return out.getvalue().encode()


def safe_cell(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula.

    >>> safe_cell("=1+1"), safe_cell("-5.20"), safe_cell("tea")
    ("'=1+1", '-5.20', 'tea')
    """
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def as_source(store: Store, import_id: int) -> Source:
    """Return the quarantined rows as a source, to propose and correct a mapping for. Raises BadInput where there are none."""
    columns = _columns(store, import_id)
    if not columns:
        raise BadInput(f"Import {import_id} has no quarantined rows that could be read another way.")
    name, file_bytes = store.rows("SELECT file_name, file_bytes FROM imports WHERE import_id = ?", [import_id])[0]
    split = (cells for _, _, raw in _rows(store, import_id) if (cells := _cells(raw, columns)) is not None)
    probe = pd.DataFrame(
        [[cell or None for cell in cells] for cells in islice(split, PROBE_ROWS)], columns=list(columns), dtype=object
    )
    return Source(
        path=Path(name),
        format=Format.DELIMITED,
        encoding="utf-8",
        delimiter=",",
        columns=columns,
        sample=probe.head(SAMPLE_ROWS),
        file_bytes=file_bytes,
        notes=(),
        probe=probe,
        fingerprint="",
    )


def retry(
    store: Store,
    workspace: Workspace,
    import_id: int,
    mapping: Mapping,
    progress: Progress = no_progress,
    now: datetime | None = None,
) -> ImportResult:
    """Read the quarantined rows again under ``mapping``; those that now load leave the quarantine. Returns the import's books.

    Rows that could not be split into fields stay as they are. Raises BadInput where the import has none that could, or the
    mapping is of another kind than the import.
    """
    source = as_source(store, import_id)
    require(mapping, source)
    if mapping.kind != (kind := _kind(store, import_id)):
        raise BadInput(
            f"Import {import_id} holds {kind}, so its rows cannot be retried as {mapping.kind}. Undo it and import it anew."
        )
    now = now or datetime.now(UTC).replace(tzinfo=None)
    with (
        numbered_copy(_records(store, import_id, source.columns), len(source.columns), workspace, progress) as rows,
        store.transaction() as cursor,
    ):
        cursor.execute("DELETE FROM quarantine WHERE import_id = ?", [import_id])
        mapping = settle_formats(cursor, rows, mapping, source)
        reasons = load_rows(cursor, rows, source, mapping, import_id, now, progress)
        left = sum(reasons.values())
        cursor.execute(
            "UPDATE imports SET rows_loaded = rows_read - ?, rows_quarantined = ?, reasons = ?, data_version = ? "
            "WHERE import_id = ?",
            [left, left, json.dumps(reasons, ensure_ascii=False), bump_version(cursor), import_id],
        )
        name, read = cursor.execute("SELECT file_name, rows_read FROM imports WHERE import_id = ?", [import_id]).fetchall()[0]
    log_event("quarantine retried", import_id=import_id, tried=rows.rows, left=left)
    progress(1.0, f"{rows.rows - left:,} rows left the quarantine")
    return ImportResult(import_id, name, FileKind(kind), read, read - left, left, reasons, False, mapping.notes)


def _kind(store: Store, import_id: int) -> str:
    rows = store.rows("SELECT kind FROM imports WHERE import_id = ? AND status = ?", [import_id, ImportStatus.LOADED])
    if not rows:
        raise BadInput(f"There is no loaded import {import_id}.")
    return str(rows[0][0])


def _rows(store: Store, import_id: int) -> Iterator[tuple[int | None, str, str]]:
    with store.cursor() as cursor:
        cursor.execute("SELECT row_number, reason, raw FROM quarantine WHERE import_id = ? ORDER BY row_number", [import_id])
        while batch := cursor.fetchmany(10_000):
            yield from batch


def _columns(store: Store, import_id: int) -> tuple[str, ...]:
    """The file's columns, as the first row that was split names them."""
    for _, _, raw in _rows(store, import_id):
        if (fields := _fields(raw)) is not None:
            return tuple(fields)
    return ()


def _records(store: Store, import_id: int, columns: tuple[str, ...]) -> Iterator[tuple[int | None, Record]]:
    for number, reason, raw in _rows(store, import_id):
        cells = _cells(raw, columns)
        yield number, Record(cells) if cells is not None else Record([], reason, raw)


def _cells(raw: str, columns: tuple[str, ...]) -> list[str] | None:
    fields = _fields(raw)
    if fields is None or tuple(fields) != columns:
        return None
    return ["" if value is None else str(value) for value in fields.values()]


def _fields(raw: str) -> dict[str, str | None] | None:
    if not raw.startswith("{"):
        return None
    try:
        fields = json.loads(raw)
    except json.JSONDecodeError:
        return None
    return fields if all(value is None or isinstance(value, str) for value in fields.values()) else None
