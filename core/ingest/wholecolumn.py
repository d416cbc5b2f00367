"""What the first rows cannot settle is settled on the whole column: day or month first, and the rating scale."""

from dataclasses import replace

import duckdb

from core.ingest.columns import ColumnFormat
from core.ingest.fields import Holds, field
from core.ingest.mapping import Mapping
from core.ingest.numbers import Decimal, number_sql
from core.ingest.ratings import scale_of
from core.ingest.source import Source
from core.ingest.staging import Relation
from core.ingest.times import Notation, order_evidence_sql


def settle_formats(cursor: duckdb.DuckDBPyConnection, rows: Relation, mapping: Mapping, source: Source) -> Mapping:
    """Return the mapping with its doubtful formats decided on every row of the file."""
    settled = tuple(_settle(cursor, rows, mapping, source, one) for one in mapping.formats)
    if settled == mapping.formats:
        return mapping
    changed = {one.column for one, before in zip(settled, mapping.formats, strict=True) if one != before}
    notes = [note for note in mapping.notes if note.partition(":")[0] not in changed]
    notes += [
        f"{one.column}: {one.why}." for one in settled if one.column in changed and (one.worth_saying or one.confidence < 1)
    ]
    return replace(mapping, formats=settled, notes=tuple(notes))


def _settle(
    cursor: duckdb.DuckDBPyConnection, rows: Relation, mapping: Mapping, source: Source, one: ColumnFormat
) -> ColumnFormat:
    cell = f"c{source.columns.index(one.column)}"
    if one.style in (Notation.DAY_FIRST, Notation.MONTH_FIRST):
        return _date_order(cursor, rows, cell, one)
    read_as = next((choice.field for choice in mapping.choices if choice.column == one.column), "")
    found = field(mapping.kind, read_as)
    return _rating_scale(cursor, rows, cell, one) if found and found.holds is Holds.RATING else one


def _date_order(cursor: duckdb.DuckDBPyConnection, rows: Relation, cell: str, one: ColumnFormat) -> ColumnFormat:
    found = cursor.execute(f"SELECT {order_evidence_sql(cell)} FROM {rows.plain}").fetchone()
    assert found is not None
    day, month = found
    if not day and not month:
        return one
    notation = Notation.DAY_FIRST if day >= month else Notation.MONTH_FIRST
    mixed = min(day, month)
    why = f"times, {notation}: {max(day, month):,} values show it" + (f", {mixed:,} speak against it" if mixed else "")
    return ColumnFormat(one.column, notation, 0.8 if mixed else 1.0, why, one.style != notation)


def _rating_scale(cursor: duckdb.DuckDBPyConnection, rows: Relation, cell: str, one: ColumnFormat) -> ColumnFormat:
    decimal = Decimal(one.style.partition(":")[0])
    number = number_sql(cell, decimal)
    counts = cursor.execute(
        f"SELECT v, least(count(*), 1000000)::BIGINT FROM (SELECT {number} AS v FROM {rows.plain}) WHERE v IS NOT NULL "
        "GROUP BY v ORDER BY v LIMIT 2000"
    ).fetchall()
    total = max(1, sum(count for _, count in counts))
    values = [value for value, count in counts for _ in range(max(1, round(count / total * 10_000)))]
    scale = scale_of(values)
    why = f"rated {scale}, stored as 1 to 5" if scale.rescales else "rated 1 to 5"
    return ColumnFormat(one.column, f"{decimal}:{scale.low:g}:{scale.high:g}", 1.0, why, scale.rescales)
