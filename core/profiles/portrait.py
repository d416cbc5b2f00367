"""A segment in one paragraph, made only of numbers that are in the store."""

from dataclasses import dataclass

from core.profiles.behaviour import Feature


@dataclass(frozen=True)
class Standout:
    """A feature in which a segment differs. value, shop: means over the segment and over all clustered shoppers, in the unit.

    effect: difference in standard deviations of the shop, on the feature's own scale (log where heavy-tailed).
    """

    feature: Feature
    value: float
    shop: float
    effect: float


BASICS = ("orders", "monetary", "recency_days")
"""What every portrait says, where it is known."""

BASIC_SAYINGS = {
    "orders": "placed {value} orders",
    "monetary": "spent {value}",
    "recency_days": "were last seen {value} ago",
}
"""What the mean of a basic says of "they"; the shop's mean follows in brackets."""

SAYINGS = {
    "tenure_days": "they have been known for {value}",
    "span_days": "{value} lie between their first and last visit",
    "active_days": "they were active on {value} days",
    "events": "they left {value} events",
    "sessions": "they came {value} times",
    "session_events": "a visit of theirs has {value} events",
    "dwell_s": "they spent {value} on the site",
    "event_dwell_s": "they stay {value} at each step",
    "order_value": "an order of theirs is worth {value}",
    "order_gap_days": "{value} lie between two orders",
    "weekend_share": "{value} of their activity is at weekends",
    "evening_share": "{value} of their activity is in the evening",
    "breadth": "they spread over the categories by {value} (0 = one category, 1 = all alike)",
    "price_tier": "their items are dearer than {value} of the category",
    "discount_share": "{value} of what they buy is discounted",
    "return_rate": "they return {value} of what they buy",
    "web_share": "{value} of their activity is on the website",
    "app_share": "{value} of their activity is in the app",
    "views_per_purchase": "they look at {value} things for each purchase",
    "buy_share": "{value} of what they do is buying",
    "wish_share": "{value} of what they do before buying is adding to the wish list",
    "abandon_rate": "{value} of what they put into the cart stays there",
    "mean_rating": "they rate with {value}",
}
"""A clause on a mean, by feature; the shop's mean follows in brackets."""

LITTLE = 0.5
"""Part of the shop's share below which a share is "only" that much."""


def portrait(size: int, share: float, revenue: float | None, basics: list[Standout], standouts: list[Standout]) -> str:
    """Return the paragraph.

    share: of the grouped shoppers; revenue: share of their money, None where there are no prices or sales; basics: the
    features of BASICS that are known; standouts: strongest first, those among the basics are not said twice.
    """
    opening = f"{size:,} shoppers, {_percent(share)} of those grouped"
    opening += f", with {_percent(revenue)} of the revenue." if revenue is not None else "."
    told = f" On average they {_listed([_say(BASIC_SAYINGS, one) for one in basics])}." if basics else ""
    apart = [_say(SAYINGS, one) for one in standouts if one.feature.name in SAYINGS]
    if apart:
        return f"{opening}{told} What sets them apart: {_listed(apart)}."
    return f"{opening}{told}" if standouts else f"{opening}{told} Nothing else sets them clearly apart from the average shopper."


def measure(unit: str, value: float) -> str:
    """Return a mean in its unit as people write it.

    >>> measure("days", 12.4), measure("share", 0.278), measure("seconds", 95), measure("money", 1234.5)
    ('12 days', '28%', '1 min 35 s', '1,234')
    """
    if unit == "days":
        return _span(value)
    if unit == "share":
        return _percent(value)
    if unit == "seconds":
        whole = round(value)
        return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
    if unit == "money":
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
    if unit == "stars":
        return f"{value:.1f} stars"
    if unit == "0 to 1":
        return f"{value:.2f}"
    return _number(value)


def _say(sayings: dict[str, str], one: Standout) -> str:
    unit = "share" if one.feature.name == "price_tier" else one.feature.unit
    value, shop = measure(unit, one.value), measure(unit, one.shop)
    if one.feature.unit == "share" and one.value < LITTLE * one.shop:
        value = "none" if one.value == 0 else f"only {value}"
    return f"{sayings[one.feature.name].format(value=value)} (shop: {shop})"


def _listed(said: list[str]) -> str:
    """Join clauses: a; a and b; a, b and c."""
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _span(days: float) -> str:
    """Return days, or hours where it is less than one, or minutes."""
    if abs(days) >= 1:
        return f"{_number(days)} days"
    return f"{days * 24:.1f} hours" if abs(days) >= 1 / 24 else f"{days * 1440:.0f} minutes"


def _percent(share: float) -> str:
    """Return a share as a percentage with no more digits than it is worth.

    >>> [_percent(share) for share in (0.0403, 0.0612, 0.44, 0.0004, 0.0)]
    ['4%', '6.1%', '44%', '0.04%', '0%']
    """
    percent = share * 100
    if percent >= 10 or percent == 0:
        return f"{percent:.0f}%"
    return f"{percent:.1f}".removesuffix(".0") + "%" if percent >= 1 else f"{percent:.1g}%"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.1f}" if abs(value) >= 1 or value == 0 else f"{value:.2f}"
