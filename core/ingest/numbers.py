"""Numbers as people write them: decimal commas, thousands separators, currency signs, brackets for minus."""

import re
from collections.abc import Sequence
from enum import StrEnum


class Decimal(StrEnum):
    """What separates the decimals."""

    POINT = "point"
    COMMA = "comma"


_NOISE = re.compile(r"[\s\u00a0\u202f'’_$€£¥₹₽₩元円%]|(?i:eur|usd|gbp|cny|rmb|chf|jpy|us|kr|zł)")
_NUMBER = re.compile(r"^[(+-]?\d[\d.,]*(?:[eE][+-]?\d+)?\)?-?$|^[(+-]?[.,]\d+\)?$")
_SQL_NOISE = r"[\s\x{00a0}\x{202f}''’_$€£¥₹₽₩元円%]|(?i:eur|usd|gbp|cny|rmb|chf|jpy|us|kr|zł)"


def is_number(value: str) -> bool:
    """Whether the text is a number in some notation.

    >>> [is_number(v) for v in ("1.234,50 €", "$5", "(12.00)", "12-", "10-12-2020", "abc")]
    [True, True, True, True, False, False]
    """
    return bool(_NUMBER.match(_NOISE.sub("", value)))


def as_number(value: str, decimal: Decimal = Decimal.POINT) -> float | None:
    """Return the number, or None; the same rule as ``number_sql``.

    >>> as_number("1.234,50 €", Decimal.COMMA), as_number("(1,200.5)"), as_number("n/a")
    (1234.5, -1200.5, None)
    """
    text = _NOISE.sub("", value)
    text = text.replace(".", "").replace(",", ".") if decimal is Decimal.COMMA else text.replace(",", "")
    text = re.sub(r"^\((.*)\)$|^([\d.]+)-$", r"-\1\2", text)
    try:
        return float(text)
    except ValueError:
        return None


def decimal_votes(values: Sequence[str]) -> tuple[int, int]:
    """Return how many values can only be read with a decimal point, and how many only with a decimal comma.

    Three digits after one separator could be thousands either way, so '1.234' and '1,234' have no vote.
    >>> decimal_votes(["1,5", "2.50", "1.234,00", "1,234.5", "1.234", "7"])
    (2, 2)
    """
    point = comma = 0
    for value in values:
        text = _NOISE.sub("", value).strip("()-+")
        last = max(text.rfind("."), text.rfind(","))
        if last < 0:
            continue
        mark, tail = text[last], len(text) - last - 1
        other = "," if mark == "." else "."
        repeated = text.count(mark) > 1
        if other in text or (tail != 3 and not repeated) or text.startswith(("0.", "0,")):
            point += mark == "."
            comma += mark == ","
        elif repeated:
            point += mark == ","
            comma += mark == "."
    return point, comma


def is_fraction(values: Sequence[str]) -> bool:
    """Whether the values are shares of a whole: none above 1, and at least one strictly between 0 and 1.

    >>> is_fraction(["0", "0.2", "0.15"]), is_fraction(["0", "1", "1"]), is_fraction(["0.5", "3.2"])
    (True, False, False)
    """
    numbers = [abs(number) for value in values if (number := as_number(value)) is not None]
    return bool(numbers) and max(numbers) <= 1 and any(0 < number < 1 for number in numbers)


def number_sql(column: str, decimal: Decimal) -> str:
    """Return SQL reading a text column as DOUBLE; NULL where it is no finite number."""
    clean = f"regexp_replace({column}, '{_SQL_NOISE}', '', 'g')"
    comma = decimal is Decimal.COMMA
    clean = f"replace(replace({clean}, '.', ''), ',', '.')" if comma else f"replace({clean}, ',', '')"
    signed = f"TRY_CAST(regexp_replace({clean}, '^\\((.*)\\)$|^([\\d.]+)-$', '-\\1\\2') AS DOUBLE)"
    plain = signed if comma else f"COALESCE(TRY_CAST({column} AS DOUBLE), {signed})"
    return f"(CASE WHEN isfinite({plain}) THEN {plain} END)"
