"""New arrivals: the newest first, or for a shopper those nearest to their taste first."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.represent.arrivals import SETTLING_DAYS, arrivals
from core.score.fallback import Fallback
from core.score.index import Index
from core.score.recommend import score_shopper
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
    may, taste = _shopper(store, index, user_id)
    fresh = may & (days <= NEW_DAYS)
    rows = first(-days if taste is None else taste, fresh, k)
    offers = tuple(_arrival(index, frame, rank, int(row), taste) for rank, row in enumerate(rows, 1))
    return Surface("new arrivals", _told(int(fresh.sum()), user_id, taste), offers)


def _shopper(store: Store, index: Index, user_id: str | None) -> tuple[np.ndarray, np.ndarray | None]:
    """Return what may be shown, (n,) bool, and the shopper's s of every item, (n,); None where their taste is not known."""
    if user_id is None:
        return offered(store, index), None
    scored = score_shopper(store, index, user_id)
    may, taste = np.zeros(len(index), bool), np.zeros(len(index))
    may[scored.candidates.rows] = True
    taste[scored.candidates.rows] = scored.appeal
    may &= allowed(store, index, scored.segment)
    return may, taste if scored.rung.label is Fallback.PERSONAL else None


def _arrival(index: Index, frame: pd.DataFrame, rank: int, row: int, taste: np.ndarray | None) -> Arrival:
    day, days, stated = frame["arrived"].iloc[row].date(), int(frame["days"].iloc[row]), bool(frame["stated"].iloc[row])
    ago = "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"
    came = f"Came {ago}" if stated else f"First bought or seen {ago}"
    near = "" if taste is None else f", fits their taste {taste[row]:.2f} of 1"
    return Arrival(
        item_id=index.ids[row],
        title=index.titles[row],
        rank=rank,
        reason=came + near,
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
