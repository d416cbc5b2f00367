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

SAYINGS = {
    "recency_days": "were last seen {value} ago",
    "tenure_days": "have been known for {value}",
    "span_days": "stayed {value} from first to last visit",
    "active_days": "were active on {value} days",
    "events": "left {value} events",
    "sessions": "came {value} times",
    "session_events": "log {value} events a visit",
    "dwell_s": "spent {value} on the site",
    "event_dwell_s": "stay {value} a step",
    "orders": "placed {value} orders",
    "monetary": "spent {value}",
    "order_value": "spend {value} an order",
    "order_gap_days": "wait {value} between orders",
    "weekend_share": "have {value} of their activity at weekends",
    "evening_share": "have {value} of their activity in the evening",
    "breadth": "spread over categories by {value} on a scale from 0 (one) to 1 (all alike)",
    "price_tier": "look at items dearer than {value} of their category",
    "discount_share": "buy {value} of their lines at a discount",
    "return_rate": "return {value} of what they buy",
    "web_share": "use the website for {value} of their activity",
    "app_share": "use the app for {value} of their activity",
    "views_per_purchase": "look {value} times for each purchase",
    "buy_share": "buy in {value} of what they do",
    "wish_share": "wish-list {value} of what they look at",
    "abandon_rate": "leave {value} of what is in the cart",
    "mean_rating": "rate with {value}",
}
"""What a mean says of "they", by feature; the shop's mean follows in brackets."""


def portrait(size: int, share: float, revenue: float | None, basics: list[Standout], standouts: list[Standout]) -> str:
    """Return the paragraph.

    share: of the grouped shoppers; revenue: share of their money, None where there are no prices or sales; basics: the
    features of BASICS that are known; standouts: strongest first, those among the basics are not said twice.
    """
    opening = f"{size:,} shoppers, {_percent(share)} of those grouped"
    opening += f", with {_percent(revenue)} of the revenue." if revenue is not None else "."
    told = f" On average they {_listed([_say(one) for one in basics])}." if basics else ""
    apart = [_say(one) for one in standouts if one.feature.name not in BASICS]
    if apart:
        return f"{opening}{told} What sets them apart: they {_listed(apart)}."
    return f"{opening}{told}" if standouts else f"{opening}{told} Nothing else sets them clearly apart from the average shopper."


def measure(unit: str, value: float) -> str:
    """Return a mean in its unit as people write it.

    >>> measure("days", 12.4), measure("share", 0.278), measure("seconds", 95), measure("money", 1234.5)
    ('12 days', '28 %', '1 min 35 s', '1,234')
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


def _say(one: Standout) -> str:
    unit = "share" if one.feature.name == "price_tier" else one.feature.unit
    return f"{SAYINGS[one.feature.name].format(value=measure(unit, one.value))} (shop: {measure(unit, one.shop)})"


def _listed(said: list[str]) -> str:
    """Join clauses: a; a and b; a, b and c."""
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _span(days: float) -> str:
    """Return days, or hours where it is less than one, or minutes."""
    if abs(days) >= 1:
        return f"{_number(days)} days"
    return f"{days * 24:.1f} hours" if abs(days) >= 1 / 24 else f"{days * 1440:.0f} minutes"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %" if 0 < share < 0.1 else f"{share * 100:.0f} %"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.1f}" if abs(value) >= 1 or value == 0 else f"{value:.2f}"
