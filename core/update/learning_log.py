"""What became of the learning: every version is kept, the last one is in force; begin, freeze, unfreeze, reset, restore."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import duckdb

from core.base.db import Store
from core.base.errors import BadInput
from core.base.log import log_event
from core.score.learning import State, new_state, read_state
from core.update.from_log import count_log

PROGRAM = "program"
"""Author of the steps that nobody asked for."""


class Step(StrEnum):
    """What a version of the learning came from."""

    BEGUN = "begun"
    LEARNED = "learned"
    FROZEN = "frozen"
    UNFROZEN = "unfrozen"
    RESET = "reset"
    RESTORED = "restored"


@dataclass(frozen=True)
class Version:
    """The learning as it stands after a step. epoch: of the counts, a reset begins a new one."""

    version: int
    ts: datetime
    what: Step
    author: str
    frozen: bool
    epoch: int
    state: State


def now_in_force(store: Store) -> Version | None:
    """Return the version in force; None where nothing ever happened."""
    found = versions(store, 1)
    return found[0] if found else None


def versions(store: Store, limit: int = 500) -> list[Version]:
    """Return the versions, newest first."""
    told = store.rows(
        "SELECT version, ts, what, author, frozen, epoch, state FROM learning ORDER BY version DESC LIMIT ?", [limit]
    )
    return [
        Version(version, ts, Step(what), author, frozen, epoch, read_state(state))
        for version, ts, what, author, frozen, epoch, state in told
    ]


def begun(store: Store, author: str, now: datetime) -> Version:
    """Return the version in force; where there is none, or one of other features than today's, begin from the log. now: UTC."""
    held = now_in_force(store)
    if held is not None and not held.state.stale:
        return held
    number, frozen = (held.version, held.frozen) if held else (0, False)
    return _begin(store, Version(number + 1, now, Step.BEGUN, author, frozen, _newest(store) + 1, new_state()))


def freeze(store: Store, author: str, now: datetime) -> None:
    """Make lists without what was learned, and learn nothing more; nothing is forgotten. now: UTC."""
    _next(store, Step.FROZEN, author, now, frozen=True)


def unfreeze(store: Store, author: str, now: datetime) -> None:
    """Use what was learned again, and learn on. now: UTC. Raises BadInput where it is not frozen."""
    held = now_in_force(store)
    if held is None or not held.frozen:
        raise BadInput("Learning is not frozen.")
    _next(store, Step.UNFROZEN, author, now, frozen=False)


def reset(store: Store, author: str, now: datetime) -> None:
    """Begin anew: δ = 0, α as published, the clicks of the log. What was learned is kept for ``restore``. now: UTC."""
    held = begun(store, author, now)
    _begin(store, Version(held.version + 1, now, Step.RESET, author, held.frozen, _newest(store) + 1, new_state()))


def restore(store: Store, author: str, now: datetime) -> None:
    """Undo the last reset: what was learned before it is in force again, what was learned since is not. now: UTC.

    Raises BadInput where there was no reset, or it was undone.
    """
    before = _before_reset(versions(store))
    if before is None:
        raise BadInput("There is no reset to undo.")
    _next(store, Step.RESTORED, author, now, state=before.state, epoch=before.epoch)


def since_reset(history: list[Version]) -> list[Version]:
    """Return the steps of learning whose state builds up to the one in force, the oldest first. history: newest first."""
    epoch, lists = history[0].epoch, history[0].state.lists
    return [one for one in reversed(history) if one.epoch == epoch and one.what is Step.LEARNED and one.state.lists <= lists]


def can_restore(history: list[Version]) -> bool:
    """Return whether ``restore`` has something to undo. history: newest first."""
    return _before_reset(history) is not None


def write(cursor: duckdb.DuckDBPyConnection, version: Version) -> None:
    """Add a version, inside the caller's transaction."""
    told = json.dumps(version.state.as_json())
    row = [version.version, version.ts, version.what, version.author, version.frozen, version.epoch, told]
    cursor.execute("INSERT INTO learning VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _begin(store: Store, version: Version) -> Version:
    """Add a version that begins an epoch with what the log says, and return it."""
    with store.transaction() as cursor:
        views, clicks = count_log(cursor, version.epoch)
        version = replace(version, state=replace(version.state, log_views=views, log_clicks=clicks))
        write(cursor, version)
    log_event(f"learning {version.what}", author=version.author, version=version.version, log_views=views)
    return version


def _newest(store: Store) -> int:
    return int(store.value("SELECT coalesce(max(epoch), 0) FROM learning"))


def _before_reset(history: list[Version]) -> Version | None:
    """Return what a reset that can be undone did away with. history: newest first."""
    turns = (Step.BEGUN, Step.RESET, Step.RESTORED)
    at = next((place for place, one in enumerate(history) if one.what in turns), None)
    if at is None or history[at].what is not Step.RESET or at + 1 == len(history) or history[at + 1].state.stale:
        return None
    return history[at + 1]


def _next(
    store: Store,
    what: Step,
    author: str,
    now: datetime,
    *,
    frozen: bool | None = None,
    state: State | None = None,
    epoch: int | None = None,
) -> None:
    """Add a version: as the one in force, but for what is given."""
    held = begun(store, author, now)
    after = replace(held, version=held.version + 1, ts=now, what=what, author=author)
    after = replace(
        after,
        frozen=after.frozen if frozen is None else frozen,
        state=state or after.state,
        epoch=epoch or after.epoch,
    )
    with store.transaction() as cursor:
        write(cursor, after)
    log_event(f"learning {what}", author=author, version=after.version)
