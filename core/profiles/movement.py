"""How shoppers moved between segments: the same centres, on features as they were at an earlier date and as they are now.

Earlier: everything up to the cut is measured as if the cut were today (recency and tenure count back to it, later events
do not exist), scaled as now, and each shopper goes to the nearest of today's centres. Now: the segments in force. So a
move means that a shopper's behaviour moved, not that the segments did. What grows with time, visits or orders, is smaller
at the cut for everyone; the catalogue, prices and categories are today's on both sides.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from core.base.db import Store
from core.profiles import edits, identity
from core.profiles.fits import LEAST_EVENTS, fit_report
from core.profiles.measures import measure_sql, read_shop
from core.profiles.scaling import standardise, weigh

NOT_YET, TOO_FEW = 0, -1
"""Where a shopper was at the cut who had done nothing by then, or had fewer than two events."""
LABELS = {NOT_YET: "Not here yet", TOO_FEW: "One event so far"}


@dataclass(frozen=True)
class Movement:
    """flows: source, target (segment ids, or NOT_YET, TOO_FEW), from_name, to_name, shoppers. cut, now: times of the log."""

    cut: datetime
    now: datetime
    flows: pd.DataFrame

    @property
    def stayed(self) -> int:
        """Shoppers who were in a segment at the cut and are in the same one now."""
        return int(self.flows.loc[self.flows["source"] == self.flows["target"], "shoppers"].sum())

    @property
    def moved(self) -> int:
        """Shoppers who were in a segment at the cut and are in another one now."""
        there = (self.flows["source"] > 0) & (self.flows["source"] != self.flows["target"])
        return int(self.flows.loc[there, "shoppers"].sum())


def movement(store: Store, days: int) -> Movement | None:
    """Return who moved over the last ``days`` days of the log; None where there are no segments or the log is shorter."""
    shop = read_shop(store)
    first = store.value("SELECT min(first_ts) FROM shoppers")
    if shop.now is None or first is None or shop.now - timedelta(days=days) <= first or fit_report(store).k is None:
        return None
    cut = shop.now - timedelta(days=days)
    before = placed_at(store, cut)
    today = store.df("SELECT user_id, segment_id AS target, name AS to_name FROM members JOIN segments USING (segment_id)")
    both = today.merge(before, on="user_id", how="left")
    both["source"] = both["source"].fillna(NOT_YET).astype(int)
    names = {**dict(store.rows("SELECT segment_id, name FROM segments")), **LABELS}
    both["from_name"] = both["source"].map(names)
    columns = ["source", "target", "from_name", "to_name"]
    flows = both.groupby(columns, as_index=False).size().rename(columns={"size": "shoppers"})
    return Movement(
        cut, shop.now, flows.sort_values(["shoppers", "source", "target"], ascending=[False, True, True], ignore_index=True)
    )


def placed_at(store: Store, cut: datetime) -> pd.DataFrame:
    """Return user_id and source for everyone who had done something by ``cut``: the segment, or TOO_FEW."""
    shop = read_shop(store)
    parameters = {"now": cut, "categories": shop.categories, "version": store.data_version()}
    frame = store.df(measure_sql(shop, as_of=True), parameters)
    in_force = store.rows("SELECT cluster_id, centre FROM clusters ORDER BY cluster_id")
    scales, now = fit_report(store).scales, edits.decided(store)
    centres = np.array([identity.rescale(json.loads(centre), scales) for _, centre in in_force])
    nearest = _nearest(weigh(standardise(frame, scales), scales), centres)
    ids = np.array([now.final(number) for number, _ in in_force])
    source = np.where(frame["events"].to_numpy() < LEAST_EVENTS, TOO_FEW, ids[nearest])
    return pd.DataFrame({"user_id": frame["user_id"], "source": source})


def _nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the row of the nearest of the (k, d) centres for each of the (n, d) points, ties to the first."""
    squares = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)[None, :]
    return np.asarray(squares.argmin(axis=1))
