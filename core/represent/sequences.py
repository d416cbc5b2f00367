"""Histories as padded tensors: what the transformer reads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from core.base.schema import Event
from core.represent.acts import EVENTS, Acts, distinct

DAY = np.timedelta64(1, "D")
DWELLS = 12
"""Seconds spent on an item fall into buckets: not known, up to 1, to 3, to 7, to 15, … , more than 17 minutes."""
ENOUGH = 2_000
"""Steps to what is sought that teach enough by themselves."""


@dataclass(frozen=True)
class Batch:
    """b sequences of up to l items, latest last, padded in front: (b, l), but for what is known of their shoppers."""

    items: torch.Tensor  # int64, the code n where there is none
    events: torch.Tensor  # int64, place in EVENTS
    days: torch.Tensor  # int64, since the epoch
    dwell: torch.Tensor  # int64, one of DWELLS buckets
    there: torch.Tensor  # bool
    traits: torch.Tensor  # int64 (b, traits) codes

    def each(self, change: Callable[[torch.Tensor], torch.Tensor]) -> "Batch":
        """Return the batch with everything changed alike that there is of each act."""
        items, events, days, dwell, there = map(change, (self.items, self.events, self.days, self.dwell, self.there))
        return Batch(items, events, days, dwell, there, self.traits)


@dataclass(frozen=True)
class Steps:
    """What is learned from a batch: which item came after each act. ``before``: the acts, (b, l).

    following: (b, l) int64 code of the next item; counts: (b, l) bool, whether the step is learned from.
    """

    before: Batch
    following: torch.Tensor
    counts: torch.Tensor


@dataclass(frozen=True)
class Spans:
    """Parts of shoppers' sequences: rows ``begin[i]:end[i]`` of the acts of shopper ``owner[i]``.

    sought: the kinds of act to learn to foresee.
    """

    acts: Acts
    owner: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    sought: tuple[Event, ...] = EVENTS

    def __len__(self) -> int:
        return len(self.begin)

    @cached_property
    def days(self) -> np.ndarray:
        """(a,) int32: day of each act since the epoch; the undated count as the earliest."""
        when = self.acts.when
        known = ~np.isnat(when)
        first = when[known].min() if known.any() else np.datetime64(0, "us")
        return ((np.where(known, when, first) - np.datetime64(0, "us")) // DAY).astype(np.int32)

    @cached_property
    def dwells(self) -> np.ndarray:
        """(a,) int8: bucket of the seconds spent on each act's item."""
        return np.minimum(np.ceil(np.log2(1 + self.acts.dwell)), DWELLS - 1).astype(np.int8)

    def pack(self, chosen: np.ndarray) -> Batch:
        """Return the chosen spans as one batch."""
        lengths = self.end[chosen] - self.begin[chosen]
        back = np.arange(max(int(lengths.max(initial=0)), 1))[::-1]
        there = back < lengths[:, None]
        rows = np.where(there, self.end[chosen][:, None] - 1 - back, 0)

        def padded(values: np.ndarray, nothing: int) -> torch.Tensor:
            found = np.where(there, values[rows], nothing) if len(values) else np.full(there.shape, nothing)
            return torch.from_numpy(found.astype(np.int64))

        return Batch(
            items=padded(self.acts.item, self.acts.items),
            events=padded(self.acts.event, 0),
            days=padded(self.days, 0),
            dwell=padded(self.dwells, 0),
            there=torch.from_numpy(there),
            traits=torch.from_numpy(self.acts.traits.codes[self.owner[chosen]].astype(np.int64)),
        )

    def batches(self, size: int, rng: np.random.Generator) -> list[np.ndarray]:
        """Return all spans in batches of similar length, in random order: little is padded, and no two epochs are alike."""
        order = np.argsort(self.end - self.begin + 1.5 * rng.random(len(self)), kind="stable")
        found = [order[start : start + size] for start in range(0, len(order), size)]
        return [found[place] for place in rng.permutation(len(found))]


def steps_of(batch: Batch, sought: tuple[Event, ...] = EVENTS) -> Steps:
    """Return every step of the batch from an act to the next; those count whose next act is of a kind that is sought."""
    before = batch.each(lambda one: one[:, :-1])
    if sought == EVENTS:
        return Steps(before, batch.items[:, 1:], before.there)
    kinds = torch.tensor([EVENTS.index(event) for event in sought])
    return Steps(before, batch.items[:, 1:], before.there & torch.isin(batch.events[:, 1:], kinds))


def to_learn(acts: Acts, longest: int, sought: tuple[Event, ...] = EVENTS) -> Spans:
    """Return the spans that teach: every step from an item to the next is in exactly one, ``longest`` steps at most in each.

    Where there are ENOUGH steps to the kinds of act that are sought, only those teach: their items stand apart from what was
    looked at, so that what was looked at before it was bought is read before it, and spans without such a step are left out.
    """
    found = _spans(distinct(acts, sought), longest)
    follows = found.acts.did(*sought) & (np.arange(len(found.acts)) > found.acts.starts[:-1][found.acts.user])
    if follows.sum() < ENOUGH:
        return _spans(distinct(acts), longest)
    before = np.concatenate([[0], np.cumsum(follows)])
    teaches = before[found.end] > before[np.minimum(found.begin + 1, found.end)]
    return Spans(found.acts, found.owner[teaches], found.begin[teaches], found.end[teaches], sought)


def _spans(acts: Acts, longest: int) -> Spans:
    first, last = acts.starts[:-1], acts.starts[1:]
    counts = -(-np.maximum(last - first - 1, 0) // longest)
    owner = np.repeat(np.arange(acts.shoppers), counts)
    back = np.arange(len(owner)) - (np.cumsum(counts) - counts)[owner]
    end = last[owner] - back * longest
    return Spans(acts, owner, np.maximum(first[owner], end - longest - 1), end)


def to_score(history: Acts, longest: int) -> Spans:
    """Return each shopper's latest ``longest`` distinct items, row = shopper."""
    acts = distinct(history)
    end = acts.starts[1:]
    return Spans(acts, np.arange(acts.shoppers), np.maximum(acts.starts[:-1], end - longest), end)
