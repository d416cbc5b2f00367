"""Doubles, checks, search, and one item with everything about it, worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.db import Store
from core.base.errors import BadInput
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.represent import shelf_checks
from core.represent.browse import browse, categories
from core.represent.duplicates import MOST_ALIKE, alike, rebuild_duplicates
from core.represent.encoder import encoder_name
from core.represent.item import buyers, category_prices, item, price_histogram
from core.represent.item_vectors import embed
from core.represent.keywords import rebuild_keywords
from core.represent.ratings import rebuild_quality
from core.represent.stars import rebuild_stars
from tests.profiles.shop import act, load, review
from tests.profiles.shop import item as row
from tests.represent.words import WordEncoder

SHOP = (
    row("cup", title="red tea cup", description="stoneware", brand="Acme", category="kitchen > tea", price=4, stock=3),
    row("cup2", title="Red tea cup", description="stoneware", brand="Acme", category="kitchen > tea", price=5, stock=0),
    row("pot", title="tea pot", brand="ACME", category="kitchen > tea", price=20),
    row("pan", title="=frying pan", description="steel", brand="Bert", category="kitchen > pans", price=900),
    row("rake", title="garden rake", description="wood", category="garden", attributes='{"colour": "green", "size": null}'),
    row("far", title="red tea cup", description="stoneware", brand="Acme", category="attic", price=4),
    row("ad", title="buy tea", kind="ad"),
    row("post", title="postage"),
    act("ann", "cup", "2024-01-01", "purchase"),
    act("ann", "pot", "2024-01-02", "view"),
    act("bob", "pot", "2024-01-02", "view"),
    review("ann", "cup", "2024-01-03", 5),
    review("bob", "pot", "2024-01-03", 2),
)


@pytest.fixture
def shop(store: Store, settings: Settings) -> Store:
    """The shop above with everything about its items built."""
    load(store, *SHOP)
    rebuild_rollups(store)
    rebuild_quality(store)
    rebuild_stars(store)
    rebuild_keywords(store)
    embed(store, WordEncoder(encoder_name(settings)))
    rebuild_duplicates(store, encoder_name(settings))
    return store


def test_doubles_are_found_within_a_category_only(shop: Store) -> None:
    pairs = shop.rows("SELECT item_id, twin_id, cosine FROM duplicates")
    assert [(one, twin) for one, twin, _ in pairs] == [("cup", "cup2")]  # 'far' says the same on another shelf
    assert pairs[0][2] == pytest.approx(1)


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_pairs_agree_with_a_plain_loop(many: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(many, 3))
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    wanted = {(a, b) for a in range(many) for b in range(a + 1, many) if matrix[a] @ matrix[b] >= 0.97}
    found = alike(matrix)
    assert {(a, b) for a, b, _ in found} <= wanted
    assert len(found) == sum(min(MOST_ALIKE, sum(a == one for a, _ in wanted)) for one in range(many))


def test_checks_count_shown_products(shop: Store) -> None:
    found = {check.name: (check.items, check.of) for check in shelf_checks.checks(shop)}
    assert found == {
        "no_title": (0, 6),
        "no_description": (1, 6),  # pot
        "no_price": (1, 6),  # rake
        "odd_price": (1, 6),  # the pan: median of the kitchen is 10, 900 is 90 times that
        "no_brand": (1, 6),
        "no_category": (0, 6),
        "duplicate": (2, 6),
    }
    assert shelf_checks.failing(shop, "duplicate")[["item_id", "twin_id"]].values.tolist() == [["cup", "cup2"]]
    assert shelf_checks.failing(shop, "no_price", 5)["item_id"].tolist() == ["rake"]
    assert shelf_checks.of_item(shop, "cup") == ("Says the same as another",)
    with pytest.raises(BadInput, match="no check 'no_luck'"):
        shelf_checks.failing(shop, "no_luck")


def test_the_download_holds_no_formula(shop: Store) -> None:
    lines = shelf_checks.as_csv(shop, "odd_price").decode().splitlines()
    assert lines == ["item_id,title,brand,category,price", "pan,'=frying pan,Bert,kitchen > pans,900.0"]


def test_search_finds_every_word_anywhere_in_any_case(shop: Store) -> None:
    assert browse(shop, "RED cup").frame["item_id"].tolist() == ["cup", "cup2", "far"]
    assert browse(shop, "kitchen steel").frame["item_id"].tolist() == ["pan"]  # steel is a keyword of it
    assert browse(shop, "nothing like it").items == 0
    assert browse(shop, "' OR 1=1 --").items == 0


def test_facets_narrow_down_and_count_under_the_other_choices(shop: Store) -> None:
    found = browse(shop, "", (("brand", ("Acme",)), ("category", ("kitchen",))))
    assert found.frame["item_id"].tolist() == ["cup", "cup2"]
    assert found.facets["brand"] == {"Acme": 2, "ACME": 1, "Bert": 1}  # of the kitchen
    assert found.facets["category"] == {"kitchen": 2, "attic": 1}  # of Acme
    assert found.facets["stock"] == {"in stock": 1, "out of stock": 1}
    everything = browse(shop)
    assert everything.items == 8
    assert everything.facets["kind"] == {"product": 6, "ad": 1, "service line": 1}
    assert everything.facets["rating"] == {"not rated": 6, "4 and more": 1, "below 3": 1}
    assert all(sum(counts.values()) == 8 for counts in everything.facets.values())


def test_orders(shop: Store) -> None:
    assert browse(shop, order="most popular").frame["item_id"].tolist()[:2] == ["pot", "cup"]  # two shoppers, one
    assert browse(shop, order="dearest").frame["item_id"].tolist()[:2] == ["pan", "pot"]
    assert browse(shop, order="best rated").frame["item_id"].tolist()[0] == "cup"


def test_an_item_with_everything(shop: Store) -> None:
    cup = item(shop, "cup")
    assert (cup.title, cup.brand, cup.levels, cup.price) == ("red tea cup", "Acme", ("kitchen", "tea"), 4)
    assert cup.place is not None
    assert (cup.place.third, cup.place.category, cup.place.items) == ("lower third", "kitchen", 4)
    assert (cup.place.cheapest, cup.place.median, cup.place.dearest) == (4, 12.5, 900)
    assert cup.place.tier == pytest.approx((1 / 4 + 0) / 2)  # mid-rank of the cheapest of four
    assert cup.stars is not None
    assert cup.stars.ratings == 1
    assert cup.shoppers == 1
    assert [one.canonical for one in item(shop, "pot").spellings] == ["Acme"]
    rake = item(shop, "rake")
    assert (rake.place, rake.stars, rake.extra) == (None, None, {"colour": "green"})
    assert item(shop, "post").hidden == "service line"
    with pytest.raises(BadInput, match="no item 'cupp'"):
        item(shop, "cupp")


def test_what_the_command_line_prints(shop: Store) -> None:
    told = item(shop, "cup").as_json()
    assert list(told) == [
        "item_id", "title", "attributes", "price_tier", "keywords", "ratings", "sentiment", "aspects", "entities", "warnings",
    ]  # fmt: skip
    assert told["ratings"]["prior"] == {"votes": 10.0, "mean": 3.5}
    assert item(shop, "rake").as_json()["ratings"] == {"count": 0}
    assert "price     4.00: lower third of 4 in kitchen" in item(shop, "cup").lines()


def test_histograms_hold_every_price(shop: Store) -> None:
    assert price_histogram(shop, "kitchen")["items"].sum() == 4
    assert category_prices(shop, "kitchen > tea")["items"].sum() == 3
    assert price_histogram(shop, "nowhere").empty


def test_categories_and_buyers(shop: Store) -> None:
    assert categories(shop) == {"attic": 1, "garden": 1, "kitchen": 4, "kitchen > pans": 1, "kitchen > tea": 3}
    assert buyers(shop, "cup").empty  # no segments yet
