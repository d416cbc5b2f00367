"""Behaviour features against answers worked by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.base.db import Store
from core.profiles.behaviour import FEATURES, rebuild_shoppers
from core.profiles.measures import measure_sql, read_shop
from core.profiles.rollups import rebuild_rollups
from tests.profiles.shop import Row, act, item, load, load_online_retail, review


def measured(store: Store, *rows: Row, user: str = "u") -> dict[str, Any]:
    """Load the rows, measure everyone, and return one shopper's row."""
    load(store, *rows)
    rebuild_rollups(store)
    rebuild_shoppers(store)
    frame = store.df("SELECT * FROM shoppers WHERE user_id = ?", [user]).astype(object)
    return dict(frame.where(frame.notna(), None).iloc[0])


def test_recency_tenure_and_rhythm_count_back_from_the_latest_event_of_the_shop(store: Store) -> None:
    got = measured(
        store,
        act("u", "a", "2024-01-06 06:00", "view"),  # a Saturday
        act("u", "a", "2024-01-08 18:00", "view"),  # a Monday
        act("v", "a", "2024-01-10 18:00", "view"),
    )
    assert (got["recency_days"], got["tenure_days"], got["span_days"], got["active_days"]) == (2.0, 4.5, 2.5, 2)
    assert (got["weekend_share"], got["evening_share"]) == (0.5, 0.5)


@pytest.mark.parametrize(("day", "share"), [("2024-01-05", 0.0), ("2024-01-06", 1.0), ("2024-01-07", 1.0), ("2024-01-08", 0.0)])
def test_the_weekend_is_saturday_and_sunday(store: Store, day: str, share: float) -> None:
    assert measured(store, act("u", "a", f"{day} 12:00", "view"))["weekend_share"] == share


def test_the_usual_hour_is_a_direction_on_the_clock(store: Store) -> None:
    got = measured(store, act("u", "a", "2024-01-06 23:00", "view"), act("u", "a", "2024-01-08 01:00", "view"))
    assert got["main_hour"] % 24 == pytest.approx(0.0, abs=1e-9) or got["main_hour"] == pytest.approx(24.0)
    got = measured(store, act("w", "a", "2024-01-08 12:30", "view"), user="w")
    assert got["main_hour"] == pytest.approx(12.5)


def test_sessions_are_the_ids_given_and_else_runs_without_half_an_hour_of_silence(store: Store) -> None:
    given = [act("u", "a", f"2024-01-06 {clock}", "view", session_id=name) for clock, name in [("10:00", "s"), ("19:00", "s")]]
    runs = [act("u", "a", f"2024-01-07 {clock}", "view") for clock in ("10:00", "10:30", "11:01")]
    got = measured(store, *given, *runs)
    assert got["sessions"] == 1 + 2
    assert got["session_events"] == pytest.approx(5 / 3)


def test_time_spent_is_the_logged_dwell_where_there_is_any(store: Store) -> None:
    got = measured(
        store,
        act("u", "a", "2024-01-06 10:00", "view", dwell_s=20.0),
        act("u", "a", "2024-01-06 10:01", "view", dwell_s=10.0),
        act("u", "a", "2024-01-06 10:02", "cart"),
    )
    assert (got["dwell_s"], got["event_dwell_s"]) == (30.0, 15.0)


def test_time_spent_is_else_the_gaps_of_a_session_capped_at_five_minutes(store: Store) -> None:
    clocks = ("10:00:00", "10:01:40", "10:21:40", "12:00:00")  # gaps: 100 s, 1200 s (capped at 300), a new session
    got = measured(store, *(act("u", "a", f"2024-01-06 {clock}", "view") for clock in clocks))
    assert (got["dwell_s"], got["event_dwell_s"]) == (400.0, 200.0)


def test_time_spent_is_not_known_of_a_single_step_nor_in_a_log_of_purchases(store: Store) -> None:
    assert measured(store, act("u", "a", "2024-01-06 10:00", "view", session_id="s"))["dwell_s"] is None
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM events")
    buys = [act("u", "a", f"2024-01-06 10:0{minute}", "purchase") for minute in range(3)]
    assert measured(store, *buys)["dwell_s"] is None


def test_orders_are_the_ids_given_and_else_days(store: Store) -> None:
    got = measured(
        store,
        act("u", "a", "2024-01-01 10:00", "purchase", price=10.0, order_id="o1"),
        act("u", "b", "2024-01-01 10:00", "purchase", price=20.0, order_id="o1"),
        act("u", "a", "2024-01-03 10:00", "purchase", price=10.0, quantity=2),
        act("u", "b", "2024-01-03 18:00", "purchase", price=20.0, discount=5.0),
        act("u", "b", "2024-01-05 10:00", "return", price=20.0),
    )
    assert got["orders"] == 2
    assert got["monetary"] == 10 + 20 + 20 + 15 - 20
    assert got["order_value"] == 45 / 2
    assert got["order_gap_days"] == pytest.approx(2 + 8 / 24)
    assert (got["discount_share"], got["return_rate"]) == (0.25, 0.25)


def test_breadth_is_the_entropy_over_the_top_categories_of_the_shop(store: Store) -> None:
    shelf = [item("a", category="home > kitchen"), item("b", category="home > bath"), item("c", category="toys.cars.red")]
    seen = [act("u", name, "2024-01-01 10:00", "view") for name in "abcc"]
    assert measured(store, *shelf, *seen)["breadth"] == pytest.approx(1.0)  # home twice, toys twice, of two categories
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM events WHERE item_id = 'c'")
    assert measured(store)["breadth"] == 0.0


def test_price_tier_is_the_percentile_within_the_category(store: Store) -> None:
    shelf = [item(f"h{price}", category="home", price=price) for price in (1, 2, 3, 4)] + [item("t", category="toys", price=99)]
    got = measured(store, *shelf, act("u", "h4", "2024-01-01", "view"), act("u", "t", "2024-01-01", "view"))
    assert got["price_tier"] == pytest.approx((7 / 8 + 1 / 2) / 2)


def test_platforms_are_counted_and_website_and_app_told_apart(store: Store) -> None:
    names = ["web", "web", "iOS", "mini-program", None]
    got = measured(store, *(act("u", "a", "2024-01-01", "view", platform=name) for name in names))
    assert (got["web_share"], got["app_share"]) == (0.5, 0.25)
    assert store.value("SELECT platforms['web'] FROM shoppers") == 2


def test_browsing_against_buying(store: Store) -> None:
    got = measured(
        store,
        *(act("u", name, "2024-01-01", "view") for name in "abcdef"),
        act("u", "a", "2024-01-01", "cart"),
        act("u", "b", "2024-01-01", "cart"),
        act("u", "c", "2024-01-01", "wishlist"),
        act("u", "a", "2024-01-02", "purchase"),
    )
    assert (got["views_per_purchase"], got["buy_share"], got["wish_share"], got["abandon_rate"]) == (6.0, 0.1, 1 / 9, 0.5)


def test_what_a_log_of_user_item_and_day_cannot_tell_is_not_known(store: Store) -> None:
    got = measured(store, act("u", "a", "2024-01-01", "purchase"), act("u", "b", "2024-01-02", "purchase"))
    unknown = {feature.name for feature in FEATURES if got[feature.name] is None}
    assert unknown == {
        "dwell_s", "event_dwell_s", "monetary", "order_value", "evening_share", "main_hour", "breadth", "price_tier",
        "discount_share", "return_rate", "web_share", "app_share", "views_per_purchase", "buy_share", "wish_share",
        "abandon_rate", "mean_rating",
    }  # fmt: skip
    assert (got["orders"], got["sessions"], got["order_gap_days"]) == (2, 2, 1.0)


def test_a_shop_of_reviews_alone_has_shoppers(store: Store) -> None:
    got = measured(store, review("u", "a", "2024-01-01", 5), review("u", "b", "2024-01-03", 2), review("v", "b", None, 2))
    assert (got["events"], got["sessions"], got["mean_rating"], got["ratings"], got["recency_days"]) == (2, 2, 3.5, 2, 0.0)
    assert store.rows("SELECT events, first_ts, sessions FROM shoppers WHERE user_id = 'v'") == [(1, None, 0)]


def test_a_review_or_a_return_is_no_visit_where_there_is_a_log(store: Store) -> None:
    got = measured(
        store,
        act("u", "a", "2024-01-01 10:00", "purchase"),
        act("u", "a", "2024-01-06 20:00", "return"),
        review("u", "a", "2024-01-07 20:00", 1),
    )
    assert (got["events"], got["sessions"], got["weekend_share"], got["evening_share"]) == (3, 1, 0.0, 0.0)


def test_service_lines_are_money_but_no_articles(store: Store) -> None:
    got = measured(
        store,
        item("POST", title="POSTAGE"),
        act("u", "POST", "2024-01-01 10:00", "purchase", price=5.0),
        act("u", "a", "2024-01-01 10:00", "purchase", price=1.0),
    )
    assert (got["monetary"], got["purchases"], got["items"]) == (6.0, 1, 1)


def test_everybody_in_the_log_has_one_row_and_an_empty_store_none(store: Store) -> None:
    rebuild_rollups(store)
    rebuild_shoppers(store)
    assert store.value("SELECT count(*) FROM shoppers") == 0
    measured(store, *(act(name, "a", "2024-01-01", "view") for name in "uvwu"))
    assert store.rows("SELECT user_id FROM shoppers ORDER BY 1") == [("u",), ("v",), ("w",)]


@pytest.mark.realdata
def test_measuring_a_few_shoppers_gives_the_numbers_of_measuring_all(store: Store, realdata: Callable[[str], Path]) -> None:
    load_online_retail(store, realdata("online_retail/online_retail.csv.gz"))
    rebuild_rollups(store)
    rebuild_shoppers(store)
    with store.transaction() as cursor:
        cursor.execute("CREATE TABLE touched AS SELECT user_id FROM shoppers USING SAMPLE 50 ROWS (reservoir, 7)")
    shop = read_shop(store)
    params = {"now": shop.now, "categories": shop.categories, "version": store.data_version()}
    few = store.df(measure_sql(shop, "touched"), params).drop(columns="platforms").set_index("user_id")
    all_of_them = store.df("SELECT * EXCLUDE platforms FROM shoppers SEMI JOIN touched USING (user_id)").set_index("user_id")
    assert len(few) == 50
    for column in few.columns.drop(["first_ts", "last_ts"]):
        assert few[column].astype(float).to_numpy() == pytest.approx(
            all_of_them.loc[few.index, column].astype(float).to_numpy(), rel=1e-12, nan_ok=True
        )


@pytest.mark.realdata
def test_orders_and_money_of_a_real_customer_agree_with_a_plain_query(store: Store, realdata: Callable[[str], Path]) -> None:
    load_online_retail(store, realdata("online_retail/online_retail.csv.gz"))
    rebuild_rollups(store)
    rebuild_shoppers(store)
    plain = """
        SELECT user_id, count(DISTINCT order_id) FILTER (event_type = 'purchase') AS orders, count(*) AS events,
               sum(if(event_type = 'return', -1, 1) * quantity * price) AS monetary, count(DISTINCT ts::DATE) AS active_days
        FROM events GROUP BY user_id ORDER BY user_id
    """
    columns = ["orders", "events", "monetary", "active_days"]
    got = store.df("SELECT * FROM shoppers ORDER BY user_id")[columns].to_numpy(float)
    assert got == pytest.approx(store.df(plain)[columns].to_numpy(float))
