"""What a merchandiser decided about lists: pin, boost, bury, hide, require stock; with dates, and for whom.

A rule is never changed: it is ended, and another one added. So the table is its own history.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.base.db import Store
from core.base.errors import BadInput
from core.base.log import log_event
from core.base.schema import Col


class Kind(StrEnum):
    """What a rule does to the items it is on."""

    PIN = "pin"
    BOOST = "boost"
    BURY = "bury"
    HIDE = "hide"
    IN_STOCK = "in_stock"


class On(StrEnum):
    """Which items a rule is on. A category takes in everything below it."""

    ITEM = "item"
    CATEGORY = "category"
    BRAND = "brand"
    EVERYTHING = "everything"


SCORED = (Kind.BOOST, Kind.BURY)
STRENGTH = {Kind.BOOST: 0.05, Kind.BURY: 0.05, Kind.IN_STOCK: 1.0}
"""What a rule's strength is where none is given; the others have none."""
_BELOW = re.compile(r"\s*[>/|.]")


@dataclass(frozen=True)
class Draft:
    """A rule as it is asked for. Fields as in ``Rule``; strength: None = the usual one of its kind."""

    kind: Kind
    on: On
    value: str = ""
    segment: int | None = None
    strength: float | None = None
    position: int | None = None
    starts: date | None = None
    ends: date | None = None
    note: str = ""

    def rule(self, rule_id: int, author: str, now: datetime) -> "Rule":
        """Return the rule this would be."""
        strength = STRENGTH.get(self.kind, 0.0) if self.strength is None else self.strength
        position = self.position if self.kind is Kind.PIN else None
        told = (self.kind, self.on, self.value, self.segment, strength, position, self.starts, self.ends, self.note.strip())
        return Rule(rule_id, *told, author, now, None)


@dataclass(frozen=True)
class Rule:
    """One decision about lists, in force from ``starts`` to ``ends``, both days included; None = open.

    value: the item id, category or brand; '' for everything. segment: only for its shoppers, None = for everyone.
    strength: what boost adds to r and bury takes from it; of in_stock the least units left. position: place of a pin, from 1.
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

    @property
    def target(self) -> str:
        """Return in words what the rule is on: "category 'tea'"."""
        return "every item" if self.on is On.EVERYTHING else f"{self.on} '{self.value}'"

    @property
    def added(self) -> float:
        """Return what the rule adds to the score of its items."""
        return {Kind.BOOST: self.strength, Kind.BURY: -self.strength}.get(self.kind, 0.0)

    def meets(self, other: "Rule") -> bool:
        """Return whether both can be in force on one day for one shopper."""
        apart = (self.ends and other.starts and self.ends < other.starts) or (
            other.ends and self.starts and other.ends < self.starts
        )
        return not apart and (self.segment is None or other.segment is None or self.segment == other.segment)


def add_rule(store: Store, draft: Draft, *, author: str, now: datetime) -> Rule:
    """Record a rule and return it; it counts in the next list. now: UTC.

    Raises BadInput on an item, category, brand or segment that is not there, a strength, place or dates that make no sense.
    """
    check(store, draft)
    with store.transaction() as cursor:
        ((rule_id,),) = cursor.execute("SELECT coalesce(max(rule_id), 0) + 1 FROM rules").fetchall()
        rule = draft.rule(rule_id, author, now)
        cursor.execute(f"INSERT INTO rules VALUES ({', '.join('?' * 13)})", [*vars(rule).values()])
    log_event("rule", rule_id=rule_id, kind=str(draft.kind))
    return rule


def end_rule(store: Store, rule_id: int, now: datetime) -> None:
    """End a rule; the next list is made without it. now: UTC. Raises BadInput where no such rule stands."""
    with store.transaction() as cursor:
        ended = cursor.execute(
            "UPDATE rules SET ended_at = ? WHERE rule_id = ? AND ended_at IS NULL RETURNING rule_id", [now, rule_id]
        ).fetchall()
        if not ended:
            raise BadInput(f"There is no rule {rule_id} that could be ended. It may have been ended already.")
    log_event("rule ended", rule_id=rule_id)


def rules(store: Store, on_day: date) -> tuple[Rule, ...]:
    """Return the rules in force on a day, oldest first."""
    return tuple(
        _rule(row)
        for row in store.rows(
            "SELECT * FROM rules WHERE coalesce(starts <= $day, true) AND coalesce(ends >= $day, true) "
            "AND (ended_at IS NULL OR ended_at::DATE > $day) ORDER BY rule_id",
            {"day": on_day},
        )
    )


def standing(store: Store, on_day: date) -> tuple[Rule, ...]:
    """Return the rules in force on a day or later on, oldest first."""
    sql = "SELECT * FROM rules WHERE coalesce(ends >= ?, true) AND ended_at IS NULL ORDER BY rule_id"
    return tuple(_rule(row) for row in store.rows(sql, [on_day]))


def every_rule(store: Store) -> tuple[Rule, ...]:
    """Return all rules there ever were, newest first."""
    return tuple(_rule(row) for row in store.rows("SELECT * FROM rules ORDER BY rule_id DESC"))


def within(name: str, category: str) -> bool:
    """Return whether a category is another one or lies below it.

    >>> within("kitchen > tea", "kitchen"), within("kitchenware", "kitchen")
    (True, False)
    """
    return name == category or (name.startswith(category) and _BELOW.match(name, len(category)) is not None)


def paths(name: str) -> tuple[str, ...]:
    """Return a category and every one above it.

    >>> paths("kitchen > tea")
    ('kitchen', 'kitchen > tea')
    """
    return (*(name[: cut.start()] for cut in _BELOW.finditer(name)), name)


def _rule(row: tuple[object, ...]) -> Rule:
    rule_id, kind, on, *rest = row
    return Rule(rule_id, Kind(str(kind)), On(str(on)), *rest)  # type: ignore[arg-type]  # typed by the table


def check(store: Store, draft: Draft) -> None:
    """Raise BadInput on a draft that ``add_rule`` would refuse."""
    _check_target(store, draft)
    if draft.kind is Kind.PIN and (draft.position is None or draft.position < 1):
        raise BadInput("A pin needs the place to pin to: 1 is the first.")
    if draft.kind in SCORED and draft.strength is not None and not 0 < draft.strength <= 1:
        raise BadInput(f"A {draft.kind} of {draft.strength:g} is not usable: scores lie between 0 and 1, so give a part of 1.")
    if draft.kind is Kind.IN_STOCK and draft.strength is not None and draft.strength < 1:
        raise BadInput("The least number of units left must be 1 or more.")
    if draft.starts and draft.ends and draft.ends < draft.starts:
        raise BadInput(f"The rule would end on {draft.ends}, before it starts on {draft.starts}.")


def _check_target(store: Store, draft: Draft) -> None:
    """Raise BadInput unless what the rule is on, and for whom, is there."""
    if draft.on is On.EVERYTHING and draft.kind in (Kind.PIN, Kind.HIDE):
        raise BadInput(f"A rule cannot {draft.kind} everything: choose an item, a category or a brand.")
    if not _is_there(store, draft):
        raise BadInput(f"No item of the catalogue has the {draft.on} '{draft.value}'. Check how it is written.")
    if draft.segment is not None and not store.value("SELECT count(*) FROM segments WHERE segment_id = ?", [draft.segment]):
        raise BadInput(f"There is no segment {draft.segment}.")


def _is_there(store: Store, draft: Draft) -> bool:
    if draft.on is On.EVERYTHING:
        return True
    if draft.on is On.CATEGORY:
        return any(within(name, draft.value) for (name,) in store.rows(_CATEGORIES))
    column = Col.ITEM if draft.on is On.ITEM else Col.BRAND
    return bool(store.value(f"SELECT count(*) FROM catalogue WHERE {column} = ?", [draft.value]))


_CATEGORIES = "SELECT DISTINCT category FROM catalogue WHERE category IS NOT NULL"
