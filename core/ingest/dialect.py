"""Find out how a text table is written: delimiter, quotes, whether the first row is a header, what stands before it."""

import re
from collections import Counter
from dataclasses import dataclass

from core.ingest.records import Dialect, csv_rows, split
from core.ingest.synonyms import is_known_header

_DELIMITERS = (",", "\t", ";", "|", "::", "\x01", "^", " ")
_LINES = 300
_DATA_CELL = re.compile(
    r"^[\s(+-]*[$€£¥]?\s*\d[\d\s.,:/'%TZ+-]*\)?$"  # numbers, money, ISO times
    r"|^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}"  # dates, whatever follows
    r"|^[0-9a-f]{8}-[0-9a-f-]{20,}$"  # UUIDs
    r"|@\w+\.\w+"
    r"|^https?://",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Layout:
    """skip: lines before the header (or before the first row where there is none); names: None without a header."""

    dialect: Dialect
    skip: int
    width: int
    names: tuple[str, ...] | None
    notes: tuple[str, ...]


def layout(head: list[str]) -> Layout:
    """Return how the table is written, judged on its first lines (at least one is not blank)."""
    declared = re.match(r"^sep=(.)\s*$", head[0], re.IGNORECASE)
    body = head[1:] if declared else head
    delimiter = declared.group(1) if declared else _delimiter(body)
    dialect = _quoting(body, delimiter)
    rows = [_cells(line, dialect) for line in body[:_LINES]]
    width, first = _shape(rows)
    cells = [cell.strip() for cell in rows[first]]
    header = _is_header(cells, [row for row in rows[first + 1 :] if len(row) == width])
    notes = _notes(first, header, rows)
    names = column_names(cells) if header else None
    return Layout(dialect, first + bool(declared), width, names, notes)


def column_names(cells: list[str]) -> tuple[str, ...]:
    """Return a distinct name for each header cell: 'price', 'price (2)'; an empty one becomes 'column 3'.

    >>> column_names(["id", "price", "price", ""])
    ('id', 'price', 'price (2)', 'column 4')
    """
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = re.sub(r"\s+", " ", cell).strip().strip("\ufeff") or f"column {number}"
        copies, candidate = 1, name
        while candidate in names:
            copies += 1
            candidate = f"{name} ({copies})"
        names.append(candidate)
    return tuple(names)


def header_row(rows: list[list[str]]) -> tuple[int, bool]:
    """Return the place of the first row of the table, and whether it is a header. rows: cells, for example of a sheet."""
    width, first = _shape(rows)
    return first, _is_header([cell.strip() for cell in rows[first]], [row for row in rows[first + 1 :] if len(row) == width])


def _delimiter(lines: list[str]) -> str:
    """The one that cuts most lines into the same number of fields; more fields win among equals, then the order above."""
    best, best_score = ",", 0.0
    for place, candidate in enumerate(_DELIMITERS):
        rows = [_cells(line, Dialect(candidate)) for line in lines[:_LINES] if line.strip()]
        counts = Counter(len(row) for row in rows)
        width, share = max(((n, c / len(rows)) for n, c in counts.items() if n > 1), key=lambda x: x[1], default=(1, 0.0))
        if candidate in " ^" and (width < 3 or share < 0.98):
            continue
        score = share + min(width, 30) * 0.004 - place * 0.001
        if share >= 0.5 and score > best_score:
            best, best_score = candidate, score
    return best if best_score else _header_delimiter(lines[0])


def _header_delimiter(line: str) -> str:
    """With too little to go by, the delimiter most frequent in the first line."""
    counts = {candidate: line.count(candidate) for candidate in _DELIMITERS[:5]}
    best = max(counts, key=lambda candidate: counts[candidate])
    return best if counts[best] else ","


def _quoting(lines: list[str], delimiter: str) -> Dialect:
    """Doubled quotes unless backslashes, or single quotes, clearly make more sense of the lines."""
    text = "".join(lines)
    doubled, escaped = Dialect(delimiter), Dialect(delimiter, '"', "\\")
    if '\\"' in text and _readable(lines, escaped) > _readable(lines, doubled):
        return escaped
    if '"' not in text and len(delimiter) == 1:
        edge = re.escape(delimiter)
        if len(re.findall(rf"(?:^|{edge})'[^'\n]*'(?={edge}|$)", text, re.MULTILINE)) > 2 * len(lines) / 3:
            return Dialect(delimiter, "'", "'")
    return doubled


def _readable(lines: list[str], dialect: Dialect) -> int:
    """How many lines split, in themselves, into the most frequent number of fields."""
    widths = Counter(len(fields) for line in lines[:_LINES] for fields, problem in [split(line, dialect)] if not problem)
    return max(widths.values(), default=0)


def _cells(line: str, dialect: Dialect) -> list[str]:
    """The fields of one line taken alone, leniently: an unclosed quote runs to the end of the line."""
    if len(dialect.delimiter) > 1 or dialect.quote not in line:
        return line.rstrip("\r\n").split(dialect.delimiter)
    return next(iter(csv_rows(line, dialect, strict=False)), [])


def _shape(rows: list[list[str]]) -> tuple[int, int]:
    """Return the table's width (the most frequent number of cells) and the place of its first row.

    Lines before it count as a preamble only where they are clearly narrower: a title above the table.
    """
    counts = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    usual = max(counts, key=lambda n: (counts[n], n))
    for place, row in enumerate(rows):
        filled = sum(bool(cell.strip()) for cell in row)
        if filled and (len(row) >= usual or len(row) > 2 >= usual - len(row)) and (usual <= 2 or filled > 1):
            return len(row), place
    return usual, 0


def _is_header(cells: list[str], below: list[list[str]]) -> bool:
    """Whether the cells name columns: known words, or text where the rows below hold something else."""
    known = sum(is_known_header(cell) for cell in cells)
    data = sum(bool(_DATA_CELL.search(cell)) for cell in cells if cell)
    if known >= max(1, data):
        return True
    if data:
        return False
    seen = [{row[place].strip() for row in below} for place in range(len(cells))] if below else []
    return not any(cell and cell in values for cell, values in zip(cells, seen, strict=False))


def _notes(first: int, header: bool, rows: list[list[str]]) -> tuple[str, ...]:
    before = sum(any(cell.strip() for cell in row) for row in rows[:first])
    notes = [f"{before} line{'s' * (before > 1)} before the table passed over."] if before else []
    if not header:
        notes.append("The first row is data, so the columns are called column 1, column 2, and so on.")
    return tuple(notes)
