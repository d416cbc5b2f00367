"""Search the catalogue and narrow it down by facets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from core.base.db import Store

TIERS = ("lower third", "middle third", "upper third", "no price")
RATINGS = ("4 and more", "3 to 4", "below 3", "not rated")
STOCK = ("in stock", "out of stock", "not known")
LISTED = 500
VALUES = 200
"""Values of a facet that are listed, the commonest first."""

_FACETS: dict[str, str] = {
    "category": "coalesce(top_category, 'no category')",
    "brand": "coalesce(brand, 'no brand')",
    "price tier": """CASE WHEN price_tier IS NULL THEN 'no price' WHEN price_tier < 1 / 3 THEN 'lower third'
                     WHEN price_tier < 2 / 3 THEN 'middle third' ELSE 'upper third' END""",
    "rating": """CASE WHEN mean IS NULL THEN 'not rated' WHEN mean >= 4 THEN '4 and more' WHEN mean >= 3 THEN '3 to 4'
                 ELSE 'below 3' END""",
    "stock": "CASE WHEN stock IS NULL THEN 'not known' WHEN stock > 0 THEN 'in stock' ELSE 'out of stock' END",
    "kind": "if(hidden IS NULL, kind, hidden)",
}
FACETS = tuple(_FACETS)
_FROM = """
FROM catalogue c LEFT JOIN item_ratings USING (item_id) LEFT JOIN (
    SELECT item_id, count(*) AS reviews, count(*) FILTER (tone = 'positive') / count(*) AS positive FROM tones GROUP BY item_id
) USING (item_id) LEFT JOIN quality USING (item_id)
"""
ORDERS = {
    "most popular": "popularity DESC NULLS LAST",
    "best rated": "item_ratings.shrunk DESC NULLS LAST",
    "most reviewed": "reviews DESC NULLS LAST",
    "cheapest": "price NULLS LAST",
    "dearest": "price DESC NULLS LAST",
    "title": "title NULLS LAST",
}


@dataclass(frozen=True)
class Shelf:
    """What a search finds. frame: one row an item; items: all that match; facets: facet -> {value: items}, the commonest first.

    A facet's counts hold under the text and the other facets, not under its own choice, so another value can be picked.
    """

    frame: pd.DataFrame
    items: int
    facets: dict[str, dict[str, int]]


def browse(
    store: Store,
    text: str = "",
    chosen: Sequence[tuple[str, tuple[str, ...]]] = (),
    order: str = "most popular",
    limit: int = LISTED,
) -> Shelf:
    """Return the items whose id, title, brand, category or a keyword contains every word of ``text``, in any case.

    chosen: (facet, values) pairs; an item must have one of the values of each. Columns: item_id, title, brand, category,
    price, ratings, mean (stars), positive (share of its reviews), popularity (shoppers), stock; ties by item id.
    """
    wanted = {facet: values for facet, values in chosen if values}
    words = text.casefold().split()
    search, params = _search(words)
    where, values = _where(wanted)
    facets = {
        facet: dict(
            store.rows(
                f"""SELECT {sql} AS value, count(*) AS items {_FROM} WHERE {search} AND {_where(wanted, but=facet)[0]}
                    GROUP BY value ORDER BY items DESC, value LIMIT {VALUES}""",
                [*params, *_where(wanted, but=facet)[1]],
            )
        )
        for facet, sql in _FACETS.items()
    }
    frame = store.df(
        f"""SELECT item_id, title, brand, category, price, item_ratings.ratings, mean, positive, popularity, stock
            {_FROM} WHERE {search} AND {where} ORDER BY {ORDERS[order]}, item_id LIMIT {limit}""",
        [*params, *values],
    )
    items = store.value(f"SELECT count(*) {_FROM} WHERE {search} AND {where}", [*params, *values])
    return Shelf(frame, int(items), facets)


def categories(store: Store) -> dict[str, int]:
    """Return the shown products of each category path and of each first level of one, by name."""
    return dict(
        store.rows(
            """SELECT name, count(*)
               FROM (SELECT unnest(list_distinct([category, top_category])) AS name FROM catalogue
                     WHERE hidden IS NULL AND kind = 'product')
               WHERE name IS NOT NULL GROUP BY name ORDER BY name"""
        )
    )


def _search(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return SQL that every word must be found in an item, and its parameters."""
    one = """(contains(lower(concat_ws(' ', c.item_id, title, brand, category)), ?)
              OR c.item_id IN (SELECT item_id FROM keywords WHERE contains(keyword, ?)))"""
    return " AND ".join([one] * len(words)) or "true", [word for word in words for _ in range(2)]


def _where(wanted: Mapping[str, tuple[str, ...]], but: str = "") -> tuple[str, list[list[str]]]:
    """Return SQL for the chosen values of every facet but one, and its parameters."""
    used = {facet: values for facet, values in wanted.items() if facet != but}
    sql = " AND ".join(f"list_contains(?, {_FACETS[facet]})" for facet in used)
    return sql or "true", [list(values) for values in used.values()]
