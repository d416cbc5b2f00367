"""What a merchandiser decided about lists: pin, boost, bury, hide, require stock; with dates and for whom."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.base.db import Store


class Kind(StrEnum):
    """What a rule does to the items it is on."""

    PIN = "pin"
    BOOST = "boost"
    BURY = "bury"
    HIDE = "hide"
    IN_STOCK = "in_stock"


class On(StrEnum):
    """Which items a rule is on."""

    ITEM = "item"
    CATEGORY = "category"
    BRAND = "brand"
    EVERYTHING = "everything"


@dataclass(frozen=True)
class Rule:
    """One decision about lists. In force from ``starts`` to ``ends``, both days included; None = open.

    value: the item id, category or brand; '' for everything. segment: only for its shoppers, None = for everyone.
    strength: what boost adds to r and bury takes from it; for in_stock the least units left. position: place of a pin, from 1.
    """

    rule_id: int
    kind: Kind
    on: On
    value: str
    segment: int | None
    strength: float
    position: int | None
    starts: date | None
    ends: date | None
    note: str
    author: str
    created_at: datetime
    ended_at: datetime | None


def rules(store: Store, on_day: date) -> tuple[Rule, ...]:
    """Return the rules in force on a day, oldest first."""
    return ()
