"""One item, with everything that is known or was found out about it."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.errors import BadInput
from core.represent import shelf_checks
from core.represent.opinions import Opinions, opinions
from core.represent.spelling import Field, Suggestion, suggestions
from core.represent.stars import Stars, stars

THIRDS = ("lower third", "middle third", "upper third")
BINS = 24


@dataclass(frozen=True)
class PricePlace:
    """A price among those of the shown products of its top category. tier: share of them at or below it (mid-rank), 0..1."""

    price: float
    tier: float
    third: str
    category: str
    items: int
    cheapest: float
    median: float
    dearest: float


@dataclass(frozen=True)
class Item:
    """An item. title: what to call it where it has none: its id; levels: of the category path; extra: columns not mapped."""

    item_id: str
    title: str
    description: str | None
    brand: str | None
    category: str | None
    levels: tuple[str, ...]
    top_category: str | None
    kind: str
    stock: float | None
    hidden: str | None
    url: str | None
    extra: dict[str, str]
    price: float | None
    place: PricePlace | None
    shoppers: int  # who did anything with it
    keywords: tuple[tuple[str, float], ...]
    stars: Stars | None
    opinions: Opinions
    entities: tuple[tuple[str, str, int, str], ...]  # kind, name, reviews, an example
    warnings: tuple[str, ...]
    spellings: tuple[Suggestion, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what ``python -m core item`` prints, but for the nearest items."""
        return {
            "item_id": self.item_id,
            "title": self.title,
            "attributes": {
                "brand": self.brand,
                "category": self.category,
                "levels": list(self.levels),
                "price": self.price,
                "kind": self.kind,
                "stock": self.stock,
                "hidden": self.hidden,
                "description": self.description,
                **self.extra,
            },
            "price_tier": asdict(self.place) if self.place else None,
            "keywords": [{"keyword": word, "weight": weight} for word, weight in self.keywords],
            "ratings": self.stars.as_json() if self.stars else {"count": 0},
            **self.opinions.as_json(),
            "entities": [
                {"kind": kind, "name": name, "reviews": reviews, "example": example}
                for kind, name, reviews, example in self.entities
            ],
            "warnings": [*self.warnings, *(f"'{one.spelling}' may be '{one.canonical}': {one.why}" for one in self.spellings)],
        }

    def lines(self) -> list[str]:
        """Return what is known, a line a subject, for the command line."""
        told = [f"{self.title}  [{self.item_id}]", f"          {self.brand or 'no brand'} · {self.category or 'no category'}"]
        if self.place:
            told.append(f"price     {self.price:,.2f}: {self.place.third} of {self.place.items:,} in {self.place.category}")
        if self.keywords:
            told.append("keywords  " + ", ".join(word for word, _ in self.keywords))
        if self.stars:
            told.append(
                f"stars     {self.stars.mean:.2f} of {self.stars.ratings:,} ratings, {self.stars.shrunk:.2f} after shrinking"
            )
        said = self.opinions
        if said.reviews:
            told.append(
                f"reviews   {said.positive:,} positive, {said.neutral:,} neutral, {said.negative:,} negative ({said.source})"
            )
        told += [f"liked     {one.aspect} ({one.praised} praise, {one.blamed} blame)" for one in said.liked]
        told += [f"disliked  {one.aspect} ({one.praised} praise, {one.blamed} blame)" for one in said.disliked]
        return told + [f"warning   {warning}" for warning in self.warnings]


def item(store: Store, item_id: str) -> Item:
    """Return an item. Raises BadInput where the catalogue does not have it."""
    rows = store.rows(_ITEM, [item_id])
    if not rows:
        raise BadInput(f"There is no item '{item_id}' in the catalogue. Check the id; ids are compared letter by letter.")
    title, description, brand, category, levels, top, kind, stock, hidden, url, attributes, price, tier, shoppers = rows[0]
    return Item(
        item_id=item_id,
        title=title or item_id,
        description=description,
        brand=brand,
        category=category,
        levels=tuple(levels or ()),
        top_category=top,
        kind=kind,
        stock=stock,
        hidden=hidden,
        url=url,
        extra={name: str(value) for name, value in json.loads(attributes or "{}").items() if value not in (None, "")},
        price=price,
        place=_place(store, price, tier, top),
        shoppers=int(shoppers or 0),
        keywords=tuple(store.rows("SELECT keyword, weight FROM keywords WHERE item_id = ? ORDER BY rank", [item_id])),
        stars=stars(store, item_id),
        opinions=opinions(store, "item", item_id),
        entities=tuple(
            store.rows(
                "SELECT kind, entity, reviews, example FROM entities WHERE item_id = ? ORDER BY reviews DESC, entity", [item_id]
            )
        ),
        warnings=shelf_checks.of_item(store, item_id),
        spellings=_spellings(store, brand, levels or ()),
    )


def price_histogram(store: Store, top_category: str | None) -> pd.DataFrame:
    """Return low, high (money), items: the prices of a top category's shown products in bins of equal width on a log scale."""
    return _bins(store, "top_category IS NOT DISTINCT FROM ?", [top_category])


def category_prices(store: Store, category: str) -> pd.DataFrame:
    """Return the same of a category, given by its path or its first level."""
    return _bins(store, "category = ? OR top_category = ?", [category, category])


def _bins(store: Store, where: str, params: list[str | None]) -> pd.DataFrame:
    frame = store.df(f"SELECT price FROM catalogue WHERE price_tier IS NOT NULL AND ({where})", params)
    prices = frame["price"].to_numpy(float)
    if not len(prices):
        return pd.DataFrame({"low": [], "high": [], "items": []})
    edges = np.geomspace(prices.min() * 0.999, prices.max() * 1.001, BINS + 1)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "items": np.histogram(prices, edges)[0]})


def buyers(store: Store, item_id: str) -> pd.DataFrame:
    """Return segment, buyers, share (of the item's buyers that are in a segment), usual (the segment's share of all those).

    The largest share first; empty where there are no segments or no buyers.
    """
    return store.df(
        """WITH bought AS (SELECT user_id, bool_or(item_id = ?) AS this FROM interactions WHERE purchases > 0 GROUP BY user_id)
           SELECT name AS segment, count(*) FILTER (this) AS buyers,
                  count(*) FILTER (this) / nullif(sum(count(*) FILTER (this)) OVER (), 0) AS share,
                  count(*) / sum(count(*)) OVER () AS usual
           FROM bought JOIN members USING (user_id) JOIN segments USING (segment_id)
           GROUP BY name QUALIFY sum(count(*) FILTER (this)) OVER () > 0 ORDER BY share DESC, segment""",
        [item_id],
    )


def _place(store: Store, price: float | None, tier: float | None, top_category: str | None) -> PricePlace | None:
    if price is None or tier is None:
        return None
    items, cheapest, median, dearest = store.rows(
        """SELECT count(*), min(price), median(price), max(price) FROM catalogue
           WHERE price_tier IS NOT NULL AND top_category IS NOT DISTINCT FROM ?""",
        [top_category],
    )[0]
    third = THIRDS[min(int(tier * 3), 2)]
    return PricePlace(price, tier, third, top_category or "the shop", items, cheapest, median, dearest)


def _spellings(store: Store, brand: str | None, levels: tuple[str, ...]) -> tuple[Suggestion, ...]:
    """Return the undecided suggestions about this item's brand and category levels."""
    of_brand = [one for one in suggestions(store, Field.BRAND) if one.spelling == brand]
    return (*of_brand, *(one for one in suggestions(store, Field.CATEGORY) if one.spelling in levels))


_ITEM = """
SELECT title, description, brand, category,
       list_transform(string_split(category, if(category LIKE '%>%', '>', '.')), lambda level: trim(level)),
       top_category, kind, stock, hidden, url, attributes, price, price_tier, popularity
FROM catalogue LEFT JOIN quality USING (item_id) WHERE item_id = ?
"""
