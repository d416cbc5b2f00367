"""A trained model served: the list of a shopper is the one that was evaluated, and its reasons are exact."""

from dataclasses import replace

import numpy as np
import pytest

from core.base.db import Store
from core.base.schema import Col
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.represent import registry
from core.represent.encoder import encoder_name
from core.represent.item_vectors import embed
from core.represent.model import Model
from core.represent.neighbours import REVISIT, Neighbours, itself
from core.represent.traits import nothing_known
from core.score.index import Index, index_key, load_index
from core.score.learned import LearnedTaste, learned_taste
from core.score.recommend import Scored, recommend, score_shopper
from core.score.similar import Spoke, alike
from core.score.taste import history
from core.train.finetune import Options
from core.train.item_to_item import ItemToItem
from core.train.names import Preset, Protocol
from core.train.presets import make_preset
from core.train.protocol import Part, split
from core.train.snapshot import Snapshot
from tests.profiles.shop import act, item, load
from tests.represent.words import WordEncoder

SMALL = Options(width=16, dropout=0.1, longest=8, negatives=16, batch=8, rate=1e-2, most_epochs=4, patience=4)


@pytest.fixture
def model(snapshot: Snapshot) -> Model:
    """A small trained model in which every part has a weight."""
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    mixed = make_preset(Preset.BEST, snapshot, 7, SMALL)
    mixed.fit(cut.train(), cut.examples(Part.VALID))
    pairs = ItemToItem()
    pairs.fit(cut.train(), None)
    return replace(
        mixed.model,
        tables=(Neighbours("pairs", pairs.table, 0.6, 1.0), Neighbours(REVISIT, itself(pairs.table.shape[0]), 0.9, 0.5)),
        text_weight=4.0,
        trend=np.linspace(0, 1, len(mixed.model.ids), dtype=np.float32),
        trend_weight=1.0,
        alpha=0.9,
    )


@pytest.fixture
def served(shop: Store, settings: Settings, model: Model) -> Index:
    """The index with that model live."""
    model.save(settings.home / "runs" / "one" / "serving")
    registry.promote(settings.home, "one", "runs/one/serving", by="ann", why="a test")
    found = load_index(shop, settings)
    assert found.model is not None, found.notes
    return found


def personal(shop: Store, index: Index, user: str) -> tuple[Scored, LearnedTaste]:
    scored = score_shopper(shop, index, user)
    assert isinstance(scored.taste, LearnedTaste)
    return scored, scored.taste


def test_what_is_served_is_what_is_evaluated(shop: Store, served: Index, snapshot: Snapshot, model: Model) -> None:
    expected = model.score(snapshot.acts)
    for row, user in enumerate(snapshot.shoppers[Col.USER]):
        scored, _ = personal(shop, served, user)
        np.testing.assert_allclose(scored.appeal, expected[row][scored.candidates.rows], atol=2e-6)


def test_the_parts_of_a_pick_add_up_and_lie_within_taste(shop: Store, served: Index) -> None:
    picks = recommend(shop, served, "s00", alpha=0.8).picks
    for pick in picks:
        assert pick.score == pick.from_taste + pick.from_quality
        assert 0 <= pick.from_together + pick.from_revisit < pick.from_taste - pick.from_trend
    assert picks[0].from_together > 0
    assert picks[0].from_trend > 0 > picks[-1].from_trend  # by the item: rising and falling


def test_a_rise_is_a_reason_and_a_fall_is_none(shop: Store, served: Index) -> None:
    assert served.model is not None
    for pick in recommend(shop, served, "s00", alpha=0.8, k=20).picks:
        rise = 8 ** (2 * served.model.trend[served.rows[pick.item_id]] - 1)
        told = [reason for reason in pick.reasons if "times as often of late" in reason]
        assert told == (
            [f"Chosen {'at least ' if rise == 8 else ''}{rise:.1f} times as often of late as usual"] if rise >= 1.25 else []
        )


def test_a_loss_is_what_the_taste_term_lacks_without_the_item(shop: Store, served: Index) -> None:
    _, taste = personal(shop, served, "s00")
    lost = taste.losses(served, np.arange(len(served)))
    frame = history(shop, served, "s00")
    without = learned_taste(served, frame.drop(index=frame.index[taste.places[0]]).reset_index(drop=True), nothing_known(1))
    assert without is not None
    np.testing.assert_allclose(lost[0], taste.appeal(served) - without.appeal(served), atol=1e-6)
    np.testing.assert_allclose(taste.appeal_without(served, np.array([0]))[0], without.appeal(served), atol=1e-6)


def test_a_shopper_with_one_item_has_reasons_too(shop: Store, served: Index, settings: Settings) -> None:
    load(shop, act("new", "tea-1", "2024-03-20", "purchase", quantity=1))
    rebuild_rollups(shop)
    best = recommend(shop, load_index(shop, settings), "new", alpha=0.9, k=3)
    assert best.fallback == "personalised"
    assert {pick.item_id.split("-")[0] for pick in best.picks} == {"tea"}
    assert any("Chosen by shoppers who also chose tea thing 1" in pick.reasons for pick in best.picks)


def test_an_item_that_came_after_training_is_ranked_by_its_text(shop: Store, served: Index, settings: Settings) -> None:
    load(shop, item("tea-9", title="tea thing 1", category="tea"))
    rebuild_rollups(shop)
    embed(shop, WordEncoder(encoder_name(settings)))
    index = load_index(shop, settings)
    assert index.model is not None, index.notes
    scored, _ = personal(shop, index, "s00")
    appeal = dict(zip(index.ids[scored.candidates.rows].tolist(), scored.appeal.tolist(), strict=True))
    assert appeal["tea-9"] > max(score for name, score in appeal.items() if name.startswith("garden"))


def test_a_switch_is_seen_and_a_lost_model_is_told(shop: Store, served: Index, settings: Settings) -> None:
    before = index_key(shop, settings)
    registry.rollback(settings.home, by="ann")
    assert index_key(shop, settings) != before
    assert load_index(shop, settings).model is None
    registry.promote(settings.home, "one", "runs/one/serving", by="ann")
    (settings.home / "runs/one/serving/arrays.safetensors").write_bytes(b"broken")
    bare = load_index(shop, settings)
    assert bare.model is None
    assert any("without it" in note for note in bare.notes)
    assert recommend(shop, bare, "s00", alpha=0.7).fallback == "personalised"


def test_what_says_most_for_a_pick_comes_first(shop: Store, served: Index, settings: Settings, model: Model) -> None:
    assert "Chosen by" not in recommend(shop, served, "s00", alpha=0.8, k=1).picks[0].reasons[0]
    tables = tuple(replace(table, weight=100.0) for table in model.tables)
    replace(model, tables=tables).save(settings.home / "runs" / "two" / "serving")
    registry.promote(settings.home, "two", "runs/two/serving", by="ann")
    first = recommend(shop, load_index(shop, settings), "s00", alpha=0.8, k=1).picks[0]
    assert 2 * first.from_together > first.from_taste
    assert first.reasons[0].startswith("Chosen by shoppers who also chose")


def test_similar_items_are_what_the_model_shows_to_whoever_took_one(shop: Store, served: Index) -> None:
    found = alike(shop, served, "tea-3", 7)
    assert {one.item_id.partition("-")[0] for one in found.offers} == {"tea"}
    assert {one.by for one in found.offers} == {Spoke.MODEL}
    assert "trained model" in found.sentence
    asked = [one.likeness for one in found.offers]
    assert asked == sorted(asked, reverse=True)
    assert all(0 <= likeness <= 1 for likeness in asked)
