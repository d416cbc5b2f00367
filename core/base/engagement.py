"""What an action says about liking: the one table of weights that taste, trend and quality read."""

from core.base.schema import Event, Feedback

WEIGHT: dict[Event, float] = {
    Event.VIEW: 0.2,
    Event.CLICK: 0.3,
    Event.CART: 0.6,
    Event.WISHLIST: 0.6,
    Event.PURCHASE: 1.0,
    Event.RATING: 1.0,  # times the verdict below
    Event.RETURN: -1.25,  # undoes the purchase and counts against the item
}
"""Strength of one action, a purchase being 1; the n-th of a kind adds less: n actions count log2(1 + n)."""

COUNTS_AS: dict[Feedback, Event] = {
    Feedback.CLICK: Event.CLICK,
    Feedback.LIKE: Event.WISHLIST,
    Feedback.ADD: Event.CART,
    Feedback.BUY: Event.PURCHASE,
}
"""The event that a shopper's feedback is worth. A dislike and "not interested" are none: a log knows no such event."""

STARS: dict[Event, float] = {
    Event.RETURN: 1.0,
    Event.VIEW: 1.0,
    Event.CLICK: 1.0,
    Event.CART: 2.0,
    Event.WISHLIST: 2.0,
    Event.PURCHASE: 3.0,
}
"""Stars read from the furthest thing a shopper did, for shops without ratings; buying again on another day is 5."""

STARS_BOUGHT_AGAIN = 5.0
NEUTRAL_STARS = 2.5
"""A rating turns a shopper's strength by (stars − 2.5) / 2.5: 5 stars keep it, 3 leave a fifth, 1 turns it to −0.6."""


def weight_case() -> str:
    """Return SQL for the weight of one event, by its ``event_type``."""
    cases = " ".join(f"WHEN '{event}' THEN {weight}" for event, weight in WEIGHT.items())
    return f"CASE event_type {cases} ELSE 0 END"
