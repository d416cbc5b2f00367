"""Histories changed a little while they are learned from: cropped, masked, reordered; what came next stays what came next.

The three changes are those of CL4SRec (Xie et al. 2020, "Contrastive Learning for Sequential Recommendation",
arXiv:2010.14395). There they make two views of a history that are pulled together; here the towers learn from the changed
history itself, and that history is causal: after every act, the next item is to be found. So

- *crop* keeps the order: inside the part every next item is the true one, known from a shorter past; what was cut off
  teaches nothing this time. (Cutting behind only learns from less, as every beginning of a history is learned from anyway.)
- *mask* hides an item as an input only; it is still looked for as the next item of the act before.
- *reorder* would put an item among the inputs that is yet to be found. Steps inside the window, where the inputs so far are
  not those that truly came so far, are therefore not learned from; at its end and after it the past is whole again.

Everything is drawn from the generator that is given: same generator, same changes.
"""

from dataclasses import replace

import numpy as np
import torch

from core.base.schema import Event
from core.represent.acts import EVENTS
from core.represent.sequences import Batch, Steps, steps_of

CROP_SHARE = 0.6
"""Part of a history that a crop keeps."""
MASK_SHARE = 0.3
"""Chance of each item of a masked history to be hidden."""
REORDER_SHARE = 0.3
"""Part of a history that the shuffled window makes up; two acts at least."""


def augment(
    batch: Batch,
    chances: tuple[float, float, float],
    nothing: int,
    rng: np.random.Generator,
    sought: tuple[Event, ...] = EVENTS,
) -> Steps:
    """Return what is learned from a batch, each sequence changed by chance.

    chances: of a sequence to be cropped, masked, reordered, each drawn on its own; nothing: the code that is no item; sought: the
    kinds of act that are learned to be foreseen. A chance of 0 draws nothing from ``rng``.
    """
    cropped, masked, reordered = (rng.random(len(batch.items)) < chance if chance else None for chance in chances)
    steps = steps_of(batch if cropped is None else crop(batch, cropped, nothing, rng), sought)
    if masked is not None:
        steps = replace(steps, before=mask(steps.before, masked, nothing, rng))
    return steps if reordered is None else reorder(steps, reordered, rng)


def crop(batch: Batch, chosen: np.ndarray, nothing: int, rng: np.random.Generator, share: float = CROP_SHARE) -> Batch:
    """Return the batch with the chosen (b,) sequences cut to a random contiguous part, moved to the end of the row.

    ``share`` of the acts are kept, rounded up, two at least: one to read and one to find.
    """
    wide, lengths = batch.items.shape[1], batch.there.sum(1).numpy()
    kept = np.where(chosen, np.maximum(np.ceil(share * lengths), np.minimum(lengths, 2)), lengths).astype(int)
    behind = rng.integers(0, lengths - kept + 1)
    back = np.arange(wide)[::-1]
    there = torch.from_numpy(back < kept[:, None])
    source = torch.from_numpy(np.maximum(np.arange(wide) - behind[:, None], 0))
    moved = _moved(batch, source).each(lambda one: one.where(there, 0))
    return replace(moved, items=moved.items.where(there, nothing), there=there)


def mask(batch: Batch, chosen: np.ndarray, nothing: int, rng: np.random.Generator, share: float = MASK_SHARE) -> Batch:
    """Return the batch with each item of the chosen (b,) sequences replaced by nothing with a chance of ``share``.

    The kind, the day and the dwell of the act stay: that something was looked at is still told.
    """
    hidden = (rng.random(tuple(batch.items.shape)) < share) & chosen[:, None]
    return replace(batch, items=torch.where(torch.from_numpy(hidden), nothing, batch.items))


def reorder(steps: Steps, chosen: np.ndarray, rng: np.random.Generator, share: float = REORDER_SHARE) -> Steps:
    """Return the steps with a random window of the inputs of the chosen (b,) sequences shuffled, days left where they are.

    ``share`` of the acts are in the window, two at least. A step counts only where the inputs up to it are, in whatever
    order, those that truly came up to it: what is to be found is never among them.
    """
    before, place = steps.before, np.arange(steps.before.items.shape[1])
    lengths = before.there.sum(1).numpy()
    window = np.where(chosen, np.minimum(lengths, np.maximum(np.round(share * lengths), 2)), 0).astype(int)
    begin = (len(place) - lengths + rng.integers(0, lengths - window + 1))[:, None]
    inside = (place >= begin) & (place < begin + window[:, None])
    keys = np.where(inside, begin + window[:, None] * rng.random(inside.shape), place)
    source = np.argsort(keys, axis=1, kind="stable")
    whole = np.maximum.accumulate(source, axis=1) == place
    moved = replace(_moved(before, torch.from_numpy(source)), days=before.days)
    return replace(steps, before=moved, counts=steps.counts & torch.from_numpy(whole))


def _moved(batch: Batch, source: torch.Tensor) -> Batch:
    """Return the batch with what was at ``source`` (b, l) in each place."""
    return batch.each(lambda one: one.gather(1, source))
