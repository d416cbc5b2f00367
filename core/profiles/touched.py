"""Which shoppers' figures can have changed since they were measured, so that an import measures only them again.

A shopper's figures depend on their own rows, on the items they had to do with, and on what the shop as a whole can tell.
Their own rows change by imports and undos, both in the books; a change of the data that is in neither means: all.
"""

import json
from dataclasses import asdict, dataclass

import duckdb

from core.profiles.measures import Shop

MOST = 0.5
"""Share of the shoppers from which measuring all of them is quicker."""
TOUCHED = "touched_shoppers"


@dataclass(frozen=True)
class Measured:
    """What the table ``shoppers`` was measured with: the data version, and the shop as it was then, as JSON."""

    version: int
    shop: str


def as_text(shop: Shop) -> str:
    """Return what of the shop decides how anyone is measured; the date does not: it is put right for everyone at once."""
    return json.dumps({**asdict(shop), "now": None})


def note(cursor: duckdb.DuckDBPyConnection, shop: Shop, version: int) -> None:
    """Write down what the shoppers were measured with, inside the caller's transaction."""
    cursor.execute("TRUNCATE measured; TRUNCATE measured_items")
    cursor.execute("INSERT INTO measured VALUES (?, ?)", [as_text(shop), version])
    cursor.execute(
        f"INSERT INTO measured_items SELECT item_id, price, price_tier, top_category, hidden, {version} FROM catalogue"
    )


def find_touched(cursor: duckdb.DuckDBPyConnection, shop: Shop, version: int) -> bool:
    """Fill the temporary table TOUCHED (user_id) with all who must be measured again; False = everyone must be.

    Runs inside the caller's transaction, after the rollups were rebuilt at ``version``.
    """
    before = _measured(cursor)
    if before is None or before.shop != as_text(shop) or not _in_the_books(cursor, before.version, version):
        return False
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {TOUCHED} AS {_TOUCHED}", {"before": before.version})
    ((touched, everyone),) = cursor.execute(f"SELECT count(*), (SELECT count(*) FROM shoppers) FROM {TOUCHED}").fetchall()
    return bool(touched <= MOST * everyone)


def _measured(cursor: duckdb.DuckDBPyConnection) -> Measured | None:
    row = cursor.execute("SELECT data_version, shop FROM measured").fetchone()
    return Measured(*row) if row else None


def _in_the_books(cursor: duckdb.DuckDBPyConnection, before: int, version: int) -> bool:
    """Return whether every version after ``before`` was made by an import or an undo that is still in the books."""
    row = cursor.execute(
        """
        SELECT count(DISTINCT data_version) FROM (SELECT data_version FROM imports UNION ALL SELECT data_version FROM undone)
        WHERE data_version > ? AND data_version <= ?
        """,
        [before, version],
    ).fetchone()
    return row is not None and row[0] == version - before


_TOUCHED = """
    WITH fresh AS (SELECT import_id FROM imports WHERE data_version > $before),
    changed AS (
        SELECT item_id FROM catalogue c LEFT JOIN measured_items m USING (item_id)
        WHERE c.price IS DISTINCT FROM m.price OR c.price_tier IS DISTINCT FROM m.price_tier
           OR c.top_category IS DISTINCT FROM m.top_category OR c.hidden IS DISTINCT FROM m.hidden
    )
    SELECT user_id FROM events SEMI JOIN fresh USING (import_id)
    UNION SELECT user_id FROM reviews SEMI JOIN fresh USING (import_id) WHERE user_id IS NOT NULL
    UNION SELECT user_id FROM undone WHERE data_version > $before AND user_id IS NOT NULL
    UNION SELECT user_id FROM interactions SEMI JOIN changed USING (item_id)
"""
