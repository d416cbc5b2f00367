"""What real exports have wrong with them: robots in the log, broken rows, and a catalogue nobody tidied up."""

import numpy as np
import pandas as pd

from core.demo.catalogue import Catalogue
from core.demo.vocabulary import Vocabulary

BOTS = 5
BOT_EVENTS = 1800
DIRTY = 0.003
NO_TIME = ("n/a", "0000-00-00 00:00:00", "31/31/2026", "yesterday")


def bot_events(items: int, days: int, rng: np.random.Generator) -> pd.DataFrame:
    """Robots that walk the catalogue a page a second. Columns: bot (0 to BOTS-1), at (second), item, click (bool)."""
    parts = []
    for bot in range(BOTS):
        runs = np.sort(rng.choice(days, 3, replace=False)) * 86_400 + rng.integers(0, 80_000, 3)
        count = int(rng.integers(BOT_EVENTS // 2, BOT_EVENTS * 3 // 2)) // 3
        at = (runs[:, None] + np.arange(count)[None, :]).ravel()
        parts.append(
            pd.DataFrame({"bot": bot, "at": at, "item": rng.integers(0, items, len(at)), "click": rng.random(len(at)) < 0.3})
        )
    return pd.concat(parts, ignore_index=True)


def soil_events(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Break about 0.3 % of the rows of the exported log: no customer, no readable time, a time in 2031, a negative
    price, and whole lines twice. Columns as in files.EVENT_COLUMNS, all text but the figures."""
    count = max(1, int(len(events) * DIRTY / 5))
    nobody, timeless, later, cheap, twice = (_mask(len(events), rows) for rows in _draw(len(events), count, rng))
    unreadable = pd.Series(rng.choice(NO_TIME, len(events)), index=events.index)
    price = events["unit_price"].fillna(9.9).clip(lower=1)
    soiled = events.assign(
        customer_id=events["customer_id"].mask(nobody, ""),
        occurred_at=events["occurred_at"].mask(later, "2031" + events["occurred_at"].str[4:]).mask(timeless, unreadable),
        unit_price=events["unit_price"].mask(cheap, -price),
    )
    return soiled.loc[np.repeat(np.arange(len(events)), 1 + twice)].reset_index(drop=True)


def _draw(rows: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """(5, count) row numbers, no row twice."""
    return rng.choice(rows, 5 * count, replace=False).reshape(5, count)


def _mask(rows: int, chosen: np.ndarray) -> np.ndarray:
    mask = np.zeros(rows, dtype=bool)
    mask[chosen] = True
    return mask


def soil_reviews(reviews: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give a few reviews seven stars and leave one or two without a product."""
    soiled = reviews.copy()
    rows = rng.choice(len(reviews), max(2, len(reviews) // 400), replace=False)
    soiled.loc[rows[::2], "stars"] = 7
    soiled.loc[rows[1::2], "sku"] = ""
    return soiled


def soil_items(words: Vocabulary, catalogue: Catalogue, products: int, rng: np.random.Generator) -> pd.DataFrame:
    """The catalogue as exported: some descriptions and prices missing, brands misspelt, near-duplicate titles."""
    frame = catalogue.frame.copy()
    order = rng.permutation(products)
    few = max(1, products // 60)
    blank, unpriced, doubled = order[:few], order[few : few + few // 2 + 1], order[2 * few : 2 * few + few // 2 + 1]
    frame.loc[blank, "description"] = ""
    frame.loc[unpriced, "price"] = np.nan
    for row in doubled:
        twin = np.flatnonzero(catalogue.noun[:products] == catalogue.noun[row])[0]
        if twin != row:
            frame.loc[row, "name"] = _retyped(str(frame.at[twin, "name"]), rng)
            frame.loc[row, "brand"] = str(frame.at[twin, "brand"])
    variant = np.array([brand.variant for brand in words.brands], dtype=object)[catalogue.brand]
    misspelt = (catalogue.brand >= 0) & (variant != "") & (rng.random(len(frame)) < 0.04)
    frame.loc[misspelt, "brand"] = variant[misspelt]
    return frame


def _retyped(title: str, rng: np.random.Generator) -> str:
    return (f"{title} (new)", title.upper(), title.replace(",", " -"), f"{title} NEW 2026", title.lower())[rng.integers(5)]
