"""The log as arrays: what training and evaluation read instead of the store."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.base.schema import Event
from core.represent.traits import Traits

EVENTS: tuple[Event, ...] = tuple(Event)
"""An act's ``event`` is a place in this tuple."""


@dataclass(frozen=True)
class Acts:
    """What shoppers did, sorted by shopper, then time (undated first), then position, then the order of loading.

    a acts, ``shoppers`` shoppers, n items. A code is a place in the snapshot's table of shoppers or items, so a part of
    the log keeps the codes of the whole.
    """

    shoppers: int
    shown: np.ndarray  # (n,) bool, whether the item can be recommended: a product that is not hidden
    user: np.ndarray  # (a,) int32 code, ascending
    item: np.ndarray  # (a,) int32 code
    when: np.ndarray  # (a,) datetime64[us], NaT = undated
    event: np.ndarray  # (a,) int8, place in EVENTS
    quantity: np.ndarray  # (a,) float32 units
    rating: np.ndarray  # (a,) float32 stars 1..5, NaN = not a rating
    dwell: np.ndarray  # (a,) float32 seconds the shopper has spent on the item, up to and with this act; 0 = not known
    traits: Traits  # what is known of the shoppers, row = shopper

    def __post_init__(self) -> None:
        if len(self.traits.codes) != self.shoppers:
            raise ValueError(f"traits of {len(self.traits.codes)} shoppers for the acts of {self.shoppers}")

    def __len__(self) -> int:
        return len(self.user)

    @property
    def items(self) -> int:
        """n, the number of items."""
        return len(self.shown)

    @cached_property
    def starts(self) -> np.ndarray:
        """(shoppers + 1,): the acts of shopper u are ``starts[u]:starts[u + 1]``."""
        return np.searchsorted(self.user, np.arange(self.shoppers + 1))

    @cached_property
    def steps_back(self) -> np.ndarray:
        """(a,): how many acts of the same shopper came after this one; 0 = their last."""
        return self.starts[1:][self.user] - 1 - np.arange(len(self))

    def where(self, keep: np.ndarray) -> "Acts":
        """Return the acts that the mask (a,), or the ascending positions, keep."""
        return replace(
            self,
            user=self.user[keep],
            item=self.item[keep],
            when=self.when[keep],
            event=self.event[keep],
            quantity=self.quantity[keep],
            rating=self.rating[keep],
            dwell=self.dwell[keep],
        )

    def of(self, users: np.ndarray) -> "Acts":
        """Return the acts of the shoppers with these codes (ascending), renumbered 0 .. len(users) − 1 in that order."""
        lengths = self.starts[users + 1] - self.starts[users]
        ends = np.cumsum(lengths)
        rows = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[users] - (ends - lengths), lengths)
        renumbered = np.repeat(np.arange(len(users), dtype=np.int32), lengths)
        return self.where(rows).given_to(renumbered, users)

    def given_to(self, user: np.ndarray, people: np.ndarray) -> "Acts":
        """Return the same acts as those of others: number ``user`` (a,), ascending, is as the shopper ``people[number]`` is."""
        return replace(self, shoppers=len(people), user=user, traits=self.traits.of(people))

    def did(self, *events: Event) -> np.ndarray:
        """Return (a,) bool: whether the act is one of these events."""
        return np.isin(self.event, [EVENTS.index(event) for event in events])


def pairs(acts: Acts) -> np.ndarray:
    """Return ascending positions of the last act of each pair of shopper and item: the distinct items, in order of time.

    >>> none = np.zeros(3)
    >>> said = (none.astype("M8[us]"), none.astype(int), none, none, none)
    >>> log = Acts(1, none < 1, np.zeros(3, int), np.array([0, 1, 0]), *said, Traits((), np.zeros((1, 0))))
    >>> pairs(log)
    array([1, 2])
    """
    key = acts.user.astype(np.int64) * max(acts.items, 1) + acts.item
    _, last = np.unique(key[::-1], return_index=True)
    return np.sort(len(key) - 1 - last)


def distinct(acts: Acts, apart: tuple[Event, ...] = ()) -> Acts:
    """Return each shopper's distinct products, in order of the last time; what was returned does not count.

    apart: kinds of act that do not stand for the others: a product that was looked at and bought is there as both.
    """
    kept = acts.where(~acts.did(Event.RETURN) & acts.shown[acts.item])
    if not apart:
        return kept.where(pairs(kept))
    alone = kept.did(*apart)
    own, others = np.flatnonzero(alone), np.flatnonzero(~alone)
    return kept.where(np.sort(np.concatenate([own[pairs(kept.where(own))], others[pairs(kept.where(others))]])))
