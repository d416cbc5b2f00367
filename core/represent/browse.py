"""Search the catalogue and narrow it down by facets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
FROM (SELECT item_id, title, brand, category, top_category, price, price_tier, kind, stock, hidden FROM catalogue) c
LEFT JOIN (SELECT item_id, ratings, mean, shrunk AS believed FROM item_ratings) USING (item_id)
LEFT JOIN (
    SELECT item_id, count(*) AS reviews, count(*) FILTER (tone = 'positive') / count(*) AS positive FROM tones GROUP BY item_id
) USING (item_id)
LEFT JOIN (SELECT item_id, popularity FROM quality) USING (item_id)
"""
ORDERS = {
    "most popular": "popularity DESC NULLS LAST",
    "best rated": "believed DESC NULLS LAST",
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
    price, ratings, mean (stars), positive (share of its reviews, to 0.01), popularity (shoppers), stock; ties by item id.
    """
    wanted = {facet: list(values) for facet, values in chosen if values}
    search, params = _search(text.casefold().split())
    params |= {_param(facet): values for facet, values in wanted.items()}
    found = f"WITH found AS MATERIALIZED (SELECT *, {_COLUMNS} {_FROM} WHERE {search})"
    sides = " UNION ALL ".join(
        f"SELECT {place} AS place, {_column(facet)} AS value, count(*) AS items FROM found "
        f"WHERE {_where(wanted, but=facet)} GROUP BY value"
        for place, facet in enumerate(FACETS)
    )
    facets: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    listed = (
        f"QUALIFY row_number() OVER (PARTITION BY place ORDER BY items DESC, value) <= {VALUES} ORDER BY place, items DESC, value"
    )
    for place, value, items in store.rows(f"{found} SELECT * FROM ({sides}) {listed}", params):
        facets[FACETS[place]][value] = items
    frame = store.df(
        f"""{found} SELECT item_id, title, brand, category, price, ratings, mean, round(positive, 2) AS positive, popularity,
                   stock, count(*) OVER () AS items
            FROM found WHERE {_where(wanted)} ORDER BY {ORDERS[order]}, item_id LIMIT {limit:d}""",
        params,
    )
    total = int(frame["items"].iloc[0]) if len(frame) else 0
    return Shelf(frame.drop(columns="items"), total, facets)


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


def _search(words: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return SQL that every word must be found in an item, and its parameters."""
    one = """(contains(lower(concat_ws(' ', c.item_id, title, brand, category)), ${name})
              OR c.item_id IN (SELECT item_id FROM keywords WHERE contains(keyword, ${name})))"""
    named = {f"word{place}": word for place, word in enumerate(words)}
    return " AND ".join(one.format(name=name) for name in named) or "true", dict(named)


def _where(wanted: Mapping[str, list[str]], but: str = "") -> str:
    """Return SQL for the chosen values of every facet but one."""
    return " AND ".join(f"list_contains(${_param(facet)}, {_column(facet)})" for facet in wanted if facet != but) or "true"


def _column(facet: str) -> str:
    return "facet_" + facet.replace(" ", "_")


def _param(facet: str) -> str:
    return "chosen_" + facet.replace(" ", "_")


_COLUMNS = ", ".join(f"{sql} AS {_column(facet)}" for facet, sql in _FACETS.items())
