"""Two spellings of one name: suggested with a reason, merged only by a decision, and taken back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.db import Store
from core.base.errors import BadInput
from core.demo.vocabulary import load_vocabulary
from core.profiles.rollups import rebuild_rollups
from core.represent.spelling import Field, Suggestion, Why, decisions, folded, keep_apart, merge, suggestions, take_back
from tests.profiles.shop import item, load


def brands(store: Store, **counts: int) -> tuple[Suggestion, ...]:
    """Load items of brands (an underscore stands for a space) and return the suggestions."""
    rows = [item(f"{name}{number}", brand=name.replace("_", " ")) for name, many in counts.items() for number in range(many)]
    load(store, *rows)
    rebuild_rollups(store)
    return suggestions(store, Field.BRAND)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"Nike": 3, "NIKE": 1}, ("NIKE", "Nike", Why.SAME_LETTERS)),
        ({"Wildroot": 3, "Wild_Root": 2}, ("Wild Root", "Wildroot", Why.SAME_LETTERS)),
        ({"Nike": 2, "NIKE": 2}, ("NIKE", "Nike", Why.SAME_LETTERS)),  # equally common: the shouting one is mended
        ({"Samsung": 3, "Samsnug": 2}, ("Samsnug", "Samsung", Why.SWAPPED)),
        ({"Stridewell": 10, "Stridwell": 2}, ("Stridwell", "Stridewell", Why.ONE_LETTER)),
        ({"Stridewell": 10, "Stridewell2": 1}, None),  # a number makes it another name
        ({"Stridewell": 10, "Stridwell": 3}, None),  # too common to be a slip
        ({"Skirt": 10, "Shirt": 1}, None),  # too short for one letter to tell
        ({"Asu": 5, "Aus": 5}, None),
        ({"Blankets": 10, "Blanket": 1}, None),  # a plural
    ],
)
def test_what_is_suggested(store: Store, counts: dict[str, int], expected: tuple[str, str, Why] | None) -> None:
    found = [(one.spelling, one.canonical, one.why) for one in brands(store, **counts)]
    assert found == ([expected] if expected else [])


def test_counts_are_those_of_the_items(store: Store) -> None:
    (one,) = brands(store, Nike=3, NIKE=1)
    assert (one.items, one.canonical_items) == (1, 3)


def test_a_name_that_another_speaks_for_is_the_right_one_though_rarer(store: Store) -> None:
    load(
        store,
        *[item(f"a{number}", category="Initmates > Intimate > Lounge") for number in range(9)],
        item("b", category="Initmates > Intimate > Intimates"),
    )
    rebuild_rollups(store)
    (one,) = suggestions(store, Field.CATEGORY)
    assert (one.spelling, one.canonical, one.why) == ("Initmates", "Intimates", Why.SWAPPED)


def catalogue(store: Store) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Rebuild and return brand, category and top category of each item."""
    rebuild_rollups(store)
    return {row[0]: row[1:] for row in store.rows("SELECT item_id, brand, category, top_category FROM catalogue")}


def test_a_merge_counts_from_the_next_rebuild_and_can_be_taken_back(store: Store) -> None:
    load(store, item("a", brand="NIKE", category="Initmates > Sleep"), item("b", brand="Nike", category="home.kitchen"))
    before = catalogue(store)
    merge(store, Field.BRAND, "NIKE", "Nike")
    merge(store, Field.CATEGORY, "Initmates", "Intimates")
    merge(store, Field.CATEGORY, "kitchen", "cooking")
    after = catalogue(store)
    assert after["a"] == ("Nike", "Intimates > Sleep", "Intimates")
    assert after["b"] == ("Nike", "home.cooking", "home")
    assert store.value("SELECT count(*) FROM items WHERE brand = 'NIKE'") == 1  # what was loaded stays as it is
    for one in decisions(store):
        take_back(store, one.field, one.spelling, one.canonical)
    assert catalogue(store) == before


def test_merges_follow_each_other_to_the_end(store: Store) -> None:
    load(store, item("a", brand="A"), item("b", brand="B"), item("c", brand="C"))
    merge(store, Field.BRAND, "A", "B")
    merge(store, Field.BRAND, "B", "C")
    assert {brand for brand, _, _ in catalogue(store).values()} == {"C"}
    take_back(store, Field.BRAND, "B", "C")
    assert {item_id: brand for item_id, (brand, _, _) in catalogue(store).items()} == {"a": "B", "b": "B", "c": "C"}
    with pytest.raises(BadInput, match="already stands for"):
        merge(store, Field.BRAND, "B", "A")


def test_what_was_kept_apart_is_not_asked_again_and_changes_nothing(store: Store) -> None:
    (one,) = brands(store, Nike=3, NIKE=1)
    version = store.data_version()
    keep_apart(store, one.field, one.spelling, one.canonical)
    assert suggestions(store, Field.BRAND) == ()
    assert store.data_version() == version
    take_back(store, one.field, one.spelling, one.canonical)
    assert suggestions(store, Field.BRAND) == (one,)


def test_every_misspelling_planted_in_the_demo_shop_is_found(store: Store) -> None:
    planted = [(brand.variant, brand.name) for brand in load_vocabulary().brands if brand.variant]
    rows = [item(f"{name}{number}", brand=name) for _, name in planted for number in range(8)]
    load(store, *rows, *[item(variant, brand=variant) for variant, _ in planted])
    rebuild_rollups(store)
    assert {(one.spelling, one.canonical) for one in suggestions(store, Field.BRAND)} == set(planted)


@given(st.text())
def test_folding_twice_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)
