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
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError):
        raise BadInput(f"{name} is a damaged or encrypted Parquet file. Write it again.") from None
    if file.metadata.num_rows == 0:
        raise BadInput(
            f"{name} has columns ({', '.join(file.schema_arrow.names[:5])}) but no rows. Export it again with its data."
        )
    names = column_names(file.schema_arrow.names)
    with duckdb.connect() as reader:
        casts = ", ".join(text_column(column, place) for place, column in enumerate(file.schema_arrow.names))
        rows = reader.execute(f"SELECT {casts} FROM read_parquet(?) LIMIT {limit}", [str(path)]).fetchall()
    return names, [Record(["" if cell is None else cell for cell in row]) for row in rows]


def raw_names(path: Path) -> list[str]:
    """Return the column names as the file has them."""
    return list(pq.ParquetFile(path).schema_arrow.names)


def text_column(name: str, place: int) -> str:
    """Return the SQL that reads one column as text, named c0, c1, ...; NaN is empty."""
    quoted = '"' + name.replace('"', '""') + '"'
    return f"NULLIF(CAST({quoted} AS VARCHAR), 'nan') AS c{place}"
