"""Rows from an Excel workbook: the first sheet that holds a table."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from core.base.errors import BadInput
from core.ingest.dialect import column_names, header_row
from core.ingest.records import TOO_MANY, Record


@dataclass(frozen=True)
class Sheet:
    """name: of the sheet; skip: filled rows before the first data row; columns: distinct names."""

    name: str
    skip: int
    columns: tuple[str, ...]
    notes: tuple[str, ...]


def find_sheet(path: Path, file_name: str) -> Sheet:
    """Return the first sheet with at least two filled rows. Raises BadInput where there is none, or the file is damaged."""
    with _workbook(path, file_name) as book:
        sheets = list(book.worksheets)
        for sheet in sheets:
            filled = list(islice(_filled(sheet), 60))
            if len(filled) > 1:
                return _sheet(sheet.title, filled, len(sheets))
    raise BadInput(f"{file_name} has no sheet with a header and rows. Put the table on the first sheet and save it again.")


def rows(path: Path, sheet: Sheet, width: int) -> Iterator[Record]:
    """Yield the data rows, every cell as text: dates in ISO form, whole numbers without a decimal point."""
    with _workbook(path, path.name) as book:
        for cells in islice(_filled(book[sheet.name]), sheet.skip, None):
            if any(cells[width:]):
                yield Record([], TOO_MANY, "\t".join(cells))
            else:
                yield Record((cells + [""] * width)[:width])


@contextmanager
def _workbook(path: Path, file_name: str) -> Iterator[Any]:
    with path.open("rb") as file:
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
            raise BadInput(f"{file_name} is a damaged or protected Excel workbook. Open it in Excel and save it again.") from None
        try:
            yield book
        finally:
            book.close()


def _filled(sheet: Any) -> Iterator[list[str]]:
    """Yield the rows with at least one filled cell, empty cells at the end cut off."""
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        cells = [_cell(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield cells


def _sheet(name: str, filled: list[list[str]], sheets: int) -> Sheet:
    first, header = header_row(filled)
    width = max(len(row) for row in filled[first:])
    cells = filled[first] if header else []
    columns = column_names((cells + [""] * width)[:width])
    notes = [f"Sheet '{name}' was read, the first of {sheets} that holds a table."] if sheets > 1 else []
    if first:
        notes.append(f"{first} row{'s' * (first > 1)} before the table passed over.")
    if not header:
        notes.append("The first row is data, so the columns are called column 1, column 2, and so on.")
    return Sheet(name, first + header, columns, tuple(notes))


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value).strip().replace("\0", "")
