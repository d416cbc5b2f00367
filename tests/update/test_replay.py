"""The replay: its lists are those that are served, every arm has the same luck, and what is learned pays on a small demo shop."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.base.db import Store, memory_store
from core.base.errors import BadInput
from core.base.settings import load_settings
from core.base.workspace import Workspace, open_workspace
from core.demo.generate import generate
from core.demo.truth import load_truth
from core.ingest.load import import_file
from core.profiles.rollups import rebuild_rollups
from core.represent.encoder import encoder_name
from core.represent.item_vectors import embed
from core.represent.ratings import rebuild_quality
from core.score.index import load_index
from core.score.recommend import recommend
from core.update.arms import BLOCK, PLACES, Arm, draw, run_arm
from core.update.online import BATCH
from core.update.replay import read_replay, replay, replay_shop
from core.update.world import World, world
from tests.represent.words import WordEncoder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return open_workspace(tmp_path_factory.mktemp("replay"))


@pytest.fixture(scope="module")
def demo(place: Workspace) -> Iterator[Store]:
    """A small demo shop, built as far as lists need it."""
    store = memory_store()
    settings = load_settings({}, home=place.home)
    files = generate(place.demo, seed=3, shoppers=150, products=200, days=60)
    for path in files.imports[:3]:
        import_file(store, place, path)
    rebuild_rollups(store)
    rebuild_quality(store)
    embed(store, WordEncoder(encoder_name(settings)))
    yield store
    store.close()


@pytest.fixture(scope="module")
def small(demo: Store, place: Workspace) -> World:
    index = load_index(demo, load_settings({}, home=place.home))
    return world(demo, index, load_truth(place.demo))


def test_frozen_lists_are_those_that_are_served(demo: Store, small: World) -> None:
    for user in range(0, len(small.users), 40):
        who = np.array([user])
        score = small.frozen(who, small.appeal[who], np.array([0.7]))[0]
        order = np.lexsort((np.arange(len(score)), -score))[:PLACES]
        told = recommend(demo, small.index, small.users[user], alpha=0.7)
        assert [pick.score for pick in told.picks] == pytest.approx(score[order].tolist(), abs=1e-6)
        assert len({pick.item_id for pick in told.picks} & set(small.index.ids[small.rows[order]])) >= PLACES - 1  # ties


def test_a_shopper_is_read_again_with_their_clicks(small: World) -> None:
    who = np.array([0, 3])
    row = int(small.rows[5])
    after, known = small.after(who, [[row], [row, row]])
    assert after.shape == (2, len(small.rows))
    assert (after[:, 5] > small.appeal[who, 5]).all()
    assert known.chosen[:, row].all()
    others = np.arange(len(small.index)) != row
    assert (known.known[:, others] == small.facts.known[who][:, others]).all()


def test_visits_of_a_seed_are_the_same_and_frozen_arms_have_the_same_luck(small: World) -> None:
    visits = draw(small, 3 * BLOCK, 1)
    assert (draw(small, 3 * BLOCK, 1).luck == visits.luck).all()
    ticks: list[int] = []
    first = run_arm(small, visits, Arm.FROZEN, 1, 0.7, lambda: ticks.append(1)).clicks
    assert len(ticks) == 3
    assert (run_arm(small, visits, Arm.FROZEN, 2, 0.7, lambda: None).clicks == first).all()
    assert (run_arm(small, visits, Arm.ONLINE, 1, 0.7, lambda: None).clicks[:BATCH] == first[:BATCH]).all()


def test_learning_pays_and_the_outcome_is_read_back(small: World) -> None:
    made = replay(small, 0.7, lists=2_000, seeds=(1, 2))
    assert made.lifts[Arm.ONLINE].lift > 0.03
    assert made.ctr[Arm.RANDOM] < made.ctr[Arm.POPULARITY] < made.ctr[Arm.FROZEN] < made.ctr[Arm.ONLINE]
    low, high = made.lifts[Arm.ONLINE].over_shoppers
    assert low < made.lifts[Arm.ONLINE].lift < high
    low, high = made.lifts[Arm.ONLINE].early_over_shoppers
    assert low < made.lifts[Arm.ONLINE].early < high
    assert made.curves[Arm.ONLINE].mean[-1] == pytest.approx(made.ctr[Arm.ONLINE])
    assert read_replay(made.as_json()) == made
    assert made.lines()


def test_only_the_demo_shop_is_replayed(store: Store, small: World, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="demo shop"):
        replay_shop(store, small.index, open_workspace(tmp_path))
    with pytest.raises(BadInput, match="lists"):
        replay(small, 0.7, lists=1)
