"""The towers: nothing sees its own future, padding is nothing, training repeats itself and goes on where it stopped."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.base.derived import no_progress
from core.base.errors import BadInput
from core.base.schema import Event
from core.represent.acts import Acts, distinct
from core.represent.sequences import Batch, steps_of, to_learn, to_score
from core.represent.towers import ItemTower, Shape, Towers, build_towers
from core.train.finetune import Options, Tower
from core.train.names import Protocol
from core.train.protocol import Examples, Part, split
from core.train.snapshot import Snapshot
from tests.train.conftest import log

BUY = Event.PURCHASE
SMALL = Options(width=16, dropout=0.1, longest=8, negatives=16, batch=8, rate=1e-2, most_epochs=6, patience=6)
ITEMS, WIDTH, LONGEST = 9, 8, 5


class Stopped(Exception):
    """Raised out of progress to interrupt a run."""


@pytest.fixture
def towers() -> Towers:
    torch.manual_seed(7)
    made = build_towers(torch.randn(ITEMS, 4), Shape(WIDTH, layers=2, heads=2, longest=LONGEST), temperature=0.05)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return made.eval()


def batch(*rows: list[int], day: int = 0) -> Batch:
    """Return rows of item codes as a batch, padded in front, one act a day."""
    length = max(map(len, rows))
    there = torch.tensor([[place >= length - len(row) for place in range(length)] for row in rows])
    items = torch.tensor([[ITEMS] * (length - len(row)) + row for row in rows])
    days, nothing = torch.arange(day, day + length).expand(items.shape), torch.zeros_like(items)
    return Batch(items, nothing, days, nothing, there, nothing[:, :0])


def wanted(towers: Towers, given: Batch) -> torch.Tensor:
    with torch.no_grad():
        return towers.users(towers.items(given.items), given)


def test_what_comes_later_changes_nothing_before(towers: Towers) -> None:
    first, second = wanted(towers, batch([1, 2, 3, 4])), wanted(towers, batch([1, 2, 7, 8]))
    torch.testing.assert_close(first[:, :2], second[:, :2])
    assert not torch.allclose(first[:, 2], second[:, 2])


def test_padding_and_company_change_nothing(towers: Towers) -> None:
    alone = wanted(towers, batch([3, 4]))[:, -1]
    together = wanted(towers, batch([3, 4], [1, 2, 5, 6, 7], day=-3))[:1, -1]
    torch.testing.assert_close(alone, together, atol=1e-5, rtol=1e-4)


def test_what_is_wanted_last_needs_nothing_else_worked_out(towers: Towers) -> None:
    given = batch([3, 4], [1, 2, 5, 6, 7])
    with torch.no_grad():
        found = towers.users(towers.items(given.items), given, last=True)
    torch.testing.assert_close(found, wanted(towers, given)[:, -1:])


def test_vectors_have_length_one_and_order_matters(towers: Towers) -> None:
    first, second = wanted(towers, batch([1, 2, 3])), wanted(towers, batch([2, 1, 3]))
    torch.testing.assert_close(first.norm(dim=-1), torch.ones(1, 3))
    torch.testing.assert_close(towers.table().norm(dim=-1), torch.ones(ITEMS))
    assert not torch.allclose(first[:, -1], second[:, -1])


def test_the_loss_of_every_item_drawn_once_is_the_full_softmax(towers: Towers) -> None:
    given = batch([1, 2, 3], [4, 5])
    vectors = wanted(towers, given.each(lambda one: one[:, :-1]))
    logits = towers.log_scale.exp() * vectors @ towers.table().T
    right = [(0, 0, 2), (0, 1, 3), (1, 1, 5)]
    expected = torch.stack(
        [torch.nn.functional.cross_entropy(logits[row, place], torch.tensor(item)) for row, place, item in right]
    )
    torch.testing.assert_close(towers.loss(steps_of(given), torch.arange(ITEMS), ITEMS), expected.mean())


def test_an_item_without_an_id_of_its_own_is_read_from_its_text() -> None:
    torch.manual_seed(7)
    text = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    tower = ItemTower(text, 6)
    torch.nn.init.zeros_(tower.id.weight)
    found = tower(torch.arange(3))
    torch.testing.assert_close(found[0], found[1])
    assert not torch.allclose(found[0], found[2])
    assert ItemTower(torch.zeros(3, 0), 6)(torch.arange(3)).shape == (3, 6)


def test_sequences_hold_each_item_once_at_its_last_time() -> None:
    acts = log(("A", "a", 1, BUY), ("A", "b", 2, BUY), ("A", "a", 3, BUY), ("A", "c", 4, Event.RETURN), ("B", "h", 1, BUY))
    assert distinct(acts).item.tolist() == [1, 0, 7]
    packed = to_score(acts, 5).pack(np.array([0, 1]))
    assert packed.items.tolist() == [[1, 0], [8, 7]]
    assert packed.there.tolist() == [[True, True], [False, True]]
    assert (packed.days[0, 1] - packed.days[0, 0]).item() == 1


def test_every_step_is_learned_from_exactly_once() -> None:
    acts = log(*(("A", letter, day, BUY) for day, letter in enumerate("abcdefgh")), ("B", "a", 1, BUY), ("B", "b", 2, BUY))
    spans = to_learn(acts, longest=3)
    steps = [
        (int(spans.acts.item[at]), int(spans.acts.item[at + 1]))
        for begin, end in zip(spans.begin, spans.end, strict=True)
        for at in range(begin, end - 1)
    ]
    assert sorted(steps) == sorted([(item, item + 1) for item in range(7)] + [(0, 1)])
    assert max(spans.end - spans.begin) <= 4


def halves(snapshot: Snapshot) -> tuple[Acts, Examples]:
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    return cut.train(), cut.examples(Part.VALID)


def test_the_same_seed_gives_the_same_model_and_another_seed_another(snapshot: Snapshot) -> None:
    scores = []
    for seed in (7, 7, 8):
        tower = Tower(snapshot.vectors, replace(SMALL, seed=seed))
        tower.fit(*halves(snapshot))
        scores.append(tower.score(snapshot.acts))
    np.testing.assert_array_equal(scores[0], scores[1])
    assert not np.allclose(scores[0], scores[2])


def test_an_interrupted_run_ends_as_if_it_had_not_been(snapshot: Snapshot, tmp_path: Path) -> None:
    straight = Tower(snapshot.vectors, SMALL)
    straight.fit(*halves(snapshot))

    def stop(done: float, told: str) -> None:
        if told.startswith("epoch 3"):
            raise Stopped

    halted = Tower(snapshot.vectors, SMALL, tmp_path / "run.pt")
    with pytest.raises(Stopped):
        halted.fit(*halves(snapshot), stop)
    resumed = Tower(snapshot.vectors, SMALL, tmp_path / "run.pt")
    told: list[str] = []
    resumed.fit(*halves(snapshot), lambda done, message: told.append(message))
    assert not [message for message in told if message.startswith("epoch 2")], "two epochs were kept"
    assert resumed.curve == straight.curve
    np.testing.assert_array_equal(resumed.score(snapshot.acts), straight.score(snapshot.acts))


def test_a_checkpoint_of_another_run_is_left_alone(snapshot: Snapshot, tmp_path: Path) -> None:
    for seed in (7, 8):
        kept = Tower(snapshot.vectors, replace(SMALL, seed=seed), tmp_path / "run.pt")
        kept.fit(*halves(snapshot))
    fresh = Tower(snapshot.vectors, replace(SMALL, seed=8))
    fresh.fit(*halves(snapshot))
    assert kept.curve == fresh.curve


def test_it_stops_when_it_gets_no_better_and_serves_the_best_epoch(snapshot: Snapshot) -> None:
    tower = Tower(snapshot.vectors, replace(SMALL, most_epochs=40, patience=2))
    tower.fit(*halves(snapshot))
    best = max(ndcg for _, ndcg in tower.curve)
    assert tower.options.epochs == [ndcg for _, ndcg in tower.curve].index(best) + 1
    assert len(tower.curve) == min(40, tower.options.epochs + 2)


def test_without_a_number_of_epochs_there_is_no_refit(snapshot: Snapshot) -> None:
    tower = Tower(snapshot.vectors, SMALL)
    with pytest.raises(BadInput, match="epochs"):
        tower.fit(snapshot.acts, None, no_progress)
