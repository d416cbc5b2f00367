"""SQL for one field at a time, as the mapping and the formats say."""

from datetime import datetime, timedelta

from core.ingest.columns import WHOLE
from core.ingest.mapping import Mapping
from core.ingest.numbers import Decimal, number_sql
from core.ingest.ratings import Scale, rating_sql
from core.ingest.source import Source
from core.ingest.times import Notation, time_sql

EARLIEST = "TIMESTAMP '1990-01-01'"


class Reader:
    """SQL for one field at a time: ``text``, ``id``, ``number``, ``time``, each NULL where the mapping has no column."""

    def __init__(self, source: Source, mapping: Mapping, now: datetime):
        self.mapping = mapping
        self.source = source
        self.limit = f"TIMESTAMP '{now + timedelta(days=1):%Y-%m-%d %H:%M:%S}'"
        self._place = {column: place for place, column in enumerate(source.columns)}

    def has(self, field: str) -> bool:
        return bool(self.mapping.columns(field)) or field in self.mapping.constants

    def column(self, name: str) -> str:
        return f"c{self._place[name]}"

    def cell(self, field: str) -> str:
        """The text as it stands, or the constant; a date and a clock column joined."""
        columns = self.mapping.columns(field)
        if field == "timestamp" and len(columns) > 1:
            date, clock = (f"c{self._place[column]}" for column in columns[:2])
            return f"({date} || COALESCE(' ' || {clock}, ''))"
        if columns:
            return f"c{self._place[columns[0]]}"
        return literal(self.mapping.constants[field]) if field in self.mapping.constants else "NULL::VARCHAR"

    def text(self, field: str) -> str:
        return f"NULLIF(trim({self.cell(field)}), '')" if self.has(field) else "NULL::VARCHAR"

    def prose(self, field: str) -> str:
        """Text with HTML tags away; a JSON list of texts as one text."""
        if not self.has(field):
            return "NULL::VARCHAR"
        cell = self.cell(field)
        listed = f"array_to_string(regexp_extract_all({cell}, '\"((?:[^\"\\\\]|\\\\.)*)\"', 1), ' ')"
        text = f"(CASE WHEN {cell} = '[]' OR {cell} LIKE '[\"%' THEN {listed} ELSE {cell} END)"
        return f"NULLIF(trim(regexp_replace({text}, '</?[a-zA-Z][^>]*>', ' ', 'g')), '')"

    def image(self) -> str:
        """The file name or address; of a list the first address."""
        if not self.has("image"):
            return "NULL::VARCHAR"
        cell = self.cell("image")
        first = f"regexp_extract({cell}, 'https?://[^\"'' ,;|]+')"
        return f"NULLIF(CASE WHEN {cell} LIKE '[%' THEN {first} ELSE trim({cell}) END, '')"

    def id(self, field: str) -> str:
        columns = self.mapping.columns(field)
        found = self.mapping.format(columns[0]) if columns else None
        if found and found.style == WHOLE:
            return f"regexp_replace({self.text(field)}, '^(\\d+)\\.0+$', '\\1')"
        return self.text(field)

    def number(self, field: str) -> str:
        if not self.has(field):
            return "NULL::DOUBLE"
        columns = self.mapping.columns(field)
        found = self.mapping.format(columns[0]) if columns else None
        return number_sql(self.cell(field), Decimal(found.style) if found else Decimal.POINT)

    def rating(self) -> str:
        if not self.has("rating"):
            return "NULL::DOUBLE"
        columns = self.mapping.columns("rating")
        found = self.mapping.format(columns[0]) if columns else None
        decimal, low, high = found.style.split(":") if found else (Decimal.POINT, 1, 5)
        return rating_sql(number_sql(self.cell("rating"), Decimal(decimal)), Scale(float(low), float(high)))

    def time(self, field: str) -> str:
        if not self.has(field):
            return "NULL::TIMESTAMP"
        columns = self.mapping.columns(field)
        found = self.mapping.format(columns[0]) if columns else None
        return time_sql(self.cell(field), Notation(found.style) if found else Notation.ISO)

    def category(self) -> str:
        """The levels as a path 'a > b > c'; lists, dotted codes and '>>' paths are brought to that form."""
        levels = [self._level(f"NULLIF(trim(c{self._place[column]}), '')") for column in self.mapping.columns("category")]
        if not levels:
            return self.text("category")
        return f"NULLIF(concat_ws(' > ', {', '.join(levels)}), '')" if len(levels) > 1 else levels[0]

    def _level(self, cell: str) -> str:
        listed = f"array_to_string(regexp_extract_all({cell}, '[''\"]([^''\"]+)[''\"]', 1), ' > ')"
        dotted = f"replace(replace({cell}, '.', ' > '), '_', ' ')"
        return (
            f"(CASE WHEN {cell} LIKE '[%' THEN {listed} "
            f"WHEN regexp_full_match({cell}, '[a-z0-9_]+(\\.[a-z0-9_]+)+') THEN {dotted} "
            f"ELSE regexp_replace({cell}, '\\s*[>»]+\\s*', ' > ', 'g') END)"
        )

    def attributes(self) -> str:
        """The unused columns as a JSON object, empty ones left out; NULL where there are none."""
        if not self.mapping.unused:
            return "NULL::JSON"
        pairs = ", ".join(f"{literal(column)}: c{self._place[column]}" for column in self.mapping.unused)
        return f"CAST(NULLIF(CAST(json_merge_patch('{{}}', to_json({{{pairs}}})) AS VARCHAR), '{{}}') AS JSON)"

    def raw_row(self) -> str:
        """The row as read, for the quarantine."""
        pairs = ", ".join(f"{literal(column)}: c{place}" for place, column in enumerate(self.source.columns))
        return f"COALESCE(raw, CAST(to_json({{{pairs}}}) AS VARCHAR))"

    def time_checks(self, field: str, name: str, required: bool) -> list[tuple[str, str]]:
        """Missing (where required), zero, unreadable, before 1990, after now + 1 day; ``name`` is the typed column."""
        if not self.has(field):
            return []
        cell = self.cell(field)
        zero = f"{name} IS NULL AND regexp_full_match({cell}, '[0:/. T-]+')"
        return [
            *([(f"{cell} IS NULL", "'no time'")] if required else []),
            (f"{zero} OR {name} < {EARLIEST}", "'time is zero or before 1990'"),
            (f"{name} IS NULL AND {cell} IS NOT NULL", "'time cannot be read'"),
            (f"{name} > {self.limit}", "'time is in the future'"),
        ]

    def number_check(self, field: str, name: str, label: str) -> list[tuple[str, str]]:
        return [(f"{name} IS NULL AND {self.cell(field)} IS NOT NULL", f"'{label} is not a number'")] if self.has(field) else []


def literal(text: str) -> str:
    """Return the text as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"
