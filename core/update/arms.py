"""The arms of the replay: the same visits to the demo shop, under one ranker after the other.

The demo shop's truth says how likely a shopper clicks an item at a place; it draws the clicks and nothing else. In every arm the
same shoppers come in the same order, and the same random number decides on the same place of the same visit. ``FROZEN``: the
list as it is served before learning, for ever. ``ONLINE``: learning begins from the log; the weights, the α of segments and the
clicks counted beyond expectation change after every BATCH lists: as in a shop that shows no more than that while it waits for
clicks. ``WEIGHTS``: weights and α alone, nothing counted. ``.._FED``: their clicks feed the shoppers' histories too, as feedback
does in a shop, with and without learning; they are read again after every BLOCK lists.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.score.blend import best
from core.score.learning import FEW, FEW_OWN, Counted, beyond, expected, features, new_state
from core.score.ranker import Places, Ranker
from core.update.online import BATCH
from core.update.world import World

PLACES, BLOCK = 10, 50
"""Places of a list; visits to a tick, a number of whole batches."""


class Arm(StrEnum):
    """What made the lists."""

    ONLINE = "online"
    WEIGHTS = "weights only"
    ONLINE_FED = "online, histories fed"
    FROZEN_FED = "frozen, histories fed"
    FROZEN = "frozen"
    POPULARITY = "popularity"
    RANDOM = "random"


LEARNING = (Arm.ONLINE, Arm.WEIGHTS, Arm.ONLINE_FED)
FED = (Arm.ONLINE_FED, Arm.FROZEN_FED)


@dataclass(frozen=True)
class Visits:
    """t visits. who: (t,) shoppers of the world; luck: (t, PLACES) uniform: a place is clicked where it is below the chance."""

    who: np.ndarray
    luck: np.ndarray


@dataclass(frozen=True)
class Ran:
    """clicks: (t,) on each visit's list; ranker: as it was at the end, None where nothing was learned."""

    clicks: np.ndarray
    ranker: Ranker | None


def draw(world: World, lists: int, seed: int) -> Visits:
    """Return visits by shoppers drawn at random."""
    rng = np.random.default_rng(seed)
    return Visits(rng.integers(0, len(world.users), lists), rng.random((lists, PLACES)))


def run_arm(world: World, visits: Visits, arm: Arm, seed: int, alpha: float, tick: Callable[[], None]) -> Ran:
    """Show every visit a list. alpha: as published; tick: called after every block."""
    if arm in LEARNING or arm in FED:
        adaptive = _Adaptive(world, arm, alpha)
        clicks = adaptive.run(visits, tick)
        return Ran(clicks, adaptive.ranker if arm in LEARNING else None)
    order = _fixed(world, arm, alpha, np.random.default_rng([seed, 1]))
    shown = []
    for first in range(0, len(visits.who), BLOCK):
        who = visits.who[first : first + BLOCK]
        columns = _top(order(who))
        shown.append(_clicked(world, who, columns, visits.luck[first : first + BLOCK]).sum(axis=1))
        tick()
    return Ran(np.concatenate(shown), None)


class _Adaptive:
    """An arm that changes as it goes: it learns, or feeds the histories, or both."""

    def __init__(self, world: World, arm: Arm, alpha: float):
        self._world, self._arm, self._alpha = world, arm, alpha
        self._ranker = new_state().ranker.knowing(tuple(world.segments.tolist()))
        self._group = self._ranker.place_of(world.segment)
        self._shelf = world.index.shelves[0][world.rows]
        self._counts = world.logged.copy()
        self._appeal, self._facts = world.appeal, world.facts
        if arm in FED:
            self._appeal, self._facts = world.appeal.copy(), world.facts.of(np.arange(len(world.users)))
        self._clicked: dict[int, list[int]] = {}
        self._stale: set[int] = set()

    @property
    def ranker(self) -> Ranker:
        """What was learned so far."""
        return self._ranker

    def run(self, visits: Visits, tick: Callable[[], None]) -> np.ndarray:
        """Return (t,) the clicks on each visit's list."""
        clicks = []
        for first in range(0, len(visits.who), BATCH):
            if first % BLOCK == 0:
                self._read_again(visits.who[first : first + BLOCK])
            who, luck = visits.who[first : first + BATCH], visits.luck[first : first + BATCH]
            clicks.append(self._visit(who, luck).sum(axis=1))
            if first % BLOCK == 0:
                tick()
        return np.concatenate(clicks)

    def _visit(self, who: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """Show a list to each, learn from what they click, and return it: (len(who), PLACES) bool."""
        score = self._world.frozen(who, self._appeal[who], self._alpha_of(who))
        told = self._features(who) if self._arm in LEARNING else None
        columns = _top(score if told is None else score + told @ self._ranker.deltas)
        clicked = _clicked(self._world, who, columns, luck)
        if told is not None:
            self._learn(who, columns, np.take_along_axis(told, columns[:, :, None], 1), clicked)
        if self._arm in FED:
            self._feed(who, columns, clicked)
        return clicked

    def _alpha_of(self, who: np.ndarray) -> np.ndarray:
        return np.asarray(np.clip(self._alpha + np.append(self._ranker.shifts, 0.0)[self._group[who]], 0, 1))

    def _features(self, who: np.ndarray) -> np.ndarray:
        """(len(who), m, F) the features of every item, at this moment."""
        world, counts = self._world, self._counts
        item, group = np.full(len(world.index), 0.5), np.full((len(who), len(world.index)), 0.5)
        own = np.full((len(who), counts.own.shape[1]), 0.5)
        if self._arm is not Arm.WEIGHTS:
            item[world.rows] = beyond(counts.item[:, 0], counts.item[:, 1], FEW)
            mine = counts.group[self._group[who]]
            group[:, world.rows] = beyond(mine[..., 0], mine[..., 1], FEW)
            own = beyond(counts.own[who, :, 0], counts.own[who, :, 1], FEW_OWN)
        return features(world.index, world.rows, self._facts.of(who), self._appeal[who], world.quality, Counted(item, group, own))

    def _learn(self, who: np.ndarray, columns: np.ndarray, told: np.ndarray, clicked: np.ndarray) -> None:
        many = columns.size
        user, column = np.repeat(who, PLACES), columns.ravel()
        seen = Places(
            features=told.reshape(many, -1),
            alpha=np.full(many, self._alpha),
            segment=self._group[user],
            position=np.tile(np.arange(1, PLACES + 1), len(who)),
            clicked=clicked.ravel(),
        )
        books = np.column_stack([seen.clicked, expected(self._ranker, seen)])
        self._ranker = self._ranker.step(seen)
        self._counts.add(user, self._group[user], column, self._shelf[column], books)

    def _feed(self, who: np.ndarray, columns: np.ndarray, clicked: np.ndarray) -> None:
        for visit, place in np.argwhere(clicked).tolist():
            self._clicked.setdefault(int(who[visit]), []).append(int(self._world.rows[columns[visit, place]]))
            self._stale.add(int(who[visit]))

    def _read_again(self, who: np.ndarray) -> None:
        """Score again the shoppers who clicked something since they last came."""
        stale = sorted(self._stale.intersection(who.tolist()))
        if stale:
            self._appeal[stale], facts = self._world.after(np.array(stale), [self._clicked[user] for user in stale])
            self._facts.put(np.array(stale), facts)
            self._stale.difference_update(stale)


def _fixed(world: World, arm: Arm, alpha: float, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Return what gives the (len(who), m) scores of an arm that never changes."""
    if arm is Arm.FROZEN:
        return lambda who: world.frozen(who, world.appeal[who], np.full(len(who), alpha))
    if arm is Arm.POPULARITY:
        popular = world.index.popularity[world.rows]
        return lambda who: np.where(world.allowed[who], popular, -np.inf)
    return lambda who: np.where(world.allowed[who], rng.random((len(who), len(world.rows))), -np.inf)


def _top(score: np.ndarray) -> np.ndarray:
    """Return (u, PLACES) the columns of the best, ties by column."""
    return np.array([best(row, PLACES) for row in score])


def _clicked(world: World, who: np.ndarray, columns: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Return (len(who), PLACES) bool: whether each shown place is clicked."""
    return np.asarray(luck < world.chances(who, columns))
