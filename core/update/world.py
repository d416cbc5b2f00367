"""The demo shop as arrays, for the replay: its shoppers and items, their scores, and what they would click."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col, Event
from core.demo.truth import Truth, chance_at, truth_rows
from core.score.batch import ACTS
from core.score.candidates import candidates
from core.score.index import Index
from core.score.learning import Facts, facts
from core.score.lists import appeals
from core.score.taste import decay, refused, strength

BLOCK = 512
"""Shoppers scored at once."""


@dataclass(frozen=True)
class World:
    """u shoppers of the demo shop with a history, and the m items that may be shown.

    users: (u,) ids; segment: (u,) id, −1 = in none; rows: (m,) index rows; appeal: float32 (u, m) s; allowed: bool (u, m), not
    had before; acts: the histories, see ``core.score.lists.lists_of``.
    """

    index: Index
    truth: Truth
    users: np.ndarray
    segment: np.ndarray
    rows: np.ndarray
    appeal: np.ndarray
    allowed: np.ndarray
    facts: Facts
    acts: pd.DataFrame

    @cached_property
    def quality(self) -> np.ndarray:
        """(m,) q."""
        return self.index.quality[self.rows]

    @cached_property
    def starts(self) -> np.ndarray:
        """(u + 1,): the acts of shopper u are ``starts[u]:starts[u + 1]``."""
        return np.searchsorted(self.acts["user"].to_numpy(), np.arange(len(self.users) + 1))

    def frozen(self, who: np.ndarray, appeal: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        """Return (len(who), m) r at α (len(who),), −∞ for what they had; appeal: theirs."""
        score = alpha[:, None] * appeal + (1 - alpha[:, None]) * self.quality
        return np.where(self.allowed[who], score, -np.inf)

    def chances(self, who: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return (len(who), k) the true chance of a click on the items at columns (len(who), k), shown in that order."""
        users, items = self._true
        return chance_at(self.truth, users[who][:, None], items[columns], np.arange(1, columns.shape[1] + 1))

    @cached_property
    def _true(self) -> tuple[np.ndarray, np.ndarray]:
        """(u,) and (m,): the rows of the shoppers and items in the truth."""
        return truth_rows(self.truth, self.users, self.index.ids[self.rows])

    def after(self, who: np.ndarray, clicked: list[list[int]]) -> np.ndarray:
        """Return float32 (len(who), m) s of shoppers who clicked index rows since, the oldest first; who: ascending."""
        length = [self.starts[user + 1] - self.starts[user] for user in who.tolist()]
        at = np.concatenate([np.arange(self.starts[user], self.starts[user + 1]) for user in who.tolist()])
        known = self.acts.iloc[at].assign(user=np.repeat(np.arange(len(who)), length))
        acts = _with_clicks(known, clicked, self.index)
        return appeals(self.index, acts, len(who))[:, self.rows]


def world(store: Store, index: Index, truth: Truth) -> World:
    """Return the demo shop's world: every shopper of the log who has a taste, robots aside, and their lists' scores."""
    acts = store.df(ACTS, {"buckets": 1, "bucket": 0, "now": index.now})
    row = pd.Index(index.ids).get_indexer(acts[Col.ITEM])
    real = acts[Col.USER].isin(truth.shoppers["customer_id"]).to_numpy()
    acts = acts.assign(row=row)[(row >= 0) & real].reset_index(drop=True)
    codes, ids = pd.factorize(acts[Col.USER])
    acts = acts.assign(user=codes)
    rows = candidates(index, np.zeros(0, int), need_vector=True).rows
    segments = dict(store.rows("SELECT user_id, min(segment_id) FROM members GROUP BY user_id"))
    return World(
        index=index,
        truth=truth,
        users=np.asarray(ids, object),
        segment=np.array([segments.get(user, -1) for user in ids], int),
        rows=rows,
        appeal=_appeals(index, acts, len(ids), rows),
        allowed=_allowed(acts, len(ids), len(index), rows),
        facts=facts(index, codes, acts["row"].to_numpy(), _weights(acts, codes, index.half_life_days), len(ids)),
        acts=acts,
    )


def _appeals(index: Index, acts: pd.DataFrame, users: int, rows: np.ndarray) -> np.ndarray:
    user = acts["user"].to_numpy()
    parts = []
    for first in range(0, users, BLOCK):
        many = min(BLOCK, users - first)
        mine = acts.iloc[np.searchsorted(user, first) : np.searchsorted(user, first + many)]
        parts.append(appeals(index, mine.assign(user=mine["user"] - first), many)[:, rows])
    return np.concatenate(parts)


def _allowed(acts: pd.DataFrame, users: int, items: int, rows: np.ndarray) -> np.ndarray:
    """(u, m) bool: what a shopper has neither bought nor rated nor refused."""
    owned = acts[(acts["purchases"] > 0) | acts[Col.RATING].notna() | refused(acts)]
    allowed = np.ones((users, items), bool)
    allowed[owned["user"].to_numpy(), owned["row"].to_numpy()] = False
    return allowed[:, rows]


def _weights(acts: pd.DataFrame, user: np.ndarray, half_life_days: float) -> np.ndarray:
    """(h,) the weights of histories, as ``core.score.taste.history`` gives them, dislikes aside."""
    liked = acts["liked_ts"].fillna(acts[Col.LAST]).to_numpy("datetime64[us]")
    parts = np.split(liked, np.flatnonzero(np.diff(user)) + 1)
    return strength(acts) * np.concatenate([decay(part, half_life_days) for part in parts])


def _with_clicks(acts: pd.DataFrame, clicked: list[list[int]], index: Index) -> pd.DataFrame:
    """Return the acts with clicks added as feedback adds them: made now, the latest act on their item. Sorted as ``acts``."""
    said = pd.DataFrame(
        [(user, row, turn) for user, rows in enumerate(clicked) for turn, row in enumerate(rows)], columns=["user", "row", "turn"]
    )
    last = said.groupby(["user", "row"], as_index=False).agg(more=("turn", "size"), turn=("turn", "max"))
    both = acts.assign(place=np.arange(len(acts))).merge(last, on=["user", "row"], how="outer")
    new = both["turn"].notna()
    counts = ["views", "clicks", "carts", "wishes", "purchases", "returns"]
    both[counts] = both[counts].fillna(0)
    both["clicks"] += both["more"].fillna(0)
    both.loc[new, "liked_event"] = str(Event.CLICK)
    now = pd.NaT if index.now is None else pd.Timestamp(index.now)
    both.loc[new, "liked_ts"] = now
    both.loc[new, Col.LAST] = now
    both = both.sort_values(["user", "turn", "place"], na_position="first", kind="stable", ignore_index=True)
    return both.assign(liked_key=both["liked_key"].where(both["turn"].isna(), 0))
