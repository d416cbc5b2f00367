"""Behaviour of each shopper as numbers, computed in SQL: one row a shopper in the table ``shoppers``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """One behaviour feature: column name in ``shoppers``, label for people, unit, formula in words."""

    name: str
    label: str
    unit: str
    formula: str


FEATURES: tuple[Feature, ...] = (
    Feature("recency_days", "Days since last seen", "days", "latest event of the shop − the shopper's last event"),
    Feature("tenure_days", "Known for", "days", "latest event of the shop − the shopper's first event"),
    Feature("active_days", "Active days", "days", "distinct days with an event"),
    Feature("events", "Events", "count", "all events, ratings included"),
    Feature("sessions", "Sessions", "count", "distinct session ids; events without one: runs with gaps of at most 30 minutes"),
    Feature(
        "dwell_s",
        "Time spent",
        "seconds",
        "sum of logged dwell; a shop that logs none: gaps within a session, each at most 5 minutes",
    ),
    Feature("orders", "Orders", "count", "distinct order ids of purchases; purchases without one: distinct days"),
    Feature("monetary", "Spent", "money", "units × (price − discount), bought less returned"),
    Feature("order_value", "Spent an order", "money", "bought (returns not deducted) ÷ orders"),
    Feature(
        "order_gap_days", "Days between orders", "days", "(last purchase − first purchase) ÷ (orders − 1), from two orders on"
    ),
    Feature("weekend_share", "Weekend share", "share", "events on Saturday or Sunday ÷ events"),
    Feature(
        "evening_share", "Evening share", "share", "events from 18:00 to midnight ÷ events; a shop that logs days only: not known"
    ),
    Feature("main_hour", "Usual hour", "hour", "direction of the mean of the events' times on the 24-hour circle"),
    Feature(
        "breadth",
        "Breadth of categories",
        "0 to 1",
        "−Σ p ln p ÷ ln(categories of the shop), p = share of events in a top-level category",
    ),
    Feature(
        "price_tier", "Price tier", "0 to 1", "mean over the shopper's items of the item's price percentile within its category"
    ),
    Feature("discount_share", "Bought at a discount", "share", "purchase lines with a discount ÷ purchase lines"),
    Feature("return_rate", "Return rate", "share", "return lines ÷ purchase lines, at most 1"),
    Feature(
        "mobile_share",
        "Away from the website",
        "share",
        "events on a platform other than web or desktop ÷ events with a platform",
    ),
    Feature("views_per_purchase", "Views per purchase", "count", "views and clicks ÷ purchase lines"),
    Feature("buy_share", "Buying share", "share", "purchase lines ÷ (purchase lines + views + clicks + cart additions)"),
    Feature("abandon_rate", "Left in the cart", "share", "items put in a cart and never bought ÷ items put in a cart"),
    Feature("mean_rating", "Rating given", "stars", "mean of the ratings given"),
)
"""Every feature that describes a shopper, in the order the screens show them."""
