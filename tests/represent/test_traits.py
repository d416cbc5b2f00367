"""What is known of shoppers besides what they did: which facts count, how they are coded, and by whose codes."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.db import Store
from core.represent.traits import LEAST_SHOPPERS, MOST_VALUES, Trait, Traits, as_traits, find_traits, nothing_known, traits_of
from tests.profiles.shop import Row, load

MANY = [f"s{number}" for number in range(2 * LEAST_SHOPPERS)]
HALVES = Trait("tier", ("gold", "silver"))


def person(user_id: str, country: str | None = None, import_id: int = 1, **attributes: Any) -> Row:
    """A row of ``users``; without attributes it has none."""
    told = json.dumps(attributes) if attributes else None
    return Row("users", {"user_id": user_id, "country": country, "attributes": told, "import_id": import_id})


def half(number: int) -> str:
    return HALVES.values[number % 2]


def test_the_country_and_the_attributes_are_coded_by_value(store: Store) -> None:
    load(store, *(person(user, "DE" if place < 5 else "FR", tier=half(place)) for place, user in enumerate(MANY)))
    found = find_traits(store, MANY)
    assert found.which == (Trait("country", ("DE", "FR")), HALVES)
    assert found.codes.tolist() == [[1 if place < 5 else 2, 1 + place % 2] for place in range(len(MANY))]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(["gold"] * len(MANY), id="one value"),
        pytest.param(["gold"] * 6 + ["silver"] * 4, id="a value of few"),
        pytest.param([None] * len(MANY), id="no value"),
        pytest.param([" "] * len(MANY), id="a blank"),
    ],
)
def test_what_tells_nobody_apart_or_only_a_few_is_no_trait(store: Store, values: list[str | None]) -> None:
    load(store, *(person(user, tier=value) for user, value in zip(MANY, values, strict=True)))
    assert find_traits(store, MANY).which == ()


def test_a_rare_value_is_not_known_and_a_fact_of_many_values_is_no_trait(store: Store) -> None:
    users = [f"s{number}" for number in range(2 * MOST_VALUES + 2)]
    told = [person(user, "DE" if place else "LI", tier=half(place), name=user) for place, user in enumerate(users)]
    load(store, *told, *(person(user, import_id=2, card=str(place // 2)) for place, user in enumerate(users)))
    found = find_traits(store, users)
    assert found.which == (HALVES,), "one Liechtensteiner leaves one country; names and cards are of one and two shoppers"
    assert find_traits(store, [*users, *(f"other{place}" for place in range(120 * len(users)))]).which == (), "of too few"


def test_what_says_who_may_be_written_to_is_no_trait(store: Store) -> None:
    load(store, *(person(user, newsletter=half(place), tier=half(place)) for place, user in enumerate(MANY)))
    assert find_traits(store, MANY).which == (HALVES,)


def test_the_last_import_that_says_anything_counts(store: Store) -> None:
    load(
        store,
        person("ann", import_id=2, tier=" silver "),
        person("ann", import_id=1, tier="gold", age="old"),
        person("ann", import_id=3, tier="", age="young"),
        person("ann", "DE", import_id=4),
    )
    which = (Trait("age", ("old", "young")), Trait("country", ("DE", "FR")), HALVES)
    assert traits_of(store, which, ["bob", "ann"]).codes.tolist() == [[0, 0, 0], [2, 1, 2]]


def test_odd_names_and_values_are_read_as_they_are(store: Store) -> None:
    odd = Trait('it\'s "a" $.key', ("'", '"'))
    load(store, person("ann", **{odd.name: '"'}), person("bob", **{odd.name: 5}))
    assert traits_of(store, (odd,), ["ann", "bob"]).codes.tolist() == [[2], [0]]


def test_nothing_asked_and_nobody_asked_of(store: Store) -> None:
    assert traits_of(store, (), ["ann"]).codes.shape == (1, 0)
    assert traits_of(store, (HALVES,), []).codes.shape == (0, 1)
    assert find_traits(store, ["ann"]).codes.shape == nothing_known(1).codes.shape == (1, 0)


def test_they_are_read_back_from_json() -> None:
    assert as_traits(json.loads(json.dumps([vars(HALVES)]))) == (HALVES,)


VALUES = st.lists(st.sampled_from("abcde"), unique=True).map(lambda values: tuple(sorted(values)))


@given(VALUES, VALUES, st.lists(st.integers(0, 5), max_size=8))
def test_by_other_codes_a_value_is_the_same_value_or_not_known(
    mine: tuple[str, ...], theirs: tuple[str, ...], codes: list[int]
) -> None:
    known = Traits((Trait("x", mine),), np.array([[min(code, len(mine))] for code in codes], np.int16).reshape(-1, 1))
    found = known.by((Trait("y", ("a",)), Trait("x", theirs)))
    for (before,), (other, after) in zip(known.codes, found.codes, strict=True):
        value = mine[before - 1] if before else None
        assert other == 0
        assert (theirs[after - 1] if after else None) == (value if value in theirs else None)
