"""How long a shopper will stay with a piece of content, in seconds.

    expected(u, i) = mean · exp(b₀ + b₁ · level(i) + b₂ · affinity(u, i) + b₃ · pace(u))

level: log of the piece's own mean dwell, shrunk towards the mean of all by ``PRIOR`` visits; affinity: cosine of the shopper's
taste for *products* and the piece's text; pace: log of how long the shopper stays with products, shrunk the same way, all
against the mean. The b are a Poisson regression (log link), whose totals agree with what it was fitted on: seconds, not a score.

How the b are fitted, and how well this orders visits not seen: ``core.train.dwell_fit``.
"""

import json
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col
from core.score.index import Index
from core.score.past_taste import tastes_before

PRIOR = 20.0
"""Visits at the mean of all that every piece, and every shopper's pace, starts with."""
LONGEST_S = 1800.0
"""A visit counts at most this long: a window left open is no reading."""
LATEST = 100_000
"""Only this many visits are read, the latest."""


@dataclass(frozen=True)
class Judged:
    """How expected dwell ordered visits it had not seen, by what it knows of piece and taste alone (pace left out).

    concordance: of two visits of different length, how often the longer was expected to be longer, 0.5 = chance; popularity:
    the same for the number of earlier visits of the piece; gain: the difference, low and high its 95 % interval (visits
    resampled). first, first_popular, mean: mean seconds of the fifth each puts first, and of all. ratio: expected ÷ real total.
    """

    visits: int
    concordance: float
    popularity: float
    gain: float
    low: float
    high: float
    first: float
    first_popular: float
    mean: float
    ratio: float


@dataclass(frozen=True)
class DwellReport:
    """The model in force. visits, readers, pieces: what it was made from; mean_s: seconds a visit; weights: b₀ … b₃.

    weights, judged: None where there is too little to fit; sentence says so.
    """

    pieces: int
    visits: int
    readers: int
    mean_s: float
    weights: tuple[float, ...] | None
    judged: Judged | None
    sentence: str


@dataclass(frozen=True)
class Visits:
    """v visits of content, oldest first. user: (v,) places in ``users``; row: (v,) index rows; seconds: (v,); when: (v,)."""

    users: np.ndarray
    user: np.ndarray
    row: np.ndarray
    seconds: np.ndarray
    when: np.ndarray

    def __len__(self) -> int:
        return len(self.user)

    def moment(self, share: float) -> datetime:
        """Return the moment before which this share of the visits lies."""
        return pd.Timestamp(self.when[int(share * len(self))]).to_pydatetime()


@dataclass(frozen=True)
class Known:
    """What is known at one moment. level: (n,) by index row; visits: (n,); tastes: (u, d), 0 = none; pace: (u,)."""

    level: np.ndarray
    visits: np.ndarray
    tastes: np.ndarray
    pace: np.ndarray

    def describe(self, index: Index, user: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Return (v, 3): level, affinity and pace of visits."""
        affinity = np.vecdot(self.tastes[user].astype(float), index.vectors[row].astype(float))
        return np.column_stack([self.level[row], affinity, self.pace[user]])


def dwell_report(store: Store) -> DwellReport | None:
    """Return the model in force; None before the first rebuild."""
    told = store.value("SELECT report FROM dwell_fits")
    if told is None:
        return None
    read = json.loads(told)
    judged = Judged(**read["judged"]) if read["judged"] else None
    weights = tuple(read["weights"]) if read["weights"] else None
    return DwellReport(**{**read, "judged": judged, "weights": weights})


def read_visits(store: Store, index: Index) -> Visits:
    """Return the latest visits of pieces of content with a measured dwell, oldest first."""
    frame = store.df(_VISITS, {"longest": LONGEST_S, "latest": LATEST})
    codes, users = pd.factorize(frame[Col.USER], sort=True)
    row = frame[Col.ITEM].map(index.rows).to_numpy(int)
    return Visits(users.to_numpy(object), codes, row, frame["seconds"].to_numpy(float), frame[Col.TIMESTAMP].to_numpy())


def known(store: Store, index: Index, visits: Visits, users: np.ndarray, until: datetime | None) -> Known:
    """Return what is known of pieces and of these shoppers before a moment; None = by now."""
    before = visits.when < np.datetime64(until) if until else np.ones(len(visits), bool)
    row, seconds = visits.row[before], visits.seconds[before]
    mean = float(seconds.mean()) if len(seconds) else 1.0
    many = np.bincount(row, minlength=len(index))
    total = np.bincount(row, seconds, minlength=len(index))
    tastes, pace = _shoppers(store, index, users, until)
    return Known(np.log((total + PRIOR * mean) / (many + PRIOR) / mean), many, tastes, pace)


def expected(weights: np.ndarray, facts: np.ndarray, mean_s: float) -> np.ndarray:
    """Return (v,) seconds."""
    return np.asarray(mean_s * np.exp(weights[0] + facts @ weights[1:]))


def _shoppers(store: Store, index: Index, users: np.ndarray, until: datetime | None) -> tuple[np.ndarray, np.ndarray]:
    """Return tastes for products (u, d), 0 = none, and pace (u,) of these shoppers before a moment."""
    tastes = tastes_before(store, index, users, until)
    with store.cursor() as cursor:
        cursor.register("readers", pd.DataFrame({Col.USER: users, "place": np.arange(len(users))}))
        paces = cursor.execute(_PACES, {"until": until, "prior": PRIOR, "longest": LONGEST_S}).df()
        cursor.unregister("readers")
    pace = np.zeros(len(users))
    pace[paces["place"].to_numpy(int)] = paces["pace"]
    return tastes, pace


_VISITS = """
SELECT user_id, item_id, min(ts) AS ts, least(sum(dwell_s), $longest) AS seconds
FROM events JOIN catalogue USING (item_id)
WHERE kind = 'content' AND hidden IS NULL AND dwell_s IS NOT NULL AND event_type IN ('view', 'click')
GROUP BY user_id, item_id, coalesce(session_id, CAST(CAST(ts AS DATE) AS VARCHAR))
QUALIFY row_number() OVER (ORDER BY min(ts) DESC, user_id, item_id) <= $latest
ORDER BY ts, user_id, item_id
"""
"""One row a visit: opening a piece goes with having seen it in the same session."""

_PACES = """
WITH stays AS (
    SELECT place, least(dwell_s, $longest) AS seconds FROM events JOIN readers USING (user_id) JOIN catalogue USING (item_id)
    WHERE kind = 'product' AND dwell_s IS NOT NULL AND ($until IS NULL OR ts < $until)
), usual AS (SELECT avg(seconds) AS mean FROM stays)
SELECT place, ln((sum(seconds) + $prior * any_value(mean)) / (count(*) + $prior) / any_value(mean)) AS pace
FROM stays CROSS JOIN usual WHERE mean > 0 GROUP BY place
"""
