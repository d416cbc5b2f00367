"""The shop window on a shop of a few items: what is offered, why, and what never is."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.base.db import Store
from core.base.errors import BadInput
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.represent.baskets import Taken
from core.score.index import Index, load_index
from core.score.newest import NEW_DAYS, newest
from core.score.reading import content
from core.score.rules import Draft, Kind, On, add_rule, end_rule
from core.score.similar import Spoke, alike
from core.score.together import complete, together
from core.score.trending import Order, trending
from core.update.surfaces import rebuild_surfaces
from tests.profiles.shop import Row, act, item, load


def order(number: int, *items: str, day: str = "2024-03-15") -> list[Row]:
    """One order of these items."""
    return [act(f"buyer{number}", one, day, "purchase", order_id=f"o{number}") for one in items]


@pytest.fixture
def window(shop: Store, settings: Settings) -> Store:
    """The shop with orders: cup goes with pot (12 of them) and with box (out of stock); spade with rake."""
    orders = [order(n, "cup", "pot", "box") for n in range(10)] + [order(n, "cup", "pot") for n in range(10, 12)]
    orders += [order(n, "spade", "rake") for n in range(20, 28)] + [order(n, "hose") for n in range(30, 90)]
    load(shop, *[row for rows in orders for row in rows])
    rebuild_rollups(shop)
    rebuild_surfaces(shop, settings)
    return shop


@pytest.fixture
def shelf(window: Store, settings: Settings) -> Index:
    """The index of that shop."""
    return load_index(window, settings)


def test_similar_is_by_text_until_a_model_is_served_and_shows_only_what_may_be_shown(shop: Store, index: Index) -> None:
    found = alike(shop, index, "cup", 20)
    assert found.offers[0].item_id == "pot"
    assert {one.item_id for one in found.offers} == {"pot", "tin", "spade", "rake", "hose"}  # box is out of stock
    assert {one.by for one in found.offers} == {Spoke.TEXT}
    assert "same brand and category" in found.offers[0].reason
    assert alike(shop, index, "blank").offers == ()
    assert "no text" in alike(shop, index, "blank").sentence
    with pytest.raises(BadInput, match="no item"):
        alike(shop, index, "nobody")


def test_together_by_hand_without_what_is_out_of_stock(window: Store, shelf: Index) -> None:
    """cup is in the orders of 12 buyers and of ann, of 84 orders of shown products in all."""
    found = together(window, shelf, "cup")
    assert [one.item_id for one in found.offers] == ["pot"]
    (pot,) = found.offers
    assert (pot.baskets, pot.taken) == (12, Taken.BOUGHT)
    assert pot.confidence == pytest.approx(12 / 13)
    assert "orders" in found.sentence
    assert pot.reason.startswith("In 92% of the orders with it")
    lonely = together(window, shelf, "hose")
    assert lonely.offers == ()
    assert "Nothing goes with long garden hose" in lonely.sentence


def test_a_basket_is_completed_by_the_sum_of_what_its_items_pull(window: Store, shelf: Index) -> None:
    found = complete(window, shelf, ["cup", "rake", "cup"])
    assert {one.item_id for one in found.offers} == {"pot", "spade"}  # not cup or rake: they are in it
    for one in found.offers:
        assert one.score == pytest.approx(sum(strength for _, strength in one.because))
    alone = complete(window, shelf, ["cup"])
    assert [one.item_id for one in alone.offers] == ["pot"]
    assert alone.offers[0].because == (("cup", pytest.approx(alone.offers[0].score)),)
    assert complete(window, shelf, ["hose"]).offers == ()
    with pytest.raises(BadInput, match="at least one item"):
        complete(window, shelf, [])
    with pytest.raises(BadInput, match="no item"):
        complete(window, shelf, ["cup", "nobody"])


def test_hidden_items_are_on_no_surface(window: Store, shelf: Index) -> None:
    hidden = replace(shelf, is_hidden=shelf.is_hidden | (shelf.ids == "pot"))
    assert together(window, hidden, "cup").offers == ()
    assert complete(window, hidden, ["cup"]).offers == ()
    assert "pot" not in {one.item_id for one in trending(window, hidden, k=20).offers}
    assert "pot" not in {one.item_id for one in alike(window, hidden, "cup", 20).offers}


def test_a_rule_that_hides_is_on_every_surface(window: Store, shelf: Index) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    rule = add_rule(window, Draft(Kind.HIDE, On.ITEM, "pot"), author="ann", now=now)
    assert together(window, shelf, "cup").offers == ()
    assert complete(window, shelf, ["cup"]).offers == ()
    assert "pot" not in {one.item_id for one in trending(window, shelf, k=20).offers}
    assert "pot" not in {one.item_id for one in alike(window, shelf, "cup", 20).offers}
    add_rule(window, Draft(Kind.HIDE, On.ITEM, "guide"), author="ann", now=now)
    assert content(window, shelf).offers == ()
    end_rule(window, rule.rule_id, now)
    assert [one.item_id for one in together(window, shelf, "cup").offers] == ["pot"]


def test_trending_tells_demand_from_a_rise(window: Store, settings: Settings) -> None:
    """rake: as much in both spans. hose: sold before. tin: new demand of twelve shoppers in the last days."""
    fresh = [act(f"t{n}", "tin", "2024-03-30", "purchase") for n in range(12)]
    load(window, *fresh, act("z", "rake", "2024-03-31", "purchase"))
    rebuild_rollups(window)
    rebuild_surfaces(window, settings)
    index = load_index(window, settings)
    found = trending(window, index, 7.0, Order.RISE)
    assert found.offers[0].item_id == "tin"
    assert "none before" in found.offers[0].reason
    assert all(one.rise >= 2 for one in found.offers)
    assert "7 days" in found.sentence
    weights = [one.weight for one in trending(window, index, 7.0).offers]
    assert weights == sorted(weights, reverse=True)


def test_new_arrivals_newest_first_or_by_taste(window: Store, settings: Settings) -> None:
    load(
        window,
        item("spoon", title="red tea spoon", attributes='{"released_on": "2024-03-01"}'),
        item("bench", title="wooden garden bench", attributes='{"released_on": "2024-03-20"}'),
        item("relic", title="red tea relic", attributes='{"released_on": "2019-03-20"}'),
    )
    rebuild_rollups(window)
    rebuild_surfaces(window, settings)
    index = load_index(window, settings)
    found = newest(window, index)
    assert [one.item_id for one in found.offers] == ["blank", "tin", "bench", "spoon"]  # the first two by their first event
    assert all(one.days <= NEW_DAYS for one in found.offers)
    assert found.as_json()["items"][2]["arrived"] == "2024-03-20"
    assert "not known yet" in newest(window, index, "a stranger").sentence


def test_new_arrivals_for_a_shopper_are_ordered_by_taste(window: Store, shelf: Index) -> None:
    with window.transaction() as cursor:
        cursor.execute("DELETE FROM arrivals")
        cursor.execute("INSERT INTO arrivals VALUES ('pot', '2024-03-01', true, 1), ('hose', '2024-03-20', true, 1)")
    found = newest(window, shelf, "ann")  # ann bought a cup
    assert [one.item_id for one in found.offers] == ["pot", "hose"]
    assert found.offers[0].taste is not None
    assert found.offers[0].taste > (found.offers[1].taste or 0)


def test_a_shop_with_content_and_too_few_visits_says_so_and_still_lists_it(window: Store, shelf: Index) -> None:
    found = content(window, shelf)
    assert [one.item_id for one in found.offers] == ["guide"]
    assert found.offers[0].expected_s is None
    assert "only 0 visits" in found.sentence


def test_a_shop_without_content_says_so(store: Store, settings: Settings) -> None:
    load(store, item("cup", title="cup"))
    rebuild_rollups(store)
    rebuild_surfaces(store, settings)
    found = content(store, load_index(store, settings))
    assert found.offers == ()
    assert found.sentence.startswith("This shop has no content")


def test_a_new_workspace_has_an_empty_window(store: Store, settings: Settings) -> None:
    rebuild_rollups(store)
    rebuild_surfaces(store, settings)
    index = load_index(store, settings)
    assert trending(store, index).offers == ()
    assert newest(store, index).offers == ()
    assert np.array(content(store, index).offers).size == 0
