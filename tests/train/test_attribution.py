"""The taste term adds up over the history, by the trained model and before training; where the towers look is told beside it."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.base.schema import Event
from core.represent.acts import Acts
from core.represent.model import Model
from core.represent.neighbours import GAIN, Neighbours
from core.represent.tower_path import TOLERANCE, tower_parts
from core.represent.towers import Shape, Towers, build_towers
from core.represent.traits import Trait, Traits, nothing_known
from core.score import learned
from core.score.attribution import attribution, shared_log
from core.score.dislikes import turned_away
from core.score.learned import LearnedTaste
from tests.train.conftest import log

ITEMS, WIDTH = 8, 8
LETTERS = "abcdefgh"
TIER = Trait("tier", ("gold", "silver"))


def random_towers(seed: int, spread: float = 0.3, layers: int = 1, heads: int = 2) -> Towers:
    torch.manual_seed(seed)
    shape = Shape(WIDTH, layers=layers, heads=heads, longest=5, dwell=True, traits=(TIER,))
    made = build_towers(torch.randn(ITEMS, 4), shape, temperature=0.05)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=spread)
    return made.eval()


def of(letters: str) -> Acts:
    """Return the history of one shopper of a tier, an item a day, looked at for longer each day."""
    acts = log(*(("A", letter, day, Event.VIEW) for day, letter in enumerate(letters)))
    return replace(acts, dwell=np.arange(len(letters), dtype=np.float32), traits=Traits((TIER,), np.array([[2]], np.int16)))


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("letters", ["a", "abc", "hgfedcba"])
def test_the_parts_of_a_tower_add_up_to_the_cosine(layers: int, letters: str) -> None:
    towers, history = random_towers(7, layers=layers), of(letters)
    goals = towers.unit_table()
    told = tower_parts(towers, history, goals)
    assert told.parts.shape == (min(len(letters), 5), ITEMS)
    assert told.error < TOLERANCE
    assert np.abs(told.traits).max() > 0.01
    np.testing.assert_allclose(told.nobody + told.traits + told.parts.sum(axis=0), towers.tastes(history)[0] @ goals.T, atol=1e-5)
    assert told.attention.sum() == pytest.approx(1, abs=1e-5)
    assert (told.attention >= 0).all()


def test_what_is_the_same_for_any_history_is_nobodys() -> None:
    towers, goals = random_towers(7), np.eye(WIDTH, dtype=np.float32)
    first, second = (tower_parts(towers, of(letters), goals).nobody for letters in ("abc", "hgfe"))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_who_nothing_is_known_of_has_no_part_of_a_profile() -> None:
    towers, goals = random_towers(7), np.eye(WIDTH, dtype=np.float32)
    with torch.no_grad():
        towers.users.traits[0].weight[0] = 0  # as it is in training
    told = tower_parts(towers, replace(of("abc"), traits=nothing_known(1)), goals)
    assert np.abs(told.traits).max() == 0
    np.testing.assert_allclose(told.nobody, tower_parts(towers, of("abc"), goals).nobody, atol=1e-6)


def test_an_item_that_reads_as_nothing_has_no_part() -> None:
    towers = random_towers(7)
    with torch.no_grad():
        towers.users.event.weight.zero_()
        towers.users.dwell.weight.zero_()
        towers.items.read = None
        towers.items.id.weight[2] = 0
    told = tower_parts(towers, of("abc"), np.eye(WIDTH, dtype=np.float32))
    assert np.abs(told.parts[2]).max() <= told.error + 1e-6
    assert np.abs(told.parts[:2]).max() > 0.01


def test_by_hand_a_tower_that_copies_its_last_item_gives_it_everything() -> None:
    towers = random_towers(7)
    block = towers.users.blocks[0]
    with torch.no_grad():
        for layer in (block.out, block.forward_layer[3]):
            layer.weight.zero_()
            layer.bias.zero_()
    goals = towers.unit_table()
    told = tower_parts(towers, of("abc"), goals)
    np.testing.assert_allclose(told.parts[:2], 0, atol=told.error + 1e-6)
    np.testing.assert_allclose(told.parts[2] + told.traits + told.nobody, towers.tastes(of("abc"))[0] @ goals.T, atol=1e-5)


@given(arrays(float, (3, 4), elements=st.floats(-1, 1)))
def test_a_shared_logarithm_adds_up_and_has_the_signs_of_its_terms(terms: np.ndarray) -> None:
    parts = shared_log(terms)
    np.testing.assert_allclose(parts.sum(axis=0), np.log1p(GAIN * np.maximum(terms.sum(axis=0), 0)), atol=1e-6)
    assert (parts * terms >= 0).all()
    assert np.abs(parts).max(initial=0) <= np.log1p(GAIN * 3)


def random_taste(seed: int, letters: str, disliked: str, towers: int) -> LearnedTaste:
    """Return the taste of a history by a model of random parts; disliked: letters, which may be of the history too."""
    rng = np.random.default_rng(seed)
    text = rng.normal(size=(ITEMS, 4)).astype(np.float32)
    text /= np.linalg.norm(text, axis=1, keepdims=True)
    tables = tuple(
        Neighbours(name, random_table(rng), decay, weight) for name, decay, weight in (("pairs", 0.7, 1.0), ("ease", 0.9, 0.6))
    )
    model = Model(
        ids=np.array(list(LETTERS), object),
        text=text,
        whitening=None,
        encoder=None,
        towers=tuple(random_towers(seed + number) for number in range(towers)),
        tables=tables,
        text_weight=4.0,
        trend=rng.random(ITEMS).astype(np.float32),
        trend_weight=0.5,
        alpha=1.0,
    )
    acts = of(letters)
    rows, away_rows = acts.item.astype(int), np.array([LETTERS.index(letter) for letter in disliked], int)
    places = np.arange(len(rows))[::-1]
    away_places = np.array([places[letters.index(x)] if x in letters else len(rows) + at for at, x in enumerate(disliked)], int)
    away = model.vectors[away_rows].sum(axis=0, keepdims=True)
    vector = turned_away(model.tastes(acts), away)[0]
    return LearnedTaste(
        model, acts, rows, places, vector, model.together(acts), model.revisited(acts), away, away_rows, away_places
    )


def random_table(rng: np.random.Generator) -> sp.csr_matrix:
    """Return a sparse table in which a fifth of what there is speaks against."""
    return sp.csr_matrix((rng.random((ITEMS, ITEMS)) - 0.2) * (rng.random((ITEMS, ITEMS)) < 0.5), dtype=np.float32)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 1000),
    st.lists(st.sampled_from(LETTERS), min_size=1, unique=True).map("".join),
    st.lists(st.sampled_from(LETTERS), max_size=3, unique=True).map("".join),
    st.integers(0, 2),
)
def test_s_is_the_sum_of_its_parts(seed: int, letters: str, disliked: str, towers: int) -> None:
    taste, rows = random_taste(seed, letters, disliked, towers), np.arange(ITEMS)
    found = attribution(None, taste, rows)  # a trained model brings what it needs
    assert found is not None
    np.testing.assert_allclose(found.everyone + found.traits + found.parts.sum(axis=0), taste.appeal(None), atol=1e-5)
    assert found.error < TOLERANCE
    assert set(found.rows.tolist()) == {LETTERS.index(letter) for letter in letters + disliked}
    assert (found.attention is None) == (towers == 0)
    if found.attention is not None:
        assert found.attention.sum() == pytest.approx(1, abs=1e-5)


def test_text_and_tables_by_hand() -> None:
    """Two items of history, latest b, and one asked: text fades by 0.6 a step, the table by its own decay."""
    taste = random_taste(1, "ab", "", towers=0)
    model = replace(taste.model, trend_weight=0.0, tables=taste.model.tables[:1])
    taste = replace(taste, model=model)
    row, text, table = 4, model.text, model.tables[0].table.toarray()
    of_cosine, of_together, _ = model.shares
    mean = 0.6 * text[0] + text[1]
    terms = np.array([[0.7 * table[0, row]], [table[1, row]]], float)
    cosines = np.array([0.6 * text[0] @ text[row], text[1] @ text[row]]) / np.linalg.norm(mean)
    expected = of_cosine / 2 * cosines + of_together * model.table_weights[0] * shared_log(terms)[:, 0]
    found = attribution(None, taste, np.array([row]))
    assert found is not None
    assert found.rows.tolist() == [1, 0]  # by their places in the history frame, latest first
    np.testing.assert_allclose(found.parts[:, 0], expected[::-1], atol=1e-6)
    assert found.everyone[0] == pytest.approx(of_cosine / 2)


def test_a_path_too_coarse_is_walked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    towers, goals = random_towers(7, spread=1.0), np.eye(WIDTH, dtype=np.float32)
    monkeypatch.setattr("core.represent.tower_path.NODES", 1)
    assert tower_parts(towers, of("abc"), goals).error < TOLERANCE


@given(st.integers(0, 1000), st.permutations(list(LETTERS)))
@settings(max_examples=10, deadline=None)
def test_a_loss_is_what_is_missing_without_the_item_also_far_back(seed: int, letters: list[str]) -> None:
    """The towers read fewer items than there are, and what lies before those changes the pairs alone."""
    taste, rows = random_taste(seed, "".join(letters), "", towers=1), np.arange(ITEMS)
    model = replace(taste.model, text_weight=0.0)
    taste = replace(taste, model=model, vector=model.tastes(taste.acts)[0], pairs=model.together(taste.acts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learned, "FAR_BACK", 1)
        lost, left = taste.losses(None, rows), taste.appeal_without(rows, np.arange(len(letters)))
    for gone in range(len(letters)):
        without = model.score(taste.acts.where(np.arange(len(letters)) != gone))[0]
        np.testing.assert_allclose(left[gone], without, atol=1e-5)
        np.testing.assert_allclose(lost[gone], taste.appeal(None) - without, atol=1e-5)
