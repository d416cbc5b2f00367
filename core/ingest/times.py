"""Times as logs write them: one notation is found for a whole column, then read by SQL."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise


class Notation(StrEnum):
    """How a column writes its times."""

    ISO = "year first"
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    MONTH_NAME = "month by name"
    COMPACT = "YYYYMMDD"
    SECONDS = "seconds since 1970"
    MILLIS = "milliseconds since 1970"
    MICROS = "microseconds since 1970"
    NANOS = "nanoseconds since 1970"
    EXCEL = "Excel day number"


@dataclass(frozen=True)
class TimeFormat:
    """share: of the values that fit, in [0, 1]; confidence: below 1 where it could be otherwise; has_clock: not just dates."""

    notation: Notation
    share: float
    confidence: float
    why: str
    has_clock: bool = True


_ZONE = r"(?:Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|[+-]\d{2})"
_CLOCK = rf"(?:[T ,]*\d{{1,2}}[:h.]\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?|Uhr)?\s*{_ZONE}?)?"
_ISO = re.compile(rf"^\d{{4}}[-/.年]\d{{1,2}}[-/.月]\d{{1,2}}日?{_CLOCK}$")
_SPLIT = re.compile(rf"^(\d{{1,2}})([-/.])(\d{{1,2}})[-/.](\d{{4}}|\d{{2}}){_CLOCK}$")
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ ,-]"
_NAMED = re.compile(rf"(?i)^{_WEEKDAY}(?:\d{{1,2}}(?:st|nd|rd|th)?[ -])?{_MONTH}")
_NUMERIC = (
    (Notation.SECONDS, 631_152_000, 4_102_444_800),
    (Notation.MILLIS, 631_152_000e3, 4_102_444_800e3),
    (Notation.MICROS, 631_152_000e6, 4_102_444_800e6),
    (Notation.NANOS, 631_152_000e9, 4_102_444_800e9),
    (Notation.EXCEL, 25_000, 75_000),
)
_ZERO = re.compile(r"^0+([-/.:T 0]*)$|^1970-01-01|^1900-01-0|^0001-01-01")


def detect(values: Sequence[str]) -> TimeFormat | None:
    """Return the notation most values share, or None where fewer than half read as times. values: not empty, trimmed."""
    real = [value for value in values if not _ZERO.match(value)]
    if not real:
        return None
    found = [_notation(value) for value in real]
    counts = {notation: found.count(notation) for notation in set(found) if notation is not None}
    if not counts:
        return None
    textual = sum(count for notation, count in counts.items() if notation in _TEXTUAL)
    if 2 * textual >= len(real):
        counts = {notation: count for notation, count in counts.items() if notation in _TEXTUAL}
    best = max(counts, key=lambda notation: (counts[notation], notation))
    share = textual / len(real) if best in _TEXTUAL else counts[best] / len(real)
    if share < 0.5:
        return None
    has_clock = any(":" in value or len(value) > 10 for value in real) or best not in (*_TEXTUAL, Notation.COMPACT)
    if best is Notation.DAY_FIRST:
        return replace(_day_or_month_first(real, share), has_clock=has_clock)
    return TimeFormat(best, share, 1.0, f"{share:.0%} of the values are times, {best}", has_clock)


_TEXTUAL = (Notation.ISO, Notation.DAY_FIRST, Notation.MONTH_NAME)


def _notation(value: str) -> Notation | None:
    if _ISO.match(value):
        return Notation.ISO
    if _SPLIT.match(value):
        return Notation.DAY_FIRST
    if _NAMED.match(value):
        return Notation.MONTH_NAME
    if re.fullmatch(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[T ]?\d{4}(?:\d{2})?)?", value):
        return Notation.COMPACT
    if re.fullmatch(r"\d{5,19}(?:\.\d+)?|\d(?:\.\d+)?[eE]\+?\d{1,2}", value):
        number = float(value)
        return next((notation for notation, low, high in _NUMERIC if low <= number < high), None)
    return None


def _day_or_month_first(values: Sequence[str], share: float) -> TimeFormat:
    """Decide by a part above 12; else by the separator and the clock, else by which reading runs in order."""
    parts = [(int(m[1]), int(m[3]), m[2]) for value in values if (m := _SPLIT.match(value))]
    day = sum(a > 12 for a, _, _ in parts)
    month = sum(b > 12 for _, b, _ in parts)
    if day or month:
        notation = Notation.DAY_FIRST if day >= month else Notation.MONTH_FIRST
        sure = 1.0 if min(day, month) == 0 else 0.8
        return TimeFormat(notation, share, sure, f"{share:.0%} of the values are times, {notation} (a part above 12 shows it)")
    if all(mark == "." for _, _, mark in parts):
        return TimeFormat(Notation.DAY_FIRST, share, 0.9, "times with dots, read day first; no day above 12 confirms it")
    if any(re.search(r"(?i)[ap]\.?m", value) for value in values):
        return TimeFormat(Notation.MONTH_FIRST, share, 0.7, "12-hour times, read month first; no day above 12 confirms it")
    in_order = {n: _inversions(values, n) for n in (Notation.DAY_FIRST, Notation.MONTH_FIRST)}
    if in_order[Notation.DAY_FIRST] != in_order[Notation.MONTH_FIRST]:
        notation = min(in_order, key=lambda n: in_order[n])
        return TimeFormat(notation, share, 0.8, f"read {notation}, which puts the rows in order; no day above 12 confirms it")
    return TimeFormat(Notation.DAY_FIRST, share, 0.5, "day and month cannot be told apart; read day first, change it if wrong")


def _inversions(values: Sequence[str], notation: Notation) -> int:
    """How often a date goes against the usual direction of the file."""
    days = []
    for value in values:
        if m := _SPLIT.match(value):
            day, month = (int(m[1]), int(m[3])) if notation is Notation.DAY_FIRST else (int(m[3]), int(m[1]))
            days.append((int(m[4]) % 2000, month, day))
    steps = [(b > a) - (b < a) for a, b in pairwise(days)]
    return min(steps.count(-1), steps.count(1))


def order_evidence_sql(column: str) -> str:
    """Return SQL counting the values of a whole column whose first, and whose second, part is above 12."""
    part = r"TRY_CAST(regexp_extract({c}, '^\s*(\d{{1,2}})[-/.](\d{{1,2}})[-/.]\d{{2}}', {n}) AS INTEGER) > 12"
    return f"count_if({part.format(c=column, n=1)}), count_if({part.format(c=column, n=2)})"


_OFFSET = r":\d{2}(?:[.,]\d+)?\s*(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})?$"
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
_NAMED_DATES = ("%d %b %y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y", "%d-%B-%Y")


def time_sql(column: str, notation: Notation) -> str:
    """Return SQL reading a text column as TIMESTAMP, in UTC where the value has a zone; NULL where it is no time."""
    match notation:
        case Notation.ISO:
            return _iso(column)
        case Notation.DAY_FIRST:
            return _taken_apart(column, r"\3-\2-\1 ")
        case Notation.MONTH_FIRST:
            return _taken_apart(column, r"\3-\1-\2 ")
        case Notation.MONTH_NAME:
            return f"COALESCE({_named(column)}, {_iso(column)})"
        case Notation.COMPACT:
            formats = "['%Y%m%d', '%Y%m%d%H%M%S', '%Y%m%d%H%M', '%Y%m%dT%H%M%S', '%Y%m%d %H%M%S']"
            return f"COALESCE(try_strptime({column}, {formats}), {_iso(column)})"
        case Notation.EXCEL:
            days = f"TRY_CAST({column} AS DOUBLE)"
            seconds = f"CAST(round({days} * 86400) AS BIGINT)"
            return f"(CASE WHEN {days} BETWEEN 1 AND 200000 THEN TIMESTAMP '1899-12-30' + to_seconds({seconds}) END)"
    return f"COALESCE({_since_1970(column, notation)}, {_iso(column)})"


def _since_1970(column: str, notation: Notation) -> str:
    """Seconds and milliseconds may have decimals; a DOUBLE holds them to the microsecond. Nanoseconds need whole numbers."""
    match notation:
        case Notation.SECONDS:
            micros = f"CAST(TRY_CAST({column} AS DOUBLE) * 1e6 AS BIGINT)"
        case Notation.MILLIS:
            micros = f"CAST(TRY_CAST({column} AS DOUBLE) * 1e3 AS BIGINT)"
        case Notation.NANOS:
            micros = f"TRY_CAST({column} AS BIGINT) // 1000"
        case _:
            micros = f"TRY_CAST({column} AS BIGINT)"
    return f"TRY(make_timestamp({micros}))"


def _iso(column: str) -> str:
    """TRY_CAST drops an offset or 'PM' silently, so it may read only '2019-10-01', '2019-10-01 08:00' and '... 08:00:00'."""
    short = f"strlen({column}) <= 16 OR strlen({column}) = 19 AND {column}[-1] BETWEEN '0' AND '9'"
    apart = _taken_apart(column, r"\3-\2-\1 ")
    return f"(CASE WHEN {short} THEN COALESCE(TRY_CAST({column} AS TIMESTAMP), {apart}) ELSE {apart} END)"


def _taken_apart(column: str, order: str) -> str:
    """Dates to ISO order, noise away, the offset subtracted, a 12-hour clock read as such.

    order: how year (group 3) and the first two parts are put together where the year is last.
    """
    short_order = order.replace(r"\3", r"20\3")
    text = rf"regexp_replace(trim({column}), '\s*(\(.*\)|Uhr)$', '')"
    text = rf"regexp_replace({text}, '^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}})(?:[T ,]+|$)', '{order}')"
    text = rf"regexp_replace({text}, '^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{2}})(?:[T ,]+|$)', '{short_order}')"
    text = rf"regexp_replace({text}, '^(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?[T ,]*', '\1-\2-\3 ')"
    text = rf"trim(regexp_replace({text}, '(:\d{{2}}(?:[.,]\d+)?)\s*{_ZONE}$', '\1'))"
    spaced = rf"regexp_replace(replace({text}, '.', ''), '\s*([AaPp][Mm])$', ' \1')"
    twelve = f"try_strptime({spaced}, ['%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S %p'])"
    shape = r"\d{4}-\d{1,2}-\d{1,2}( \d{1,2}[:h.]\d{2}(:\d{2}([.,]\d+)?)?)?"
    clock = rf"regexp_replace({text}, ' (\d{{1,2}})[h.](\d{{2}})$', ' \1:\2')"
    plain = f"(CASE WHEN regexp_full_match({text}, '{shape}') THEN TRY_CAST({clock} AS TIMESTAMP) END)"
    return f"({_offset_applied(column, f'COALESCE({plain}, {twelve})')})"


def _named(column: str) -> str:
    text = f"regexp_replace(trim({column}), '\\s*\\(.*\\)$', '')"
    text = rf"regexp_replace({text}, '(?i)^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+', '')"
    text = rf"regexp_replace({text}, '(:\d{{2}})\s*{_ZONE}$', '\1')"
    text = rf"regexp_replace(replace(replace({text}, ',', ' '), '.', ''), '(?i)(\d)(st|nd|rd|th)\b', '\1')"
    text = rf"trim(regexp_replace({text}, '\s+', ' ', 'g'))"
    formats = ", ".join(f"'{date}{clock}'" for date in _NAMED_DATES for clock in _CLOCKS)
    return f"({_offset_applied(column, f'try_strptime({text}, [{formats}])')})"


def _offset_applied(column: str, moment: str) -> str:
    """Subtract the offset at the end of the text, so that the time is in UTC."""

    def part(number: int) -> str:
        return f"regexp_extract({column}, '{_OFFSET}', {number})"

    hours, minutes = (f"COALESCE(TRY_CAST({part(1)} || {part(n)} AS INTEGER), 0)" for n in (2, 3))
    return f"{moment} - to_minutes({hours} * 60 + {minutes})"
