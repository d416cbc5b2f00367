"""Audiences taken along: who gets which action, as CSV, some held back by lot so that what the action adds can be measured."""

import csv
import io
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from core.base.db import Store
from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.log import log_event
from core.base.schema import Col
from core.profiles.audience import to_csv
from core.score.action_reasons import reasons
from core.score.actions import ACTION, TERMS, VALUE, Valued
from core.score.assignment import draw
from core.score.goods import goods
from core.score.index import Index
from core.score.lifts import Action

HEADER = (Col.USER, "segment", ACTION, "product_ids", "reason", "expected_value", *TERMS, "effect_is")
PRODUCTS_FOR = 500
"""Shoppers, the most valuable first, whose products are named where nothing else is said: each takes some milliseconds."""


@dataclass(frozen=True)
class Audience:
    """An audience made. content: CSV in UTF-8; contacted: its rows; held_back: by lot, not in it; busy: left out, since an
    audience still being measured holds them back; with_products: rows with products; value: expected of the contacted.
    """

    content: bytes
    contacted: int
    held_back: int
    busy: int
    with_products: int
    value: float
    numbers: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the counts."""
        return {name: value for name, value in asdict(self).items() if name != "content"}


def take_along(
    store: Store,
    index: Index,
    valued: Valued,
    *,
    action: Action | None = None,
    segment: int | None = None,
    hold_back: float = 0.0,
    products_for: int = PRODUCTS_FOR,
    author: str,
    now: datetime,
    progress: Progress = no_progress,
) -> Audience:
    """Record an audience and return it as CSV: the most valuable first.

    action: None = each shopper their best; segment: None = all; hold_back: share left alone by lot, 0..1; now: UTC. Columns:
    ``HEADER``; product_ids with spaces between. Raises BadInput where nobody is left, or the share is not in [0, 0.9].
    """
    if not 0 <= hold_back <= 0.9:
        raise BadInput(f"A share of {hold_back:g} cannot be held back; it lies between 0 and 0.9.")
    chosen = valued.audience(action, segment)
    waiting = _waiting(store, valued.situation.now)
    free = chosen[~chosen[Col.USER].isin(waiting)]
    if free.empty:
        raise BadInput("This action pays with nobody here. Choose another action or segment, or look at the assumptions.")
    number = int(store.value("SELECT coalesce(max(outreach_id), 0) + 1 FROM outreach"))
    # Negative, so that it is no experiment's number: the lots of the two must not go together.
    out = free[Col.USER].map(lambda user: draw(-number, user)) < hold_back
    contacted = free[~out]
    content = _csv(store, index, valued, contacted, products_for, progress)
    numbers = _record(store, valued, free.assign(contacted=~out), number, author, now)
    log_event("audience taken along", audiences=numbers, contacted=len(contacted), held_back=int(out.sum()), by=author)
    named = min(products_for, len(contacted))
    total = float(contacted[VALUE].sum())
    return Audience(content, len(contacted), int(out.sum()), len(chosen) - len(free), named, total, numbers)


def _waiting(store: Store, now: datetime) -> set[str]:
    """Return the shoppers held back in an audience whose horizon is not over."""
    rows = store.rows(
        "SELECT DISTINCT user_id FROM outreach JOIN outreach_members USING (outreach_id) "
        "WHERE NOT contacted AND CAST(as_of AS DATE) + horizon > CAST(? AS DATE)",
        [now],
    )
    return {user for (user,) in rows}


def _csv(store: Store, index: Index, valued: Valued, members: pd.DataFrame, named: int, progress: Progress) -> bytes:
    told, days = reasons(valued, members), valued.assumptions.basket_days
    rows = []
    for place, (row, why) in enumerate(zip(members.itertuples(index=False), told, strict=True)):
        action, user = str(row.action), str(row.user_id)
        found = goods(store, index, valued.situation, action, user, days) if place < named else ()
        rows.append(
            [
                user,
                valued.names.get(int(str(row.segment_id)), ""),
                action,
                " ".join(good.item_id for good in found),
                why,
                *(round(float(str(getattr(row, name))), 4) for name in (VALUE, *TERMS)),
                "measured" if valued.lifts[Action(action)].measured else "assumed",
            ]
        )
        if place < named and place % 50 == 0:
            progress(place / named, f"Products for {place:,} of {min(named, len(members)):,} shoppers")
    content = to_csv(HEADER, rows)
    written = sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) - 1
    if written != len(members):
        raise RuntimeError(f"the export holds {written} rows, the audience {len(members)} shoppers")
    return content


def _record(store: Store, valued: Valued, members: pd.DataFrame, first: int, author: str, now: datetime) -> tuple[int, ...]:
    """Write the audience down, one number an action, and return the numbers."""
    actions = sorted(members[ACTION].unique())
    numbers = {action: first + place for place, action in enumerate(actions)}
    found = valued.situation
    lines = members[[Col.USER, "contacted"]].assign(
        outreach_id=members[ACTION].map(numbers), chance=members["chance"] * members["fading"]
    )
    with store.transaction() as cursor:
        for action, number in numbers.items():
            row = [number, action, found.now, found.horizon, author, now]
            cursor.execute("INSERT INTO outreach VALUES (?, ?, ?, ?, ?, ?)", row)
        cursor.register("lines", lines)
        cursor.execute("INSERT INTO outreach_members BY NAME SELECT * FROM lines")
        cursor.unregister("lines")
    return tuple(numbers.values())


@dataclass(frozen=True)
class Made:
    """An audience made before. over: the log reaches beyond the days in which an order counts."""

    outreach_id: int
    action: str
    as_of: datetime
    horizon: int
    contacted: int
    held_back: int
    author: str
    made_at: datetime
    over: bool


def made(store: Store) -> tuple[Made, ...]:
    """Return every audience taken along, newest first."""
    rows = store.rows(
        """
        SELECT outreach_id, action, as_of, horizon, count_if(contacted), count_if(NOT contacted), author, made_at,
               CAST(as_of AS DATE) + horizon <= (SELECT max(day) FROM shopper_days)
        FROM outreach JOIN outreach_members USING (outreach_id) GROUP BY ALL ORDER BY outreach_id DESC
        """
    )
    return tuple(Made(*row) for row in rows)
