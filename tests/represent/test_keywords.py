"""The words that set an item apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.db import Store
from core.profiles.rollups import rebuild_rollups
from core.represent.keywords import KEYWORDS_PER_ITEM, keywords, rebuild_keywords, tfidf
from core.represent.words import Words
from tests.profiles.shop import item, load


@pytest.fixture(scope="module")
def words() -> Words:
    """An English shop's words, the Chinese dictionary loaded."""
    words = Words(["a cup for the king"])
    words.terms("茶杯")
    return words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cup of the king", ["cup", "king"]),  # a stop word parts its neighbours
        ("mug. red", ["mug", "red"]),  # so does punctuation
        ("60 watt 7UP", ["watt", "watt 7up", "7up"]),
        ("WHITE T-LIGHT", ["white", "white t-light", "t-light"]),
        ("Mutter's Küche", ["mutter's", "mutter's küche", "küche"]),
        ("чайная чашка", ["чайная", "чайная чашка", "чашка"]),
        ("红色茶杯 mug", ["红色", "茶杯", "mug"]),
        ("杯", ["杯"]),
        ("12 345", []),
    ],
)
def test_terms(words: Words, text: str, expected: list[str]) -> None:
    assert sorted(words.terms(text)) == sorted(expected)


@given(st.text())
def test_any_text_has_terms_without_bare_numbers(words: Words, text: str) -> None:
    assert all(any(letter.isalpha() for letter in term) for term in words.terms(text))


def test_a_word_of_one_item_weighs_more_than_a_word_of_all() -> None:
    weights, names = tfidf(["red mug", "red pot", "red tin"])
    row = dict(zip(names, weights.toarray()[0], strict=True))
    assert row["mug"] > row["red"] > 0
    assert row["pot"] == 0


def test_a_pair_counts_only_where_two_items_have_it() -> None:
    _, names = tfidf(["red tea mug", "red tea pot"])
    assert "red tea" in names
    assert "tea mug" not in names


def test_the_strongest_are_kept_in_order(store: Store) -> None:
    load(store, item("a", title=" ".join(f"word{number}x" for number in range(12))), item("b", title="red mug"), item("c"))
    rebuild_rollups(store)
    assert rebuild_keywords(store)
    assert not rebuild_keywords(store)
    found = keywords(store, ["a", "b", "c"])
    assert found["item_id"].value_counts().to_dict() == {"a": KEYWORDS_PER_ITEM, "b": 2}
    assert found[found["item_id"] == "a"]["rank"].tolist() == list(range(1, KEYWORDS_PER_ITEM + 1))
    assert found[found["item_id"] == "b"]["keyword"].tolist() == ["mug", "red"]
    assert found["weight"].between(0, 1, inclusive="right").all()


def test_a_shop_without_words_has_no_keywords(store: Store) -> None:
    load(store, item("a", title="12"), item("b"))
    rebuild_rollups(store)
    rebuild_keywords(store)
    assert keywords(store, ["a", "b"]).empty
