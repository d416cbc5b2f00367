"""Fading and change of demand worked by hand; EASE over the head of a shop; items that nobody has met yet."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from core.base.schema import Event
from core.represent.acts import EVENTS, Acts, distinct
from core.represent.model import MOST, UNCHANGED
from core.represent.traits import nothing_known
from core.train import ease, newcomers
from core.train.ease import Ease, solve
from core.train.fading import fading
from core.train.finetune import Options, Tower
from core.train.moments import moments, surest
from core.train.names import Protocol
from core.train.newcomers import introduce
from core.train.protocol import Part, split
from core.train.trend import PRIOR, Trend, change
from core.train.trend import Options as TrendOptions
from tests.train.conftest import log

BUY = Event.PURCHASE
TRAIN = log(
    ("A", "a", 0, BUY),
    ("A", "b", 1, BUY),
    ("B", "a", 2, BUY),
    ("B", "c", 2, BUY),
    ("C", "b", 0, BUY),
    ("C", "c", 2, BUY),
    items="abcd",
)


def test_an_act_fades_by_half_with_every_half_life() -> None:
    acts = log(("A", "a", 0, BUY), ("A", "b", 1, BUY), ("A", "c", 2, BUY))
    assert fading(acts, 1.0).tolist() == [0.25, 0.5, 1.0]
    assert fading(acts, math.inf).tolist() == [1.0, 1.0, 1.0]
    undated = replace(acts, when=np.array(["NaT", "2024-01-02", "2024-01-03"], "datetime64[us]"))
    assert fading(undated, 1.0).tolist() == [0.5, 0.5, 1.0]


@given(days=st.lists(st.integers(0, 400), min_size=1, max_size=20), half_life=st.floats(0.5, 1000))
def test_what_is_later_never_says_less(days: list[int], half_life: float) -> None:
    acts = log(*(("A", "a", day, BUY) for day in sorted(days)))
    weights = fading(acts, half_life)
    assert weights[-1] == 1
    assert (np.diff(weights) >= 0).all()


def test_a_pair_counts_once_at_its_last_time_and_a_return_not_at_all() -> None:
    acts = log(("A", "a", 0, BUY), ("A", "a", 3, BUY), ("A", "b", 4, Event.RETURN))
    left = distinct(acts)
    assert left.item.tolist() == [0]
    assert left.when.tolist() == acts.when[1:2].tolist()


def test_change_of_demand_by_hand() -> None:
    # Half-life 1 day, latest act on day 2: a has 1/4 + 1, b 1/2 + 1/4, c 1 + 1 of six acts that weigh 4 in all.
    late, ever = np.array([1.25, 0.75, 2.0, 0.0]) / (4 / 6), np.array([2, 2, 2, 0])
    expected = (1 + np.log((late + PRIOR) / (ever + PRIOR)) / np.log(MOST)) / 2
    np.testing.assert_allclose(change(TRAIN, 1.0), expected, rtol=1e-6)
    assert change(TRAIN, 1.0)[3] == UNCHANGED  # nobody chose it, so nothing has changed
    model = Trend(Ease(), TrendOptions(half_life_days=1.0))
    model.fit(TRAIN, None)
    np.testing.assert_allclose(model.score(TRAIN), np.tile(expected, (3, 1)), rtol=1e-6)


def test_what_everybody_chooses_today_has_risen_as_far_as_is_told() -> None:
    acts = shop_of(lambda rng, day: 0 if day == 99 else int(rng.integers(1, 8)), shoppers=3000)
    found = change(acts, 7.0)
    assert found[0] == 1
    assert (found[1:8] < UNCHANGED).all()


@given(days=st.lists(st.integers(0, 400), min_size=1, max_size=20), half_life=st.floats(0.5, 1000))
def test_a_change_has_two_ends_and_without_forgetting_there_is_none(days: list[int], half_life: float) -> None:
    acts = distinct(log(*((chr(ord("A") + place), "ab"[place % 2], day, BUY) for place, day in enumerate(days))))
    assert ((change(acts, half_life) >= 0) & (change(acts, half_life) <= 1)).all()
    np.testing.assert_allclose(change(acts, math.inf), UNCHANGED)


def test_of_an_item_that_few_chose_less_of_a_change_is_told() -> None:
    """Both are chosen on the last day alone, one by two shoppers, the other by forty; a third all the time."""
    late = [(chr(ord("A") + place), "a" if place < 2 else "b", 99, BUY) for place in range(42)]
    always = [(chr(ord("A") + 42 + day), "c", day, BUY) for day in range(99)]
    few, many, falling = change(log(*late, *always, items="abc"), 7.0)[:3]
    assert falling < UNCHANGED < few < many <= 1
    assert few - UNCHANGED < (many - UNCHANGED) / 3


@pytest.mark.parametrize("fashion", [0.7, 0.0])
def test_a_trend_is_asked_only_where_there_is_one(fashion: float) -> None:
    """From day 65 on, this part of the purchases is of four items of 26, which few bought before."""
    acts = shop_of(lambda rng, day: int(rng.integers(22 if day >= 65 and rng.random() < fashion else 0, 26)), shoppers=900)
    cut = split(acts, Protocol.TEMPORAL)
    train, valid = cut.train(), cut.examples(Part.VALID)
    beside = Ease()
    beside.fit(train, valid)
    model = Trend(beside)
    model.fit(train, valid)
    assert (model.options.weight > 0) == (fashion > 0)


def shop_of(choose: Callable[[np.random.Generator, int], int], shoppers: int = 300) -> Acts:
    """Return a log of 100 days in which every shopper buys three times, what ``choose`` gives for the day."""
    rng = np.random.default_rng(7)
    days = np.sort(rng.integers(0, 100, (shoppers, 3)), axis=1).ravel()
    few = log(items="abcdefghijklmnopqrstuvwxyz")
    return replace(
        few,
        shoppers=shoppers,
        user=np.repeat(np.arange(shoppers, dtype=np.int32), 3),
        item=np.array([choose(rng, int(day)) for day in days], np.int32),
        when=np.datetime64("2024-01-01", "us") + days * np.timedelta64(1, "D"),
        event=np.full(len(days), EVENTS.index(BUY), np.int8),
        quantity=np.ones(len(days), np.float32),
        rating=np.full(len(days), np.nan, np.float32),
        dwell=np.zeros(len(days), np.float32),
        traits=nothing_known(shoppers),
    )


def test_a_model_is_also_asked_when_it_is_older() -> None:
    cut = split(shop_of(lambda rng, day: int(rng.integers(0, 8))), Protocol.TEMPORAL)
    train, valid = cut.train(), cut.examples(Part.VALID)
    now, before = moments(train, valid)
    assert now.train is train
    assert len(before.asked) == 2
    assert before.train.when.max() < train.when.max()
    gone = len(train) - len(before.train)
    assert gone == pytest.approx(0.1 * len(train), rel=0.2)
    assert before.asked[1] is now.asked[0]
    assert len(before.asked[0])


def test_a_log_too_short_to_be_cut_has_one_moment() -> None:
    valid = split(shop_of(lambda rng, day: int(rng.integers(0, 8))), Protocol.TEMPORAL).examples(Part.VALID)
    assert len(moments(TRAIN.where(TRAIN.when == TRAIN.when.min()), valid)) == 1


def test_a_half_life_that_only_looks_better_is_not_chosen() -> None:
    gained = np.random.default_rng(7).normal(0, 1, (3, 400))
    assert surest(np.stack([gained[0], gained[0] + 0.01 * gained[1], gained[0] + 0.2 + gained[2]])) == 2
    assert surest(np.stack([gained[0], gained[0] + gained[1] - gained[1].mean() + 0.05])) == 0


@pytest.mark.parametrize(("turn", "forgets"), [(45, True), (100, False)])
def test_ease_forgets_only_where_what_goes_together_changes(turn: int, forgets: bool) -> None:
    """Of 25 items in a square, a shopper buys three of one row, from the day of the turn on of one column."""
    acts = shop_of(lambda rng, day: 0, shoppers=2000)
    rng = np.random.default_rng(7)
    begins, lines = np.sort(rng.integers(0, 98, acts.shoppers)), rng.integers(0, 5, (acts.shoppers, 1))
    places = rng.permuted(np.tile(np.arange(5), (acts.shoppers, 1)), axis=1)[:, :3]
    items = np.where(begins[:, None] < turn, 5 * lines + places, lines + 5 * places)
    when = np.datetime64("2024-01-01", "us") + (begins[:, None] + np.arange(3)).ravel() * np.timedelta64(1, "D")
    cut = split(replace(acts, item=items.ravel().astype(np.int32), when=when), Protocol.TEMPORAL)
    model = Ease()
    model.fit(cut.train(), cut.examples(Part.VALID))
    assert math.isfinite(model.options.half_life_days) == forgets


def test_ease_reads_no_more_than_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease, "HEAD", 2)
    model = Ease(ease.Options(ridge=1.0, decay=1.0))
    model.fit(TRAIN, None)
    table = model.sparse().toarray()
    weights = solve(
        sp.csr_matrix(np.array([[1, 1], [1, 0], [0, 1]], np.float32)), 1.0
    )  # a and b: each has two shoppers, the lower codes win
    np.testing.assert_allclose(table[:2, :2], weights, rtol=1e-5)
    assert not table[2:].any()
    assert not table[:, 2:].any()
    np.testing.assert_allclose(model.score(TRAIN)[1, :2], weights[0], rtol=1e-5)  # B had a, and c which is not read


def test_an_item_that_nobody_met_is_what_its_text_says() -> None:
    text = np.eye(4, dtype=np.float32)
    tower = Tower(text, Options(width=8, longest=4, negatives=4, batch=4, epochs=2))
    tower.fit(TRAIN, None)
    assert tower.towers.items.learned().tolist() == [True, True, True, False]


def test_a_newcomer_stands_where_its_nearest_texts_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newcomers, "NEAREST", 2)
    table = sp.csr_matrix(np.array([[0, 0.6, 0, 0], [0.3, 0, 0, 0], [0, 0.9, 0, 0], [0, 0, 0, 0]], np.float32))
    text = np.array([[1, 0], [0.6, 0.8], [0, 1], [0.8, 0.6]], np.float32)
    found = introduce(table, text, np.array([True, True, True, False])).toarray()
    near_a, near_b = 0.8, 0.96  # cosines of the newcomer to the two items that the table recommends
    np.testing.assert_allclose(found[:, :3], table.toarray()[:, :3])
    np.testing.assert_allclose(found[:3, 3], [0.6 * near_b / 1.76, 0.3 * near_a / 1.76, 0.9 * near_b / 1.76], rtol=1e-5)
    assert introduce(table, text, np.ones(4, bool)) is table
