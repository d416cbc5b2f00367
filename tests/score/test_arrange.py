"""The stages between the score and the list, each worked by hand, and what holds whatever the plan."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.base.db import Store
from core.base.errors import BadInput
from core.score.arrange import arrange
from core.score.explain import Stage, why_not, why_not_in
from core.score.index import Index
from core.score.plan import Plan, plain
from core.score.recommend import Recommendation, recommend, score_shopper
from core.score.rules import Kind, On, Rule
from tests.score.conftest import with_quality

AT = datetime(2026, 3, 1)


def rule(kind: Kind, on: On = On.ITEM, value: str = "", *, rule_id: int = 1, segment: int | None = None, **more: float) -> Rule:
    strength, position = more.get("strength", 0.0), more.get("position")
    place = None if position is None else int(position)
    return Rule(rule_id, kind, on, value, segment, strength, place, None, None, "", "Kim", AT, None)


def listed(best: Recommendation) -> list[str]:
    return [pick.item_id for pick in best.picks]


@pytest.fixture
def graded(index: Index) -> Index:
    """By quality alone (α = 0) the order is hose, rake, tin, spade, pot."""
    return with_quality(index, hose=0.9, rake=0.8, tin=0.7, spade=0.6, pot=0.5)


def by_quality(shop: Store, graded: Index, k: int = 5, **plan: object) -> Recommendation:
    return recommend(shop, graded, "ann", k=k, plan=Plan(0.0, **plan))  # type: ignore[arg-type]


def test_without_a_plan_the_list_is_that_of_alpha_alone(shop: Store, graded: Index) -> None:
    assert listed(recommend(shop, graded, "ann", alpha=0.0)) == ["hose", "rake", "tin", "spade", "pot"]
    assert listed(recommend(shop, graded, "ann")) == listed(recommend(shop, graded, "ann", alpha=graded.alpha))


def test_a_given_alpha_wins_over_the_plans(shop: Store, graded: Index) -> None:
    best = recommend(shop, graded, "ann", alpha=0.0, plan=Plan(1.0, rules=(rule(Kind.HIDE, value="hose"),)))
    assert best.alpha == 0.0
    assert listed(best) == ["rake", "tin", "spade", "pot"]


def test_the_alpha_of_a_segment_counts_for_its_shoppers_only() -> None:
    plan = Plan(0.7, segment_alpha={3: 0.2})
    assert [plan.alpha_for(segment) for segment in (None, 1, 3)] == [0.7, 0.7, 0.2]


def test_boosts_and_buries_add_up_and_say_what_they_moved(shop: Store, graded: Index) -> None:
    rules = (
        rule(Kind.BOOST, On.CATEGORY, "kitchen", strength=0.25),
        rule(Kind.BURY, value="tin", rule_id=2, strength=0.1),
    )
    best = by_quality(shop, graded, rules=rules)
    assert listed(best) == ["hose", "tin", "rake", "pot", "spade"]  # the pot 0.5 + 0.25, the tin 0.7 + 0.25 - 0.1
    pot, tin = best.picks[3], best.picks[1]
    assert pot.from_rules == 0.25
    assert tin.from_rules == pytest.approx(0.15)
    assert pot.moved == "Lifted from place 5 by rule 1 (+0.25)"
    assert tin.moved == "Lifted from place 3 by rule 1 (+0.25) and rule 2 (-0.10)"
    assert best.picks[0].moved is None


def test_a_category_takes_in_what_lies_below_and_nothing_that_only_begins_alike(shop: Store, graded: Index) -> None:
    assert listed(by_quality(shop, graded, rules=(rule(Kind.HIDE, On.CATEGORY, "kitchen"),))) == ["hose", "rake", "spade"]
    assert len(by_quality(shop, graded, rules=(rule(Kind.HIDE, On.CATEGORY, "kit"),)).picks) == 5


def test_what_a_rule_hides_is_counted_and_explained(shop: Store, graded: Index) -> None:
    plan = Plan(0.0, rules=(rule(Kind.HIDE, On.CATEGORY, "garden", rule_id=4),))
    assert recommend(shop, graded, "ann", plan=plan).excluded["hidden by a rule"] == 3
    answer = why_not(shop, graded, "ann", "rake", plan=plan)
    assert answer.stage is Stage.HIDDEN
    assert answer.sentence == "Rule 4 hides category 'garden'."


def test_to_require_stock_takes_out_what_is_not_known_to_have_it(shop: Store, graded: Index) -> None:
    rules = (rule(Kind.IN_STOCK, On.BRAND, "Acme", strength=1.0),)
    assert listed(by_quality(shop, graded, rules=rules)) == ["hose", "rake", "tin", "spade"]  # the pot's stock is unknown


def test_a_pin_stands_at_its_place_and_the_rest_closes_up(shop: Store, graded: Index) -> None:
    best = by_quality(shop, graded, k=3, rules=(rule(Kind.PIN, value="pot", position=2, rule_id=6),))
    assert listed(best) == ["hose", "pot", "rake"]
    assert best.picks[1].moved == "Pinned to place 2 by rule 6"
    assert best.picks[1].score == pytest.approx(0.5)
    answer = why_not(shop, graded, "ann", "tin", k=3, plan=Plan(0.0, rules=(rule(Kind.PIN, value="pot", position=2, rule_id=6),)))
    assert answer.stage is Stage.PINNED
    assert answer.sentence == "It would be at rank 3, but the pin of rule 6 put other items before it."


def test_of_two_pins_at_a_place_the_older_keeps_it_and_a_pinned_brand_is_its_best_item(shop: Store, graded: Index) -> None:
    rules = (rule(Kind.PIN, value="spade", position=1, rule_id=2), rule(Kind.PIN, On.BRAND, "Acme", position=1, rule_id=5))
    assert listed(by_quality(shop, graded, rules=rules)) == ["spade", "pot", "hose", "rake", "tin"]


def test_what_may_not_be_shown_cannot_be_pinned(shop: Store, graded: Index) -> None:
    hidden = (rule(Kind.PIN, value="pot", position=1), rule(Kind.HIDE, value="pot", rule_id=2))
    assert listed(by_quality(shop, graded, rules=hidden)) == ["hose", "rake", "tin", "spade"]
    assert "cup" not in listed(by_quality(shop, graded, rules=(rule(Kind.PIN, value="cup", position=1),)))  # she has one


def test_an_item_pinned_beyond_the_list_is_said_to_be(shop: Store, graded: Index) -> None:
    plan = Plan(0.0, rules=(rule(Kind.PIN, value="hose", position=4),))
    assert listed(recommend(shop, graded, "ann", k=2, plan=plan)) == ["rake", "tin"]
    assert "pins it to place 4" in why_not(shop, graded, "ann", "hose", k=2, plan=plan).sentence


def test_a_rule_for_a_segment_leaves_others_alone(shop: Store, graded: Index) -> None:
    assert listed(by_quality(shop, graded, rules=(rule(Kind.HIDE, value="hose", segment=2),)))[0] == "hose"
    scored = score_shopper(shop, graded, "ann")
    plan = Plan(0.0, rules=(rule(Kind.HIDE, value="hose", segment=2),))
    rows = scored.candidates.rows
    best = arrange(plan, graded, rows, scored.appeal, scored.quality, k=1, segment=2)
    assert graded.ids[rows[best.places]].tolist() == ["rake"]


def test_diversity_brings_the_other_shelf_forward_and_says_so(shop: Store, graded: Index) -> None:
    # hose first. Relevance: rake 0.75, tin 0.5; the rake is like the hose (garden, garden), the tin is not
    best = by_quality(shop, graded, k=2, diversity=0.5)
    assert listed(best) == ["hose", "tin"]
    assert best.picks[1].moved == "Brought forward from place 3 to keep the list varied"
    answer = why_not(shop, graded, "ann", "rake", k=2, plan=Plan(0.0, diversity=0.5))
    assert answer.stage is Stage.VARIED
    assert "too much like long garden hose" in answer.sentence


def test_a_cap_leaves_the_rest_of_a_category_out(shop: Store, graded: Index) -> None:
    assert listed(by_quality(shop, graded, category_cap=1)) == ["hose", "tin"]
    answer = why_not(shop, graded, "ann", "rake", k=2, plan=Plan(0.0, category_cap=1))
    assert answer.stage is Stage.VARIED
    assert "holds 1 of its category" in answer.sentence


def test_a_place_of_nought_or_a_bad_alpha_is_refused(shop: Store, graded: Index) -> None:
    with pytest.raises(BadInput, match="at least one"):
        recommend(shop, graded, "ann", k=0, plan=plain(0.5))
    with pytest.raises(BadInput, match="between 0"):
        recommend(shop, graded, "ann", plan=Plan(0.5, segment_alpha={}).at(1.5))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any plan over the ten items."""
    targets = st.sampled_from([(On.ITEM, "pot"), (On.ITEM, "hose"), (On.CATEGORY, "garden"), (On.CATEGORY, "kitchen > tea")])
    made = []
    for number in range(draw(st.integers(0, 4))):
        on, value = draw(targets)
        kind = draw(st.sampled_from(Kind))
        strength, position = draw(st.sampled_from([0.05, 0.3, 1.0])), draw(st.integers(1, 6))
        made.append(rule(kind, on, value, rule_id=number, strength=strength, position=position))
    cap = draw(st.none() | st.integers(1, 3))
    return Plan(draw(st.integers(0, 4)) / 4, diversity=draw(st.integers(0, 4)) / 4, category_cap=cap, rules=tuple(made))


@given(plan=plans(), k=st.integers(1, 6), user=st.sampled_from(["ann", "bob", "cyd", "nobody"]))
@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
def test_whatever_the_plan(shop: Store, graded: Index, plan: Plan, k: int, user: str) -> None:
    scored = score_shopper(shop, graded, user)
    best, longer = scored.rank(k=k, plan=plan), scored.rank(k=20, plan=plan)
    assert listed(best) == listed(longer)[:k]
    assert len(set(listed(longer))) == len(longer.picks)
    for pick in longer.picks:
        assert pick.score == pick.from_taste + pick.from_quality + pick.from_learning + pick.from_rules
    shown = listed(best)
    for item in graded.ids.tolist():
        assert (why_not_in(scored, item, k=k, plan=plan).stage is Stage.SHOWN) == (item in shown)


def test_without_diversity_and_pins_the_list_falls_by_score(shop: Store, graded: Index) -> None:
    picks = by_quality(shop, graded, rules=(rule(Kind.BOOST, On.EVERYTHING, strength=0.2),)).picks
    assert np.all(np.diff([pick.score for pick in picks]) <= 0)
