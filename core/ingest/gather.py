"""Facts about products and shoppers that an event or review file carries along: into items and users."""

import duckdb

from core.base.derived import Progress
from core.base.schema import FileKind
from core.ingest.mapping import Mapping
from core.ingest.plan import Plan
from core.ingest.running import run


def gather(
    cursor: duckdb.DuckDBPyConnection, what: Plan, rows: str, mapping: Mapping, import_id: int, progress: Progress
) -> None:
    """Write one items row for each product the file describes (explicit = false), one users row for each shopper's country.

    Texts are the most frequent value, ties by the first in alphabetical order; the price is the median. A price alone is
    no description: the catalogue takes it from the events.
    """
    if what.kind not in (FileKind.EVENTS, FileKind.REVIEWS):
        return
    title = "item_title" if what.kind is FileKind.REVIEWS else "title"
    facts = {name for name in (title, "brand", "category", "description", "image") if mapping.columns(name)}
    if facts:
        run(cursor, _items_sql(what, rows, import_id), progress, 0.9, 0.95, "Gathering products")
    if mapping.columns("country"):
        sql = f"INSERT INTO users BY NAME SELECT t_user AS user_id, {_usual('t_country')} AS country, {import_id} AS import_id "
        run(
            cursor,
            f"{sql} {_valid(what, rows)} AND t_country IS NOT NULL GROUP BY t_user",
            progress,
            0.95,
            0.96,
            "Gathering shoppers",
        )


def _items_sql(what: Plan, rows: str, import_id: int) -> str:
    described = [name for name in ("title", "brand", "category", "description", "image") if f"t_{name}" in what.typed]
    facts = ", ".join(f"{_usual(f't_{name}')} AS {name}" for name in described)
    price = ", median(t_price) FILTER (t_price > 0) AS price" if "t_price" in what.typed else ""
    return (
        f"INSERT INTO items BY NAME SELECT t_item AS item_id, {facts}{price}, false AS explicit, {import_id} AS import_id "
        f"{_valid(what, rows)} GROUP BY t_item"
    )


def _valid(what: Plan, rows: str) -> str:
    return f"FROM {what.judged(rows)} WHERE reason IS NULL"


def _usual(column: str) -> str:
    return f"mode({column} ORDER BY {column})"
