"""When things happen: the year, the week, the hours, and the sessions that follow from them."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from core.demo.shopper_types import GIFT, TRIER, trait
from core.demo.shoppers import Population

SALES = (((1, 2), (1, 12)), ((6, 8), (6, 16)), ((11, 20), (11, 30)))
GIFT_DAYS = ((2, 14), (5, 10), (6, 21), (9, 15), (12, 24))
FEWEST = 5  # sessions of anyone but a trier
PLATFORMS = ("web", "app", "mini_program")


@dataclass(frozen=True)
class Calendar:
    """The days of the log. sale, weekend: (days,) bool. occasions: day indices on which people give presents."""

    start: date
    days: int
    sale: np.ndarray
    weekend: np.ndarray
    occasions: np.ndarray

    @property
    def midnight(self) -> np.datetime64:
        """The first second of the log."""
        return np.datetime64(self.start, "s")


def build_calendar(end: date, days: int) -> Calendar:
    """The calendar of the ``days`` days up to and including ``end``."""
    start = end - timedelta(days=days - 1)
    dates = [start + timedelta(days=n) for n in range(days)]
    return Calendar(
        start=start,
        days=days,
        sale=np.array([any(a <= (day.month, day.day) <= b for a, b in SALES) for day in dates]),
        weekend=np.array([day.weekday() >= 5 for day in dates]),
        occasions=np.array([n for n, day in enumerate(dates) if (day.month, day.day) in GIFT_DAYS], dtype=int),
    )


def discounts(calendar: Calendar, products: int, items: int, rng: np.random.Generator) -> np.ndarray:
    """(items, days) share taken off the price: a rota of weekly offers, and half the shop in a sale."""
    weeks = calendar.days // 7 + 1
    offer = np.where(rng.random((items, weeks)) < 0.14, rng.choice([0.1, 0.15, 0.2, 0.3], (items, weeks)), 0.0)
    share = np.repeat(offer, 7, axis=1)[:, : calendar.days]
    in_sale = np.where(rng.random(items) < 0.5, rng.choice([0.2, 0.3, 0.4, 0.5], items), 0.0)
    share[:, calendar.sale] = np.maximum(share[:, calendar.sale], in_sale[:, None])
    share[products:] = 0.0
    return share


def sample_sessions(people: Population, calendar: Calendar, rng: np.random.Generator) -> pd.DataFrame:
    """The sessions that shoppers start of themselves: user, day, start (seconds of the log), platform, in order of time."""
    weight = _day_weights(people, calendar, rng)
    active = (people.leave - people.arrive).clip(min=1)
    counts = rng.poisson(people.rate * active / 30)
    counts = np.where(people.type == TRIER, 1 + rng.poisson(0.8, len(counts)), np.maximum(counts, FEWEST))
    user = np.repeat(np.arange(len(counts)), counts)
    return at_times(people, user, pick(weight, user, rng), rng)


def at_times(people: Population, user: np.ndarray, day: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Sessions of the given shoppers (m,) on the given days (m,), at an hour and on a platform that fit each shopper."""
    spread = trait(people.type[user], "hour_spread")
    hour = np.where(rng.random(len(user)) < 0.12, rng.uniform(7, 23.5, len(user)), rng.normal(people.hour[user], spread))
    hour = np.where(hour >= 24, hour - 24, hour).clip(0, 23.99)
    start = (day * 86_400 + hour * 3600).astype(np.int64)
    platform = pick(people.platforms, user, rng)
    return pd.DataFrame({"user": user, "day": day, "start": start, "platform": platform})


def _day_weights(people: Population, calendar: Calendar, rng: np.random.Generator) -> np.ndarray:
    """(shoppers, days) chance weight of a visit on each day."""
    day = np.arange(calendar.days)
    weight = np.where(calendar.weekend[None, :], trait(people.type, "weekend")[:, None], 1.0)
    weight = weight * (1 + 0.12 * np.sin(2 * np.pi * day / 61))
    keen = 0.25 * trait(people.type, "bargain").clip(0.4)[:, None]
    weight = weight * np.where(calendar.sale[None, :], 1 + keen, 1.0)
    givers = people.type == GIFT
    weight[givers] *= _run_up(calendar, int(givers.sum()), rng)
    present = (day >= people.arrive[:, None]) & (day < people.leave[:, None])
    dormant = (day >= people.pause[:, :1]) & (day < people.pause[:, 1:])
    return weight * (present & ~dormant)


def _run_up(calendar: Calendar, givers: int, rng: np.random.Generator) -> np.ndarray:
    """(givers, days) the fortnight before the occasions that each of them keeps; little in between."""
    before = calendar.occasions[None, :] - np.arange(calendar.days)[:, None]
    ramp = np.where((before >= 1) & (before <= 14), 1.0, 0.0)
    kept = rng.random((givers, len(calendar.occasions))) < 0.75
    return 0.06 + kept @ ramp.T


def pick(weight: np.ndarray, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(m,) a column for each of the (m,) rows, with chance proportional to the weights of that row.

    One search over all rows at once: row r's cumulated shares are shifted by r. A row of zeros gives its last column.
    """
    total = weight.sum(axis=1, keepdims=True)
    shares = np.cumsum(weight / np.where(total > 0, total, 1), axis=1)
    shares[:, -1] = 1.0
    flat = (shares + np.arange(len(weight))[:, None]).ravel()
    found = np.searchsorted(flat, row + rng.random(len(row)), side="right")
    return np.minimum(found - row * weight.shape[1], weight.shape[1] - 1)
