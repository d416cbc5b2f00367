"""Conditions on behaviour features: what rules, filters and a user's own groups are made of."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.base.errors import BadInput
from core.profiles.behaviour import FEATURES, Feature

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "≥": operator.ge,
    ">": operator.gt,
    "≤": operator.le,
    "<": operator.lt,
    "=": operator.eq,
}
_SQL = {"≥": ">=", "≤": "<="}
_WHOLE = {"active_days", "events", "sessions", "orders"}
"""Features that are whole numbers, so that "more than 3" is said as "at least 4"."""
BY_NAME = {feature.name: feature for feature in FEATURES}


@dataclass(frozen=True)
class Condition:
    """One feature against a value in its unit (a share is 0..1). Raises BadInput on an unknown feature or operator."""

    feature: str
    operator: str
    value: float

    def __post_init__(self) -> None:
        if self.feature not in BY_NAME:
            raise BadInput(f"There is no feature '{self.feature}'. Choose one of: {', '.join(BY_NAME)}.")
        if self.operator not in OPERATORS:
            raise BadInput(f"'{self.operator}' is no comparison. Choose one of: {' '.join(OPERATORS)}.")

    def __str__(self) -> str:
        """Return the condition in words.

        >>> str(Condition("orders", ">", 3)), str(Condition("weekend_share", "≤", 0.4))
        ('Orders ≥ 4', 'Weekend share ≤ 40%')
        """
        return f"{BY_NAME[self.feature].label} {self.limit}"

    @property
    def limit(self) -> str:
        """The comparison and the value in words: '≥ 4'."""
        sign, value = self.operator, self.value
        if self.feature in _WHOLE and sign == ">" and value == int(value):
            sign, value = "≥", value + 1
        return f"{sign} {exactly(BY_NAME[self.feature], value)}"


def exactly(feature: Feature, value: float) -> str:
    """Return a limit in the feature's unit without rounding anything away.

    >>> exactly(BY_NAME["recency_days"], 12.5), exactly(BY_NAME["monetary"], 1300), exactly(BY_NAME["evening_share"], 0.07)
    ('12.5 days', '1,300', '7%')
    """
    if feature.unit == "share":
        return f"{value * 100:.12g}%"
    if feature.unit == "hour":
        return f"{int(value):02d}:{round(value % 1 * 60):02d}"
    unit = {"days": " days", "seconds": " s", "stars": " stars"}.get(feature.unit, "")
    return f"{value:,.12g}{unit}"


def in_words(conditions: Sequence[Condition]) -> str:
    """Return all conditions in one line, those on one feature together, the lower limit first; none at all = every shopper.

    >>> in_words([Condition("monetary", "≤", 800), Condition("orders", ">", 1), Condition("monetary", ">", 430)])
    'Spent > 430 and ≤ 800, Orders ≥ 2'
    """
    told = []
    for feature in dict.fromkeys(one.feature for one in conditions):
        limits = sorted((one for one in conditions if one.feature == feature), key=lambda one: one.operator in {"≤", "<"})
        told.append(" and ".join([str(limits[0]), *(one.limit for one in limits[1:])]))
    return ", ".join(told) or "every shopper"


def where_sql(conditions: Sequence[Condition]) -> tuple[str, list[float]]:
    """Return SQL over ``shoppers`` and its parameters; a shopper of whom a feature is not known meets no condition on it."""
    parts = [f"{one.feature} {_SQL.get(one.operator, one.operator)} ?" for one in conditions]
    return " AND ".join(parts) or "true", [one.value for one in conditions]
