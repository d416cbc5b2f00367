"""One behaviour suite for every model, and what each does on data whose answer is known."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from core.base.db import Store
from core.base.errors import BadInput
from core.base.schema import Col, Event
from core.represent.model import TEXT_DECAY, load_model
from core.represent.neighbours import Neighbours, engaged, recent
from core.score.index import Index
from core.score.recommend import score_shopper
from core.train.ease import Ease, solve
from core.train.finetune import Options, Tower
from core.train.item_to_item import ItemToItem, co_counts, similarities
from core.train.item_to_item import Options as ItemOptions
from core.train.judge import tuning_ndcg
from core.train.mixture import Mixture
from core.train.models import make
from core.train.names import Model, Preset, Protocol
from core.train.popularity import Popularity
from core.train.presets import make_preset
from core.train.protocol import Part, Split, split
from core.train.scorer import Scorer
from core.train.snapshot import Snapshot
from core.train.zero_shot import ZeroShot
from tests.train.conftest import PER_COLOUR, log

BUY = Event.PURCHASE
SMALL = Options(width=16, dropout=0.1, longest=8, negatives=16, batch=8, rate=1e-2, most_epochs=15, patience=4)
MODELS: dict[str, Callable[[Snapshot], Scorer]] = {
    **{str(model): partial(make, model, alpha=0.7) for model in Model},
    "tower": lambda snapshot: Tower(snapshot.vectors, SMALL),
    "quick": lambda snapshot: make_preset(Preset.QUICK, snapshot, 7, SMALL),
    "best": lambda snapshot: make_preset(Preset.BEST, snapshot, 7, SMALL),
}
PERSONAL = [name for name in MODELS if name != Model.POPULARITY]


def fitted(model: str, snapshot: Snapshot) -> Scorer:
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    made = MODELS[model](snapshot)
    made.fit(cut.train(), cut.examples(Part.VALID))
    return made


@pytest.mark.parametrize("model", list(MODELS))
class TestEveryModel:
    def test_scores_every_item_for_every_shopper(self, model: str, snapshot: Snapshot) -> None:
        history = snapshot.acts.of(np.arange(3))
        scores = fitted(model, snapshot).score(history)
        assert scores.shape == (3, 2 * PER_COLOUR + 1)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()

    def test_gives_the_same_scores_twice_and_in_any_company(self, model: str, snapshot: Snapshot) -> None:
        first, second = fitted(model, snapshot), fitted(model, snapshot)
        together = first.score(snapshot.acts.of(np.arange(6)))
        np.testing.assert_array_equal(second.score(snapshot.acts.of(np.arange(6))), together)
        np.testing.assert_allclose(first.score(snapshot.acts.of(np.array([4]))), together[4:5], rtol=1e-5, atol=1e-6)

    def test_has_something_for_a_shopper_without_a_history(self, model: str, snapshot: Snapshot) -> None:
        nobody = snapshot.acts.where(np.zeros(len(snapshot.acts), bool)).of(np.arange(2))
        scores = fitted(model, snapshot).score(nobody)
        assert scores.shape == (2, 2 * PER_COLOUR + 1)
        assert np.isfinite(scores).all()

    def test_keeps_its_settings_where_there_is_nothing_to_choose_them_on(self, model: str, snapshot: Snapshot) -> None:
        cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
        made = fitted(model, snapshot)
        chosen = getattr(made, "options", None)
        made.fit(cut.train(refit=True), None)
        assert getattr(made, "options", None) == chosen


@pytest.mark.parametrize("model", PERSONAL)
def test_the_right_colour_comes_first(model: str, snapshot: Snapshot) -> None:
    examples = split(snapshot.acts, Protocol.LEAVE_LAST_ONE).examples(Part.TEST)
    scores = fitted(model, snapshot).score(examples.history)
    scores[examples.seen_row, examples.seen_item] = -np.inf
    scores[:, ~examples.history.shown] = -np.inf
    colour = snapshot.items["item_id"].str.startswith("tea").to_numpy()
    mine = colour[examples.target_item]
    for row, target in zip(examples.target_row, mine, strict=True):
        unseen = np.isfinite(scores[row])
        assert scores[row][unseen & (colour == target)].min() > scores[row][unseen & (colour != target)].max()


def test_popularity_counts_shoppers_not_acts() -> None:
    model = Popularity()
    model.fit(log(("A", "a", 1, BUY), ("A", "a", 2, BUY), ("B", "b", 1, BUY), ("C", "b", 1, BUY), items="abc"), None)
    assert model.score(log(("A", "a", 1, BUY), items="abc")).tolist() == [[1, 2, 0]]


def test_item_to_item_by_hand() -> None:
    # a and b share two of 3 and 2 shoppers, a and c one of 3 and 1.
    train = log(
        *((who, what, day, BUY) for who, bought in {"A": "ab", "B": "ab", "C": "ac"}.items() for day, what in enumerate(bought))
    )
    together, alone = co_counts(train)
    assert alone[:3].tolist() == [3, 2, 1]
    found = similarities(together, alone, shrink=1.0).toarray()
    assert found[0, 1] == pytest.approx(2 / (np.sqrt(6) + 1))
    assert found[0, 2] == pytest.approx(1 / (np.sqrt(3) + 1))
    assert found[1, 2] == 0
    model = ItemToItem(ItemOptions(shrink=1.0, decay=0.5))
    model.fit(train, None)
    scores = model.score(log(("A", "b", 1, BUY), ("A", "a", 2, BUY)))[0]
    assert scores[2] == pytest.approx(found[0, 2])
    assert scores[1] == pytest.approx(found[0, 1])
    assert scores[0] == pytest.approx(0.5 * found[1, 0])


def test_a_history_item_counts_from_its_last_time_and_a_return_does_not_count() -> None:
    history = log(("A", "a", 1, BUY), ("A", "b", 2, BUY), ("A", "a", 3, BUY), ("A", "c", 4, Event.RETURN))
    assert recent(history, 0.5).toarray()[0, :4].tolist() == [1.0, 0.5, 0.0, 0.0]


def test_ease_solves_what_it_says() -> None:
    matrix = engaged(log(("A", "a", 1, BUY), ("A", "b", 1, BUY), ("B", "b", 1, BUY), ("B", "c", 1, BUY), items="abc"))
    weights = solve(matrix, ridge=2.0)
    inverse = np.linalg.inv(matrix.toarray().T @ matrix.toarray() + 2 * np.eye(3))
    expected = np.eye(3) - inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(weights, expected, atol=1e-6)
    assert Ease().options.ridge == 60


def test_zero_shot_is_what_the_product_serves(shop: Store, index: Index, snapshot: Snapshot) -> None:
    model = ZeroShot(snapshot, alpha=0.6)
    model.fit(snapshot.acts, None)
    scores = model.score(snapshot.acts)
    for row, user in enumerate(snapshot.shoppers[Col.USER]):
        served = score_shopper(shop, index, user)
        expected = 0.6 * served.appeal + 0.4 * served.quality
        places = [snapshot.items["item_id"].tolist().index(index.ids[at]) for at in served.candidates.rows]
        np.testing.assert_allclose(scores[row, places], expected, atol=2e-6)


def test_settings_are_chosen_on_validation_alone(snapshot: Snapshot) -> None:
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    later = cut.part == Part.TEST
    shuffled = replace(snapshot.acts, item=np.where(later, snapshot.acts.item[::-1], snapshot.acts.item).astype(np.int32))
    chosen = []
    for acts in (snapshot.acts, shuffled):
        model = ItemToItem()
        part = replace(cut, acts=acts)
        model.fit(part.train(), part.examples(Part.VALID))
        chosen.append(model.options)
    assert chosen[0] == chosen[1]


def learned(preset: Preset, snapshot: Snapshot) -> tuple[Mixture, Split]:
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    mixed = make_preset(preset, snapshot, 7, SMALL)
    mixed.fit(cut.train(), cut.examples(Part.VALID))
    return mixed, cut


def test_the_weights_of_a_mixture_are_no_worse_than_its_towers_alone(snapshot: Snapshot) -> None:
    mixed, cut = learned(Preset.BEST, snapshot)
    valid = cut.examples(Part.VALID)
    towers = replace(mixed.model, tables=(), text_weight=0.0)
    assert tuning_ndcg(mixed.score, valid) >= tuning_ndcg(towers.score, valid)


@pytest.mark.parametrize("preset", [Preset.QUICK, Preset.BEST])
def test_a_model_adds_up_what_it_says(preset: Preset, snapshot: Snapshot) -> None:
    """Half the weighted sum of logits, moved and scaled into [0, 1]: the order is that of the sum."""
    mixed, cut = learned(preset, snapshot)
    pairs = ItemToItem()
    pairs.fit(cut.train(), None)
    trend = np.linspace(0, 1, len(mixed.model.ids), dtype=np.float32)
    tables = (Neighbours("pairs", pairs.table, 0.5, 1.5),)
    model = replace(mixed.model, text_weight=2.0, tables=tables, trend=trend, trend_weight=3.0)
    text = np.asarray(recent(cut.acts, TEXT_DECAY) @ snapshot.vectors)
    text /= np.linalg.norm(text, axis=1, keepdims=True)
    logits = 2.0 * text @ snapshot.vectors.T + 3.0 * trend
    for tower in model.towers:
        logits += tower.scale / len(model.towers) * tower.tastes(cut.acts) @ tower.unit_table().T
    bound = 0.0
    for table in model.tables:
        logits += table.weight * table.log_score(cut.acts).toarray()
        bound += table.weight * table.bound
    expected = (logits + model.cosine_weight) / (2 * model.cosine_weight + bound + 3.0)
    np.testing.assert_allclose(model.score(cut.acts), expected, atol=1e-5)
    assert expected.min() >= 0
    assert expected.max() <= 1


def test_a_table_says_log_of_one_plus_300_times_the_decayed_sum() -> None:
    table = sp.csr_matrix(np.array([[0, 0.5, 0.1], [0, 0, -0.2], [0, 0, 0]], np.float32))
    history = log(("A", "a", 1, BUY), ("A", "b", 2, BUY), items="abc")
    found = Neighbours("pairs", table, decay=0.5, weight=1.0).log_score(history).toarray()[0]
    assert found[1] == pytest.approx(np.log1p(300 * 0.5 * 0.5))
    assert found[2] == 0, "0.5 · 0.1 − 0.2 is below 0"


def test_a_kept_model_says_the_same(snapshot: Snapshot, tmp_path: Path) -> None:
    mixed, cut = learned(Preset.BEST, snapshot)
    mixed.model.save(tmp_path / "model")
    kept = load_model(tmp_path / "model")
    np.testing.assert_array_equal(kept.score(cut.acts), mixed.model.score(cut.acts))
    assert kept.alpha == mixed.alpha
    assert kept.encoder == snapshot.meta.encoder


@pytest.mark.parametrize("damage", ["not json", '{"format": 99}', '{"format": 1}'])
def test_a_damaged_model_is_told_in_a_sentence(damage: str, snapshot: Snapshot, tmp_path: Path) -> None:
    mixed, _ = learned(Preset.QUICK, snapshot)
    mixed.model.save(tmp_path)
    (tmp_path / "model.json").write_text(damage)
    with pytest.raises(BadInput, match="cannot be read"):
        load_model(tmp_path)


def test_a_model_moves_to_another_catalogue(snapshot: Snapshot) -> None:
    """Known items keep what was learned wherever they stand; a new one is read from its text; what is gone is gone."""
    mixed, cut = learned(Preset.QUICK, snapshot)
    ids = snapshot.items["item_id"].to_numpy(object)
    order = np.random.default_rng(7).permutation(len(ids))
    text = np.vstack([snapshot.vectors[order], snapshot.vectors[:1]])
    moved = mixed.model.on(np.append(ids[order], "new"), text, snapshot.meta.encoder)
    acts = replace(cut.acts, item=np.argsort(order)[cut.acts.item].astype(np.int32), shown=np.append(cut.acts.shown[order], True))
    scores = moved.score(acts)
    np.testing.assert_allclose(scores[:, :-1], mixed.model.score(cut.acts)[:, order], atol=1e-5)
    assert np.isfinite(scores[:, -1]).all()
    assert not moved.towers[0].items.learned()[-1]
    with pytest.raises(BadInput, match="encoder"):
        mixed.model.on(ids, np.zeros((len(ids), 3), np.float32), snapshot.meta.encoder)
    with pytest.raises(BadInput, match="read through another@1"):
        mixed.model.on(ids, snapshot.vectors, "another@1")
