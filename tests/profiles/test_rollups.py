"""Rollups against answers worked by hand, and against plain counting."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.db import Store, bump_version, memory_store
from core.profiles.rollups import rebuild_rollups
from tests.profiles.shop import act, item, load, load_online_retail, review


def test_a_catalogue_file_goes_before_gathered_values_and_a_later_import_before_an_earlier(store: Store) -> None:
    load(
        store,
        item("a", title="Old name", price=5.0, explicit=True, import_id=1),
        item("a", title="New name", explicit=True, import_id=2),
        item("a", title="Name on an invoice", brand="Acme", explicit=False, import_id=3),
    )
    rebuild_rollups(store)
    assert store.rows("SELECT title, price, brand, kind FROM catalogue") == [("New name", 5.0, "Acme", "product")]


def test_an_item_seen_only_in_events_or_reviews_gets_a_row_and_the_median_price_paid(store: Store) -> None:
    load(
        store,
        act("u", "a", "2024-01-01 10:00", "purchase", price=4.0),
        act("u", "a", "2024-01-02 10:00", "purchase", price=6.0),
        act("u", "a", "2024-01-03 10:00", "purchase", price=60.0),
        act("u", "b", "2024-01-03 10:00", "view", price=9.0),
        review("u", "c", None, 5.0),
    )
    rebuild_rollups(store)
    assert store.rows("SELECT item_id, price, first_seen FROM catalogue ORDER BY item_id") == [
        ("a", 6.0, datetime(2024, 1, 1, 10)),
        ("b", 9.0, datetime(2024, 1, 3, 10)),
        ("c", None, None),
    ]


def test_postage_is_hidden_and_an_article_with_such_a_word_in_its_name_is_not(store: Store) -> None:
    load(store, item("POST", title="POSTAGE"), item("x", title="Manual coffee grinder"), item("y", title="Postage stamp album"))
    rebuild_rollups(store)
    assert store.rows("SELECT item_id, hidden FROM catalogue WHERE hidden IS NOT NULL") == [("POST", "service line")]


def test_one_row_a_shopper_and_item_nets_returns_and_keeps_the_last_rating(store: Store) -> None:
    load(
        store,
        act("u", "a", "2024-01-01 10:00", "view", dwell_s=30.0),
        act("u", "a", "2024-01-01 10:01", "cart"),
        act("u", "a", "2024-01-01 10:02", "purchase", price=5.0, quantity=3, discount=1.0),
        act("u", "a", "2024-01-05 10:00", "return", price=5.0, quantity=1, discount=1.0),
        review("u", "a", "2024-01-06 10:00", 2.0),
        review("u", "a", "2024-01-07 10:00", 4.0),
        review(None, "a", "2024-01-08 10:00", 1.0),
    )
    rebuild_rollups(store)
    (row,) = store.df("SELECT * FROM interactions").itertuples()
    assert (row.views, row.carts, row.purchases, row.returns) == (1, 1, 1, 1)
    assert (row.units, row.spend, row.dwell_s, row.rating) == (2.0, 8.0, 30.0, 4.0)
    assert (row.first_ts, row.last_ts) == (datetime(2024, 1, 1, 10), datetime(2024, 1, 7, 10))


def test_a_line_without_a_price_counts_at_the_catalogue_price(store: Store) -> None:
    load(store, item("a", price=7.0), act("u", "a", "2024-01-01", "purchase", quantity=2))
    rebuild_rollups(store)
    assert store.value("SELECT spend FROM interactions") == 14.0


def test_position_breaks_the_tie_of_equal_times(store: Store) -> None:
    load(
        store,
        *(act("u", "a", day, "purchase", position=p) for day, p in [("2024-01-02", 3), ("2024-01-02", 4), ("2024-01-01", 9)]),
    )
    rebuild_rollups(store)
    assert store.value("SELECT last_position FROM interactions") == 4


def test_daily_splits_by_platform_and_unknown_platforms_keep_a_row(store: Store) -> None:
    load(
        store,
        act("u", "a", "2024-01-01 10:00", "view", platform="web", session_id="s1"),
        act("v", "a", "2024-01-01 11:00", "purchase", price=2.0, platform="web", session_id="s2"),
        act("v", "a", "2024-01-01 12:00", "view"),
    )
    rebuild_rollups(store)
    rows = store.rows("SELECT platform, events, views, purchases, revenue, shoppers, sessions FROM daily ORDER BY platform")
    assert rows == [("web", 2, 1, 1, 2.0, 2, 2), (None, 1, 1, 0, 0.0, 1, None)]


def test_nothing_is_rebuilt_twice_and_everything_after_a_change(store: Store) -> None:
    load(store, act("u", "a", "2024-01-01", "view"))
    assert rebuild_rollups(store) == ["catalogue", "interactions", "daily", "activity"]
    assert rebuild_rollups(store) == []
    with store.transaction() as cursor:
        bump_version(cursor)
    assert len(rebuild_rollups(store)) == 4
    assert store.rows("SELECT DISTINCT data_version FROM activity") == [(store.data_version(),)]


def test_an_empty_store_gives_empty_rollups(store: Store) -> None:
    rebuild_rollups(store)
    assert [store.value(f"SELECT count(*) FROM {name}") for name in ("catalogue", "interactions", "daily", "activity")] == [0] * 4


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("uvw"), st.dates(date(2024, 1, 1), date(2024, 3, 15))),
        min_size=1,
        max_size=25,
    )
)
def test_windowed_shoppers_equal_plain_distinct_counts(visits: list[tuple[str, date]]) -> None:
    store = memory_store()
    load(store, *(act(user, "a", str(day), "view") for user, day in visits))
    rebuild_rollups(store)
    for day, dau, wau, mau in store.rows("SELECT day, dau, wau, mau FROM activity"):
        for count, width in ((dau, 1), (wau, 7), (mau, 30)):
            assert count == len({user for user, seen in visits if 0 <= (day - seen).days < width})
    days = [day for _, day in visits]
    assert store.value("SELECT count(*) FROM activity") == (max(days) - min(days)).days + 1
    store.close()


@pytest.mark.realdata
def test_revenue_of_a_real_log_agrees_with_a_plain_sum(store: Store, realdata: Callable[[str], Path]) -> None:
    load_online_retail(store, realdata("online_retail/online_retail.csv.gz"))
    rebuild_rollups(store)
    plain = store.value("SELECT sum(CASE event_type WHEN 'return' THEN -1 ELSE 1 END * quantity * price) FROM events")
    for table, column in (("daily", "revenue"), ("activity", "revenue"), ("interactions", "spend")):
        assert store.value(f"SELECT sum({column}) FROM {table}") == pytest.approx(plain)
