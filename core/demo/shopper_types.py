"""The six planted types of shopper, and how each behaves."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ShopperType:
    """How one planted type behaves. Rates are means; every shopper deviates from them.

    rate: sessions in 30 active days. lists: pages of products looked at a session. views: products seen a list.
    appetite: added to the click logit. cart, wish: chance after a click. buy: chance after a cart.
    tier: preferred price level. bargain: pull of a discount. dwell: seconds on a product page.
    returns: chance that a purchase comes back. weekend: weight of a weekend day against 1 for a weekday.
    hour, hour_spread: centre and spread of the day's rhythm. platforms: web, app, mini-program.
    interests: number of leaves. replenish: chance to buy a consumable again. leave: chance to leave in 30 days.
    """

    name: str
    share: float
    rate: float
    lists: float
    views: float
    appetite: float
    cart: float
    wish: float
    buy: float
    tier: float
    bargain: float
    dwell: float
    returns: float
    weekend: float
    hour: float
    hour_spread: float
    platforms: tuple[float, float, float]
    interests: int
    replenish: float
    leave: float


TYPES = (
    ShopperType(
        name="loyal regular", share=0.18, rate=3.4, lists=1.25, views=2.9,
        appetite=0.4, cart=0.40, wish=0.05, buy=0.62, tier=0.0, bargain=0.6, dwell=34, returns=0.03,
        weekend=0.75, hour=18.5, hour_spread=1.8, platforms=(0.14, 0.80, 0.06), interests=7, replenish=0.60, leave=0.03,
    ),
    ShopperType(
        name="bargain hunter", share=0.20, rate=2.2, lists=1.9, views=3.0,
        appetite=0.2, cart=0.36, wish=0.08, buy=0.46, tier=-1.7, bargain=6.0, dwell=15, returns=0.09,
        weekend=0.95, hour=12.3, hour_spread=1.7, platforms=(0.20, 0.10, 0.70), interests=8, replenish=0.25, leave=0.06,
    ),
    ShopperType(
        name="window shopper", share=0.20, rate=2.0, lists=1.75, views=3.4,
        appetite=0.1, cart=0.08, wish=0.26, buy=0.10, tier=0.3, bargain=0.6, dwell=62, returns=0.05,
        weekend=1.20, hour=22.3, hour_spread=1.5, platforms=(0.24, 0.70, 0.06), interests=9, replenish=0.10, leave=0.06,
    ),
    ShopperType(
        name="gift giver", share=0.15, rate=2.3, lists=1.9, views=3.0,
        appetite=0.3, cart=0.42, wish=0.10, buy=0.62, tier=0.3, bargain=0.8, dwell=28, returns=0.16,
        weekend=2.60, hour=15.0, hour_spread=2.4, platforms=(0.82, 0.11, 0.07), interests=16, replenish=0.05, leave=0.03,
    ),
    ShopperType(
        name="premium enthusiast", share=0.13, rate=3.0, lists=1.15, views=3.4,
        appetite=0.6, cart=0.38, wish=0.12, buy=0.62, tier=1.9, bargain=-1.5, dwell=120, returns=0.06,
        weekend=1.00, hour=20.5, hour_spread=1.6, platforms=(0.84, 0.14, 0.02), interests=3, replenish=0.35, leave=0.04,
    ),
    ShopperType(
        name="one-time trier", share=0.14, rate=3.0, lists=1.3, views=3.4,
        appetite=0.3, cart=0.42, wish=0.03, buy=0.55, tier=-0.2, bargain=1.5, dwell=24, returns=0.08,
        weekend=1.10, hour=17.0, hour_spread=3.2, platforms=(0.08, 0.06, 0.86), interests=3, replenish=0.05, leave=1.00,
    ),
)  # fmt: skip
GIFT, TRIER = 3, 5  # places in TYPES


def trait(types: np.ndarray, name: str) -> np.ndarray:
    """(n,) or (n, 3): the named figure of each shopper's type."""
    return np.array([getattr(one, name) for one in TYPES])[types]
