"""What shoppers' stars say of an item: how many, how high, how far apart, and how far to believe them."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.base.db import Store
from core.base.derived import rebuild
from core.base.schema import Table
from core.represent.ratings import PRIOR, RATING_VOTES


@dataclass(frozen=True)
class Stars:
    """An item's ratings, the last one of each shopper and every anonymous one.

    mean, spread (sample standard deviation; None for one rating), shrunk, prior_mean: stars, 1..5. shrunk is the mean
    after adding ``prior_votes`` ratings at ``prior_mean``, the shop's mean. histogram: ratings rounded to 1, 2, 3, 4, 5.
    """

    ratings: int
    mean: float
    spread: float | None
    shrunk: float
    prior_votes: float
    prior_mean: float
    histogram: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the fields as the command line prints them."""
        return {
            "count": self.ratings,
            "mean": self.mean,
            "spread": self.spread,
            "shrunk": self.shrunk,
            "prior": {"votes": self.prior_votes, "mean": self.prior_mean},
            "histogram": list(self.histogram),
        }


def rebuild_stars(store: Store, force: bool = False) -> bool:
    """Rebuild table ``item_ratings`` where it is not current; return whether it was built."""
    return rebuild(store, Table.ITEM_RATINGS, {"prior": PRIOR}, lambda version: _build(store, version), force)


def stars(store: Store, item_id: str) -> Stars | None:
    """Return an item's ratings; None where it has none."""
    rows = store.rows(
        "SELECT ratings, mean, spread, shrunk, prior_votes, prior_mean, histogram FROM item_ratings WHERE item_id = ?", [item_id]
    )
    if not rows:
        return None
    ratings, mean, spread, shrunk, votes, shop_mean, histogram = rows[0]
    return Stars(ratings, mean, spread, shrunk, votes, shop_mean, tuple(histogram))


def over_time(store: Store, item_id: str) -> pd.DataFrame:
    """Return month (first day), ratings, mean of an item's ratings that have a date, in order of time."""
    return store.df(
        f"""SELECT date_trunc('month', ts)::DATE AS month, count(*) AS ratings, avg(stars) AS mean
            FROM ({RATING_VOTES}) WHERE item_id = ? AND ts IS NOT NULL GROUP BY month ORDER BY month""",
        [item_id],
    )


def _build(store: Store, version: int) -> None:
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM item_ratings")
        cursor.execute(f"INSERT INTO item_ratings BY NAME {_RATINGS}", {"prior": PRIOR, "version": version})


_RATINGS = f"""
WITH votes AS ({RATING_VOTES}), shop AS (SELECT avg(stars) AS prior_mean FROM votes)
SELECT item_id, count(*) AS ratings, avg(stars) AS mean, stddev_samp(stars) AS spread,
       (sum(stars) + $prior * any_value(prior_mean)) / (count(*) + $prior) AS shrunk,
       $prior AS prior_votes, any_value(prior_mean) AS prior_mean,
       [{", ".join(f"count(*) FILTER (round(stars) = {star})" for star in range(1, 6))}] AS histogram,
       $version AS data_version
FROM votes CROSS JOIN shop GROUP BY item_id ORDER BY item_id
"""
