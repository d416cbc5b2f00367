"""Languages told by their stop words, and texts split accordingly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.represent.languages import Languages
from core.represent.words import Words

ENGLISH = "the cup of the king is on the table and it is not for you"
GERMAN = "die Tasse auf dem Tisch ist nicht für den König und sie ist aus Glas"
FRENCH = "la tasse sur la table est pour le roi et elle est dans une boîte"
SPANISH = "la taza de la mesa es para el rey y está en una caja con su tapa"


@pytest.mark.parametrize(
    ("text", "language"), [(ENGLISH, "english"), (GERMAN, "german"), (FRENCH, "french"), (SPANISH, "spanish")]
)
def test_a_language_is_told_by_its_stop_words(text: str, language: str) -> None:
    assert Languages([text]).names == (language,)


def test_titles_without_a_stop_word_count_as_english() -> None:
    assert Languages(["Red mug", "Blue pot"]).names == ("english",)


def test_in_a_shop_of_two_languages_each_text_loses_its_own_stop_words() -> None:
    words = Words([ENGLISH] * 3 + [GERMAN] * 2)
    assert words.languages.names == ("english", "german")
    assert words.terms("die Tasse auf dem Tisch ist für den König") == ["tasse", "tisch", "könig"]
    assert "die" in words.terms("a die cut card")  # too little German to be taken for it


def test_a_language_of_one_text_in_fifty_is_not_the_shops() -> None:
    assert Languages([ENGLISH] * 49 + [GERMAN]).names == ("english",)


def test_tokens_keep_stop_words_and_mark_what_parts() -> None:
    assert Words([]).tokens("The red cup, 2 pots") == [
        ("the", False),
        ("red", True),
        ("cup", True),
        (".", False),
        ("2", False),
        ("pots", True),
    ]


@given(st.text(st.characters(max_codepoint=0x24F)))
def test_no_word_is_lost_or_invented(text: str) -> None:
    assert all(word is None or word in text.casefold() for word in Words([]).split(text))
