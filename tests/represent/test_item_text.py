"""What is written down of an item."""

import json

from hypothesis import given
from hypothesis import strategies as st

from core.base.db import Store
from core.profiles.rollups import rebuild_rollups
from core.represent.item_text import DESCRIPTION_CHARS, compose, content_hash, item_texts, rebuild_item_texts
from tests.profiles.shop import item, load


def test_all_that_is_known_in_one_text() -> None:
    text = compose("Red mug ", "Acme", "home > kitchen > mugs", "Holds\n tea.", json.dumps({"colour": "red"}))
    assert text == "Red mug. Acme. home, kitchen, mugs. Holds tea. colour: red"


def test_category_paths_of_every_spelling_become_words() -> None:
    for path in ("home > water_heater", "home/water_heater", "home.water_heater", "home|water_heater"):
        assert compose(None, None, path, None) == "home, water, heater"


def test_attributes_without_words_are_left_out() -> None:
    attributes = {
        "sku": "0042-17",
        "link": "https://x.example/1",
        "empty": None,
        "size": "large",
        "note": "x" * 200,
        "weight": 3.5,
    }
    assert compose("Mug", None, None, None, json.dumps(attributes)) == "Mug. size: large"


def test_a_long_description_is_cut_between_words() -> None:
    text = compose("Mug", None, None, "word " * 400)
    assert len(text) <= DESCRIPTION_CHARS + len("Mug. ")
    assert text.endswith("word")


def test_an_item_without_anything_has_an_empty_text() -> None:
    assert compose(None, None, None, None) == ""
    assert compose(" ", "", None, "", "{}") == ""


@given(st.text(), st.text())
def test_equal_texts_have_equal_hashes_and_others_do_not(one: str, other: str) -> None:
    assert (content_hash(one) == content_hash(other)) == (one == other)


def test_the_table_is_built_once_a_data_version(store: Store) -> None:
    load(store, item("b", title="Mug"), item("a", title="Pot", brand="Acme"))
    rebuild_rollups(store)
    assert rebuild_item_texts(store)
    assert not rebuild_item_texts(store)
    assert item_texts(store)[["item_id", "text"]].to_numpy().tolist() == [["a", "Pot. Acme"], ["b", "Mug"]]
