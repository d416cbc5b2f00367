"""Behaviour of each shopper as numbers: one row a shopper in the table ``shoppers``.

"Now" is the latest event of the shop, never the clock: logs are often old. A figure the shop's data cannot tell (no
prices, no times of day, no platforms …) is NULL for everyone rather than a made-up zero.
"""

import json
from dataclasses import dataclass

import duckdb

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.schema import Table
from core.profiles.measures import RECENCY, TENURE, Shop, measure_sql, read_shop
from core.profiles.touched import TOUCHED, find_touched, note

RECIPE = 2
"""Raised when a formula changes, so that tables built by an older one are rebuilt."""


@dataclass(frozen=True)
class Feature:
    """One behaviour feature: column of ``shoppers``, label for people, unit, formula in words.

    unit: days, count, seconds, money, hour (0..24), share (0..1), 0 to 1 or stars (1..5).
    """

    name: str
    label: str
    unit: str
    formula: str


FEATURES: tuple[Feature, ...] = (
    Feature("recency_days", "Since last seen", "days", "latest event of the shop − the shopper's last event"),
    Feature("tenure_days", "Known for", "days", "latest event of the shop − the shopper's first event"),
    Feature("span_days", "First to last visit", "days", "the shopper's last event − their first"),
    Feature("active_days", "Active days", "count", "distinct days with an event"),
    Feature("events", "Events", "count", "all events, ratings included"),
    Feature("sessions", "Sessions", "count", "distinct session ids; events without one: runs with gaps of at most 30 minutes"),
    Feature("session_events", "Events a session", "count", "events ÷ sessions, returns and reviews left out"),
    Feature("dwell_s", "Time spent", "seconds", "sum of logged dwell; if none is logged: gaps in a session, at most 5 min each"),
    Feature("event_dwell_s", "Time spent a step", "seconds", "mean of the logged dwell, or of those gaps"),
    Feature("orders", "Orders", "count", "distinct order ids of purchases; purchases without one: distinct days"),
    Feature("monetary", "Spent", "money", "units × (price − discount), bought less returned"),
    Feature("order_value", "Spent an order", "money", "spent ÷ orders"),
    Feature("order_gap_days", "Days between orders", "days", "(last purchase − first) ÷ (orders − 1), from two orders on"),
    Feature("weekend_share", "Weekend share", "share", "events on Saturday or Sunday ÷ events"),
    Feature("evening_share", "Evening share", "share", "events from 18:00 to midnight ÷ events"),
    Feature("main_hour", "Usual hour", "hour", "direction of the mean of the events' times on the 24-hour circle"),
    Feature("breadth", "Breadth of categories", "0 to 1", "−Σ p ln p ÷ ln(categories of the shop), p = share of events"),
    Feature("price_tier", "Price tier", "0 to 1", "mean price percentile of the shopper's items within their category"),
    Feature("discount_share", "Bought at a discount", "share", "purchase lines with a discount ÷ purchase lines"),
    Feature("return_rate", "Return rate", "share", "return lines ÷ purchase lines, at most 1"),
    Feature("web_share", "On the website", "share", "events on web or desktop ÷ events with a platform"),
    Feature("app_share", "In the app", "share", "events in an app (iOS, Android) ÷ events with a platform"),
    Feature("views_per_purchase", "Views per purchase", "count", "views and clicks ÷ purchase lines"),
    Feature("buy_share", "Buying share", "share", "purchase lines ÷ (those + views, clicks, cart and wish-list additions)"),
    Feature("wish_share", "Wish-list share", "share", "wish-list additions ÷ (views, clicks, cart and wish-list additions)"),
    Feature("abandon_rate", "Left in the cart", "share", "items put in the cart and never bought ÷ items put in the cart"),
    Feature("mean_rating", "Rating given", "stars", "mean of the ratings given"),
)  # fmt: skip
"""Every feature that describes a shopper, in the order the screens show them. Lines and items: articles, no service lines."""


def rebuild_shoppers(store: Store, progress: Progress = no_progress) -> bool:
    """Measure anew whoever the change of the data concerns; return whether it was needed. Rollups come first.

    The numbers are those of measuring everyone, which is what happens where a change concerns most of them.
    """
    progress(0.0, "Measuring shoppers")
    same = store.value("SELECT settings FROM derived WHERE name = ?", [Table.SHOPPERS]) == json.dumps(_SETTINGS)
    built = rebuild(store, Table.SHOPPERS, _SETTINGS, lambda version: _measure(store, version, everyone=not same))
    progress(1.0, "Shoppers are measured")
    return built


def measure_everyone(store: Store) -> None:
    """Measure every shopper, whatever has changed."""
    rebuild(store, Table.SHOPPERS, _SETTINGS, lambda version: _measure(store, version, everyone=True), force=True)


_SETTINGS = {"recipe": RECIPE}


def _measure(store: Store, version: int, everyone: bool) -> None:
    shop = read_shop(store)
    with store.transaction() as cursor:
        if everyone or not find_touched(cursor, shop, version):
            cursor.execute("TRUNCATE shoppers")
            _insert(cursor, shop, version)
        else:
            cursor.execute(f"DELETE FROM shoppers WHERE user_id IN (SELECT user_id FROM {TOUCHED})")
            cursor.execute(_COUNT_BACK, {"now": shop.now, "version": version})
            _insert(cursor, shop, version, TOUCHED)
        cursor.execute("TRUNCATE norms")
        cursor.execute(f"INSERT INTO norms {_NORMS}", {"version": version})
        note(cursor, shop, version)


def _insert(cursor: duckdb.DuckDBPyConnection, shop: Shop, version: int, subset: str | None = None) -> None:
    parameters = {"now": shop.now, "categories": shop.categories, "version": version}
    cursor.execute(f"INSERT INTO shoppers BY NAME {measure_sql(shop, subset)}", parameters)


_COUNT_BACK = f"UPDATE shoppers SET recency_days = {RECENCY}, tenure_days = {TENURE}, data_version = $version"
"""What a later "now" changes for those who did nothing since."""
_HUNDREDTHS = [step / 100 for step in range(101)]
_NORMS = " UNION ALL ".join(
    f"SELECT '{one.name}', quantile_cont({one.name}::DOUBLE, {_HUNDREDTHS}), $version FROM shoppers" for one in FEATURES
)
