"""Audiences: a segment, an RFM group, a user's own group or conditions on the spot, as a list of shoppers to take along.

Robots are in no audience. An export is read back before it is handed out: its rows must be as many as the store counts.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.base.db import Store
from core.base.errors import BadInput
from core.ingest.quarantine import safe_cell
from core.profiles import edits, rfm
from core.profiles.behaviour import FEATURES
from core.profiles.conditions import Condition, in_words, where_sql

NOT_ROBOTS = "user_id NOT IN (SELECT user_id FROM robots)"


@dataclass(frozen=True)
class Group:
    """A set of shoppers that can be looked at. key: 'segment:3', 'own:1' or 'rfm:Loyal'; size: shoppers; rule: in words."""

    key: str
    name: str
    size: int
    rule: str


@dataclass(frozen=True)
class Chosen:
    """SQL that selects user_id from ``shoppers``, with its parameters."""

    where: str
    parameters: tuple[object, ...]


@dataclass(frozen=True)
class Export:
    """A CSV file in UTF-8 with a byte-order mark. rows: shoppers in it, equal to what the store counts."""

    content: bytes
    rows: int


def groups(store: Store) -> list[Group]:
    """Return every group there is: segments as listed (pinned, then by size), the user's own, then RFM from best to worst."""
    pinned, own = edits.decided(store).pinned, edits.decided(store).own
    listed = store.rows("SELECT segment_id, name, size FROM segments ORDER BY size DESC, segment_id")
    found = [
        Group(f"segment:{number}", name, size, "found by clustering")
        for number, name, size in sorted(listed, key=lambda one: one[0] not in pinned)
    ]
    found += [
        Group(f"own:{one.own_id}", one.name, count(store, one.conditions), in_words(one.conditions)) for one in own.values()
    ]
    scored = dict(store.rows("SELECT name, count(*) FROM rfm GROUP BY name"))
    found += [Group(f"rfm:{name}", name, scored[name], "RFM") for name in rfm.NAMES if name in scored]
    return found


def choose(store: Store, key: str) -> Chosen:
    """Return how to select a group's shoppers. Raises BadInput where there is no such group (any more)."""
    kind, _, name = key.partition(":")
    if kind == "segment" and name.isdigit():
        return Chosen("user_id IN (SELECT user_id FROM members WHERE segment_id = ?)", (int(name),))
    if kind == "rfm" and name in rfm.NAMES:
        return Chosen("user_id IN (SELECT user_id FROM rfm WHERE name = ?)", (name,))
    own = edits.decided(store).own
    if kind == "own" and name.isdigit() and int(name) in own:
        return by_conditions(own[int(name)].conditions)
    raise BadInput("This group is no longer there. Choose another one from the list.")


def by_conditions(conditions: Sequence[Condition]) -> Chosen:
    """Return how to select who meets every condition; a shopper of whom a feature is not known meets none on it."""
    where, values = where_sql(conditions)
    return Chosen(f"{where} AND {NOT_ROBOTS}", tuple(values))


def count(store: Store, conditions: Sequence[Condition]) -> int:
    """Return how many shoppers meet every condition."""
    chosen = by_conditions(conditions)
    return int(store.value(f"SELECT count(*) FROM shoppers WHERE {chosen.where}", chosen.parameters))


def count_by(store: Store, conditions: tuple[tuple[str, str, float], ...]) -> int:
    """Return ``count`` for conditions given as plain values (feature, operator, value)."""
    return count(store, [Condition(*one) for one in conditions])


def sample(store: Store, conditions: tuple[tuple[str, str, float], ...], limit: int = 200) -> pd.DataFrame:
    """Return the most active who meet every condition, ties by id: user_id, events, orders, monetary, last_ts."""
    chosen = by_conditions([Condition(*one) for one in conditions])
    return store.df(
        f"SELECT user_id, events, orders, monetary, last_ts FROM shoppers WHERE {chosen.where} "
        "ORDER BY events DESC, user_id LIMIT ?",
        [*chosen.parameters, limit],
    )


def export(store: Store, chosen: Chosen) -> Export:
    """Return the audience as CSV: user_id, name, country, segment, rfm, then every feature in its unit, by id.

    A cell that a spreadsheet would run as a formula is preceded by an apostrophe. Raises RuntimeError where the file does
    not hold as many shoppers as the store counts.
    """
    features = ", ".join(f"s.{one.name}" for one in FEATURES)
    rows = store.rows(
        f"""
        SELECT s.user_id, u.name, u.country, g.name AS segment, r.name AS rfm, {features}
        FROM (SELECT * FROM shoppers WHERE {chosen.where}) s
        LEFT JOIN (SELECT user_id, arg_max(name, import_id) AS name, arg_max(country, import_id) AS country
                   FROM users GROUP BY user_id) u USING (user_id)
        LEFT JOIN (SELECT user_id, segment_id FROM members UNION ALL SELECT user_id, segment_id FROM placed) m USING (user_id)
        LEFT JOIN segments g USING (segment_id) LEFT JOIN rfm r USING (user_id)
        ORDER BY s.user_id
        """,
        chosen.parameters,
    )
    content = to_csv(["user_id", "name", "country", "segment", "rfm", *(one.name for one in FEATURES)], rows)
    counted = int(store.value(f"SELECT count(*) FROM shoppers WHERE {chosen.where}", chosen.parameters))
    written = sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) - 1
    if written != counted:
        raise RuntimeError(f"the export holds {written} rows, the store counts {counted}")
    return Export(content, written)


def export_group(store: Store, key: str) -> Export:
    """Return a group's shoppers as CSV. Raises BadInput where there is no such group."""
    return export(store, choose(store, key))


def export_by(store: Store, conditions: tuple[tuple[str, str, float], ...]) -> Export:
    """Return ``export`` for conditions given as plain values (feature, operator, value)."""
    return export(store, by_conditions([Condition(*one) for one in conditions]))


def to_csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as CSV, texts made safe, what is not known left empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
    return ("\ufeff" + out.getvalue()).encode()
