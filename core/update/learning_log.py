"""What became of the learning: every version is kept, the last one is in force; freeze, unfreeze, reset, restore."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

import duckdb

from core.base.db import Store
from core.base.errors import BadInput
from core.base.log import log_event
from core.score.learning import FEATURES, State, read_state
from core.score.ranker import new_ranker

PROGRAM = "program"
"""Author of the steps that nobody asked for."""


class Step(StrEnum):
    """What a version of the learning came from."""

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
    """Begin anew: δ = 0, α as published, no clicks counted. What was learned is kept for ``restore``. now: UTC."""
    newest = int(store.value("SELECT coalesce(max(epoch), 1) FROM learning"))
    _next(store, Step.RESET, author, now, state=new_state(), epoch=newest + 1)


def restore(store: Store, author: str, now: datetime) -> None:
    """Undo the last reset: what was learned before it is in force again, what was learned since is not. now: UTC.

    Raises BadInput where there was no reset, or it was undone.
    """
    held = versions(store)
    at = next((place for place, one in enumerate(held) if one.what in (Step.RESET, Step.RESTORED)), None)
    if at is None or held[at].what is Step.RESTORED or at + 1 >= len(held):
        raise BadInput("There is no reset to undo.")
    before = held[at + 1]
    _next(store, Step.RESTORED, author, now, state=before.state, epoch=before.epoch)


def since_reset(history: list[Version]) -> list[Version]:
    """Return the steps of learning whose state builds up to the one in force, the oldest first. history: newest first."""
    epoch, lists = history[0].epoch, history[0].state.lists
    return [one for one in reversed(history) if one.epoch == epoch and one.what is Step.LEARNED and one.state.lists <= lists]


def can_restore(history: list[Version]) -> bool:
    """Return whether ``restore`` has something to undo. history: newest first."""
    last = next((one.what for one in history[:-1] if one.what in (Step.RESET, Step.RESTORED)), None)
    return last is Step.RESET


def new_state() -> State:
    """Return the state in which nothing was learned."""
    return State(new_ranker(len(FEATURES)), new_ranker(len(FEATURES)))


def write(cursor: duckdb.DuckDBPyConnection, version: Version) -> None:
    """Add a version, inside the caller's transaction."""
    told = {**asdict(version.state), "ranker": version.state.ranker.as_json(), "base": version.state.base.as_json()}
    row = [version.version, version.ts, version.what, version.author, version.frozen, version.epoch, json.dumps(told)]
    cursor.execute("INSERT INTO learning VALUES (?, ?, ?, ?, ?, ?, ?)", row)


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
    held = now_in_force(store) or Version(0, now, what, author, False, 1, new_state())
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
