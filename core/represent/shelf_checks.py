"""What is wrong with the catalogue: one rule a check, with the items it finds, to look at or to take away as a file."""

import csv
import io
from dataclasses import dataclass

import pandas as pd

from core.base.db import Store
from core.base.errors import BadInput
from core.ingest.quarantine import safe_cell


@dataclass(frozen=True)
class Check:
    """One rule. items: shown products it finds, of ``of``; advice: what the gap costs and how to close it."""

    name: str
    label: str
    rule: str
    advice: str
    items: int
    of: int


_RULES: dict[str, tuple[str, str, str, str]] = {
    "no_title": (
        "No title",
        "title IS NULL",
        "The title is empty.",
        "Without a title an item can neither be found by search nor be recognised in a list.",
    ),
    "no_description": (
        "No description",
        "description IS NULL",
        "The description is empty.",
        "Similar items and cold-start recommendations read it: a sentence on material and use is enough.",
    ),
    "no_price": (
        "No price",
        "price IS NULL OR price <= 0",
        "The price is missing or not above 0, and nobody paid one.",
        "Without a price an item has no price tier and counts nothing in revenue.",
    ),
    "odd_price": (
        "Price far from its category",
        "price > 0 AND abs(ln(price) - log_median) > ln(20)",
        "More than 20 times the category's median price, or less than a twentieth.",
        "Often a slipped decimal point, or a price of a pack.",
    ),
    "no_brand": ("No brand", "brand IS NULL", "The brand is empty.", "Brand is one of the interests of a shopper."),
    "no_category": (
        "No category",
        "category IS NULL",
        "The category is empty.",
        "Interests, price tiers and the aspects of reviews go by category.",
    ),
    "duplicate": (
        "Says the same as another",
        "item_id IN (SELECT item_id FROM duplicates UNION ALL SELECT twin_id FROM duplicates)",
        "The title is that of another item of the category, or the texts are nearly one (cosine of the vectors at least 0.97).",
        "Doubles share their ratings and take two places of a list. Merge them, or say what is different.",
    ),
}
_COLUMNS = "item_id, title, brand, category, price"


def checks(store: Store) -> tuple[Check, ...]:
    """Return every check with its count, the most items first; ties by label."""
    counts = ", ".join(f"count(*) FILTER ({rule})" for _, rule, _, _ in _RULES.values())
    row = store.rows(f"SELECT count(*), {counts} FROM {_SHOWN}")[0]
    found = [
        Check(name, label, said, advice, int(items), int(row[0]))
        for (name, (label, _, said, advice)), items in zip(_RULES.items(), row[1:], strict=True)
    ]
    return tuple(sorted(found, key=lambda check: (-check.items, check.label)))


def failing(store: Store, name: str, limit: int | None = None) -> pd.DataFrame:
    """Return item_id, title, brand, category, price of the items a check finds, by id; of doubles also twin_id, twin, cosine.

    Raises BadInput where there is no such check.
    """
    if name not in _RULES:
        raise BadInput(f"There is no check '{name}'. Known: {', '.join(_RULES)}.")
    found = _TWINS if name == "duplicate" else f"SELECT {_COLUMNS} FROM {_SHOWN} WHERE {_RULES[name][1]} ORDER BY item_id"
    return store.df(found if limit is None else f"{found} LIMIT {limit:d}")


def of_item(store: Store, item_id: str) -> tuple[str, ...]:
    """Return the labels of the checks that find this item."""
    flags = ", ".join(f"coalesce({rule}, false)" for _, rule, _, _ in _RULES.values())
    rows = store.rows(f"SELECT {flags} FROM {_SHOWN} WHERE item_id = ?", [item_id])
    return tuple(label for (label, *_), found in zip(_RULES.values(), rows[0], strict=True) if found) if rows else ()


def as_csv(store: Store, name: str) -> bytes:
    """Return every item a check finds as CSV. Raises BadInput where there is no such check."""
    return to_csv(failing(store, name))


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as UTF-8 CSV in which no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(frame.columns)
    for row in frame.itertuples(index=False):
        writer.writerow(["" if pd.isna(cell) else safe_cell(str(cell)) for cell in row])
    return out.getvalue().encode()


_SHOWN = """(
    SELECT *, median(ln(price)) FILTER (price > 0) OVER (PARTITION BY top_category) AS log_median
    FROM catalogue WHERE hidden IS NULL AND kind = 'product'
)"""
_TWINS = """
SELECT d.item_id, c.title, c.brand, c.category, c.price, d.twin_id, t.title AS twin, round(d.cosine, 4) AS cosine
FROM duplicates d JOIN catalogue c USING (item_id) JOIN catalogue t ON t.item_id = d.twin_id
ORDER BY d.cosine DESC, d.item_id, d.twin_id
"""
