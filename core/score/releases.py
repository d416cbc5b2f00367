"""Releases: how lists are made, decided once for the whole shop; drafted, published, reverted, and never removed.

The one published last and not reverted is served. A publish, and a revert to the one before, is one change of one row.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.base.db import Store
from core.base.errors import BadInput
from core.base.log import log_event
from core.score.blend import check_alpha

SOMEONE = "someone"
"""Who did it, where they gave no name."""


class State(StrEnum):
    """How far a release is. One that another followed stays published: it is served again if that one is reverted."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REVERTED = "reverted"


@dataclass(frozen=True)
class OwnAlpha:
    """α of one segment; name: what it was called when that was decided."""

    segment_id: int
    name: str
    alpha: float


@dataclass(frozen=True)
class Release:
    """How lists are made. own: α of segments that have one of their own; times: UTC, None = not happened.

    diversity: in [0, 1], 0 = off; category_cap: most items of one category in a list, None = any; turn: later = published
    later.
    """

    release_id: int
    alpha: float
    own: tuple[OwnAlpha, ...]
    diversity: float
    category_cap: int | None
    note: str
    author: str
    created_at: datetime
    turn: int | None
    published_at: datetime | None
    published_by: str | None
    reverted_at: datetime | None
    reverted_by: str | None

    @property
    def state(self) -> State:
        """Return how far it is."""
        if self.turn is None:
            return State.DRAFT
        return State.PUBLISHED if self.reverted_at is None else State.REVERTED

    @property
    def segment_alpha(self) -> dict[int, float]:
        """Return segment id -> α, over ``alpha``."""
        return {one.segment_id: one.alpha for one in self.own}


def draft(
    store: Store,
    *,
    alpha: float,
    segment_alpha: Mapping[int, float] | None = None,
    diversity: float = 0.0,
    category_cap: int | None = None,
    note: str = "",
    author: str = "",
    now: datetime,
) -> Release:
    """Record a release that is not served yet, and return it. now: UTC.

    Raises BadInput on α or diversity outside [0, 1], a cap below 1, or a segment that is not there.
    """
    own = _own(store, segment_alpha or {})
    for one in (alpha, *(each.alpha for each in own)):
        check_alpha(one)
    if not 0 <= diversity <= 1:
        raise BadInput(f"A diversity of {diversity:g} is not usable: it lies between 0 (off) and 1.")
    if category_cap is not None and category_cap < 1:
        raise BadInput("At most so many items of one category: give 1 or more, or leave it open.")
    told = json.dumps([[one.segment_id, one.name, one.alpha] for one in own], ensure_ascii=False)
    with store.transaction() as cursor:
        ((number,),) = cursor.execute("SELECT coalesce(max(release_id), 0) + 1 FROM releases").fetchall()
        row = [number, alpha, told, diversity, category_cap, note.strip(), _name(author), now]
        cursor.execute("INSERT INTO releases VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL, NULL)", row)
    log_event("release drafted", release=number, by=_name(author))
    return release(store, number)


def publish(store: Store, release_id: int, author: str, now: datetime) -> Release:
    """Serve a draft from the next list on, and return it. now: UTC.

    Raises BadInput where there is no such release, or it was published before.
    """
    there = release(store, release_id)
    if there.state is not State.DRAFT:
        raise BadInput(f"Release {release_id} is {there.state} already. Draft it anew to publish it again.")
    with store.transaction() as cursor:
        done = cursor.execute(_PUBLISH, [now, _name(author), release_id]).fetchall()
        if not done:
            raise BadInput(f"Release {release_id} has been published in the meantime.")
    log_event("release published", release=release_id, by=_name(author))
    return release(store, release_id)


def revert(store: Store, author: str, now: datetime) -> Release | None:
    """Take back the release that is served and return the one before, which is served now; None = none was. now: UTC.

    Raises BadInput where none is served.
    """
    with store.transaction() as cursor:
        done = cursor.execute(_REVERT, [now, _name(author)]).fetchall()
        if not done:
            raise BadInput("No release is served, so there is nothing to revert.")
    before = live(store)
    log_event("release reverted", release=done[0][0], now=before.release_id if before else None, by=_name(author))
    return before


def live(store: Store) -> Release | None:
    """Return the release that is served; None = none is, the model's α is."""
    rows = store.rows(f"SELECT * FROM releases WHERE release_id = ({_LIVE})")
    return _release(rows[0]) if rows else None


def before_live(store: Store) -> Release | None:
    """Return the release that a revert would go back to; None = none: the model's α."""
    rows = store.rows("SELECT * FROM releases WHERE turn IS NOT NULL AND reverted_at IS NULL ORDER BY turn DESC LIMIT 2")
    return _release(rows[1]) if len(rows) > 1 else None


def release(store: Store, release_id: int) -> Release:
    """Return a release. Raises BadInput where there is none of this number."""
    rows = store.rows("SELECT * FROM releases WHERE release_id = ?", [release_id])
    if not rows:
        raise BadInput(f"There is no release {release_id}.")
    return _release(rows[0])


def history(store: Store) -> tuple[Release, ...]:
    """Return every release there ever was, newest first."""
    return tuple(_release(row) for row in store.rows("SELECT * FROM releases ORDER BY release_id DESC"))


def lapsed(store: Store, one: Release) -> tuple[OwnAlpha, ...]:
    """Return what a release says of segments that are no longer there: found anew, or merged into another."""
    there = {number for (number,) in store.rows("SELECT segment_id FROM segments")}
    return tuple(own for own in one.own if own.segment_id not in there)


_LIVE = "SELECT release_id FROM releases WHERE turn IS NOT NULL AND reverted_at IS NULL ORDER BY turn DESC LIMIT 1"
_PUBLISH = """
UPDATE releases SET turn = (SELECT coalesce(max(turn), 0) + 1 FROM releases), published_at = ?, published_by = ?
WHERE release_id = ? AND turn IS NULL RETURNING release_id
"""
_REVERT = f"UPDATE releases SET reverted_at = ?, reverted_by = ? WHERE release_id = ({_LIVE}) RETURNING release_id"


def _own(store: Store, segment_alpha: Mapping[int, float]) -> tuple[OwnAlpha, ...]:
    names: dict[int, str] = dict(store.rows("SELECT segment_id, name FROM segments"))
    if unknown := sorted(set(segment_alpha) - set(names)):
        raise BadInput(f"There is no segment {', '.join(map(str, unknown))}. Segments may have been found anew since.")
    return tuple(OwnAlpha(number, names[number], float(segment_alpha[number])) for number in sorted(segment_alpha))


def _name(author: str) -> str:
    return author.strip() or SOMEONE


def _release(row: tuple[Any, ...]) -> Release:
    number, alpha, own, *rest = row
    return Release(number, alpha, tuple(OwnAlpha(*one) for one in json.loads(own)), *rest)
