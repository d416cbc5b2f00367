"""Aspects: nouns told from other words, log-odds by hand, and what stands out in a group."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.represent.aspects import PRIOR_MENTIONS, log_odds, mentions, nouns, of_groups, terms
from core.represent.review_texts import clauses
from core.represent.words import Words

NONE: frozenset[str] = frozenset()


def test_nouns_follow_a_determiner_and_end_their_phrase() -> None:
    said = ["the fabric is soft", "a soft fabric", "this fabric", "a zip", "the zips are bad", "the sleeves are long", "the nice"]
    found = nouns(Words(said), said, frozenset({"nice", "sleeves"}))
    assert found == {"fabric": "fabric", "zip": "zip", "zips": "zip"}


def test_a_clause_names_its_nouns_and_pairs() -> None:
    noun = {"area": "area", "zips": "zip"}
    assert list(terms(Words([]), noun, frozenset({"great"}), "tight chest area, great zips")) == ["area", "chest area", "zip"]


def test_log_odds_by_hand() -> None:
    z = log_odds(np.array([8.0]), np.array([2.0]), np.array([20.0]), np.array([20.0]), np.array([5.0]))
    rest = 20 + PRIOR_MENTIONS
    delta = math.log(13 / (rest - 13)) - math.log(7 / (rest - 7))
    assert z[0] == pytest.approx(delta / math.sqrt(1 / 13 + 1 / 7))


@given(*[st.integers(0, 50)] * 2)
def test_sides_exchanged_change_the_sign(praised: int, blamed: int) -> None:
    one, other, total, prior = (np.array([float(value)]) for value in (praised, blamed, 100, 3))
    assert log_odds(one, other, total, total, prior)[0] == pytest.approx(-log_odds(other, one, total, total, prior)[0])


def test_what_is_praised_and_blamed_stands_out_in_its_group() -> None:
    said = ["the fabric is lovely"] * 6 + ["the zip is gone"] * 6 + ["the colour is there"] * 4
    review = np.arange(16)
    tone = np.array([1] * 6 + [-1] * 6 + [1, -1, 1, -1])
    named = mentions(Words(said), said, review, tone, frozenset({"lovely"}))
    found = {(named.names[one.term], one.praised, one.blamed, one.z > 0) for one in of_groups(named, np.zeros(16, int), 1)}
    assert found == {("fabric", 6, 0, True), ("zip", 0, 6, False)}


def test_a_review_counts_once_however_often_it_names_an_aspect() -> None:
    said = ["the zip is gone", "the zip", "the zip is bad"]
    named = mentions(Words(said), said, np.array([0, 0, 1]), np.array([-1, -1, -1]), NONE)
    assert named.blamed.toarray()[:, named.names.index("zip")].tolist() == [1, 1]


def test_reviews_of_no_group_count_nowhere() -> None:
    said = ["the zip is gone"] * 4
    named = mentions(Words(said), said, np.arange(4), np.full(4, -1), NONE)
    assert of_groups(named, np.full(4, -1), 0) == []


def test_clauses_part_at_sentences_and_at_words_that_turn() -> None:
    assert clauses("面料很好，但是拉链坏了。退货！") == ["面料很好", "拉链坏了。", "退货！"]
    assert clauses("Schöne Farbe, aber zu klein") == ["Schöne Farbe", "zu klein"]
    assert clauses("12. …") == []
