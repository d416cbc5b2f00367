"""The demo shop as arrays, for the replay: its shoppers and items, their scores, and what they would click."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col, Event
from core.demo.truth import Truth, chance_at, truth_rows
from core.represent.traits import Traits, traits_of
from core.score.batch import ACTS
from core.score.candidates import candidates
from core.score.index import Index
from core.score.learning import Facts, Kind, chose, facts
from core.score.lists import appeals
from core.score.taste import decay, refused, strength
from core.update.from_log import log_counts

BLOCK = 512
"""Shoppers scored at once."""


@dataclass(frozen=True)
class Counts:
    """Clicks and those expected, as learning counts them: (…, 2) arrays by item, segment and item, shopper and category.

    The last segment and the last category stand for none, where nothing is counted.
    """

    item: np.ndarray
    group: np.ndarray
    own: np.ndarray

    def add(self, who: np.ndarray, group: np.ndarray, columns: np.ndarray, shelf: np.ndarray, told: np.ndarray) -> None:
        """Count p places. who, group, columns, shelf: (p,), −1 = none; told: (p, 2) clicks and expected."""
        np.add.at(self.item, columns, told)
        inside, shelved = group >= 0, shelf >= 0
        np.add.at(self.group, (group[inside], columns[inside]), told[inside])
        np.add.at(self.own, (who[shelved], shelf[shelved]), told[shelved])

    def copy(self) -> "Counts":
        """Return counts that can be added to apart."""
        return Counts(self.item.copy(), self.group.copy(), self.own.copy())


@dataclass(frozen=True)
class World:
    """u shoppers of the demo shop with a history, and the m items that may be shown.

    users: (u,) ids; segment: (u,) id, −1 = in none; rows: (m,) index rows; appeal: float32 (u, m) s; allowed: bool (u, m), not
    had before; acts, traits: of their histories, see ``core.score.lists.lists_of``; logged: what learning begins with.
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
    traits: Traits
    logged: Counts

    @cached_property
    def segments(self) -> np.ndarray:
        """The ids of the segments, ascending: the groups of ``logged``."""
        return np.unique(self.segment[self.segment >= 0])

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

    def after(self, who: np.ndarray, clicked: list[list[int]]) -> tuple[np.ndarray, Facts]:
        """Return float32 (len(who), m) s and the facts of shoppers who clicked index rows since, oldest first; who: ascending."""
        length = [self.starts[user + 1] - self.starts[user] for user in who.tolist()]
        at = np.concatenate([np.arange(self.starts[user], self.starts[user + 1]) for user in who.tolist()])
        known = self.acts.iloc[at].assign(user=np.repeat(np.arange(len(who)), length))
        acts = _with_clicks(known, clicked, self.index)
        return appeals(self.index, acts, self.traits.of(who))[:, self.rows], _facts(self.index, acts, len(who))


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
    traits = traits_of(store, index.traits, ids.tolist())
    made = World(
        index=index,
        truth=truth,
        users=np.asarray(ids, object),
        segment=np.array([segments.get(user, -1) for user in ids], int),
        rows=rows,
        appeal=_appeals(index, acts, traits, rows),
        allowed=_allowed(acts, len(ids), len(index), rows),
        facts=_facts(index, acts, len(ids)),
        acts=acts,
        traits=traits,
        logged=Counts(*np.zeros((3, 0, 2))),
    )
    return replace(made, logged=_logged(made, log_counts(store)))


def _logged(made: World, counts: pd.DataFrame) -> Counts:
    """Return what the log says, of the shoppers, items and segments of the world."""
    shelves = made.index.shelves[1]
    users, segments = pd.Index(made.users), pd.Index(made.segments.astype(str))
    items = pd.Index(made.index.ids[made.rows])
    found = Counts(
        np.zeros((len(items), 2)), np.zeros((len(segments) + 1, len(items), 2)), np.zeros((len(users), len(shelves) + 1, 2))
    )
    for kind, out, whose, what in (
        (Kind.ITEM, found.item[None], pd.Index([""]), items),
        (Kind.GROUP, found.group, segments, items),
        (Kind.OWN, found.own, users, pd.Index(shelves)),
    ):
        mine = counts[counts["kind"] == kind]
        at = whose.get_indexer(pd.Index(mine["whose"])), what.get_indexer(pd.Index(mine["what"]))
        there = (at[0] >= 0) & (at[1] >= 0)
        out[at[0][there], at[1][there]] = mine[["clicks", "expected"]].to_numpy(float)[there]
    return found


def _facts(index: Index, acts: pd.DataFrame, users: int) -> Facts:
    user = acts["user"].to_numpy(int)
    weight = _weights(acts, user, index.half_life_days)
    return facts(index, user, acts["row"].to_numpy(int), weight, chose(acts), users)


def _appeals(index: Index, acts: pd.DataFrame, traits: Traits, rows: np.ndarray) -> np.ndarray:
    user, users = acts["user"].to_numpy(), len(traits.codes)
    parts = []
    for first in range(0, users, BLOCK):
        block = np.arange(first, min(first + BLOCK, users))
        mine = acts.iloc[np.searchsorted(user, first) : np.searchsorted(user, first + len(block))]
        parts.append(appeals(index, mine.assign(user=mine["user"] - first), traits.of(block))[:, rows])
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
    counts = ["views", "clicks", "carts", "wishes", "purchases", "returns", Col.DWELL]
    both[counts] = both[counts].fillna(0)
    both["clicks"] += both["more"].fillna(0)
    both.loc[new, "liked_event"] = str(Event.CLICK)
    now = pd.NaT if index.now is None else pd.Timestamp(index.now)
    both.loc[new, "liked_ts"] = now
    both.loc[new, Col.LAST] = now
    both = both.sort_values(["user", "turn", "place"], na_position="first", kind="stable", ignore_index=True)
    return both.assign(liked_key=both["liked_key"].where(both["turn"].isna(), 0))
