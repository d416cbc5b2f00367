"""One shopper as a merchandiser meets them: who, how much, what they did."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from core.base.db import Store
from core.base.errors import BadInput
from core.profiles.behaviour import FEATURES, Feature


@dataclass(frozen=True)
class Reading:
    """One feature of one shopper beside the shop.

    value: in the feature's unit, None = not known; median: of all shoppers with a value; percentile: share of them
    with a value no larger, 0..1, to the hundredth.
    """

    feature: Feature
    value: float | None
    median: float | None
    percentile: float | None


@dataclass(frozen=True)
class Shopper:
    """What is known of one shopper.

    monetary: money, bought less returned, None where the shop has no prices; platforms: (name, events), most used first.
    by_rule: the segment is where the decision tree puts them, since they were not clustered; rfm: None = bought nothing;
    robot: why they are taken for no person, and so in no group.
    """

    user_id: str
    name: str | None
    country: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    events: int
    items: int
    orders: int
    monetary: float | None
    platforms: tuple[tuple[str, int], ...]
    segment_id: int | None
    segment: str | None
    by_rule: bool
    rfm: str | None
    robot: str | None
    readings: tuple[Reading, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what ``profile --json`` prints of the shopper: every feature with its value and the shop beside it."""
        told = {
            one.feature.name: {
                "value": one.value,
                "unit": one.feature.unit,
                "shop_median": one.median,
                "percentile": one.percentile,
            }
            for one in self.readings
        }
        segment = {"id": self.segment_id, "name": self.segment, "placed_by_rule": self.by_rule} if self.segment else None
        keys = ("user_id", "name", "country", "events", "items", "orders", "monetary", "rfm", "robot")
        seen = {name: at.isoformat() if at else None for name, at in (("first", self.first_seen), ("last", self.last_seen))}
        head = {key: getattr(self, key) for key in keys}
        return {**head, "seen": seen, "platforms": dict(self.platforms), "segment": segment, "features": told}

    @property
    def main_platform(self) -> str | None:
        """The platform used most, ties by name."""
        return self.platforms[0][0] if self.platforms else None


def shopper(store: Store, user_id: str) -> Shopper:
    """Return the shopper's profile. Raises BadInput where nobody has this id."""
    with store.cursor() as cursor:
        found = cursor.execute(f"{_LISTED} WHERE s.user_id = ?", [user_id])
        names = [column[0] for column in found.description or []]
        row = found.fetchone()
    if row is None:
        raise BadInput(f"No shopper has the id '{user_id}'. Check its spelling, or search for a part of it.")
    known = dict(zip(names, row, strict=True))
    platforms = sorted((known["platforms"] or {}).items(), key=lambda pair: (-pair[1], pair[0]))
    return Shopper(
        user_id=user_id,
        name=known["name"],
        country=known["country"],
        first_seen=known["first_ts"],
        last_seen=known["last_ts"],
        events=known["events"],
        items=known["items"],
        orders=known["orders"],
        monetary=known["monetary"],
        platforms=tuple(platforms),
        segment_id=known["segment_id"],
        segment=known["segment"],
        by_rule=known["by_rule"],
        rfm=known["rfm"],
        robot=known["robot"],
        readings=readings(store, user_id),
    )


def readings(store: Store, user_id: str) -> tuple[Reading, ...]:
    """Return every feature of the shopper beside the shop, in FEATURES' order."""
    names = ", ".join(feature.name for feature in FEATURES)
    (values,) = store.rows(f"SELECT {names} FROM shoppers WHERE user_id = ?", [user_id])
    norms = dict(store.rows("SELECT feature, percentiles FROM norms"))
    return tuple(_reading(feature, value, norms.get(feature.name)) for feature, value in zip(FEATURES, values, strict=True))


def norm(store: Store, feature: str, percentile: int) -> float | None:
    """Return a percentile (0..100) of a feature over all shoppers; None where it is known for nobody."""
    values = store.value("SELECT percentiles FROM norms WHERE feature = ?", [feature])
    return float(values[percentile]) if values else None


def _reading(feature: Feature, value: float | None, percentiles: list[float] | None) -> Reading:
    if percentiles is None:
        return Reading(feature, value, None, None)
    place = None if value is None else max(bisect_right(percentiles, value) - 1, 0) / 100
    return Reading(feature, value, percentiles[50], place)


def timeline(store: Store, user_id: str, limit: int = 200) -> pd.DataFrame:
    """Return what the shopper did, newest first.

    Columns: ts, event_type, item_id, title, category, quantity, price, money, rating, platform.
    Ties of time go by position, later first, then by item id. money: signed, a return is negative.
    """
    return store.df(
        """
        SELECT a.ts, a.event_type, a.item_id, c.title, c.category, a.quantity, a.price, a.money, a.rating, a.platform
        FROM (SELECT * FROM acts WHERE user_id = $user ORDER BY ts DESC NULLS LAST, position DESC NULLS LAST, item_id
              LIMIT $limit) a
        LEFT JOIN catalogue c USING (item_id)
        ORDER BY a.ts DESC NULLS LAST, a.position DESC NULLS LAST, a.item_id
        """,
        {"user": user_id, "limit": limit},
    )


def find(store: Store, text: str, limit: int = 50) -> pd.DataFrame:
    """Return shoppers whose id or name contains ``text`` in any case: those beginning with it first, robots last, then by events.

    Columns: user_id, name, segment, events, orders, monetary, last_ts.
    """
    return store.df(
        f"""
        SELECT {_COLUMNS} FROM ({_LISTED})
        WHERE contains(lower(user_id), $text) OR contains(lower(coalesce(name, '')), $text)
        ORDER BY starts_with(lower(user_id), $text) DESC, robot IS NOT NULL, events DESC, user_id LIMIT $limit
        """,
        {"text": text.strip().lower(), "limit": limit},
    )


def users(store: Store, limit: int = 50) -> pd.DataFrame:
    """Return the shoppers with the most events, robots last, ties by id; columns as in ``find``."""
    return find(store, "", limit)


_COLUMNS = "user_id, name, segment, events, orders, monetary, last_ts"
_LISTED = """
    SELECT s.*, u.name, u.country, g.segment_id, g.name AS segment,
           p.user_id IS NOT NULL AS by_rule, r.name AS rfm, b.why AS robot
    FROM shoppers s
    LEFT JOIN (SELECT user_id, arg_max(name, import_id) AS name, arg_max(country, import_id) AS country
               FROM users GROUP BY user_id) u USING (user_id)
    LEFT JOIN members m USING (user_id)
    LEFT JOIN placed p USING (user_id)
    LEFT JOIN segments g ON g.segment_id = coalesce(m.segment_id, p.segment_id)
    LEFT JOIN rfm r USING (user_id)
    LEFT JOIN robots b USING (user_id)
"""
