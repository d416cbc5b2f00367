"""Write a shop of a few rows straight into the raw tables."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.base.db import Store, bump_version


@dataclass(frozen=True)
class Row:
    """One row of a raw table."""

    table: str
    values: dict[str, Any] = field(default_factory=dict)


def act(user_id: str, item_id: str, ts: str, event_type: str, **more: Any) -> Row:
    """An event; ``more``: any further column of ``events``."""
    values = {"event_key": 0, "import_id": 1, "user_id": user_id, "item_id": item_id, "ts": ts, "event_type": event_type}
    return Row("events", {**values, **more})


def item(item_id: str, **more: Any) -> Row:
    """A row of ``items``, from a catalogue file unless told."""
    return Row("items", {"item_id": item_id, "explicit": True, "import_id": 1, **more})


def review(user_id: str | None, item_id: str, ts: str | None, rating: float) -> Row:
    """A review without text."""
    return Row("reviews", {"review_key": 0, "import_id": 1, "user_id": user_id, "item_id": item_id, "ts": ts, "rating": rating})


def load(store: Store, *rows: Row) -> None:
    """Insert the rows as one change of the data."""
    with store.transaction() as cursor:
        for row in rows:
            names = ", ".join(row.values)
            marks = ", ".join("?" * len(row.values))
            cursor.execute(f"INSERT INTO {row.table} ({names}) VALUES ({marks})", list(row.values.values()))
        bump_version(cursor)


def load_online_retail(store: Store, path: Path) -> None:
    """Insert the lines of known customers with a price: cancelled invoices (C…) as returns; items with their usual name."""
    with store.transaction() as cursor:
        cursor.execute(
            """
            CREATE TEMP TABLE lines AS
            SELECT DISTINCT * FROM read_csv(?, types={'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR'})
            """,
            [str(path)],
        )
        cursor.execute(
            """
            INSERT INTO events BY NAME
            SELECT hash(InvoiceNo, StockCode, Quantity) AS event_key, CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) AS user_id,
                   StockCode AS item_id, InvoiceDate AS ts, if(InvoiceNo LIKE 'C%', 'return', 'purchase') AS event_type,
                   abs(Quantity) AS quantity, UnitPrice AS price, InvoiceNo AS order_id, 1 AS import_id
            FROM lines WHERE CustomerID IS NOT NULL AND UnitPrice > 0
            """
        )
        cursor.execute(
            """
            INSERT INTO items BY NAME
            SELECT StockCode AS item_id, mode(Description) AS title, false AS explicit, 1 AS import_id
            FROM lines GROUP BY StockCode
            """
        )
        cursor.execute("DROP TABLE lines")
        bump_version(cursor)
