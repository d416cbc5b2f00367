"""Purchase and rating beside the next item: answers by hand, an obvious shop, kept with the towers, resumed, told."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.base.db import Store
from core.base.schema import Event
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.represent.acts import EVENTS, Acts
from core.represent.model import load_model
from core.represent.towers import Shape, build_towers
from core.score.index import load_index
from core.train.finetune import Options, Tower
from core.train.multitask import Moments, judge, left_out, lessons, moments
from core.train.names import Preset, Protocol, Task, also
from core.train.protocol import Part, Split
from core.train.report import run_lines
from core.train.run import train
from core.train.runs import HELD_OUT, Request, folder
from core.train.snapshot import Snapshot, take_snapshot
from core.train.unanswered import unanswered
from tests.profiles.shop import act, item, load
from tests.train.conftest import SHOPPERS, derive, log

VIEW, BUY, RATE = Event.VIEW, Event.PURCHASE, Event.RATING
SMALL = Options(width=16, dropout=0.1, longest=8, negatives=16, batch=16, rate=1e-2, most_epochs=8, patience=8)
BOTH = replace(SMALL, purchase=0.3, rating=0.3)
ITEMS = "abcdefghijklmnop"


def rated(acts: Acts, stars: dict[int, float]) -> Acts:
    """Return the acts with stars on some rows."""
    rating = acts.rating.copy()
    rating[list(stars)] = list(stars.values())
    return replace(acts, rating=rating)


def obvious() -> Acts:
    """Tea people (a to h) buy and give 5 stars; garden people (i to p) only view, and give 1."""
    rng, rows, stars = np.random.default_rng(7), [], {}
    for number in range(24):
        who, tea = chr(ord("A") + number), number % 2 == 0
        things = rng.permutation(list(ITEMS[:8] if tea else ITEMS[8:]))
        for day, thing in enumerate(things):
            kind = RATE if day in (3, 6) else BUY if tea and day else VIEW
            if kind is RATE:
                stars[len(rows)] = 5.0 if tea else 1.0
            rows.append((who, str(thing), day, kind))
    return rated(log(*rows, items=ITEMS), stars)


def halves(acts: Acts) -> Split:
    """Return the log cut so that everybody's last three acts validate."""
    part = np.where(acts.steps_back < 3, Part.VALID, Part.TRAIN).astype(np.int8)
    return Split(Protocol.LEAVE_LAST_ONE, acts, part, np.ones(len(acts), bool))


def fitted(options: Options, cut: Split) -> Tower:
    tower = Tower(np.zeros((len(ITEMS), 0), np.float32), options)
    tower.fit(cut.train(), cut.examples(Part.VALID))
    return tower


def test_a_moment_asks_for_the_act_after_it_and_the_next_rating() -> None:
    acts = log(
        ("A", "a", 1, VIEW), ("A", "b", 2, BUY), ("A", "b", 3, RATE), ("A", "c", 4, VIEW), ("B", "a", 1, BUY), ("B", "d", 2, VIEW)
    )
    found = moments(rated(acts, {2: 4.0}))
    assert found.rows.tolist() == [1, 2, 3, 5]
    assert found.answers[Task.PURCHASE].tolist() == [1, 0, 0, 0]
    np.testing.assert_array_equal(found.answers[Task.RATING], np.float32([4, 4, np.nan, np.nan]))


def test_a_state_is_what_was_done_before() -> None:
    acts = log(("A", "a", 1, VIEW), ("A", "b", 2, BUY), ("A", "a", 3, VIEW), ("B", "a", 1, BUY), ("B", "d", 2, VIEW))
    history = Moments(acts, np.array([4, 2, 1]), {}).histories()
    assert [history.item[history.user == row].tolist() for row in range(3)] == [[0], [0, 1], [0]]


def test_a_loss_of_one_is_no_better_than_the_mean() -> None:
    """The heads begin at the mean; over all moments, each task's loss is then its weight."""
    found = lessons(obvious(), replace(SMALL, purchase=0.25, rating=0.5))
    assert found is not None
    towers = build_towers(torch.zeros(len(ITEMS), 0), Shape(width=8, tasks=tuple(one.task for one in found.lessons))).eval()
    found.begin(towers)
    every = type("Every", (), {"integers": lambda self, low, high, size: np.arange(high)})()
    assert found.loss(towers, len(found.moments.rows), every).item() == pytest.approx(0.75, abs=1e-5)


def test_a_head_reads_the_kind_of_the_latest_act() -> None:
    towers = build_towers(torch.zeros(len(ITEMS), 0), Shape(width=4, tasks=(Task.PURCHASE,))).eval()
    weight, bias = towers.answers[Task.PURCHASE].parameters()
    torch.nn.init.zeros_(weight)
    torch.nn.init.constant_(bias, -3)
    torch.nn.init.constant_(weight[0, 4 + EVENTS.index(Event.CART)], 2)
    acts = log(("A", "a", 1, VIEW), ("A", "b", 2, Event.CART), ("B", "a", 1, Event.CART), ("B", "b", 2, VIEW), items=ITEMS)
    assert towers.foresee(acts.given_to(acts.user, np.array([0, 1, 1])))[Task.PURCHASE].tolist() == [
        -3 + 2 * 2,
        -3,
        -3,
    ]  # the third did nothing


def test_what_is_obvious_is_foreseen() -> None:
    cut = halves(obvious())
    tower = Tower(np.zeros((len(ITEMS), 0), np.float32), replace(BOTH, epochs=30))
    tower.fit(cut.train(), None)
    purchase, rating = judge([tower.towers], cut)
    assert (purchase.task, rating.task) == (Task.PURCHASE, Task.RATING)
    assert purchase.value > 0.8
    assert purchase.usual == 0.5
    assert rating.value < 0.5
    assert rating.usual == pytest.approx(2.0, abs=0.05)
    assert "AUC" in purchase.in_words()
    assert "stars" in rating.in_words()


def test_what_has_no_answers_is_left_out_and_said() -> None:
    looks = log(("A", "a", 1, VIEW), ("A", "b", 2, VIEW), ("B", "a", 1, VIEW), ("B", "c", 2, VIEW))
    buys = replace(looks, event=np.full(len(looks), EVENTS.index(BUY), np.int8))
    assert lessons(looks, BOTH) is None
    assert left_out(looks, BOTH) == (
        "This shop has no purchases: that task is left out.",
        "This shop has no ratings: that task is left out.",
    )
    assert left_out(buys, BOTH)[0] == "Every act in this shop is a purchase: that task is left out."
    assert left_out(rated(looks, {1: 4.0, 3: 4.0}), BOTH)[1] == "All ratings of this shop are the same: that task is left out."
    assert left_out(looks, SMALL) == ()
    found = lessons(rated(looks, {1: 4.0, 3: 2.0}), BOTH)
    assert found is not None
    assert [one.task for one in found.lessons] == [Task.RATING]


def test_the_store_says_the_same_before_a_training(store: Store) -> None:
    load(store, item("cup"), act("ann", "cup", "2024-01-01", "purchase", quantity=1))
    assert unanswered(store) == (
        "Every act in this shop is a purchase: that task is left out.",
        "This shop has no ratings: that task is left out.",
    )
    load(store, act("bob", "cup", "2024-01-02", "view"))
    assert unanswered(store) == ("This shop has no ratings: that task is left out.",)


def test_a_run_with_tasks_goes_on_where_it_stopped(tmp_path: Path) -> None:
    cut, kept = halves(obvious()), tmp_path / "run.pt"
    straight = fitted(BOTH, cut)

    class Stopped(Exception):
        pass

    def stop(done: float, told: str) -> None:
        if told.startswith("epoch 3"):
            raise Stopped

    halted = Tower(np.zeros((len(ITEMS), 0), np.float32), BOTH, kept)
    with pytest.raises(Stopped):
        halted.fit(cut.train(), cut.examples(Part.VALID), stop)
    resumed = Tower(np.zeros((len(ITEMS), 0), np.float32), BOTH, kept)
    resumed.fit(cut.train(), cut.examples(Part.VALID))
    assert resumed.curve == straight.curve
    assert resumed.curve != (plain := fitted(SMALL, cut)).curve
    assert judge([plain.towers], cut) == ()
    assert judge([resumed.towers], cut) == judge([straight.towers], cut)


@pytest.fixture
def looked_at(shop: Store, settings: Settings, workspace: Workspace) -> Snapshot:
    """The checkerboard shop, where every third shopper also looked at something; nobody rated anything."""
    load(shop, *[act(f"s{who:02d}", "tea-0", "2024-03-02", "view") for who in range(0, SHOPPERS, 3)])
    derive(shop, settings)
    return take_snapshot(shop, load_index(shop, settings), workspace)


def test_the_heads_are_kept_with_the_towers_and_a_model_from_before_them_is_read(looked_at: Snapshot) -> None:
    home = looked_at.folder.parents[1]
    small: dict[str, int | float] = {"width": 16, "longest": 8, "negatives": 16, "batch": 8, "rate": 1e-2, "most_epochs": 2}
    run = train(looked_at, home, Request(Preset.QUICK, Protocol.LEAVE_LAST_ONE, 3, options={**small, **also(multi_task=True)}))
    assert [score.task for score in run.tasks] == [Task.PURCHASE] * bool(run.tasks)
    assert "This shop has no ratings: that task is left out." in run.remarks
    assert "This shop has no ratings" in "\n".join(run_lines(run))
    kept = folder(home, run.run_id) / HELD_OUT
    told = json.loads((kept / "model.json").read_text())
    for tower in load_model(kept).towers:
        assert tower.shape.tasks == (Task.PURCHASE,)
        assert tower.foresee(looked_at.acts)[Task.PURCHASE].shape == (looked_at.meta.shoppers,)
    before = train(looked_at, home, Request(Preset.QUICK, Protocol.LEAVE_LAST_ONE, 3, options=small))
    kept = folder(home, before.run_id) / HELD_OUT
    told = json.loads((kept / "model.json").read_text())
    for shape in told["towers"]:
        del shape["tasks"]
    (kept / "model.json").write_text(json.dumps(told))
    assert [tower.shape.tasks for tower in load_model(kept).towers] == [()] * len(told["towers"])
