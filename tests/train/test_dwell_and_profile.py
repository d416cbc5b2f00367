"""How long and by whom: what the user tower learns of them is what it is served."""

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import torch

from core.base.db import Store
from core.base.schema import Col, Event
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.profiles.rollups import rebuild_rollups
from core.represent.acts import pairs
from core.represent.model import Model, load_model
from core.represent.sequences import to_score
from core.represent.towers import Shape, build_towers
from core.represent.traits import Trait, Traits, nothing_known, traits_of
from core.score.batch import ACTS as HISTORIES
from core.score.explanation import explanations
from core.score.index import Index, load_index
from core.score.lists import appeals
from core.score.plan import plain
from core.score.recommend import score_shopper
from core.train.finetune import Tower
from core.train.inputs import to_be_read, was_read
from core.train.multitask import moments
from core.train.names import Protocol
from core.train.protocol import Part, split
from core.train.snapshot import ACTS, META, TRAITS, Snapshot, take_snapshot
from tests.profiles.shop import Row, act, item, load
from tests.represent.test_traits import person
from tests.train.conftest import checkerboard, derive, log
from tests.train.test_served import model as trained
from tests.train.test_served import personal
from tests.train.test_served import served as served
from tests.train.test_towers import SMALL

__all__ = ["served", "trained"]
COUNTRY, TIER = Trait("country", ("DE", "FR")), Trait("tier", ("gold", "silver"))


def looks() -> list[Row]:
    """Each product that a shopper bought was looked at before, most also after, longer each time; some looks are not timed."""
    bought = [row.values for row in checkerboard() if row.table == "events" and row.values["event_type"] == "purchase"]
    return [
        act(one["user_id"], one["item_id"], f"{day} {place % 24:02d}:00", "view", dwell_s=seconds)
        for place, one in enumerate(bought)
        for day, seconds in (("2024-02-01", 1.5 * (place % 7) or None), (one["ts"], 40.1 * (place % 3) or None))
        if day < "2024-03" or place % 5
    ]


@pytest.fixture
def shop(store: Store, settings: Settings) -> Store:
    """The checkerboard shop with what was looked at for how long; three of four shoppers are known, Liechtenstein has one."""
    people = [
        person(f"s{number:02d}", "LI" if number == 1 else COUNTRY.values[number // 4 % 2], tier=TIER.values[number // 2 % 2])
        for number in range(40)
        if number % 4 != 3
    ]
    load(store, *checkerboard(), *looks(), *people)
    derive(store, settings)
    return store


def learned(snapshot: Snapshot, **changes: int) -> Tower:
    """Return a small tower that learned from the training part."""
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    tower = Tower(snapshot.vectors, replace(SMALL, **changes))
    tower.fit(cut.train(), cut.examples(Part.VALID))
    return tower


@pytest.fixture
def model(trained: Model, snapshot: Snapshot) -> Model:
    """A small trained model of two towers, what they read of dwell and profile made large."""
    towers = tuple(learned(snapshot, seed=seed).towers for seed in (7, 8))
    torch.manual_seed(7)
    for tower in towers:
        assert isinstance(tower.users.dwell, torch.nn.Embedding)
        with torch.no_grad():
            for known in (tower.users.dwell, *tower.users.traits):
                known.weight[1:].normal_(std=0.5)
    return replace(trained, towers=towers)


def test_a_snapshot_has_the_dwell_until_each_act_and_the_traits(store: Store, settings: Settings, workspace: Workspace) -> None:
    load(
        store,
        item("a"),
        item("b"),
        act("ann", "a", "2024-01-03", "purchase"),
        act("ann", "a", "2024-01-01", "view", dwell_s=2),
        act("ann", "b", "2024-01-02", "view", dwell_s=7.5),
        act("ann", "a", "2024-01-04", "click", dwell_s=3),
        act("bob", "a", "2024-01-01", "view"),
        *(act(f"s{number}", "a", "2024-01-01", "view") for number in range(10)),
        *(person(f"s{number}", COUNTRY.values[number % 2]) for number in range(10)),
    )
    derive(store, settings)
    snapshot = take_snapshot(store, load_index(store, settings), workspace)
    assert snapshot.acts.dwell.tolist() == [2, 7.5, 2, 5, *[0] * 11]
    assert Snapshot(snapshot.folder).acts.traits.which == (COUNTRY,)
    assert snapshot.acts.traits.codes[:, 0].tolist() == [0, 0, *[1, 2] * 5]
    load(store, act("ann", "b", "2024-01-02", "view", dwell_s=1))
    derive(store, settings)
    assert take_snapshot(store, load_index(store, settings), workspace).meta.content_hash != snapshot.meta.content_hash


def test_another_country_is_other_data(shop: Store, snapshot: Snapshot, settings: Settings, workspace: Workspace) -> None:
    load(shop, person("s00", "FR", import_id=2))
    derive(shop, settings)
    index = replace(load_index(shop, settings), data_version=snapshot.meta.data_version)
    later = take_snapshot(shop, index, workspace)
    assert later.meta.content_hash != snapshot.meta.content_hash
    assert (later.acts.traits.codes != snapshot.acts.traits.codes).sum() == 1


def test_a_snapshot_of_a_shop_without_them_has_no_trace_of_them(store: Store, settings: Settings, workspace: Workspace) -> None:
    """So that it has the hash it had before they were read; and one that was taken then can be read."""
    load(store, *checkerboard())
    derive(store, settings)
    snapshot = take_snapshot(store, load_index(store, settings), workspace)
    assert not (snapshot.folder / TRAITS).exists()
    assert Col.DWELL not in pd.read_parquet(snapshot.folder / ACTS)
    told = json.loads((snapshot.folder / META).read_text())
    (snapshot.folder / META).write_text(json.dumps({name: value for name, value in told.items() if name != "traits"}))
    acts = Snapshot(snapshot.folder).acts
    assert not acts.dwell.any()
    assert acts.traits.codes.shape == (acts.shoppers, 0)


def test_in_training_a_pair_has_the_dwell_that_serving_knows(shop: Store, snapshot: Snapshot) -> None:
    acts = snapshot.acts.where(pairs(snapshot.acts))
    users, items = snapshot.shoppers[Col.USER].to_numpy(), snapshot.items[Col.ITEM].to_numpy()
    told = pd.Series(acts.dwell, [users[acts.user], items[acts.item]]).sort_index()
    known = shop.df("SELECT * FROM interactions").set_index([Col.USER, Col.ITEM])[Col.DWELL].sort_index()
    np.testing.assert_allclose(told, known, rtol=1e-6)
    assert (known > 0).any()


def test_seconds_fall_into_buckets() -> None:
    acts = log(*(("A", letter, day, Event.VIEW) for day, letter in enumerate("abcdefgh")))
    acts = replace(acts, dwell=np.array([0, 0.2, 1, 1.1, 3, 4, 1000, 1e6], np.float32))
    assert to_score(acts, 9).pack(np.array([0])).dwell.tolist() == [[0, 1, 1, 2, 2, 3, 10, 11]]


def test_a_tower_reads_what_there_is_and_nothing_else(snapshot: Snapshot) -> None:
    both = learned(snapshot).towers
    assert (both.shape.dwell, both.shape.traits) == (True, (COUNTRY, TIER))
    assert all(known.weight[1:3].any() and not known.weight[0].any() for known in (both.users.dwell, *both.users.traits))
    neither = learned(snapshot, dwell=False, traits=False)
    assert (neither.towers.shape.dwell, neither.towers.shape.traits) == (False, ())


def test_what_is_read_is_told(shop: Store, snapshot: Snapshot) -> None:
    assert to_be_read(shop) == "how long items were looked at, and what is known of the shoppers: country, tier"
    assert was_read(Shape(8, traits=(TIER,))) == ("Besides what was done and when, the model reads what is known of the shoppers: tier.",)
    assert was_read(Shape(8)) == ()
    with shop.transaction() as cursor:
        cursor.execute("DELETE FROM users")
        cursor.execute("UPDATE events SET dwell_s = NULL")
    assert to_be_read(shop) is None


def test_a_shop_without_them_learns_as_if_they_were_not_read(snapshot: Snapshot) -> None:
    """To the last bit, where they are left out and where there are none; and they draw no random numbers."""
    acts = snapshot.acts
    bare = replace(acts, dwell=np.zeros_like(acts.dwell), traits=nothing_known(acts.shoppers))
    cut = split(bare, Protocol.LEAVE_LAST_ONE)
    tower = Tower(snapshot.vectors, SMALL)
    tower.fit(cut.train(), cut.examples(Part.VALID))
    neither = learned(snapshot, dwell=False, traits=False)
    assert tower.curve == neither.curve
    np.testing.assert_array_equal(tower.score(bare), neither.score(acts))
    assert learned(snapshot).curve != tower.curve
    made = []
    for shape in (Shape(8), Shape(8, dwell=True, traits=(TIER,))):
        torch.manual_seed(7)
        made.append(build_towers(torch.ones(3, 4), shape))
    plainly, fully = (one.state_dict() for one in made)
    assert set(fully) - set(plainly) == {"users.dwell.weight", "users.traits.0.weight"}
    assert all(fully[name].equal(value) for name, value in plainly.items())


def test_a_refit_reads_what_was_chosen(snapshot: Snapshot) -> None:
    acts = snapshot.acts
    cut = split(acts, Protocol.LEAVE_LAST_ONE)
    train = cut.train()
    tower = Tower(snapshot.vectors, SMALL)
    tower.fit(replace(train, dwell=np.zeros_like(train.dwell)), cut.examples(Part.VALID))
    tower.fit(acts, None)
    assert (tower.towers.shape.dwell, tower.towers.shape.traits) == (False, (COUNTRY, TIER))


def test_a_model_keeps_them_and_one_of_before_is_read(model: Model, snapshot: Snapshot, settings: Settings) -> None:
    model.save(settings.home / "kept")
    kept = load_model(settings.home / "kept")
    assert kept.traits == (COUNTRY, TIER)
    np.testing.assert_array_equal(kept.tastes(snapshot.acts), model.tastes(snapshot.acts))
    told = {name: value for name, value in asdict(Shape(8, dwell=True)).items() if name not in ("dwell", "traits", "tasks")}
    assert Shape.from_json(told) == Shape(8)


def test_what_is_served_is_what_was_learned(shop: Store, served: Index, model: Model, snapshot: Snapshot) -> None:
    acts = snapshot.acts
    expected, tastes = model.score(acts), model.tastes(acts)
    users = snapshot.shoppers[Col.USER].tolist()
    for row, user in enumerate(users):
        scored, taste = personal(shop, served, user)
        np.testing.assert_allclose(taste.vector, tastes[row], atol=2e-6)
        np.testing.assert_allclose(scored.appeal, expected[row][scored.candidates.rows], atol=2e-6)
    told = shop.df(HISTORIES, {"buckets": 1, "bucket": 0, "now": served.now})
    told = told.assign(user=pd.factorize(told[Col.USER])[0], row=[served.rows[name] for name in told[Col.ITEM]])
    np.testing.assert_allclose(appeals(served, told, traits_of(shop, served.traits, users)), expected, atol=2e-6)
    for other in (replace(acts, dwell=np.zeros_like(acts.dwell)), replace(acts, traits=nothing_known(acts.shoppers))):
        assert np.abs(model.tastes(other) - tastes).max() > 0.01, "it makes a difference here"


def test_what_the_model_did_not_learn_of_is_not_known(shop: Store, served: Index, model: Model, snapshot: Snapshot) -> None:
    """A shopper of another country, one of none, and one of the future: their own row of the snapshot, with nothing known."""
    acts = snapshot.acts
    user = snapshot.shoppers[Col.USER].tolist().index("s03")  # not in the users table
    before = personal(shop, served, "s03")[1].vector
    np.testing.assert_allclose(before, model.tastes(replace(acts, traits=nothing_known(acts.shoppers)))[user], atol=2e-6)
    load(shop, person("s03", "XX", import_id=2, tier="bronze", shoe_size="44"))
    np.testing.assert_array_equal(personal(shop, served, "s03")[1].vector, before)
    load(shop, person("s03", "FR", import_id=3))
    known = acts.traits.codes.copy()
    known[user] = [2, 0]
    told = replace(acts, traits=replace(acts.traits, codes=known))
    np.testing.assert_allclose(personal(shop, served, "s03")[1].vector, model.tastes(told)[user], atol=2e-6)


def test_a_look_tells_at_once_when_it_is_in_the_log(shop: Store, served: Index, settings: Settings) -> None:
    before = personal(shop, served, "s00")[1]
    last = served.ids[before.rows[-1]]
    load(shop, act("s00", last, "2024-03-05 23:00", "view", dwell_s=900))
    rebuild_rollups(shop)
    after = personal(shop, load_index(shop, settings), "s00")[1]
    assert after.acts.dwell[-1] == before.acts.dwell[-1] + 900
    assert np.abs(after.vector - before.vector).max() > 0.01


def test_the_profile_is_a_part_of_its_own_and_the_parts_add_up(shop: Store, served: Index) -> None:
    for user, whole in (("s00", True), ("s03", False)):
        scored = score_shopper(shop, served, user)
        picks = scored.rank(plan=plain(0.8), k=4).picks
        for told in explanations(scored, picks, plain(0.8), 4):
            assert told.sum_error == pytest.approx(0, abs=1e-5)
            assert told.path_error < 1e-2
            assert (told.traits != 0) is whole
            assert told.as_json()["traits"] == told.traits
            assert ("for their profile" in told.lines()[0]) is whole


def test_a_loss_leaves_the_profile_as_it_is(shop: Store, served: Index) -> None:
    _, taste = personal(shop, served, "s00")
    others = taste.model.score(taste.acts.where(np.arange(len(taste.acts)) > 0))[0]
    np.testing.assert_allclose(taste.losses(served, np.arange(len(served)))[0], taste.appeal(served) - others, atol=1e-6)


def test_a_model_of_other_codes_reads_the_same_values(model: Model, snapshot: Snapshot) -> None:
    """A later snapshot has more values, in another order; the model reads them by its own."""
    acts = snapshot.acts
    more = (Trait("age", ("old",)), Trait("country", ("AT", "DE", "FR")), Trait("tier", ("bronze", "gold", "silver")))
    np.testing.assert_array_equal(model.tastes(replace(acts, traits=acts.traits.by(more))), model.tastes(acts))


def test_moments_of_a_log_have_the_profile_of_their_shopper(snapshot: Snapshot) -> None:
    found = moments(snapshot.acts)
    some = found.take(np.arange(0, len(found.rows), 7))
    np.testing.assert_array_equal(some.histories().traits.codes, snapshot.acts.traits.codes[snapshot.acts.user[some.rows]])


def test_by_hand_what_the_traits_put_in() -> None:
    """(3, 1) of the item and (0, 4) of the trait are (3, 5), normalised (−1, 1): their spread is 1, so (−2, 2) is the trait's."""
    towers = build_towers(torch.zeros(1, 0), Shape(2, traits=(TIER,))).eval()
    acts = replace(log(("A", "a", 0, Event.VIEW), items="a"), traits=Traits((TIER,), np.array([[2]], np.int16)))
    with torch.no_grad():
        towers.items.id.weight[0] = torch.tensor([3.0, 1.0])
        towers.users.traits[0].weight[2] = torch.tensor([0.0, 4.0])
        batch = towers.spans(acts).pack(np.array([0]))
        vectors = towers.items(batch.items)
        read, theirs = (one(vectors, batch)[0, 0] for one in (towers.users.read, towers.users.read_of_traits))
    torch.testing.assert_close(read, torch.tensor([-1.0, 1.0]), atol=1e-4, rtol=0)
    torch.testing.assert_close(theirs, torch.tensor([-2.0, 2.0]), atol=1e-4, rtol=0)
