"""Which part of the log a model may learn from, and what it is then asked: temporal split, or leave the last one out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from core.base.errors import BadInput
from core.base.schema import Event
from core.represent.acts import Acts
from core.train.names import Protocol

SHARE = 0.1
"""Temporal split: this share of the successes, the latest, is the test part; as many before them validate."""
SUCCESS = (Event.PURCHASE, Event.RATING)
"""What counts as a success where the shop's log has it; in a log of nothing but looking, everything but a return does."""


class Part(IntEnum):
    """The part of the split that an act belongs to."""

    TRAIN = 0
    VALID = 1
    TEST = 2


@dataclass(frozen=True)
class Examples:
    """Questions: given a shopper's history, which new items did they come to want?

    m shoppers. users: (m,) codes, ascending; history: their acts before the part, shopper = 0 .. m − 1;
    seen: distinct (row, item) that may not be asked for again; target: distinct (row, item) to be found, both sorted by row.
    """

    users: np.ndarray
    history: Acts
    seen_row: np.ndarray
    seen_item: np.ndarray
    target_row: np.ndarray
    target_item: np.ndarray

    def __len__(self) -> int:
        return len(self.users)

    def take(self, rows: np.ndarray) -> "Examples":
        """Return the questions in these rows (ascending), renumbered."""
        seen_row, seen = _lines(self.seen_row, rows)
        target_row, target = _lines(self.target_row, rows)
        return Examples(
            self.users[rows], self.history.of(rows), seen_row, self.seen_item[seen], target_row, self.target_item[target]
        )

    def sample(self, most: int, rng: np.random.Generator) -> "Examples":
        """Return at most ``most`` of the questions, drawn without replacement."""
        if len(self) <= most:
            return self
        return self.take(np.sort(rng.choice(len(self), most, replace=False)))

    def batches(self, size: int) -> Iterator["Examples"]:
        """Yield the questions in order, ``size`` at a time."""
        for start in range(0, len(self), size):
            yield self.take(np.arange(start, min(start + size, len(self))))


@dataclass(frozen=True)
class Split:
    """The log cut in three. part: (a,) int8 Part of each act; success: (a,) bool, whether it is one a model should foresee."""

    protocol: Protocol
    acts: Acts
    part: np.ndarray
    success: np.ndarray

    def train(self, refit: bool = False) -> Acts:
        """Return the acts to learn from; ``refit``: the validation part too, for a configuration that is already chosen."""
        return self.acts.where(self.part < (Part.TEST if refit else Part.VALID))

    def examples(self, part: Part) -> Examples:
        """Return the questions of a part: shoppers with a history before it who came to want something new in it."""
        before, during = self.part < part, self.part == part
        known = self._distinct(before & self.success)
        wanted = self._distinct(during & self.success)
        new = wanted[~np.isin(wanted, known)]
        user, item = np.divmod(new, self.acts.items)
        past = self.acts.where(before)
        asked = np.diff(past.starts)[user] > 0
        users, row = np.unique(user[asked], return_inverse=True)
        seen_user, seen_item = np.divmod(known, self.acts.items)
        seen_row = np.searchsorted(users, seen_user)
        mine = (
            (seen_row < len(users)) & (users[np.minimum(seen_row, len(users) - 1)] == seen_user) if len(users) else seen_user < 0
        )
        return Examples(users, past.of(users), seen_row[mine], seen_item[mine], row, item[asked])

    def without_items(self, items: np.ndarray) -> "Split":
        """Return the split with every act on these items taken out of what is learned from: a test of cold items."""
        keep = (self.part > Part.TRAIN) | ~np.isin(self.acts.item, items)
        return replace(self, acts=self.acts.where(keep), part=self.part[keep], success=self.success[keep])

    def _distinct(self, keep: np.ndarray) -> np.ndarray:
        """Return user · items + item of the distinct pairs among the kept acts, ascending."""
        return np.unique(self.acts.user[keep].astype(np.int64) * self.acts.items + self.acts.item[keep])


def split(acts: Acts, protocol: Protocol, share: float = SHARE) -> Split:
    """Cut the log.

    Temporal: at two moments, the same for everyone, such that at least ``share`` of the dated successes lie after each;
    a moment is never cut in two. Leave-last-one: at each shopper's last two new items: everything from the last one's
    first success on is the test part, what comes before it back to the one before validates; shoppers with fewer than
    three items only teach. Raises BadInput where no question is left to ask.
    """
    success = successes(acts)
    part = _temporal(acts, success, share) if protocol is Protocol.TEMPORAL else _leave_last_one(acts, success)
    cut = Split(protocol, acts, part, success)
    for which in (Part.VALID, Part.TEST):
        if not len(cut.examples(which)):
            raise BadInput(
                f"The log is too small or too short to be split ({protocol}): in its {which.name.lower()} part no known shopper "
                "came to a new item. Load more history, or use the other protocol."
            )
    return cut


def successes(acts: Acts) -> np.ndarray:
    """Return (a,) bool: the acts on items that can be recommended which a model should foresee."""
    return acts.did(*sought(acts)) & acts.shown[acts.item]


def sought(acts: Acts) -> tuple[Event, ...]:
    """Return the kinds of act that a model should foresee."""
    there = (acts.did(*SUCCESS) & acts.shown[acts.item]).any()
    return SUCCESS if there else tuple(event for event in Event if event is not Event.RETURN)


def _temporal(acts: Acts, success: np.ndarray, share: float) -> np.ndarray:
    moments = np.sort(acts.when[success & ~np.isnat(acts.when)])
    if not len(moments):
        return np.full(len(acts), Part.TRAIN, np.int8)
    cuts = [moments[int(len(moments) * (1 - share * parts))] for parts in (2, 1)]
    return np.where(np.isnat(acts.when), Part.TRAIN, np.searchsorted(cuts, acts.when, side="right")).astype(np.int8)


def _leave_last_one(acts: Acts, success: np.ndarray) -> np.ndarray:
    chosen = np.flatnonzero(success)
    firsts = chosen[_first_of_pairs(acts.where(chosen))]
    counts = np.bincount(acts.user[firsts], minlength=acts.shoppers)
    ends = np.cumsum(counts)
    part = np.full(len(acts), Part.TRAIN, np.int8)
    for back, which in ((2, Part.VALID), (1, Part.TEST)):
        users = np.flatnonzero(counts >= 3)
        cut = np.full(acts.shoppers, len(acts))
        cut[users] = firsts[ends[users] - back]
        part[np.arange(len(acts)) >= cut[acts.user]] = which
    return part


def _lines(row: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for the lines of a table sorted by ``row`` that are in these rows, the row's new number and the line's place.

    >>> _lines(np.array([0, 0, 2, 3]), np.array([0, 3]))
    (array([0, 0, 1]), array([0, 1, 3]))
    """
    begin, end = (np.searchsorted(row, rows, side) for side in ("left", "right"))
    number = np.repeat(np.arange(len(rows)), end - begin)
    return number, np.arange(len(number)) + (begin - np.cumsum(end - begin) + end - begin)[number]


def _first_of_pairs(acts: Acts) -> np.ndarray:
    """Return ascending positions of the first act of each pair of shopper and item."""
    key = acts.user.astype(np.int64) * max(acts.items, 1) + acts.item
    return np.sort(np.unique(key, return_index=True)[1])
