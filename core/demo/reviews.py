"""Ratings and written reviews: stars from the product's quality and the fit of tastes, words from the stars."""

import numpy as np
import pandas as pd

from core.base.schema import Event
from core.demo.behaviour import World
from core.demo.review_words import Writer
from core.demo.shopper_types import trait
from core.demo.timeline import DAY

MISHAP = 0.12  # share of purchases that go wrong whatever the product


def build_reviews(world: World, events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Columns: user, item, at (second), stars (1 to 5), headline, body ('' = stars only), helpful; in order of time."""
    bought = _received(events)
    shy = np.where(trait(world.people.type[bought["user"]], "interests") >= 6, 0.34, 0.42)
    rated = bought[rng.random(len(bought)) < shy]
    stars = _stars(world, rated, rng)
    at = rated["at"] + rng.integers(4 * DAY, 25 * DAY, len(rated))
    reviews = rated[["user", "item"]].assign(at=at, stars=stars)
    reviews = reviews[reviews["at"] < world.calendar.days * DAY].sort_values("at", kind="stable", ignore_index=True)
    writer = Writer(world.words, world.catalogue, rng)
    texts = [writer.write(item, star) for item, star in zip(reviews["item"], reviews["stars"], strict=True)]
    helpful = rng.negative_binomial(1, 0.45, len(reviews))
    return reviews.assign(headline=[head for head, _ in texts], body=[body for _, body in texts], helpful=helpful)


def _received(events: pd.DataFrame) -> pd.DataFrame:
    """First purchases of a product by a shopper that were not cancelled; adds sent_back (bool)."""
    back = events.loc[events["event"] == Event.RETURN, ["order", "item", "at"]].rename(columns={"at": "back"})
    bought = events[events["event"] == Event.PURCHASE].merge(back, on=["order", "item"], how="left")
    cancelled = bought["back"] - bought["at"] < DAY
    first = bought[~cancelled].drop_duplicates(["user", "item"])
    return first.assign(sent_back=first["back"].notna())


def _stars(world: World, rated: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """(n,) whole stars: 4.1 on average, moved by quality, by how well the product fits the shopper, and by mood."""
    user, item = rated["user"].to_numpy(), rated["item"].to_numpy()
    fit = world.utility(user, item, (rated["at"] // DAY).to_numpy())
    mishap = np.where(rng.random(len(rated)) < MISHAP, rng.uniform(1.5, 3.5, len(rated)), 0.0)
    felt = 4.3 + 0.6 * world.catalogue.quality[item] + 0.15 * (fit - 2).clip(-3, 3) + rng.normal(0, 0.7, len(rated)) - mishap
    felt -= 1.4 * rated["sent_back"].to_numpy()
    return felt.round().clip(1, 5).astype(int)
