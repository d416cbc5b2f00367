"""What is in demand of late, and what is rising: event weights that fade, against the time before."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from core.base.db import Store
from core.base.derived import rebuild
from core.base.engagement import WEIGHT, weight_case
from core.base.schema import Event, Table

HALF_LIVES = (7.0, 30.0, 90.0)
"""Days after which an event counts half; a shop with few events needs the longer ones."""
ENOUGH_EVENTS = 1_000
"""Events of the latest two half-lives from which a half-life can tell one item from another."""


def rebuild_demand(store: Store, force: bool = False) -> bool:
    """Rebuild table ``demand`` where it is not current; return whether it was built.

    weight(i) = Σ w(event) · 0.5^(age / half-life) over the latest two half-lives of the log, age counted back from its latest
    event; before(i): the same over the two half-lives before those, as it stood then. The spans do not overlap, so the change
    between the two is a comparison of different events. spread = √(Σ w² · 0.25^(age / half-life)) over both: their standard
    error if events came independently of each other.
    """
    return rebuild(store, Table.DEMAND, {"half_lives": list(HALF_LIVES)}, lambda version: _build(store, version), force)


@dataclass(frozen=True)
class Span:
    """What demand is measured over. days: two half-lives; until: the latest event of the log."""

    half_life_days: float
    days: float
    until: datetime | None

    @property
    def sentence(self) -> str:
        """Return how demand is measured, in words."""
        return (
            f"Every event counts by what it was (bought {WEIGHT[Event.PURCHASE]:g}, put in the basket {WEIGHT[Event.CART]:g}, "
            f"opened {WEIGHT[Event.CLICK]:g}, seen {WEIGHT[Event.VIEW]:g}) and half as much for each "
            f"{self.half_life_days:g} days before the latest one of the log. The change is against the {self.days:g} days before."
        )


def usual_half_life(store: Store) -> float:
    """Return the shortest half-life whose span holds enough events; the longest where none does."""
    for half_life in HALF_LIVES[:-1]:
        recent = store.value(
            "SELECT count(*) FROM events WHERE ts > (SELECT max(ts) FROM events) - to_seconds(?)", [2 * half_life * 86400]
        )
        if recent >= ENOUGH_EVENTS:
            return half_life
    return HALF_LIVES[-1]


def span(store: Store, half_life_days: float) -> Span:
    """Return what demand with this half-life is measured over."""
    return Span(half_life_days, 2 * half_life_days, store.value("SELECT max(ts) FROM events"))


def demand(store: Store, half_life_days: float) -> pd.DataFrame:
    """Return item_id, weight, before, spread and shoppers of the items with an event in the four half-lives, by item id."""
    return store.df(
        "SELECT item_id, weight, before, spread, shoppers FROM demand WHERE half_life_days = ? ORDER BY item_id", [half_life_days]
    )


def _build(store: Store, version: int) -> None:
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM demand")
        for half_life in HALF_LIVES:
            cursor.execute(_DEMAND.format(weight=weight_case()), {"half_life": half_life, "version": version})


_DEMAND = """
INSERT INTO demand BY NAME
WITH latest AS (
    SELECT max(ts) AS now FROM events
), aged AS (
    SELECT item_id, user_id, {weight} AS w, epoch(now - ts) / 86400 / $half_life AS age FROM events CROSS JOIN latest
    WHERE epoch(now - ts) / 86400 < 4 * $half_life
)
SELECT $half_life AS half_life_days, item_id,
       greatest(coalesce(sum(w * 0.5 ** age) FILTER (age < 2), 0), 0) AS weight,
       greatest(coalesce(sum(w * 0.5 ** (age - 2)) FILTER (age >= 2), 0), 0) AS before,
       sqrt(sum(w * w * 0.25 ** if(age < 2, age, age - 2))) AS spread,
       count(DISTINCT user_id) FILTER (age < 2) AS shoppers, $version AS data_version
FROM aged GROUP BY item_id ORDER BY item_id
"""
