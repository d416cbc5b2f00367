"""Import one file: every row is loaded or quarantined with its reason, in one transaction.

Two passes over the source. The first writes the good rows straight into the raw table, because writing dominates: a
staging table would be written twice. Duplicates are then found by identity and taken out again, and only where rows
are missing from the count does a second pass find out which, and why. Measured with tests/bench/bench_import.py on 2
threads and 1 GB for DuckDB, 10 million rows: a bare typed read_csv takes 5.05 s, this import 9.1 s (reading and writing
7.6, duplicates 0.6, looking at the file 0.6), peak memory 1.0 GB. A staging table copied into place took twice the bare
read before duplicates were even looked for.

DuckDB reads a text file itself only while it accounts for every line; otherwise the import starts over from a copy made
by the slower reader in ``records``, which loses nothing.
"""

import hashlib
import json
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from core.base.db import Store, bump_version
from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.log import log_event
from core.base.schema import FileKind, ImportStatus, Table
from core.base.workspace import Workspace
from core.ingest.gather import gather
from core.ingest.mapping import Mapping, propose, remap, remember
from core.ingest.plan import UNKNOWN_EVENT, Plan, plan, raw_row_sql
from core.ingest.running import run
from core.ingest.source import Source, inspect
from core.ingest.staging import Relation, is_simple, relation
from core.ingest.wholecolumn import settle_formats


@dataclass(frozen=True)
class ImportResult:
    """read = loaded + quarantined. reasons: {reason: rows}, most rows first; notes: decisions worth a look."""

    import_id: int
    file_name: str
    kind: FileKind
    read: int
    loaded: int
    quarantined: int
    reasons: dict[str, int]
    already_loaded: bool
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return {
            "read": self.read,
            "loaded": self.loaded,
            "quarantined": self.quarantined,
            "reasons": self.reasons,
            "import_id": self.import_id,
            "file": self.file_name,
            "kind": str(self.kind),
            "already_loaded": self.already_loaded,
            "notes": list(self.notes),
        }


class _LinesLost(Exception):
    """DuckDB's reader does not account for every line of the file."""


def import_file(
    store: Store,
    workspace: Workspace,
    path: Path,
    mapping: Mapping | None = None,
    *,
    kind: FileKind | None = None,
    columns: Dict[str, str | None] | None = None,
    constants: Dict[str, str] | None = None,
    progress: Progress = no_progress,
    now: datetime | None = None,
) -> ImportResult:
    """Load the file and return the books of the import; a file already loaded in the same way changes nothing.

    mapping: as confirmed by the user, else proposed, with ``kind``, ``columns`` and ``constants`` as corrections. now:
    times a day after it count as future; the wall clock by default. Raises BadInput where the file is no table or a
    required field has no column; whatever ``progress`` raises rolls everything back.
    """
    path = Path(path).expanduser().resolve()
    progress(0.0, f"Looking at {path.name}")
    source = inspect(path, workspace)
    if mapping is None:
        mapping = propose(source, store, FileKind(kind) if kind else None)
        if columns or constants:
            mapping = remap(mapping, source, columns=columns, constants=constants)
        elif mapping.kind_confidence < _UNSURE and len(mapping.missing()) != 1:
            raise BadInput(_unsure(mapping, source))
    require(mapping, source)
    digest = hashlib.sha256(f"{source.fingerprint} {mapping.as_json()}".encode()).hexdigest()
    if earlier := _already_loaded(store, digest):
        return earlier
    now = now or datetime.now(UTC).replace(tzinfo=None)
    if is_simple(source):
        try:
            return _import(store, workspace, source, mapping, digest, progress, now, direct=True)
        except (_LinesLost, duckdb.InvalidInputException, duckdb.IOException) as error:
            log_event("slow reader", file=path.name, why=str(error)[:300])
    return _import(store, workspace, source, mapping, digest, progress, now, direct=False)


_UNSURE = 0.45
_MOST_EVENT_NAMES = 100


def _unsure(mapping: Mapping, source: Source) -> str:
    return (
        f"{source.path.name} could hold {mapping.kind}, but too little speaks for it. Its columns are: "
        f"{', '.join(source.columns[:30])}. Say what it holds, for example with --kind items --map item_id={source.columns[0]}."
    )


def require(mapping: Mapping, source: Source) -> None:
    """Raise BadInput, naming the columns to choose from, where a required field has no column and no constant."""
    if missing := mapping.missing():
        wanted = ", ".join(f"{f.name} ({f.label.lower()})" for f in missing)
        example = f"--map {missing[0].name}={next(iter(mapping.unused), 'COLUMN')}"
        raise BadInput(
            f"{source.path.name} looks like a file of {mapping.kind}, but no column was recognised as {wanted}. "
            f"Its columns are: {', '.join(source.columns[:30])}. Choose one, for example with {example}, or choose another kind."
        )


def _already_loaded(store: Store, digest: str) -> ImportResult | None:
    rows = store.rows(
        "SELECT import_id, file_name, kind, rows_read, rows_loaded, rows_quarantined, reasons FROM imports "
        "WHERE file_hash = ? AND status = ? ORDER BY import_id LIMIT 1",
        [digest, ImportStatus.LOADED],
    )
    if not rows:
        return None
    import_id, name, kind, read, loaded, quarantined, reasons = rows[0]
    note = f"This file was already loaded in the same way (import {import_id}): nothing changed. Undo that import to reload it."
    return ImportResult(import_id, name, FileKind(kind), read, loaded, quarantined, json.loads(reasons), True, (note,))


def _import(
    store: Store,
    workspace: Workspace,
    source: Source,
    mapping: Mapping,
    digest: str,
    progress: Progress,
    now: datetime,
    *,
    direct: bool,
) -> ImportResult:
    started = datetime.now(UTC).replace(tzinfo=None)
    with relation(source, store, workspace, progress, direct) as rows, store.transaction() as cursor:
        mapping = settle_formats(cursor, rows, mapping, source)
        import_id = _next_id(cursor)
        reasons = load_rows(cursor, rows, source, mapping, import_id, now, progress)
        quarantined = sum(reasons.values())
        notes = (*source.notes, *mapping.notes)
        result = ImportResult(
            import_id, source.path.name, mapping.kind, rows.rows, rows.rows - quarantined, quarantined, reasons, False, notes
        )
        _book(cursor, source, mapping, digest, result, started)
        remember(cursor, source, mapping)
        progress(0.97, "Saving")
    log_event("imported", direct=direct, **{name: value for name, value in result.as_json().items() if name != "notes"})
    progress(1.0, f"{result.loaded:,} rows loaded, {result.quarantined:,} quarantined")
    return result


def load_rows(
    cursor: duckdb.DuckDBPyConnection,
    rows: Relation,
    source: Source,
    mapping: Mapping,
    import_id: int,
    now: datetime,
    progress: Progress,
) -> dict[str, int]:
    """Load what may be loaded, quarantine the rest, and return {reason: rows}, most rows first.

    Runs inside the caller's transaction. Raises _LinesLost where loaded and quarantined rows are not all rows of the file.
    """
    what = plan(source, mapping, now)
    before = int(cursor.execute(f"SELECT COALESCE(max(rowid), -1) FROM {what.table}").fetchall()[0][0])
    insert = f"INSERT INTO {what.table} BY NAME {what.valid(rows.plain, import_id)}"
    inserted = int(run(cursor, insert, progress, 0.05, 0.7, f"Reading {rows.rows:,} rows")[0][0])
    loaded = inserted - _remove_repeats(cursor, what, import_id, before, progress)
    reasons: dict[str, int] = {}
    if loaded != rows.rows:
        raw = raw_row_sql(source, mapping)
        run(cursor, _quarantine_sql(what, rows.numbered, raw, import_id), progress, 0.8, 0.9, "Finding out why rows cannot load")
        reasons = _reasons(cursor, import_id)
    if loaded + sum(reasons.values()) != rows.rows:
        raise _LinesLost(f"{rows.rows} rows, {loaded} loaded, {sum(reasons.values())} quarantined")
    gather(cursor, what, rows.plain, mapping, import_id, progress)
    return reasons


def _remove_repeats(cursor: duckdb.DuckDBPyConnection, what: Plan, import_id: int, before: int, progress: Progress) -> int:
    """Delete new rows that repeat another, the first of each kept unless an older row has it; return how many.

    before: the last rowid of the table before this load. Leaves the temporary tables ``repeated`` (identities met more
    than once) and ``listed`` (ids met more than once in this import) for ``_quarantine_sql``.
    """
    run(cursor, _repeated_sql(what, import_id, before), progress, 0.7, 0.78, "Looking for duplicates")
    removed = _delete_new(cursor, what, f"JOIN repeated r ON r.k = {what.target_identity}", before, import_id)
    cursor.execute(_listed_sql(what, import_id, before))
    if what.own_id:
        removed += _delete_new(cursor, what, f"JOIN listed r ON r.own = {what.own_id}", before, import_id)
    return removed


def _repeated_sql(what: Plan, import_id: int, before: int) -> str:
    """Return the statement; which rows repeat is looked up only for identities met twice, mostly none or few."""
    identity = what.target_identity
    return f"""
        CREATE OR REPLACE TEMP TABLE repeated AS
        WITH twice AS (
            SELECT {identity} AS k FROM {what.table} WHERE {_own_rows(what)} GROUP BY k HAVING count(*) > 1
        )
        SELECT {identity} AS k, min(rowid) AS first, min(rowid) <= {before} AS older,
            bool_or(rowid <= {before} AND import_id <> {import_id}) AS other_import
        FROM {what.table} WHERE {_own_rows(what)} AND {identity} IN (SELECT k FROM twice) GROUP BY k HAVING max(rowid) > {before}
    """


def _listed_sql(what: Plan, import_id: int, before: int) -> str:
    own = what.own_id or "NULL::VARCHAR"
    return f"""
        CREATE OR REPLACE TEMP TABLE listed AS
        SELECT {own} AS own, min(rowid) AS first, min(rowid) <= {before} AS older
        FROM {what.table} WHERE import_id = {import_id} AND {_own_rows(what)} AND {own} IS NOT NULL
        GROUP BY own HAVING count(*) > 1
    """


def _delete_new(cursor: duckdb.DuckDBPyConnection, what: Plan, join: str, before: int, import_id: int) -> int:
    rowids = (
        f"SELECT e.rowid FROM {what.table} e {join} WHERE e.rowid > {before} AND import_id = {import_id} "
        f"AND {_own_rows(what)} AND (r.older OR e.rowid <> r.first)"
    )
    deleted = cursor.execute(f"DELETE FROM {what.table} WHERE rowid IN ({rowids})").fetchone()
    return int(deleted[0]) if deleted else 0


def _own_rows(what: Plan) -> str:
    """Item rows gathered from logs are no catalogue rows, and repeat freely."""
    return "explicit" if what.kind is FileKind.ITEMS else "true"


def _quarantine_sql(what: Plan, rows: str, raw: str, import_id: int) -> str:
    """Return the statement writing every row that did not load, with the first reason that applies, in file order."""
    return f"""
        INSERT INTO quarantine
        WITH suspects AS (
            SELECT s.*, r.k IS NOT NULL AND reason IS NULL AS repeats, r.older AS row_older, r.other_import, l.older AS id_older
            FROM ({what.suspects(rows)}) s LEFT JOIN repeated r ON r.k = s.k LEFT JOIN listed l ON l.own = s.own
            WHERE reason IS NOT NULL OR r.k IS NOT NULL OR l.own IS NOT NULL
        ), repeats AS (
            SELECT *, CASE
                WHEN reason IS NOT NULL THEN reason
                WHEN repeats AND other_import THEN 'duplicate of an earlier import'
                WHEN repeats AND (row_older OR row_number() OVER (PARTITION BY k, reason IS NULL ORDER BY row_number) > 1)
                    THEN 'duplicate of an earlier row'
            END AS why FROM suspects
        ), listed_twice AS (
            SELECT *, CASE
                WHEN why IS NOT NULL THEN why
                WHEN id_older OR id_older IS NOT NULL
                    AND row_number() OVER (PARTITION BY own, why IS NULL ORDER BY row_number) > 1
                    THEN 'same {what.own_id or "id"} as an earlier row'
            END AS final FROM repeats
        )
        SELECT {import_id}, row_number, final, {raw} FROM listed_twice WHERE final IS NOT NULL ORDER BY row_number
    """


def _reasons(cursor: duckdb.DuckDBPyConnection, import_id: int) -> dict[str, int]:
    """Return {reason: rows}; unknown events beyond a hundred names (another column, surely) are one reason."""
    reasons = dict(_counts(cursor, import_id))
    if sum(reason.startswith(UNKNOWN_EVENT) for reason in reasons) <= _MOST_EVENT_NAMES:
        return reasons
    cursor.execute(
        f"UPDATE quarantine SET reason = '{UNKNOWN_EVENT}' WHERE import_id = ? AND starts_with(reason, '{UNKNOWN_EVENT}')",
        [import_id],
    )
    return dict(_counts(cursor, import_id))


def _counts(cursor: duckdb.DuckDBPyConnection, import_id: int) -> list[tuple[str, int]]:
    return cursor.execute(
        "SELECT reason, count(*) FROM quarantine WHERE import_id = ? GROUP BY reason ORDER BY count(*) DESC, reason", [import_id]
    ).fetchall()


def _next_id(cursor: duckdb.DuckDBPyConnection) -> int:
    row = cursor.execute(f"SELECT COALESCE(max(import_id), 0) + 1 FROM {Table.IMPORTS}").fetchone()
    assert row is not None
    return int(row[0])


def _book(
    cursor: duckdb.DuckDBPyConnection, source: Source, mapping: Mapping, digest: str, result: ImportResult, started: datetime
) -> None:
    version = bump_version(cursor)
    cursor.execute(
        "INSERT INTO imports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            result.import_id,
            result.file_name,
            digest,
            source.file_bytes,
            mapping.kind,
            mapping.as_json(),
            result.read,
            result.loaded,
            result.quarantined,
            json.dumps(result.reasons, ensure_ascii=False),
            started,
            datetime.now(UTC).replace(tzinfo=None),
            ImportStatus.LOADED,
            version,
        ],
    )
