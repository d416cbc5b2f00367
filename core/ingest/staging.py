"""What SQL reads a source from: the file itself where DuckDB can vouch for every row, else a clean copy in Parquet."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core.base.db import Store
from core.base.derived import Progress
from core.base.workspace import Workspace
from core.ingest import parquet
from core.ingest.bytescan import UTF8
from core.ingest.container import unpacked
from core.ingest.records import Record
from core.ingest.source import Format, Source, data_records
from core.ingest.synonyms import NULL_WORDS

_BATCH_ROWS = 50_000
_BATCH_CHARS = 32_000_000
_NULLS = frozenset(NULL_WORDS)


@dataclass(frozen=True)
class Relation:
    """plain: a subquery with columns c0, c1, ... (text, NULL = empty), broken and raw; numbered: the same with row_number.

    broken: why the row could not be split, else NULL; raw: its text. rows: how many data rows the file has, known
    without SQL; a query that yields another number has lost some.
    """

    plain: str
    numbered: str
    rows: int


def is_simple(source: Source) -> bool:
    """Whether DuckDB may read the text as it is: UTF-8, one-character delimiter, no NUL. It must still account for each line."""
    facts, shape = source.facts, source.layout
    if source.format is not Format.DELIMITED or facts is None or shape is None:
        return False
    return facts.encoding in UTF8 and facts.valid_utf8 and not facts.has_nul and len(shape.dialect.delimiter) == 1


def direct_csv(source: Source, path: Path) -> Relation:
    """Return the file read by DuckDB itself; only for ``is_simple`` sources. path: the file, or a copy DuckDB may read."""
    assert source.facts is not None
    assert source.layout is not None
    shape = source.layout
    skip = shape.skip + (shape.names is not None)
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(source.columns)))
    nulls = ", ".join(_literal(word) for word in NULL_WORDS if shape.dialect.escape not in word)
    scan = (
        f"read_csv({_literal(str(path))}, auto_detect=false, header=false, skip={skip}, columns={{{columns}}}, "
        f"delim={_literal(shape.dialect.delimiter)}, quote={_literal(shape.dialect.quote)}, "
        f"escape={_literal(shape.dialect.escape)}, nullstr=[{nulls}], ignore_errors=true, max_line_size=4000000)"
    )
    plain = f"(SELECT *, NULL::VARCHAR AS broken, NULL::VARCHAR AS raw FROM {scan})"
    numbered = f"(SELECT *, row_number() OVER () AS row_number, NULL::VARCHAR AS broken, NULL::VARCHAR AS raw FROM {scan})"
    return Relation(plain, numbered, source.facts.lines - skip)


@contextmanager
def relation(source: Source, store: Store, workspace: Workspace, progress: Progress, direct: bool) -> Iterator[Relation]:
    """Yield where SQL reads the rows from; copies live in the workspace's uploads folder and are removed afterwards."""
    if direct:
        with _reachable(source.path, store, workspace) as path:
            yield direct_csv(source, path)
        return
    if source.format is Format.PARQUET:
        with unpacked(source.path, workspace.uploads) as plain, _reachable(plain, store, workspace) as path:
            yield _parquet(path)
        return
    with staged(data_records(source, workspace), len(source.columns), workspace, progress) as copy:
        yield copy


@contextmanager
def _reachable(path: Path, store: Store, workspace: Workspace) -> Iterator[Path]:
    """Yield the file, or where the store's SQL is locked out of its folder a copy inside the workspace."""
    try:
        store.rows("SELECT file FROM glob(?)", [str(path)])
    except duckdb.PermissionException:
        with NamedTemporaryFile(dir=workspace.uploads, suffix=".copy") as copy:
            shutil.copyfile(path, copy.name)
            yield Path(copy.name)
    else:
        yield path


@contextmanager
def staged(rows: Iterable[Record], width: int, workspace: Workspace, progress: Progress, first: int = 1) -> Iterator[Relation]:
    """Yield a Parquet copy of the records, numbered from ``first`` in their order."""
    numbers = iter(range(first, 1 << 62))
    with numbered_copy(((next(numbers), row) for row in rows), width, workspace, progress) as copy:
        yield copy


@contextmanager
def numbered_copy(
    rows: Iterable[tuple[int | None, Record]], width: int, workspace: Workspace, progress: Progress
) -> Iterator[Relation]:
    """Yield a Parquet copy of (row number, record) pairs."""
    names = ["row_number", "broken", "raw", *(f"c{place}" for place in range(width))]
    schema = pa.schema([(name, pa.int64() if name == "row_number" else pa.string()) for name in names])
    with NamedTemporaryFile(dir=workspace.uploads, suffix=".parquet") as file:
        count = 0
        with pq.ParquetWriter(file.name, schema, compression="snappy") as writer:
            for batch in _batches(rows, width):
                writer.write_batch(pa.record_batch(batch, schema=schema))
                count += len(batch[0])
                progress(0.0, f"Reading {count:,} rows")
        table = f"(SELECT * FROM read_parquet({_literal(file.name)}))"
        yield Relation(table, table, count)


def _batches(rows: Iterable[tuple[int | None, Record]], width: int) -> Iterator[list[list[str | int | None]]]:
    """Yield columns of at most 50,000 rows or 32 million characters."""
    columns: list[list[str | int | None]] = [[] for _ in range(width + 3)]
    chars = 0
    for number, row in rows:
        cells = [None] * width if row.broken else [None if cell.strip() in _NULLS else cell for cell in row.fields]
        for column, cell in zip(columns, [number, row.broken, row.raw, *cells], strict=True):
            column.append(cell)
        chars += sum(map(len, row.fields)) + len(row.raw or "")
        if len(columns[0]) >= _BATCH_ROWS or chars >= _BATCH_CHARS:
            yield columns
            columns, chars = [[] for _ in range(width + 3)], 0
    if columns[0]:
        yield columns


def _parquet(path: Path) -> Relation:
    nulls = ", ".join(_literal(word) for word in NULL_WORDS)
    names = parquet.raw_names(path)
    casts = ", ".join(parquet.text_column(name, place) for place, name in enumerate(names))
    cells = ", ".join(f"CASE WHEN c{place} NOT IN ({nulls}) THEN c{place} END AS c{place}" for place in range(len(names)))
    ends = "NULL::VARCHAR AS broken, NULL::VARCHAR AS raw"
    scan = f"read_parquet({_literal(str(path))}, file_row_number=true)"
    numbered = f"(SELECT row_number, {cells}, {ends} FROM (SELECT file_row_number + 1 AS row_number, {casts} FROM {scan}))"
    return Relation(numbered, numbered, parquet.row_count(path))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
