"""The ranker's steps worked by hand, its features in [0, 1], and what it adds to a list, term by term."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.db import Store
from core.score.index import Index
from core.score.learning import (
    COUNTED,
    FEATURES,
    Counted,
    Learned,
    State,
    beyond,
    expected,
    facts_of,
    features,
    nothing_counted,
    read_state,
)
from core.score.plan import Plan, live_plan, plain
from core.score.ranker import (
    BIAS,
    CENTRE,
    FIRST_SQUARES,
    FURTHEST,
    LEAST_SCALE,
    POSITIONS,
    SCALE,
    SHRINK,
    STEP,
    Places,
    Ranker,
    chance,
    new_ranker,
    read_ranker,
)
from core.score.recommend import recommend, score_shopper

WIDE = len(FEATURES)
EVEN = np.full(WIDE, 0.5)


def places(told: np.ndarray, clicked: list[bool], *, alpha: float = 0.5, segment: int = -1, first: int = 1) -> Places:
    many = len(clicked)
    return Places(
        features=np.broadcast_to(told, (many, WIDE)).astype(float),
        alpha=np.full(many, alpha),
        segment=np.full(many, segment),
        position=np.arange(first, first + many),
        clicked=np.array(clicked),
    )


def test_the_first_step_by_hand() -> None:
    told = EVEN.copy()
    told[2] = 1.0
    seen = places(told, [True])
    before = new_ranker(WIDE)
    error = 1 / (1 + np.exp(-(BIAS + SCALE * (0.5 - CENTRE)))) - 1
    assert chance(before.logits(seen))[0] - 1 == pytest.approx(error)
    after = before.step(seen)
    gradient = 0.5 * error
    assert after.values[2] == pytest.approx(-STEP * gradient / np.sqrt(FIRST_SQUARES + gradient**2))
    assert after.deltas[2] == after.values[2] / after.scale > 0
    assert not after.deltas[[0, 1, *range(3, WIDE)]].any()
    assert after.priors[0] == pytest.approx(-STEP * error / np.sqrt(FIRST_SQUARES + error**2))
    assert not after.priors[1:].any()


def test_what_keeps_the_order_frozen_learns_no_weight_and_no_alpha() -> None:
    told = np.linspace(0, 1, WIDE)
    after = new_ranker(WIDE).knowing((7,)).step(places(told, [True, False], segment=0), frozen=True)
    after = after.step(places(told, [True, False], segment=0), frozen=True)
    assert not after.deltas.any()
    assert not after.shifts.any()
    assert after.values[WIDE + 1] != BIAS
    assert after.values[-1] != 0


def test_a_place_far_down_shares_the_last_prior() -> None:
    after = new_ranker(WIDE).step(places(EVEN, [True], first=POSITIONS + 5))
    assert np.flatnonzero(after.priors).tolist() == [POSITIONS - 1]


def test_a_segment_that_clicks_what_is_near_to_its_taste_gets_a_higher_alpha_and_few_places_move_little() -> None:
    taste, quality = EVEN.copy(), EVEN.copy()
    taste[:2], quality[:2] = (1, 0), (0, 1)
    ranker = new_ranker(WIDE).knowing((3, 4))
    for _ in range(200):
        ranker = ranker.step(places(taste, [True] * 5, segment=0)).step(places(quality, [False] * 5, segment=0))
    assert 0 < ranker.shifts[0] <= FURTHEST * 2000 / (2000 + SHRINK)
    assert ranker.shifts[1] == 0
    assert ranker.place_of(np.array([4, 3, 9])).tolist() == [1, 0, -1]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.integers(1, 60)), min_size=1, max_size=30))
def test_whatever_is_clicked_the_ranker_stays_sound_and_is_read_back(seen: list[tuple[float, bool, int]]) -> None:
    ranker = new_ranker(WIDE).knowing((1,))
    for value, clicked, position in seen:
        ranker = ranker.step(places(np.full(WIDE, value), [clicked], segment=0, first=position))
    assert np.isfinite(ranker.values).all()
    assert ranker.scale >= LEAST_SCALE
    assert np.abs(ranker.shifts).max() <= FURTHEST
    again = read_ranker(ranker.as_json())
    assert (again.values.tolist(), again.segments, again.shown.tolist()) == (
        ranker.values.tolist(),
        ranker.segments,
        ranker.shown.tolist(),
    )


def test_the_gradient_is_that_of_the_loss(rng: np.random.Generator) -> None:
    told = rng.random((1, WIDE))
    ranker = new_ranker(WIDE)
    seen = places(told, [False])

    def loss(at: int, by: float) -> float:
        values = ranker.values.copy()
        values[at] += by
        moved = Ranker(WIDE, values, ranker.squares, (), ranker.shown)
        return float(np.logaddexp(0, moved.logits(seen))[0])

    after = ranker.step(seen)
    for at in (*range(WIDE), WIDE, WIDE + 1, WIDE + 2):
        slope = (loss(at, 1e-5) - loss(at, -1e-5)) / 2e-5
        assert after.squares[at] - FIRST_SQUARES == pytest.approx(slope**2, rel=1e-4, abs=1e-9)
        assert np.sign(ranker.values[at] - after.values[at]) == np.sign(slope)


def test_expected_clicks_leave_the_counts_out() -> None:
    ranker = new_ranker(WIDE)
    ranker.values[COUNTED:WIDE] = 2.0
    high = EVEN.copy()
    high[COUNTED:] = 1.0
    assert expected(ranker, places(high, [True]))[0] == pytest.approx(chance(ranker.logits(places(EVEN, [True])))[0])


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_clicks_beyond_expectation_are_in_the_unit_interval_and_on_the_right_side(clicks: float, awaited: float) -> None:
    value = float(beyond(np.array(clicks), np.array(awaited), 1.0))
    assert 0 < value < 1
    assert np.sign(value - 0.5) in (0, np.sign(clicks - awaited))


def test_features_by_hand(shop: Store, index: Index) -> None:
    scored = score_shopper(shop, index, "bob")
    known = facts_of(index, scored.history)
    rows = scored.candidates.rows
    told = features(index, rows, known, scored.appeal[None], scored.quality, nothing_counted(index))[0]
    assert told.shape == (len(rows), WIDE)
    assert ((told >= 0) & (told <= 1)).all()
    by_name = {one.name: told[:, place] for place, one in enumerate(FEATURES)}
    garden = index.categories[rows] == "garden"
    did = 1.0  # the rake they bought last; the spade they rated 1 is no liking
    usual = 2 / 7  # spade and rake have a shopper each; cup 1, tin 2 and blank 2 besides
    elsewhere = 1 / (2 + did)  # a = 1 / (1 + did)
    there = (did + usual) / ((did + 1) * usual)
    assert by_name["affinity"] == pytest.approx(np.where(garden, there / (1 + there), elsewhere))
    assert (by_name["price_fit"] == 0.5).all()  # no item has a price
    assert not by_name["known"].any()  # they bought all they know
    assert not by_name["chosen"].any()
    assert (told[:, COUNTED:] == 0.5).all()
    assert by_name["taste"].tolist() == scored.appeal.tolist()


def test_the_score_is_the_sum_of_its_parts_and_a_weight_lifts_what_has_the_feature(shop: Store, index: Index) -> None:
    counted = nothing_counted(index)
    counted.item[index.rows["hose"]] = 1.0
    counted = Counted(counted.item, counted.group, counted.own)
    deltas = np.zeros(WIDE)
    deltas[COUNTED] = 0.9
    learned = Learned(deltas, counted)
    plan = Plan(0.5, learning=learned)
    best = recommend(shop, index, "ann", plan=plan)
    assert best.picks[0].item_id == "hose"
    assert recommend(shop, index, "ann", plan=plain(0.5)).picks[0].item_id != "hose"
    for pick in best.picks:
        assert pick.score == pick.from_taste + pick.from_quality + pick.from_learning + pick.from_rules
    scored = score_shopper(shop, index, "ann")
    told = scored.learned(plan, "hose")
    assert sum(part for _, part in told) == best.picks[0].from_learning
    assert [label for label, part in told if part] == [FEATURES[COUNTED].label]
    asked = (index, scored.candidates.rows, scored.history, scored.appeal, scored.quality)
    assert learned.parts(*asked).sum(axis=1).tolist() == learned.adjustment(*asked).tolist()


def test_what_was_looked_at_is_known_and_not_chosen(shop: Store, index: Index) -> None:
    known = facts_of(index, score_shopper(shop, index, "cyd").history)
    assert index.ids[known.known[0]].tolist() == ["blank", "tin"]
    assert not known.chosen.any()
    bought = facts_of(index, score_shopper(shop, index, "ann").history)
    assert index.ids[bought.chosen[0]].tolist() == ["cup"]


def test_a_state_is_read_back_and_one_of_other_features_is_stale() -> None:
    state = State(new_ranker(WIDE).step(places(EVEN, [True])), new_ranker(WIDE), lists=1, clicks=1, loss=0.5, log_views=7)
    again = read_state(json.dumps(state.as_json()))
    assert again.as_json() == state.as_json()
    for names in (None, [one.name for one in FEATURES[:-1]]):
        old = read_state(json.dumps({**state.as_json(), "features": names}))
        assert old.stale
        assert (old.lists, old.log_views, old.ranker.deltas.any()) == (0, 0, False)


def test_before_anything_is_learned_the_plan_has_no_learning(shop: Store, index: Index) -> None:
    assert live_plan(shop, index, "ann").learning is None
