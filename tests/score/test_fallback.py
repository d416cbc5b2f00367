"""The ladder, rung by rung."""

from dataclasses import replace

import numpy as np
import pytest

from core.base.db import Store
from core.score.fallback import Fallback
from core.score.index import Index
from core.score.recommend import Recommendation, recommend


def listed(shop: Store, index: Index, user: str) -> tuple[Recommendation, list[str]]:
    best = recommend(shop, index, user, alpha=1.0)
    return best, [pick.item_id for pick in best.picks]


@pytest.fixture
def bare(index: Index) -> Index:
    """The index with no item encoded."""
    return replace(index, has_vector=np.zeros(len(index), bool))


def test_someone_with_a_taste_is_personalised(shop: Store, index: Index) -> None:
    assert listed(shop, index, "ann")[0].fallback is Fallback.PERSONAL


def test_a_member_of_a_segment_gets_what_the_segment_chooses(shop: Store, bare: Index) -> None:
    with shop.transaction() as cursor:
        cursor.execute("INSERT INTO segments VALUES (1, 'Tea lovers', 3, 1.0, '', '{}', '{}', 1)")
        cursor.executemany("INSERT INTO members VALUES (?, 1, 0, 0, 0, 1)", [["cyd"], ["dan"], ["eve"]])
    best, items = listed(shop, bare, "dan")
    assert best.fallback is Fallback.SEGMENT
    assert "Tea lovers" in best.sentence
    assert items[:2] == ["blank", "tin"]  # both chosen by two of the three: a tie, by item id
    assert best.picks[0].reasons == ("2 shoppers of their segment showed interest in it",)


def test_without_a_segment_their_category_is_trending(shop: Store, bare: Index) -> None:
    best, items = listed(shop, bare, "bob")  # rake counts for him, the spade he rated 1 against
    assert best.fallback is Fallback.CATEGORY
    assert "garden" in best.sentence
    assert "spade" not in items


def test_a_shopper_whose_items_say_nothing_gets_what_is_popular(shop: Store, index: Index) -> None:
    best, items = listed(shop, index, "dan")
    assert best.fallback is Fallback.POPULAR
    assert items[0] == "blank"


def test_an_unknown_shopper_is_told_apart_and_gets_what_is_popular(shop: Store, index: Index) -> None:
    best, items = listed(shop, index, "nobody")
    assert best.fallback is Fallback.POPULAR
    assert "don't know this shopper" in best.sentence
    assert set(items[:2]) == {"blank", "tin"}
    assert best.history.empty
    assert best.picks[0].reasons[0] == "2 shoppers showed interest in it"


def test_with_no_shoppers_at_all_the_newest_come_first(shop: Store, index: Index) -> None:
    quiet = replace(index, popularity=np.zeros(len(index)))
    best, items = listed(shop, quiet, "nobody")
    assert best.fallback is Fallback.NEWEST
    assert items[0] == "blank"  # 31 March; with the rake, by item id
    assert items[1] == "rake"
