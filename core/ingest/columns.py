"""How the chosen columns write their values: times, decimals, rating scale, ids that lost their type."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from core.base.schema import FileKind
from core.ingest.assign import Choice
from core.ingest.fields import Holds, field
from core.ingest.numbers import Decimal, as_number, decimal_votes
from core.ingest.ratings import scale_of
from core.ingest.synonyms import NULL_WORDS
from core.ingest.times import detect


@dataclass(frozen=True)
class ColumnFormat:
    """style: a Notation, a Decimal, a Scale's text or 'whole number'; confidence: below 1 where it could be otherwise."""

    column: str
    style: str
    confidence: float
    why: str
    worth_saying: bool = False


WHOLE = "whole number"


def column_formats(kind: FileKind, choices: Iterable[Choice], probe: pd.DataFrame) -> tuple[ColumnFormat, ...]:
    """Return the formats of the chosen columns, judged on the probe; the decimal style is one for the whole file."""
    chosen = [(choice, found.holds) for choice in choices if (found := field(kind, choice.field))]
    numeric = [choice.column for choice, holds in chosen if holds in (Holds.NUMBER, Holds.RATING)]
    decimal = _decimal(probe, numeric)
    formats = [one for choice, holds in chosen if (one := _format(probe, choice.column, holds, decimal))]
    return tuple(formats)


def filled(values: "pd.Series[str]") -> list[str]:
    """Return the values that are not empty, trimmed."""
    return [text for value in values.tolist() if value is not None and (text := value.strip()) not in NULL_WORDS]


def _decimal(probe: pd.DataFrame, columns: list[str]) -> Decimal:
    votes = [decimal_votes(filled(probe[column])) for column in columns]
    point, comma = (sum(vote[side] for vote in votes) for side in (0, 1))
    return Decimal.COMMA if comma > point else Decimal.POINT


def _format(probe: pd.DataFrame, column: str, holds: Holds, decimal: Decimal) -> ColumnFormat | None:
    values = filled(probe[column])
    match holds:
        case Holds.TIME if found := detect(values):
            return ColumnFormat(column, found.notation, found.confidence, found.why)
        case Holds.NUMBER:
            comma = decimal is Decimal.COMMA
            seen = comma and any("," in value or "." in value for value in values)
            return ColumnFormat(column, decimal, 1.0, "decimal comma" if comma else "decimal point", seen)
        case Holds.RATING:
            scale = scale_of([number for value in values if (number := as_number(value, decimal)) is not None])
            why = f"rated {scale}, stored as 1 to 5" if scale.rescales else "rated 1 to 5"
            return ColumnFormat(column, f"{decimal}:{scale.low:g}:{scale.high:g}", 1.0, why, scale.rescales)
        case Holds.ID if values and all(re.fullmatch(r"\d+\.0+", value) for value in values):
            return ColumnFormat(column, WHOLE, 1.0, "numbers written as 17850.0 are read as 17850", True)
    return None
