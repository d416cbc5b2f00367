"""Rows from Parquet, every value as text so that one set of rules serves all formats."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core.base.errors import BadInput
from core.ingest.dialect import column_names
from core.ingest.records import Record


def head(path: Path, name: str, limit: int) -> tuple[tuple[str, ...], list[Record]]:
    """Return the column names and the first rows. Raises BadInput where the file is damaged or has no rows."""
    try:
        with pq.ParquetFile(path) as file:
            rows, raw = file.metadata.num_rows, list(file.schema_arrow.names)
    except (pa.ArrowException, OSError):
        raise BadInput(f"{name} is a damaged or encrypted Parquet file. Write it again.") from None
    if rows == 0:
        raise BadInput(f"{name} has columns ({', '.join(raw[:5])}) but no rows. Export the file again with its data.")
    casts = ", ".join(text_column(column, place) for place, column in enumerate(raw))
    with duckdb.connect() as reader:
        first = reader.execute(f"SELECT {casts} FROM read_parquet(?) LIMIT {limit}", [str(path)]).fetchall()
    return column_names(raw), [Record(["" if cell is None else cell for cell in row]) for row in first]


def row_count(path: Path) -> int:
    """Return the number of rows the file says it has."""
    with pq.ParquetFile(path) as file:
        return int(file.metadata.num_rows)


def raw_names(path: Path) -> list[str]:
    """Return the column names as the file has them."""
    with pq.ParquetFile(path) as file:
        return list(file.schema_arrow.names)


def text_column(name: str, place: int) -> str:
    """Return the SQL that reads one column as text, named c0, c1, ...; NaN is empty."""
    quoted = '"' + name.replace('"', '""') + '"'
    return f"NULLIF(CAST({quoted} AS VARCHAR), 'nan') AS c{place}"
