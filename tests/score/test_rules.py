"""Rules: kept, in force on their days, refused where they make no sense, and found where they stand in each other's way."""

from datetime import date, datetime

import pytest

from core.base.db import Store
from core.base.errors import BadInput
from core.score.conflicts import conflicts
from core.score.index import Index
from core.score.plan import Plan, live_plan, plain
from core.score.preview import difference, sample
from core.score.recommend import serve
from core.score.rules import Draft, Kind, On, add_rule, end_rule, every_rule, rules, standing, within

AT = datetime(2026, 3, 1, 12)
DAY = AT.date()
HIDE_POT = Draft(Kind.HIDE, On.ITEM, "pot")


def test_a_rule_is_kept_as_it_was_given_and_counts_until_it_is_ended(shop: Store) -> None:
    draft = Draft(Kind.PIN, On.BRAND, "Acme", position=2, starts=DAY, ends=date(2026, 3, 5), note="  spring  ")
    rule = add_rule(shop, draft, author="Kim", now=AT)
    assert rules(shop, DAY) == (rule,)
    assert (rule.note, rule.position, rule.author, rule.created_at, rule.target) == ("spring", 2, "Kim", AT, "brand 'Acme'")
    end_rule(shop, rule.rule_id, datetime(2026, 3, 1, 13))
    assert rules(shop, DAY) == ()
    assert every_rule(shop)[0].ended_at == datetime(2026, 3, 1, 13)
    with pytest.raises(BadInput, match="ended already"):
        end_rule(shop, rule.rule_id, AT)


@pytest.mark.parametrize(("day", "there"), [(1, False), (2, True), (4, True), (5, False)])
def test_both_days_count(shop: Store, day: int, there: bool) -> None:
    add_rule(shop, Draft(Kind.BOOST, On.ITEM, "pot", starts=date(2026, 3, 2), ends=date(2026, 3, 4)), author="", now=AT)
    assert bool(rules(shop, date(2026, 3, day))) is there
    assert bool(standing(shop, date(2026, 3, day))) is (day < 5)


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (Draft(Kind.HIDE, On.ITEM, "teapot"), "item 'teapot'"),
        (Draft(Kind.HIDE, On.CATEGORY, "kit"), "category 'kit'"),
        (Draft(Kind.HIDE, On.EVERYTHING), "hide everything"),
        (Draft(Kind.PIN, On.ITEM, "pot"), "place to pin to"),
        (Draft(Kind.BOOST, On.ITEM, "pot", strength=1.2), "between 0 and 1"),
        (Draft(Kind.BURY, On.ITEM, "pot", strength=0.0), "between 0 and 1"),
        (Draft(Kind.IN_STOCK, On.EVERYTHING, strength=0.0), "1 or more"),
        (Draft(Kind.HIDE, On.ITEM, "pot", starts=date(2026, 3, 2), ends=DAY), "before it starts"),
        (Draft(Kind.HIDE, On.ITEM, "pot", segment=9), "no segment 9"),
    ],
)
def test_what_makes_no_sense_is_refused(shop: Store, draft: Draft, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        add_rule(shop, draft, author="", now=AT)
    assert every_rule(shop) == ()


def test_a_category_is_meant_with_all_below_it(shop: Store) -> None:
    assert add_rule(shop, Draft(Kind.HIDE, On.CATEGORY, "kitchen"), author="", now=AT).target == "category 'kitchen'"
    assert within("a/b.c", "a/b")
    assert not within("ab", "a")


def test_what_is_served_keeps_the_rules_of_the_day(shop: Store, index: Index) -> None:
    assert live_plan(shop, index, now=AT) == plain(index.alpha)
    assert "pot" in [pick.item_id for pick in serve(shop, index, "ann").picks]
    rule = add_rule(shop, HIDE_POT, author="", now=AT)
    assert live_plan(shop, index, now=AT).rules == (rule,)
    assert "pot" not in [pick.item_id for pick in serve(shop, index, "ann").picks]


def said(shop: Store, index: Index, *drafts: Draft) -> tuple[str, ...]:
    made = tuple(draft.rule(number, "", AT) for number, draft in enumerate(drafts, start=1))
    return conflicts(made, index)


def test_hiding_wins_and_is_told(shop: Store, index: Index) -> None:
    told = said(shop, index, Draft(Kind.PIN, On.ITEM, "pot", position=1), Draft(Kind.HIDE, On.CATEGORY, "kitchen"))
    assert told == ("Rule 1 pins item 'pot', which rule 2 takes out of the list: hiding wins.",)
    part = said(shop, index, Draft(Kind.BOOST, On.CATEGORY, "kitchen"), HIDE_POT)
    assert part == ()


def test_opposite_directions_and_one_place_for_two(shop: Store, index: Index) -> None:
    boost, bury = Draft(Kind.BOOST, On.CATEGORY, "kitchen"), Draft(Kind.BURY, On.BRAND, "Acme", strength=0.25)
    assert said(shop, index, boost, bury) == ("Rules 1 and 2 pull 2 items in opposite directions: together they add -0.20.",)
    pins = Draft(Kind.PIN, On.ITEM, "pot", position=3), Draft(Kind.PIN, On.ITEM, "tin", position=3)
    assert "both pin to place 3: the older rule 1 keeps it" in said(shop, index, *pins)[0]
    twice = Draft(Kind.PIN, On.ITEM, "pot", position=3), Draft(Kind.PIN, On.ITEM, "pot", position=1)
    assert "rule 2 holds it at place 1, rule 1 does nothing" in said(shop, index, *twice)[0]


def test_rules_that_never_meet_do_not_conflict(shop: Store, index: Index) -> None:
    early = Draft(Kind.BOOST, On.ITEM, "pot", ends=DAY)
    late = Draft(Kind.BURY, On.ITEM, "pot", starts=date(2026, 3, 2))
    assert said(shop, index, early, late) == ()
    assert said(shop, index, Draft(Kind.BOOST, On.ITEM, "pot", segment=1), Draft(Kind.BURY, On.ITEM, "pot", segment=2)) == ()


def test_a_rule_that_can_do_nothing_is_told(shop: Store, index: Index) -> None:
    assert "out of stock" in said(shop, index, Draft(Kind.PIN, On.ITEM, "box", position=1))[0]
    assert "hidden or no product" in said(shop, index, Draft(Kind.BOOST, On.ITEM, "guide"))[0]


def test_the_difference_counts_lists_and_items(shop: Store, index: Index) -> None:
    users = ("ann", "cyd")
    before, after = plain(0.7), Plan(0.7, rules=(HIDE_POT.rule(1, "", AT),))
    found = difference(shop, index, users, before, after, k=3)
    assert (found.shoppers, found.changed, found.swapped, found.items) == (2, 2, 2, 1.0)
    assert found.leaving == {"red tea pot": 2}
    assert sum(found.entering.values()) == 2
    assert difference(shop, index, users, before, before, k=3).changed == 0
    assert set(sample(shop, 50)) == {"ann", "bob", "cyd", "dan", "eve"}
