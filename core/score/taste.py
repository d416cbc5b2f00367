"""A shopper's taste before any training: the decayed, weighted mean of the vectors of what they did something with."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from core.base.db import Store
from core.base.engagement import NEUTRAL_STARS, WEIGHT
from core.base.schema import Col, Event, Feedback
from core.score.dislikes import AWAY, step, turned_away
from core.score.index import Index
from core.score.reactions import NOTHING_SAID, histories, stamp

DAY = np.timedelta64(1, "D")
LEAST_LENGTH = 1e-6
"""Below this likes and dislikes cancel out, up to rounding: the taste is not known."""
COUNTS: dict[str, Event] = {
    "views": Event.VIEW,
    "clicks": Event.CLICK,
    "carts": Event.CART,
    "wishes": Event.WISHLIST,
    "purchases": Event.PURCHASE,
    "returns": Event.RETURN,
}
"""Count column of ``interactions`` -> the event it counts."""


@dataclass(frozen=True)
class Taste:
    """What a shopper likes, as weights on their own items.

    rows: (h,) index rows of the history items with a vector; weights: (h,) float64, negative for dislikes, scaled so
    that vector = weights @ vectors[rows] has length 1. Hence cos(u, v) = sum of weights[h] · (v_h · v), exactly.
    unwanted: (h,) bool, disliked by feedback: these only turn the taste that the others give.
    """

    rows: np.ndarray
    places: np.ndarray  # (h,) positions of the same items in the history frame
    weights: np.ndarray
    unwanted: np.ndarray
    vector: np.ndarray  # float32 (d,)

    def appeal(self, index: Index) -> np.ndarray:
        """Return float64 (n,): s = (1 + cosine) / 2 of every item of the index."""
        return (1 + self.cosine(index.vectors)) / 2

    def together(self, index: Index) -> np.ndarray:
        """Return (n,) the part of s that comes from what goes together: none before training."""
        return np.zeros(len(index))

    def revisit(self, index: Index) -> np.ndarray:
        """Return (n,) the part of s that comes from having looked at the item before: none before training."""
        return np.zeros(len(index))

    def trend(self, index: Index) -> np.ndarray:
        """Return (n,) the part of s that comes from demand rising or falling of late: none before training."""
        return np.zeros(len(index))

    def contributions(self, index: Index, rows: np.ndarray) -> np.ndarray:
        """Return (h, len(rows)): each history item's term of the cosine with these items; they sum to it exactly."""
        theirs, mine = index.vectors[rows].astype(float), index.vectors[self.rows].astype(float)
        return self.weights[:, None] * np.vecdot(mine[:, None], theirs[None])

    def losses(self, index: Index, rows: np.ndarray) -> np.ndarray:
        """Return (h, len(rows)): how much lower s of these items would be had the shopper never met that history item.

        Exact, one by one; they need not sum to s. NaN where no taste would be left.
        """
        theirs = index.vectors[rows].astype(float)
        return (self.vector @ theirs.T - self._without(index, np.arange(len(self.rows))) @ theirs.T) / 2

    def appeal_without(self, index: Index, gone: np.ndarray) -> np.ndarray:
        """Return float64 (len(gone), n): s of every item had the shopper never met one history item, by its place in ``rows``.

        NaN where no taste would be left.
        """
        tastes = self._without(index, gone).astype(np.float32)
        with threadpool_limits(1):  # more threads wait for each other on a busy machine
            return (1 + np.clip(tastes @ index.vectors.T, -1, 1).astype(float)) / 2

    def _without(self, index: Index, gone: np.ndarray) -> np.ndarray:
        """Return float64 (len(gone), d): the tastes without one history item each."""
        vectors = index.vectors[self.rows].astype(float)
        weighted, likes = self.weights[:, None] * vectors, ~self.unwanted
        left = weighted[likes].sum(axis=0) - likes[gone, None] * weighted[gone]
        length = np.linalg.norm(left, axis=1, keepdims=True)
        least = LEAST_LENGTH * np.linalg.norm(weighted[likes].sum(axis=0))
        left = np.divide(left, length, out=np.full_like(left, np.nan), where=length > max(least, LEAST_LENGTH))
        away = vectors[self.unwanted].sum(axis=0) - self.unwanted[gone, None] * vectors[gone]
        return turned_away(left, away).astype(float)

    def cosine(self, vectors: np.ndarray) -> np.ndarray:
        """Return float64 (m,): the cosine with each row of unit vectors (m, d)."""
        # vecdot keeps to one thread: a BLAS product waits for its threads, tens of milliseconds on a busy machine
        return np.clip(np.vecdot(vectors, self.vector), -1, 1).astype(float)


def history(store: Store, index: Index, user_id: str) -> pd.DataFrame:
    """Return the shopper's items, latest first: the log and their feedback, title, weight and ``did`` (in words).

    weight = engagement · verdict · 0.5^(age / half-life), or −AWAY where they disliked the item. Age is counted back from the
    shopper's own last event; a return does not make what was bought before it recent.
    """
    said = stamp(store, user_id) != NOTHING_SAID
    frame = store.df(_MERGED, {"user": user_id, "now": index.now}) if said else store.df(_LOGGED, {"user": user_id})
    liked = frame["liked_ts"].fillna(frame[Col.LAST]).to_numpy("datetime64[us]")
    frame[Col.TITLE] = [index.titles[index.rows[item]] if item in index.rows else item for item in frame[Col.ITEM]]
    weight = strength(frame) * decay(liked, index.half_life_days)
    frame[Col.WEIGHT] = np.where(disliked(frame), -AWAY, weight)
    frame[Col.DID] = [_did(*row) for row in frame[[*_TOLD, Col.RATING, Col.VERDICT]].to_numpy(object)]
    return frame


def disliked(frame: pd.DataFrame) -> np.ndarray:
    """Return (h,) bool: whether the shopper's verdict on the history item is a dislike."""
    return (frame[Col.VERDICT] == Feedback.DISLIKE).to_numpy(bool)


def refused(frame: pd.DataFrame) -> np.ndarray:
    """Return (h,) bool: whether their verdict keeps the item out of their list."""
    return frame[Col.VERDICT].isin([Feedback.DISLIKE, Feedback.NOT_INTERESTED]).to_numpy(bool)


def strength(frame: pd.DataFrame) -> np.ndarray:
    """Return (h,) how much each history item counts before ageing; below 0 = disliked.

    Engagement is the sum of event weights times log2(1 + count); a rating then turns it by (stars − 2.5) / 2.5.
    """
    rating = frame[Col.RATING].to_numpy(float)
    engagement = WEIGHT[Event.RATING] * ~np.isnan(rating)
    for column, event in COUNTS.items():
        engagement = engagement + WEIGHT[event] * np.log2(1 + frame[column].to_numpy(float))
    verdict = np.where(np.isnan(rating), 1.0, (rating - NEUTRAL_STARS) / NEUTRAL_STARS)
    return np.where(engagement > 0, engagement * verdict, engagement)


def decay(last: np.ndarray, half_life_days: float) -> np.ndarray:
    """Return (h,) in (0, 1]: 1 for the latest time, half for each half-life before it; undated counts as the oldest.

    >>> decay(np.array(["2024-01-01", "2024-01-31"], "datetime64[us]"), half_life_days=30.0)
    array([0.5, 1. ])
    """
    dated = last[~np.isnat(last)]
    if not len(dated):
        return np.ones(len(last))
    age = (dated.max() - np.where(np.isnat(last), dated.min(), last)) / DAY
    return 0.5 ** (age / half_life_days)


def taste_vectors(
    frame: pd.DataFrame,
    user: np.ndarray,
    row: np.ndarray,
    shoppers: int,
    vectors: np.ndarray,
    half_life_days: float,
    unwanted: np.ndarray | None = None,
) -> np.ndarray:
    """Return float32 (shoppers, d), what ``taste`` gives for many at once; 0 where a shopper's taste is not known.

    frame: rows of ``interactions`` by shopper; user: (rows,) ascending numbers of their shoppers; row: (rows,) rows of their
    items in the vectors (n, d); unwanted: (rows,) bool, disliked by feedback, None = there is none.
    """
    unwanted = np.zeros(len(frame), bool) if unwanted is None else unwanted
    liked = frame["liked_ts"].fillna(frame[Col.LAST]).to_numpy("datetime64[us]")
    parts = np.split(liked, np.searchsorted(user, np.arange(1, shoppers)))
    weights = strength(frame) * np.concatenate([decay(part, half_life_days) for part in parts])
    matrix = sp.csr_matrix((np.where(unwanted, 0, weights), (user, row)), shape=(shoppers, len(vectors)))
    total = np.asarray(matrix @ vectors)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    taste = np.divide(total, length, out=np.zeros_like(total), where=length >= LEAST_LENGTH)
    return turned_away(taste, disliked_sums(user, row, unwanted, shoppers, vectors))


def disliked_sums(user: np.ndarray, row: np.ndarray, unwanted: np.ndarray, shoppers: int, vectors: np.ndarray) -> np.ndarray:
    """Return (shoppers, d): the sum of the vectors (n, d) of what each disliked; arguments as in ``taste_vectors``."""
    matrix = sp.csr_matrix((unwanted.astype(np.float32), (user, row)), shape=(shoppers, len(vectors)))
    return np.asarray(matrix @ vectors)


def taste(index: Index, frame: pd.DataFrame) -> Taste | None:
    """Return the taste of a history; None where no item of it has a vector or what they did cancels out.

    Items disliked by feedback turn the taste that the others give; alone they give none, since they say only what not to show.
    """
    rows = np.array([index.rows.get(item, -1) for item in frame[Col.ITEM]], int)
    weights = frame[Col.WEIGHT].to_numpy(float)
    usable = (rows >= 0) & (weights != 0)
    usable[usable] = index.has_vector[rows[usable]]
    rows, weights, places = rows[usable], weights[usable], np.flatnonzero(usable)
    unwanted, vectors = disliked(frame)[places], index.vectors[rows]
    length = float(np.linalg.norm((np.where(unwanted, 0, weights)[:, None] * vectors).sum(axis=0)))
    if length < LEAST_LENGTH:
        return None
    away = step(vectors[unwanted].sum(axis=0)[None])[0, 0]
    weights = np.where(unwanted, -away, weights / length)
    turned = (weights[:, None] * vectors).sum(axis=0)
    length = float(np.linalg.norm(turned))
    return Taste(rows, places, weights / length, unwanted, (turned / length).astype(np.float32))


_HISTORY = """
SELECT item_id, views, clicks, carts, wishes, purchases, returns, units, spend, dwell_s, rating, last_ts, liked_ts, liked_event,
       verdict,
       if(liked_key IS NULL, NULL, rank() OVER (ORDER BY liked_key)) AS liked_key  -- itself it has more digits than a float
FROM ({}) ORDER BY last_ts DESC NULLS LAST, last_position DESC NULLS LAST, said DESC NULLS LAST, item_id
"""
_MERGED = _HISTORY.format(histories("user_id = $user"))
_LOGGED = _HISTORY.format("SELECT *, NULL::VARCHAR AS verdict, NULL::INTEGER AS said FROM interactions WHERE user_id = $user")
"""Of a shopper who never gave feedback; the other takes three times as long."""
_TOLD = ("returns", "purchases", "carts", "wishes", "views", "clicks")
_VERDICTS: dict[str, str] = {Feedback.DISLIKE: "disliked", Feedback.NOT_INTERESTED: "not interested"}


def _did(
    returns: int, purchases: int, carts: int, wishes: int, views: int, clicks: int, rating: float, verdict: str | None
) -> str:
    """Return in words what the shopper did with an item: 'bought 3 times, returned, rated 5'."""
    told = [_times("bought", purchases), _times("returned", returns), "" if pd.isna(rating) else f"rated {rating:g}"]
    wished = "liked" if verdict == Feedback.LIKE else "wished for" if wishes else ""
    told = [part for part in told if part] or [_times("put in the basket", carts), wished]
    told = [part for part in told if part] or [_times("looked at", views + clicks)]
    told = [_VERDICTS.get(verdict, "") if verdict else "", *told]
    return ", ".join(part for part in told if part) or "seen"


def _times(word: str, count: int) -> str:
    return f"{word} {count} times" if count > 1 else word if count else ""
