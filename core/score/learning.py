"""What clicks taught, in a list: features of shopper and item, each with a learned weight, and the segments' own α.

    score = α · s + (1 − α) · q + Σ δ_j f_j,   every f_j in [0, 1]

Three features are counted, first from what was seen in the log, then from what was shown: clicks against those expected without
these features, a = (clicks + k) / (expected + k), put into [0, 1] as a / (1 + a): ½ = as expected.
How the weights are learned: ``core.score.ranker``; when: ``core.update.online``.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col
from core.score.index import Index
from core.score.ranker import Places, Ranker, chance, new_ranker, read_ranker

RECENCY_DAYS = 30.0
"""Age at which the recency of an item is ½."""
FEW = 2.0
"""Expected clicks at which the clicks of an item count half; k of the formula. For a shopper's own category: FEW_OWN."""
FEW_OWN = 0.5
USUAL = 1.0
"""Weight of what all shoppers do in an item's category, beside what a shopper did there."""
DAY = np.timedelta64(1, "D")


class Kind(StrEnum):
    """Of what clicks are counted against those expected."""

    ITEM = "item"
    GROUP = "group"
    OWN = "own"


@dataclass(frozen=True)
class Feature:
    """One feature, as screens call it."""

    name: str
    label: str
    formula: str


FEATURES = (
    Feature("taste", "Taste", "s: how near the item is to what the shopper likes"),
    Feature("quality", "Quality", "q: how good the item is said to be"),
    Feature("recency", "Recency", f"½ for every {RECENCY_DAYS:g} days since the item was first seen"),
    Feature("price_fit", "Price fit", "1 − the distance of its price level in its category from the shopper's usual level"),
    Feature("affinity", "Category affinity", "what the shopper did in the category, against all shoppers there; ½ = as much"),
    Feature("popularity", "Popularity", "log(1 + shoppers), against the most popular item"),
    Feature("known", "Looked at before", "1 where the item is in the shopper's history, else 0"),
    Feature("chosen", "Clicked before", "1 where they clicked it, wished for it or put it in the basket, else 0"),
    Feature("appeal", "Clicked more than expected", "the item's clicks against those expected of it; ½ = as expected"),
    Feature("group_appeal", "Clicked more in their segment", "the same, by shoppers of the segment only"),
    Feature("own_category", "Shopper's clicks in the category", "their own clicks there against those expected; ½ = as expected"),
)
"""Features of the learned part of the score, in the order of its weights. The last three are counted."""
COUNTED = 8
"""The features from here on are counted."""


@dataclass(frozen=True)
class Facts:
    """What features read of u shoppers. price: (u,) usual price level in [0, 1]; affinity: (u, categories + 1) in [0, 1].

    known, chosen: (u, n) bool, the items in their history, and those of them that they chose.
    """

    price: np.ndarray
    affinity: np.ndarray
    known: np.ndarray
    chosen: np.ndarray

    def of(self, who: np.ndarray) -> "Facts":
        """Return the facts of some of the shoppers."""
        return Facts(self.price[who], self.affinity[who], self.known[who], self.chosen[who])

    def put(self, who: np.ndarray, facts: "Facts") -> None:
        """Take over the facts of some of the shoppers, in place."""
        for mine, theirs in ((getattr(self, one.name), getattr(facts, one.name)) for one in fields(self)):
            mine[who] = theirs


@dataclass(frozen=True)
class Counted:
    """The counted features, ½ = as expected. item: (n,); group: (u, n) of each shopper's segment; own: (u, categories + 1)."""

    item: np.ndarray
    group: np.ndarray
    own: np.ndarray


@dataclass(frozen=True)
class State:
    """Everything that was learned since the last reset.

    ranker: as it is; base: one that learned only what a click's chance is under the frozen order, to be compared with.
    lists, places, clicks: learned from; loss, base_loss: summed log-loss of each, every place judged before it was learned from.
    log_views, log_clicks: of the log, which the counts begin with; stale: learned of other features than today's, of no use.
    """

    ranker: Ranker
    base: Ranker
    lists: int = 0
    places: int = 0
    clicks: int = 0
    loss: float = 0.0
    base_loss: float = 0.0
    log_views: int = 0
    log_clicks: int = 0
    stale: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON values, with the names of the features."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**told, "ranker": self.ranker.as_json(), "base": self.base.as_json(), "features": _NAMES}


@dataclass(frozen=True)
class Learned:
    """What was learned, ready to serve one shopper. deltas: (F,); segment_alpha: over the plan's."""

    deltas: np.ndarray
    counted: Counted
    segment_alpha: Mapping[int, float] = field(default_factory=dict)

    def adjustment(
        self, index: Index, rows: np.ndarray, history: pd.DataFrame, appeal: np.ndarray, quality: np.ndarray
    ) -> np.ndarray:
        """Return (m,) what is added to r of each candidate: Σ δ_j f_j."""
        return np.asarray(self.parts(index, rows, history, appeal, quality).sum(axis=1))

    def parts(self, index: Index, rows: np.ndarray, history: pd.DataFrame, appeal: np.ndarray, quality: np.ndarray) -> np.ndarray:
        """Return (m, F) what each feature adds; arguments as in ``adjustment``, whose sum over the features it is."""
        facts = facts_of(index, history)
        return np.asarray(features(index, rows, facts, appeal[None], quality, self.counted)[0] * self.deltas)


def features(
    index: Index, rows: np.ndarray, facts: Facts, appeal: np.ndarray, quality: np.ndarray, counted: Counted
) -> np.ndarray:
    """Return (u, m, F), the features of m items for u shoppers, each in [0, 1].

    rows: (m,) index rows; appeal: (u, m) s; quality: (m,) q.
    """
    shelf = index.shelves[0][rows]
    shape = appeal.shape
    level = index.price_levels[rows]
    fit = 1 - np.abs(level[None, :] - facts.price[:, None])
    told = (
        appeal,
        np.broadcast_to(quality, shape),
        np.broadcast_to(_recency(index, rows), shape),
        np.where(np.isnan(fit), 0.5, fit),
        facts.affinity[:, shelf],
        np.broadcast_to(_popularity(index)[rows], shape),
        facts.known[:, rows],
        facts.chosen[:, rows],
        np.broadcast_to(counted.item[rows], shape),
        counted.group[:, rows],
        counted.own[:, shelf],
    )
    return np.stack(told, axis=2)


def facts_of(index: Index, history: pd.DataFrame) -> Facts:
    """Return the facts of one shopper, from the history that their taste is made from."""
    row = np.array([index.rows.get(item, -1) for item in history[Col.ITEM]], int)
    return facts(index, np.zeros(len(row), int), row, history[Col.WEIGHT].to_numpy(float), chose(history), 1)


def chose(history: pd.DataFrame) -> np.ndarray:
    """Return (h,) bool: whether the shopper did more with each item of their history than look at it."""
    return np.asarray(history[_CHOICES].to_numpy(float).sum(axis=1) > 0)


def facts(index: Index, user: np.ndarray, row: np.ndarray, weight: np.ndarray, chosen: np.ndarray, users: int) -> Facts:
    """Return the facts of many shoppers.

    user: (h,) numbers; row: (h,) index rows, −1 = none; weight: (h,), ≤ 0 = no liking; chosen: (h,) bool.
    """
    known, picked = np.zeros((users, len(index)), bool), np.zeros((users, len(index)), bool)
    known[user[row >= 0], row[row >= 0]] = True
    chosen = chosen & (row >= 0)
    picked[user[chosen], row[chosen]] = True
    liked = (row >= 0) & (weight > 0)
    user, row, weight = user[liked], row[liked], weight[liked]
    affinity = _affinity(index, user, row, weight, users)
    priced = ~np.isnan(index.price_levels[row])
    user, row, weight = user[priced], row[priced], weight[priced]
    total = np.bincount(user, weight, users)
    level = np.bincount(user, weight * index.price_levels[row], users)
    price = np.divide(level, total, out=np.full(users, 0.5), where=total > 0)
    return Facts(price, affinity, known, picked)


def expected(ranker: Ranker, seen: Places) -> np.ndarray:
    """Return (p,) the chance of a click that the ranker gives without the counted features: what counts are held against."""
    surprise = (seen.features[:, COUNTED:] - 0.5) @ ranker.deltas[COUNTED:]
    return chance(ranker.logits(seen) - ranker.scale * surprise)


def beyond(clicks: np.ndarray, expected: np.ndarray, few: float) -> np.ndarray:
    """Return in (0, 1) how clicks compare with those expected: ½ as expected, ⅔ twice as many.

    >>> beyond(np.array([0.0, 7.0]), np.array([0.0, 3.0]), few=1.0).round(3)
    array([0.5  , 0.667])
    """
    return np.asarray((clicks + few) / (clicks + expected + 2 * few))


def new_state() -> State:
    """Return the state in which nothing was learned."""
    return State(new_ranker(len(FEATURES)), new_ranker(len(FEATURES)))


def nothing_counted(index: Index, users: int = 1) -> Counted:
    """Return the counted features where nothing was shown yet."""
    shelves = len(index.shelves[1]) + 1
    return Counted(np.full(len(index), 0.5), np.full((users, len(index)), 0.5), np.full((users, shelves), 0.5))


def learned(store: Store, index: Index, user_id: str | None, published: Callable[[int], float]) -> Learned | None:
    """Return what was learned, for a shopper; None where nothing was, or while it is frozen.

    user_id: None = nobody in particular; published: α of a segment before learning.
    """
    found = store.rows("SELECT epoch, frozen, state FROM learning ORDER BY version DESC LIMIT 1")
    if not found or found[0][1]:
        return None
    epoch, _, told = found[0]
    state = read_state(told)
    if not state.lists:
        return None
    shifts = zip(state.ranker.segments, state.ranker.shifts.tolist(), strict=True)
    alpha = {segment: float(np.clip(published(segment) + shift, 0, 1)) for segment, shift in shifts}
    return Learned(state.ranker.deltas, counted_for(store, index, epoch, user_id), alpha)


def counted_now(store: Store, index: Index, user_id: str) -> Counted:
    """Return the counted features of one shopper as they are in force, whether lists are made by them or not."""
    found = store.rows("SELECT epoch FROM learning ORDER BY version DESC LIMIT 1")
    return counted_for(store, index, found[0][0], user_id) if found else nothing_counted(index)


def counted_for(store: Store, index: Index, epoch: int, user_id: str | None) -> Counted:
    """Return the counted features of one shopper, from the log's clicks and those since the reset that began the epoch."""
    frame = store.df(_COUNTS, {"epoch": epoch, "user": user_id or ""})
    counted = nothing_counted(index)
    shelves = {name: place for place, name in enumerate(index.shelves[1].tolist())}
    targets = (
        (Kind.ITEM, index.rows, counted.item, FEW),
        (Kind.GROUP, index.rows, counted.group[0], FEW),
        (Kind.OWN, shelves, counted.own[0], FEW_OWN),
    )
    for kind, places, out, few in targets:
        mine = frame[frame["kind"] == kind]
        at = np.array([places.get(what, -1) for what in mine["what"]], int)
        value = beyond(mine["clicks"].to_numpy(float), mine["expected"].to_numpy(float), few)
        out[at[at >= 0]] = value[at >= 0]
    return counted


def read_state(told: str) -> State:
    """Return the state that its JSON tells; one of other features than today's is stale, with nothing in it."""
    found = json.loads(told)
    if found.pop("features", None) != _NAMES:
        return replace(new_state(), stale=True)
    return State(**{**found, "ranker": read_ranker(found["ranker"]), "base": read_ranker(found["base"])})


def _affinity(index: Index, user: np.ndarray, row: np.ndarray, weight: np.ndarray, users: int) -> np.ndarray:
    """(users, categories + 1) a / (1 + a), a: the share of what they did in each category, against that of all shoppers."""
    shelves = len(index.shelves[1]) + 1
    usual = np.bincount(index.shelves[0] % shelves, index.popularity, shelves)
    usual = np.divide(usual, usual.sum(), out=np.zeros(shelves), where=usual > 0)
    mine = np.zeros((users, shelves))
    np.add.at(mine, (user, index.shelves[0][row]), weight)
    total = (mine.sum(axis=1, keepdims=True) + USUAL) * usual
    mine += USUAL * usual
    affinity = np.divide(mine, mine + total, out=np.full(mine.shape, 0.5), where=mine > 0)
    affinity[:, -1] = 0.5  # items without a category
    return affinity


def _recency(index: Index, rows: np.ndarray) -> np.ndarray:
    """(m,) ½ for every RECENCY_DAYS since the item was first seen; 0 where that is not known."""
    seen = index.first_seen[rows]
    if index.now is None:
        return np.zeros(len(rows))
    age = np.maximum((np.datetime64(index.now, "us") - seen) / DAY, 0)
    return np.where(np.isnan(age), 0.0, 0.5 ** (age / RECENCY_DAYS))


def _popularity(index: Index) -> np.ndarray:
    """(n,) log(1 + shoppers), as a share of the largest."""
    logs = np.log1p(index.popularity)
    return np.asarray(logs / max(float(logs.max(initial=0)), 1e-12))


_CHOICES = ["clicks", "wishes", "carts", "purchases"]
_NAMES = [one.name for one in FEATURES]
_COUNTS = f"""
SELECT kind, what, clicks, expected FROM learned_counts
WHERE epoch = $epoch AND (
    kind = '{Kind.ITEM}' OR kind = '{Kind.OWN}' AND whose = $user
    OR kind = '{Kind.GROUP}' AND whose = (SELECT min(segment_id)::VARCHAR FROM members WHERE user_id = $user)
)
"""
