"""What users decided about segments: names, pins, merges and groups of their own. Nothing is overwritten.

The table ``edits`` is the audit: every decision in order. What holds now is their sum, worked out by ``fold``; it is
applied again after every refit, since a segment keeps its id while it is the same group.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import pandas as pd

from core.base.db import Store
from core.base.errors import BadInput
from core.profiles.conditions import Condition, in_words

LONGEST_NAME = 60


class Action(StrEnum):
    """What a user can do to a segment, or to a group of their own (define, remove)."""

    RENAME = "rename"
    PIN = "pin"
    UNPIN = "unpin"
    MERGE = "merge"
    SPLIT = "split"
    DEFINE = "define"
    REMOVE = "remove"


@dataclass(frozen=True)
class Own:
    """A group a user defined: everyone who meets all conditions."""

    own_id: int
    name: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Edit:
    """One decision. subject: a segment's id, or a group's own id for define and remove; value: JSON."""

    action: Action
    subject: int
    value: Any = None


@dataclass
class Decided:
    """The sum of all edits. names: segment → name; merged: segment → the one it went into, at once or over others."""

    names: dict[int, str] = field(default_factory=dict)
    pinned: set[int] = field(default_factory=set)
    merged: dict[int, int] = field(default_factory=dict)
    own: dict[int, Own] = field(default_factory=dict)

    def final(self, segment_id: int) -> int:
        """Return the segment in which this one ends up."""
        return self.merged.get(segment_id, segment_id)


def decided(store: Store) -> Decided:
    """Return what holds now."""
    rows = store.rows("SELECT action, subject, value FROM edits ORDER BY edit_id")
    return fold([Edit(Action(action), subject, json.loads(value) if value else None) for action, subject, value in rows])


def revision(store: Store) -> int:
    """Return a number that grows with every edit."""
    return int(store.value("SELECT coalesce(max(edit_id), 0) FROM edits"))


def fold(edits: Sequence[Edit]) -> Decided:
    """Return the sum of edits, the later one winning."""
    now = Decided()
    for edit in edits:
        _apply(now, edit)
    return now


def _apply(now: Decided, edit: Edit) -> None:
    match edit.action:
        case Action.RENAME:
            now.names[edit.subject] = edit.value
        case Action.PIN:
            now.pinned.add(edit.subject)
        case Action.UNPIN:
            now.pinned.discard(edit.subject)
        case Action.MERGE:
            into = now.final(edit.value)
            for one in [edit.subject, *(moved for moved, end in now.merged.items() if end == edit.subject)]:
                now.merged[one] = into
            now.merged.pop(into, None)
        case Action.SPLIT:
            now.merged = {one: end for one, end in now.merged.items() if end != edit.subject}
        case Action.DEFINE:
            conditions = tuple(Condition(*one) for one in edit.value["conditions"])
            now.own[edit.subject] = Own(edit.subject, edit.value["name"], conditions)
        case Action.REMOVE:
            now.own.pop(edit.subject, None)


def rename(store: Store, segment_id: int, name: str, now: datetime) -> None:
    """Give a shown segment a name. Raises BadInput where the name is empty, too long or taken, or the segment unknown."""
    _shown(store, segment_id)
    name = _free_name(store, name, besides=segment_id)
    _record(store, Edit(Action.RENAME, segment_id, name), now)


def pin(store: Store, segment_id: int, pinned: bool, now: datetime) -> None:
    """List a segment first, or no longer. Raises BadInput where there is no such segment."""
    _shown(store, segment_id)
    _record(store, Edit(Action.PIN if pinned else Action.UNPIN, segment_id), now)


def merge(store: Store, segment_id: int, into: int, now: datetime) -> None:
    """Show a segment's shoppers under another one, whose name stays. Raises BadInput where one is unknown or both the same."""
    _shown(store, segment_id)
    _shown(store, into)
    if segment_id == into:
        raise BadInput("A segment cannot be merged with itself. Choose another one to merge it into.")
    _record(store, Edit(Action.MERGE, segment_id, into), now)


def split(store: Store, segment_id: int, now: datetime) -> None:
    """Take all merges into a segment back. Raises BadInput where nothing was merged into it."""
    if segment_id not in decided(store).merged.values():
        raise BadInput("Nothing was merged into this segment, so there is nothing to split.")
    _record(store, Edit(Action.SPLIT, segment_id), now)


def define(store: Store, name: str, conditions: Sequence[Condition], now: datetime) -> int:
    """Save a group of all who meet every condition; return its id. Raises BadInput without a condition or a free name."""
    if not conditions:
        raise BadInput("A group needs at least one condition. Add one first.")
    name = _free_name(store, name)
    used = store.value("SELECT coalesce(max(subject), 0) FROM edits WHERE action = ?", [Action.DEFINE])
    own_id = int(used) + 1
    value = {"name": name, "conditions": [[one.feature, one.operator, one.value] for one in conditions]}
    _record(store, Edit(Action.DEFINE, own_id, value), now)
    return own_id


def remove(store: Store, own_id: int, now: datetime) -> None:
    """Forget a group of the user's own. Raises BadInput where there is none with this id."""
    if own_id not in decided(store).own:
        raise BadInput("This group is no longer there.")
    _record(store, Edit(Action.REMOVE, own_id), now)


def audit(store: Store) -> pd.DataFrame:
    """Return every edit, newest first: made_at (UTC), what (a sentence)."""
    names = dict(store.rows("SELECT cluster_id, arg_max(name, (fitted_at, data_version)) FROM segment_history GROUP BY ALL"))
    own: dict[int, str] = {}
    rows = []
    for made_at, action, subject, text in store.rows("SELECT made_at, action, subject, value FROM edits ORDER BY edit_id"):
        value = json.loads(text) if text else None
        rows.append((made_at, _sentence(Action(action), subject, value, names, own)))
        if action == Action.RENAME:
            names[subject] = value
    return pd.DataFrame(rows[::-1], columns=["made_at", "what"])


def _sentence(action: Action, subject: int, value: Any, names: dict[int, str], own: dict[int, str]) -> str:
    name = names.get(subject, f"segment {subject}")
    match action:
        case Action.RENAME:
            return f"'{name}' renamed to '{value}'"
        case Action.PIN:
            return f"'{name}' pinned"
        case Action.UNPIN:
            return f"'{name}' no longer pinned"
        case Action.MERGE:
            return f"'{name}' merged into '{names.get(value, f'segment {value}')}'"
        case Action.SPLIT:
            return f"What was merged into '{name}' split off again"
        case Action.DEFINE:
            own[subject] = value["name"]
            return f"Own group '{value['name']}' defined: {in_words([Condition(*one) for one in value['conditions']])}"
        case Action.REMOVE:
            return f"Own group '{own.get(subject, subject)}' removed"


def _record(store: Store, edit: Edit, now: datetime) -> None:
    value = None if edit.value is None else json.dumps(edit.value, ensure_ascii=False)
    with store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO edits SELECT coalesce(max(edit_id), 0) + 1, ?, ?, ?, ? FROM edits",
            [now, edit.action, edit.subject, value],
        )


def _shown(store: Store, segment_id: int) -> None:
    if not store.value("SELECT count(*) FROM segments WHERE segment_id = ?", [segment_id]):
        raise BadInput("This segment is no longer there. Segments may have been rebuilt since; choose one from the list.")


def _free_name(store: Store, name: str, besides: int | None = None) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadInput(f"A name needs 1 to {LONGEST_NAME} characters.")
    taken = store.rows("SELECT name FROM segments WHERE segment_id IS DISTINCT FROM ?", [besides])
    if name.lower() in {one.lower() for (one,) in taken} | {own.name.lower() for own in decided(store).own.values()}:
        raise BadInput(f"'{name}' is taken. Choose another name.")
    return name
