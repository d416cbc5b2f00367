"""One shopper, interests and the overview, against answers worked by hand."""

from datetime import date, datetime

import pytest

from core.base.db import Store
from core.base.errors import BadInput
from core.profiles import overview, shopper
from core.profiles.behaviour import rebuild_shoppers
from core.profiles.interests import interests
from core.profiles.rollups import rebuild_rollups
from tests.profiles.shop import Row, act, item, load, review


def build(store: Store, *rows: Row) -> None:
    load(store, *rows)
    rebuild_rollups(store)
    rebuild_shoppers(store)


def test_a_profile_sets_the_shopper_beside_the_shop(store: Store) -> None:
    build(
        store,
        Row("users", {"user_id": "u", "name": "Ada", "country": "GB", "import_id": 1}),
        *(act("u", "a", f"2024-01-0{day} 10:00", "purchase", price=5.0, platform="web") for day in (1, 2, 3)),
        act("u", "b", "2024-01-03 11:00", "view", platform="app"),
        act("v", "a", "2024-01-03 10:00", "view"),
        act("w", "a", "2024-01-03 10:00", "view"),
    )
    ada = shopper.shopper(store, "u")
    assert (ada.name, ada.country, ada.orders, ada.monetary, ada.items) == ("Ada", "GB", 3, 15.0, 2)
    assert (ada.platforms, ada.main_platform) == ((("web", 3), ("app", 1)), "web")
    assert (ada.first_seen, ada.last_seen) == (datetime(2024, 1, 1, 10), datetime(2024, 1, 3, 11))
    events = next(one for one in ada.readings if one.feature.name == "events")
    assert (events.value, events.median, events.percentile) == (4, 1, 1.0)
    plain = next(one for one in shopper.shopper(store, "v").readings if one.feature.name == "events")
    assert plain.percentile == pytest.approx(2 / 3, abs=0.5)  # two of three have no more; quantiles of three shoppers are coarse


def test_an_unknown_shopper_is_a_mistake_to_mend(store: Store) -> None:
    with pytest.raises(BadInput, match="No shopper has the id 'nobody'"):
        shopper.shopper(store, "nobody")


def test_the_timeline_is_newest_first_with_titles_and_signed_money(store: Store) -> None:
    build(
        store,
        item("a", title="Kettle", price=9.0),
        act("u", "a", "2024-01-01 10:00", "view"),
        act("u", "a", "2024-01-02", "purchase", price=8.0, quantity=2, position=0),
        act("u", "a", "2024-01-02", "return", price=8.0, quantity=1, position=1),
        review("u", "a", "2024-01-05", 4),
        act("v", "a", "2024-01-06", "view"),
    )
    told = shopper.timeline(store, "u")
    assert told["event_type"].tolist() == ["rating", "return", "purchase", "view"]
    assert told["money"].tolist() == [0, -8, 16, 0]
    assert told["title"].unique().tolist() == ["Kettle"]
    assert told["price"].tolist()[-1] == 9.0
    assert shopper.timeline(store, "u", limit=1)["event_type"].tolist() == ["rating"]


def test_finding_looks_in_ids_and_names_and_takes_signs_literally(store: Store) -> None:
    build(
        store,
        Row("users", {"user_id": "x9", "name": "Zoë Quill", "import_id": 1}),
        *(act("x9", "a", "2024-01-01", "view") for _ in range(2)),
        *(act("ab_1", "a", "2024-01-01", "view") for _ in range(3)),
        act("1ab", "a", "2024-01-01", "view"),
    )
    assert shopper.find(store, "AB")["user_id"].tolist() == ["ab_1", "1ab"]
    assert shopper.find(store, "quill")["user_id"].tolist() == ["x9"]
    assert shopper.find(store, "%").empty
    assert shopper.find(store, "_")["user_id"].tolist() == ["ab_1"]
    assert shopper.users(store, 2)["user_id"].tolist() == ["ab_1", "x9"]


def test_interests_decay_and_add_up_to_one_in_each_facet(store: Store) -> None:
    build(
        store,
        item("a", category="home > kitchen", brand="Acme", price=1.0),
        item("b", category="toys", price=2.0),
        act("u", "a", "2024-01-01", "purchase"),
        act("u", "b", "2024-01-31", "purchase"),
    )
    got = interests(store, "u", half_life_days=30)
    shares = {(row.facet, row.value): row.share for row in got.itertuples()}
    assert shares[("category", "toys")] == pytest.approx(2 / 3)
    assert shares[("category", "home")] == pytest.approx(1 / 3)
    assert shares[("product type", "kitchen")] == shares[("brand", "Acme")] == 1.0
    assert got.groupby("facet")["share"].sum().tolist() == pytest.approx([1.0] * got["facet"].nunique())


def test_an_items_interest_goes_to_its_keywords_by_their_weights(store: Store) -> None:
    build(store, item("a"), item("b"), act("u", "a", "2024-01-31", "purchase"), act("u", "b", "2024-01-31", "purchase"))
    with store.transaction() as cursor:
        cursor.execute("INSERT INTO keywords VALUES ('a', 'kettle', 3, 1, 1), ('a', 'steel', 1, 2, 1), ('b', 'steel', 5, 1, 1)")
    got = interests(store, "u", half_life_days=30)
    told = got[got["facet"] == "keyword"][["value", "share", "items"]].values.tolist()
    assert told == [["steel", pytest.approx(0.625), 2], ["kettle", pytest.approx(0.375), 1]]


def test_a_disliked_item_is_no_interest(store: Store) -> None:
    build(
        store,
        item("a", category="home"),
        item("b", category="toys"),
        act("u", "a", "2024-01-01", "purchase"),
        review("u", "a", "2024-01-02", 1),
        act("u", "b", "2024-01-01", "view"),
    )
    assert interests(store, "u", 30)[["facet", "value", "share"]].values.tolist() == [["category", "toys", 1.0]]


def test_totals_and_activity(store: Store) -> None:
    build(
        store,
        item("POST", title="Postage"),
        act("u", "a", "2024-01-01", "purchase", price=3.0, platform="web"),
        act("v", "a", "2024-01-01", "view", platform="web"),
        act("u", "b", "2024-01-03", "purchase", price=4.0, platform="app"),
        act("u", "b", "2024-01-03", "return", price=4.0),
    )
    got = overview.totals(store)
    assert (got.events, got.shoppers, got.items, got.hidden, got.interactions) == (4, 2, 2, 1, 3)
    assert (got.purchases, got.revenue, got.platforms) == (2, 3.0, (("web", 2), ("app", 1)))
    assert (got.first_day, got.last_day, got.days) == (date(2024, 1, 1), date(2024, 1, 3), 3)
    days = overview.activity(store, days=2)
    assert days[["dau", "wau", "mau", "events", "purchases", "revenue"]].values.tolist() == [
        [0, 2, 2, 0, 0, 0],
        [1, 2, 2, 2, 1, 0],
    ]
    assert days["stickiness"].tolist() == [0, 0.5]
    assert len(overview.activity(store)) == 3


def test_an_empty_shop_has_empty_totals(store: Store) -> None:
    build(store)
    got = overview.totals(store)
    assert (got.empty, got.days, got.first_day, got.platforms) == (True, 0, None, ())
    assert overview.activity(store, 30).empty
    assert shopper.users(store).empty
