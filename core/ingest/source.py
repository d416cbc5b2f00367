"""A file somebody brought: what it really is, its columns, and its first rows."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TextIO

import pandas as pd

from core.base.errors import BadInput
from core.base.workspace import Workspace
from core.ingest import jsonrows, parquet, workbook
from core.ingest.bytescan import UTF8, ByteFacts, fingerprint, scan
from core.ingest.container import Container, container, open_bytes, unpacked
from core.ingest.dialect import Layout, layout
from core.ingest.records import Dialect, Record, lines_of, records

SAMPLE_ROWS = 50
PROBE_ROWS = 2_000
_HEAD_LINES = 400
_HEAD_CHARS = 8_000_000


class Format(StrEnum):
    """How the rows are written."""

    DELIMITED = "delimited text"
    JSON_LINES = "JSON Lines"
    JSON_ARRAY = "JSON array"
    PARQUET = "Parquet"
    XLSX = "Excel workbook"


@dataclass(frozen=True)
class Source:
    """A file and what its bytes tell.

    columns: distinct names, in file order; sample: the first rows (at most 50), strings, None = empty; probe: the same
    with at most 2,000 rows, on which columns are judged; layout, facts: of text only; sheet: of a workbook only.
    """

    path: Path
    format: Format
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    sample: pd.DataFrame
    file_bytes: int
    notes: tuple[str, ...]
    probe: pd.DataFrame
    fingerprint: str
    layout: Layout | None = None
    facts: ByteFacts | None = None
    sheet: workbook.Sheet | None = None

    @property
    def headerless(self) -> bool:
        return self.layout is not None and self.layout.names is None


def inspect(path: Path, workspace: Workspace) -> Source:
    """Return what the file is. Raises BadInput, in one sentence, for what is not a table with at least one row."""
    kind = container(path)
    if kind is Container.TEXT:
        return _text(path, workspace)
    with unpacked(path, workspace.uploads) as plain:
        return _parquet(path, plain) if kind is Container.PARQUET else _workbook(path, plain)


@contextmanager
def open_text(path: Path, facts: ByteFacts) -> Iterator[TextIO]:
    """Open a text file (packed or not) decoded, its line ends kept; damaged UTF-8 shows as lone surrogates."""
    errors = "surrogateescape" if facts.encoding in UTF8 else "replace"
    with open_bytes(path) as raw, io.TextIOWrapper(raw, facts.encoding, errors=errors, newline=facts.line_end) as text:
        yield text


def data_records(source: Source, workspace: Workspace) -> Iterator[Record]:
    """Yield every data row of a text source, JSON or workbook, in file order."""
    width = len(source.columns)
    if source.format is Format.XLSX:
        assert source.sheet is not None
        with unpacked(source.path, workspace.uploads) as plain:
            yield from workbook.rows(plain, source.sheet, width)
        return
    assert source.facts is not None
    with open_text(source.path, source.facts) as text:
        if source.format is Format.JSON_LINES:
            yield from jsonrows.from_lines(lines_of(text), source.columns)
        elif source.format is Format.JSON_ARRAY:
            yield from jsonrows.from_array(text, source.columns)
        else:
            assert source.layout is not None
            yield from _delimited_records(lines_of(text), source.layout)


def _delimited_records(lines: Iterator[str], shape: Layout) -> Iterator[Record]:
    body = islice(lines, shape.skip, None)
    every = records(body, shape.dialect, shape.width)
    return islice(every, 1, None) if shape.names is not None else every


def _text(path: Path, workspace: Workspace) -> Source:
    facts = scan(path)
    with open_text(path, facts) as text:
        head = _head(text)
    if not any(line.strip() for line in head):
        raise BadInput(f"{path.name} holds nothing but blank lines. Export it again, with a header and rows.")
    start = next(line for line in head if line.strip()).lstrip("\ufeff \t")
    if start.startswith("{") and jsonrows.is_json_lines(head):
        return _json(path, facts, Format.JSON_LINES, workspace)
    if start.startswith(("[", "{")) and jsonrows.is_json_array(head):
        return _json(path, facts, Format.JSON_ARRAY, workspace)
    return _delimited(path, facts, head)


def _head(text: TextIO) -> list[str]:
    lines, size = [], 0
    for line in islice(lines_of(text), _HEAD_LINES):
        lines.append(line)
        size += len(line)
        if size > _HEAD_CHARS:
            break
    return lines


def _delimited(path: Path, facts: ByteFacts, head: list[str]) -> Source:
    shape = layout(head)
    with open_text(path, facts) as text:
        rows = list(islice(_delimited_records(lines_of(text), shape), PROBE_ROWS))
    columns = shape.names or tuple(f"column {number}" for number in range(1, shape.width + 1))
    if not rows:
        raise BadInput(f"{path.name} has a header ({', '.join(columns[:5])}) but no rows. Export it again with its data.")
    if all(row.broken for row in rows):
        raise BadInput(
            f"{path.name} cannot be read as a table: none of its first {len(rows)} rows fits its header "
            f"of {shape.width} column{'s' * (shape.width != 1)}. Check the delimiter and quotes and export it again."
        )
    notes = [*shape.notes, *_text_notes(facts)]
    return _source(path, Format.DELIMITED, facts.encoding, shape.dialect.delimiter, columns, rows, notes, facts, shape)


def _json(path: Path, facts: ByteFacts, form: Format, workspace: Workspace) -> Source:
    with open_text(path, facts) as text:
        columns = jsonrows.columns(text, form is Format.JSON_ARRAY)
    if not columns:
        raise BadInput(f"{path.name} holds no JSON objects. Write one object a line, each with the same keys.")
    draft = _source(path, form, facts.encoding, "", columns, [], [], facts, None)
    rows = list(islice(data_records(draft, workspace), PROBE_ROWS))
    return _source(path, form, facts.encoding, "", columns, rows, _text_notes(facts), facts, None)


def _parquet(path: Path, plain: Path) -> Source:
    columns, rows = parquet.head(plain, path.name, PROBE_ROWS)
    return _source(path, Format.PARQUET, "", "", columns, rows, [], None, None)


def _workbook(path: Path, plain: Path) -> Source:
    sheet = workbook.find_sheet(plain, path.name)
    rows = list(islice(workbook.rows(plain, sheet, len(sheet.columns)), PROBE_ROWS))
    return _source(path, Format.XLSX, "", "", sheet.columns, rows, sheet.notes, None, None, sheet)


def _source(
    path: Path,
    form: Format,
    encoding: str,
    delimiter: str,
    columns: tuple[str, ...],
    rows: list[Record],
    notes: "list[str] | tuple[str, ...]",
    facts: ByteFacts | None,
    shape: Layout | None,
    sheet: workbook.Sheet | None = None,
) -> Source:
    probe = pd.DataFrame(
        [[cell or None for cell in row.fields] for row in rows if not row.broken], columns=list(columns), dtype=object
    )
    return Source(
        path=path,
        format=form,
        encoding=encoding,
        delimiter=delimiter,
        columns=columns,
        sample=probe.head(SAMPLE_ROWS),
        file_bytes=path.stat().st_size,
        notes=tuple(notes),
        probe=probe,
        fingerprint=fingerprint(path),
        layout=shape,
        facts=facts,
        sheet=sheet,
    )


def _text_notes(facts: ByteFacts) -> list[str]:
    notes = [] if facts.encoding in UTF8 else [f"Text encoding: {facts.encoding}."]
    if facts.encoding in UTF8 and not facts.valid_utf8:
        notes.append("Some bytes are not valid UTF-8; the rows that hold them go to quarantine.")
    if facts.has_nul and facts.encoding in UTF8:
        notes.append("NUL characters were removed.")
    return notes


def dialect_of(source: Source) -> Dialect:
    """Return the dialect of a delimited source."""
    assert source.layout is not None
    return source.layout.dialect
