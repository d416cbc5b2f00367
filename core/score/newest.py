"""New arrivals: the newest first, or for a shopper those nearest to their taste first."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.represent.arrivals import SETTLING_DAYS, arrivals
from core.score.attribution import attribution
from core.score.index import Index
from core.score.reasons import NEAR, causes
from core.score.recommend import Scored, score_shopper
from core.score.surface import Offer, Surface, allowed, first, offered

NEW_DAYS = 60
"""An item is new for this many days."""


@dataclass(frozen=True, kw_only=True)
class Arrival(Offer):
    """arrived: the day; days: since, up to the latest event of the log; stated: by the catalogue, else the first event with it.

    taste: s of the score formula for the shopper, in [0, 1]; None where no shopper was named, or their taste is not known.
    """

    arrived: date
    days: int
    stated: bool
    taste: float | None

    def as_json(self) -> dict[str, Any]:
        """Return the fields, the day as ISO text."""
        return {**super().as_json(), "arrived": self.arrived.isoformat()}


def newest(store: Store, index: Index, user_id: str | None = None, k: int = 10) -> Surface[Arrival]:
    """Return k products that came in the last ``NEW_DAYS`` days, without those the shopper has already."""
    frame = arrivals(store).set_index("item_id").reindex(index.ids)
    days = frame["days"].fillna(np.inf).to_numpy(float)
    scored = None if user_id is None else score_shopper(store, index, user_id)
    may = offered(store, index) if scored is None else _for(store, index, scored)
    fresh = may & (days <= NEW_DAYS)
    taste = scored.taste.appeal(index) if scored is not None and scored.taste is not None else None
    rows = first(-days if taste is None else taste, fresh, k)
    near = [""] * len(rows) if scored is None else _near(index, scored, rows)
    offers = tuple(_arrival(index, frame, rank, int(row), taste, near[rank - 1]) for rank, row in enumerate(rows, 1))
    return Surface("new arrivals", _told(int(fresh.sum()), user_id, taste), offers)


def _for(store: Store, index: Index, scored: Scored) -> np.ndarray:
    """Return (n,) bool: what the shopper may be shown."""
    may = np.zeros(len(index), bool)
    may[scored.candidates.rows] = True
    return may & allowed(store, index, scored.segment)


def _near(index: Index, scored: Scored, rows: np.ndarray) -> list[str]:
    """Return, for each item, what of the shopper's history it is like; '' where it is like nothing."""
    parts = attribution(index, scored.taste, rows)
    found = [[one for one in causes_of if one.cosine >= NEAR] for causes_of in causes(index, parts, scored.history, rows)]
    return [f"; like {like[0].title} ({like[0].did})" if like else "" for like in found]


def _arrival(index: Index, frame: pd.DataFrame, rank: int, row: int, taste: np.ndarray | None, near: str) -> Arrival:
    day, days, stated = frame["arrived"].iloc[row].date(), int(frame["days"].iloc[row]), bool(frame["stated"].iloc[row])
    ago = "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"
    return Arrival(
        item_id=index.ids[row],
        title=index.titles[row],
        rank=rank,
        reason=f"{'Came' if stated else 'First bought or seen'} {ago}{near}",
        arrived=day,
        days=days,
        stated=stated,
        taste=None if taste is None else float(taste[row]),
    )


def _told(fresh: int, user_id: str | None, taste: np.ndarray | None) -> str:
    if not fresh:
        return (
            f"Nothing came in the last {NEW_DAYS} days of the log. An item came on the date its catalogue row states, else "
            f"with its first event, unless that lies in the log's first {SETTLING_DAYS} days."
        )
    order = "nearest to their taste first" if taste is not None else "the newest first"
    unknown = " Their taste is not known yet." if user_id is not None and taste is None else ""
    came = "item that came" if fresh == 1 else "items that came"
    return f"{fresh:,} {came} in the last {NEW_DAYS} days of the log, {order}.{unknown}"
