"""Keep derived tables in step with the data: rebuild one only when what it was built from has changed."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.base.db import Store
from core.base.log import log_event

Progress = Callable[[float, str], None]
"""``progress(done, message)`` with done in [0, 1]; raises Cancelled where the user pressed cancel."""


def no_progress(done: float, message: str) -> None:
    """Ignore progress."""


def is_current(store: Store, name: str, settings: dict[str, Any]) -> bool:
    """Return whether ``name`` was built from the present data version with these settings."""
    stamp = store.rows("SELECT data_version, settings FROM derived WHERE name = ?", [name])
    return bool(stamp) and stamp[0][0] == store.data_version() and json.loads(stamp[0][1]) == settings


def rebuild(store: Store, name: str, settings: dict[str, Any], build: Callable[[int], None], force: bool = False) -> bool:
    """Run ``build(data_version)`` and stamp ``name``, unless it is current; return whether it was built.

    settings: what the result depends on besides the data, as JSON values.
    """
    if not force and is_current(store, name, settings):
        return False
    version, start = store.data_version(), time.perf_counter()
    build(version)
    seconds = time.perf_counter() - start
    with store.transaction() as cursor:
        cursor.execute(
            "INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?, ?)",
            [name, version, json.dumps(settings), datetime.now(UTC).replace(tzinfo=None), seconds],
        )
    log_event("rebuilt", name=name, data_version=version, seconds=round(seconds, 3))
    return True


@dataclass(frozen=True)
class Stamp:
    """When a derived table was last built (UTC), in how many seconds, and whether the data has changed since."""

    name: str
    data_version: int
    built_at: datetime
    seconds: float
    current: bool


def stamps(store: Store) -> tuple[Stamp, ...]:
    """Return the stamp of every derived table that was ever built, by name."""
    version = store.data_version()
    rows = store.rows("SELECT name, data_version, built_at, seconds FROM derived ORDER BY name")
    return tuple(Stamp(name, built_from, at, seconds, built_from == version) for name, built_from, at, seconds in rows)
