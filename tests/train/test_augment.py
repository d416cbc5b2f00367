"""Histories changed while they are learned from: each change by hand, and what holds of it whatever is drawn."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from core.base.errors import BadInput
from core.represent.sequences import Batch, Steps, steps_of
from core.train.augment import augment, crop, mask, reorder
from core.train.finetune import Options, Tower
from core.train.names import Protocol, also
from core.train.protocol import Part, split
from core.train.snapshot import Snapshot

NOTHING = 99
HISTORIES = some.lists(some.integers(1, 9), min_size=1, max_size=5)
SHARES = some.floats(0.05, 1.0)
SEEDS = some.integers(0, 1000)
SMALL = Options(width=16, dropout=0.1, longest=8, negatives=16, batch=8, rate=1e-2, most_epochs=3, patience=3)


class Drawn(np.random.Generator):
    """A generator whose draws are given: integers and random numbers, in the order they are asked for."""

    def __init__(self, *draws: object):
        super().__init__(np.random.PCG64(0))
        self._draws = list(draws)

    def integers(self, *args: object, **kwargs: object) -> np.ndarray:  # type: ignore[override]
        return np.asarray(self._draws.pop(0))

    def random(self, *args: object, **kwargs: object) -> np.ndarray:  # type: ignore[override]
        return np.asarray(self._draws.pop(0))


def batch(*lengths: int) -> Batch:
    """Return histories 0 1 2 …, 10 11 12 …, 20 … of these lengths, item = 10 · row + place, its event the place, a day each."""
    wide = max(lengths)
    places = torch.tensor([[place - (wide - length) for place in range(wide)] for length in lengths])
    there = places >= 0
    items = torch.where(there, places + 10 * torch.arange(len(lengths))[:, None], NOTHING)
    days, dwell = torch.where(there, places + 100, 0), torch.where(there, places + 5, 0)
    return Batch(items, places.clamp(min=0), days, dwell, there, torch.arange(len(lengths))[:, None])


def acts(batch: Batch, row: int) -> list[int]:
    """Return the items of a row, padding left out; it is padded in front alone."""
    there = batch.there[row]
    assert there.tolist() == sorted(there.tolist())
    assert (batch.items[row][~there] == NOTHING).all()
    return batch.items[row][there].tolist()


def test_crop_keeps_a_part_and_moves_it_to_the_end() -> None:
    # 60 % of 5 acts = 3, one cut off behind: 1 2 3. The other history is not chosen.
    found = crop(batch(5, 4), np.array([True, False]), NOTHING, Drawn([1, 0]), share=0.6)
    assert found.items.tolist() == [[99, 99, 1, 2, 3], [99, 10, 11, 12, 13]]
    assert found.events.tolist() == [[0, 0, 1, 2, 3], [0, 0, 1, 2, 3]]
    assert found.days.tolist() == [[0, 0, 101, 102, 103], [0, 100, 101, 102, 103]]
    assert found.dwell.tolist() == [[0, 0, 6, 7, 8], [0, 5, 6, 7, 8]]
    assert found.traits.tolist() == [[0], [1]]
    assert found.there.tolist() == [[False, False, True, True, True], [False, True, True, True, True]]


def test_mask_hides_an_input_and_still_looks_for_it() -> None:
    drawn = Drawn([[0.9, 0.1, 0.9], [0.1, 0.1, 0.1]])
    steps = steps_of(batch(4, 4))
    found = replace(steps, before=mask(steps.before, np.array([True, False]), NOTHING, drawn, share=0.3))
    assert found.before.items.tolist() == [[0, 99, 2], [10, 11, 12]]
    assert found.following.tolist() == [[1, 2, 3], [11, 12, 13]]
    assert found.before.there.all()
    assert found.counts.all()


def test_reorder_learns_only_where_the_past_is_whole() -> None:
    # Inputs 0 1 2 3 4, next 1 2 3 4 5. Window of 3 from place 1, keys 2.8 1.3 2.2: 0 | 2 3 1 | 4.
    # After 0: whole. After 0 2: 1 is missing and 2 is to be found. After 0 2 3: 3 is to be found. After 0 2 3 1: whole.
    drawn = Drawn([1], [[0.0, 0.6, 0.1, 0.4, 0.0]])
    found = reorder(steps_of(batch(6)), np.array([True]), drawn, share=0.6)
    assert found.before.items.tolist() == [[0, 2, 3, 1, 4]]
    assert found.before.events.tolist() == [[0, 2, 3, 1, 4]]
    assert found.before.dwell.tolist() == [[5, 7, 8, 6, 9]]
    assert found.before.days.tolist() == [[100, 101, 102, 103, 104]]
    assert found.following.tolist() == [[1, 2, 3, 4, 5]]
    assert found.counts.tolist() == [[True, False, False, True, True]]


@given(HISTORIES, SHARES, SEEDS)
def test_a_crop_is_a_contiguous_part(lengths: list[int], share: float, seed: int) -> None:
    given, chosen = batch(*lengths), np.arange(len(lengths)) % 2 == 0
    found = crop(given, chosen, NOTHING, np.random.default_rng(seed), share)
    for row, length in enumerate(lengths):
        kept, all_of_it = acts(found, row), acts(given, row)
        assert all_of_it[(begin := all_of_it.index(kept[0])) : begin + len(kept)] == kept
        assert len(kept) >= min(length, 2)
        assert len(kept) == length or (chosen[row] and len(kept) == max(2, np.ceil(share * length)))


@given(HISTORIES, SHARES, SEEDS)
def test_a_mask_keeps_length_kind_and_day(lengths: list[int], share: float, seed: int) -> None:
    given = batch(*lengths)
    found = mask(given, np.ones(len(lengths), bool), NOTHING, np.random.default_rng(seed), share)
    assert ((found.items == given.items) | (found.items == NOTHING)).all()
    assert all(getattr(found, name).equal(getattr(given, name)) for name in ("events", "days", "dwell", "there", "traits"))


@given(some.lists(some.integers(2, 9), min_size=1, max_size=5), SHARES, SEEDS)
def test_a_reorder_is_a_permutation_that_never_shows_what_is_to_be_found(lengths: list[int], share: float, seed: int) -> None:
    steps = steps_of(batch(*lengths))
    found = reorder(steps, np.ones(len(lengths), bool), np.random.default_rng(seed), share)
    assert found.following.equal(steps.following)
    assert found.before.there.equal(steps.before.there)
    assert found.before.days.equal(steps.before.days)
    for row in range(len(lengths)):
        assert sorted(acts(found.before, row)) == acts(steps.before, row)
        assert found.counts[row, -1]
        for place in torch.nonzero(found.counts[row]).flatten().tolist():
            assert sorted(found.before.items[row, : place + 1].tolist()) == sorted(steps.before.items[row, : place + 1].tolist())


def test_without_a_chance_nothing_is_drawn_and_nothing_changed() -> None:
    rng = np.random.default_rng(7)
    found = augment(batch(5, 3), (0.0, 0.0, 0.0), NOTHING, rng)
    assert same(found, steps_of(batch(5, 3)))
    assert rng.random() == np.random.default_rng(7).random()


def test_the_same_generator_gives_the_same_changes() -> None:
    first, second, other = (augment(batch(9, 8, 7), (1.0, 1.0, 1.0), NOTHING, np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert same(first, second)
    assert not same(first, other)


@pytest.mark.parametrize("ways", [["crop"], ["mask"], ["reorder"], ["crop", "mask", "reorder"]])
def test_a_tower_learns_from_changed_histories(snapshot: Snapshot, ways: list[str]) -> None:
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    curves = []
    for options in (SMALL, replace(SMALL, **also(ways)), replace(SMALL, **also(ways))):  # type: ignore[arg-type]
        tower = Tower(snapshot.vectors, options)
        tower.fit(cut.train(), cut.examples(Part.VALID))
        curves.append(tower.curve)
    assert curves[1] == curves[2]
    assert curves[0] != curves[1]


def test_a_way_that_there_is_not_is_named() -> None:
    with pytest.raises(BadInput, match=r"There is no augmentation shake\. There are: crop, mask, reorder"):
        also(["crop", "shake"])


def same(first: Steps, second: Steps) -> bool:
    """Return whether two batches of steps are the same."""
    tensors = [[*vars(steps.before).values(), steps.following, steps.counts] for steps in (first, second)]
    return all(one.equal(other) for one, other in zip(*tensors, strict=True))
