"""Split text into records, losing no row: what cannot be split is handed on whole, with the reason.

This reader is slower than DuckDB's (about 1 s per million rows) and is used where that one cannot vouch for the result:
broken rows, a quoted field that is never closed, line breaks inside fields, odd line ends and encodings.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

MAX_LINE = 32_000_000
MAX_RECORD_LINES = 200
UNCLOSED = "a quoted field is never closed"
BAD_QUOTE = "a quote inside a quoted field is not doubled"
TOO_FEW = "too few fields"
TOO_MANY = "too many fields"
TOO_LONG = "line longer than 32 million characters"
BAD_BYTES = "bytes that are not valid in the file's encoding"

csv.field_size_limit(MAX_LINE)
_LONE_RETURN = re.compile(r"\r(?!\n|$)")
_RETURN_MARK = "\ue00d"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written. escape: the quote itself (doubled) or a backslash."""

    delimiter: str
    quote: str = '"'
    escape: str = '"'


@dataclass(frozen=True)
class Record:
    """One row: its fields, or the reason why it has none; raw: the text, kept for a broken row only."""

    fields: list[str]
    broken: str | None = None
    raw: str | None = None


def lines_of(file: TextIO) -> Iterator[str]:
    """Yield the lines of a text file opened with ``newline=""``, cut at ``MAX_LINE`` characters."""
    while line := file.readline(MAX_LINE):
        tail = line
        while len(tail) >= MAX_LINE and not tail.endswith(("\n", "\r")):
            tail = file.readline(MAX_LINE)
        yield line.replace("\0", "")


def records(lines: Iterable[str], dialect: Dialect, width: int) -> Iterator[Record]:
    """Yield one record a row; blank lines are no rows.

    A record is one line, or the shortest run of lines (at most 200) that closes its quotes and has ``width`` fields;
    where there is no such run the first line alone is broken and reading goes on at the next one.
    """
    source, waiting = iter(lines), deque[str]()
    while (line := waiting.popleft() if waiting else next(source, None)) is not None:
        if not line.strip():
            continue
        if dialect.quote not in line:
            yield _counted(line.rstrip("\r\n").split(dialect.delimiter), width, line)
            continue
        fields, problem = split(line, dialect)
        if problem == UNCLOSED:
            yield _multiline(line, source, waiting, dialect, width)
        elif problem:
            yield _broken(problem, line)
        else:
            yield _counted(fields, width, line)


def split(text: str, dialect: Dialect) -> tuple[list[str], str | None]:
    """Return the fields of one record, or no fields and what is wrong with its quotes."""
    if len(dialect.delimiter) > 1:
        return text.rstrip("\r\n").split(dialect.delimiter), None
    try:
        rows = csv_rows(text, dialect, strict=True)
    except csv.Error as error:
        return [], UNCLOSED if "unexpected end" in str(error) else BAD_QUOTE
    return (rows[0], None) if len(rows) == 1 else ([], UNCLOSED)


def csv_rows(text: str, dialect: Dialect, strict: bool) -> list[list[str]]:
    """Return the rows the csv module finds; a lone carriage return, on which it would stop, is kept as part of its field."""
    doubled = dialect.escape == dialect.quote
    reader = csv.reader(
        _LINE.findall(_LONE_RETURN.sub(_RETURN_MARK, text)),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        doublequote=doubled,
        escapechar=None if doubled else dialect.escape,
        strict=strict,
    )
    return [[cell.replace(_RETURN_MARK, "\r") for cell in row] for row in reader]


def _multiline(first: str, source: Iterator[str], waiting: deque[str], dialect: Dialect, width: int) -> Record:
    """Return the record that starts on ``first`` and goes on; lines it turns out not to own go back to ``waiting``."""
    taken: list[str] = []
    quotes = first.count(dialect.quote)
    while len(taken) < MAX_RECORD_LINES:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            break
        taken.append(line)
        quotes += line.count(dialect.quote)
        if dialect.quote not in line:
            continue
        fields, problem = split(first + "".join(taken), dialect)
        if problem is None and (record := _counted(fields, width, "")).broken is None:
            return record
        if problem != UNCLOSED:
            break
    waiting.extendleft(reversed(taken))
    return _broken(UNCLOSED, first)


def _counted(fields: list[str], width: int, line: str) -> Record:
    if len(fields) == width + 1 and fields[-1] == "":
        fields = fields[:-1]
    if len(fields) != width:
        return _broken(TOO_FEW if len(fields) < width else TOO_MANY, line)
    if len(line) >= MAX_LINE:
        return _broken(TOO_LONG, line[:1000])
    if not line.isascii() and _UNDECODED.search(line):
        return _broken(BAD_BYTES, line)
    return Record(fields)


def _broken(reason: str, line: str) -> Record:
    return Record([], reason, line.rstrip("\r\n").encode("utf-8", "replace").decode("utf-8"))
