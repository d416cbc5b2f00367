"""RFM: buyers by recency, frequency and monetary value, each in fifths, and the eleven usual names for the combinations.

A fifth is 1 + ⌊5 · (buyers below) / buyers⌋, so equal values get equal scores: where most bought once, they share a low f.
r: the latest order, the latest fifth is 5; f: orders; m: money spent. fm is the mean of f and m, a half rounded up.
"""

import pandas as pd

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.schema import Table

RECIPE = 1

GRID: dict[int, tuple[str, str, str, str, str]] = {
    5: ("New", "Potential loyalists", "Potential loyalists", "Champions", "Champions"),
    4: ("Promising", "Potential loyalists", "Potential loyalists", "Loyal", "Loyal"),
    3: ("About to sleep", "About to sleep", "Need attention", "Loyal", "Loyal"),
    2: ("Hibernating", "Hibernating", "At risk", "At risk", "Can't lose them"),
    1: ("Lost", "Lost", "At risk", "At risk", "Can't lose them"),
}
"""r → the names for fm = 1, 2, 3, 4, 5."""
NAMES = (
    "Champions", "Loyal", "Potential loyalists", "New", "Promising", "Need attention", "About to sleep", "At risk",
    "Can't lose them", "Hibernating", "Lost",
)  # fmt: skip
"""Best first, as screens list them."""


def rebuild_rfm(store: Store, progress: Progress = no_progress) -> bool:
    """Score every buyer anew where the data has changed; return whether it was needed. Shoppers are measured first."""
    progress(0.0, "Scoring buyers")
    return rebuild(store, Table.RFM, {"recipe": RECIPE}, lambda version: _write(store, version))


def sizes(store: Store) -> pd.DataFrame:
    """Return name, r, fm, buyers, and the mean days since the last order, orders and money of each cell of the grid."""
    return store.df(
        """
        SELECT name, r, fm, count(*) AS buyers, avg(days) AS days, avg(orders) AS orders, avg(monetary) AS monetary
        FROM rfm JOIN shoppers USING (user_id) GROUP BY ALL ORDER BY r DESC, fm DESC
        """
    )


def cross(store: Store) -> pd.DataFrame:
    """Return segment_id, segment, name (RFM; 'No purchase' for who never bought) and shoppers of every combination there is."""
    return store.df(
        """
        SELECT segment_id, g.name AS segment, coalesce(r.name, 'No purchase') AS name, count(*) AS shoppers
        FROM members JOIN segments g USING (segment_id) LEFT JOIN rfm r USING (user_id) GROUP BY ALL
        ORDER BY segment_id, name
        """
    )


def _write(store: Store, version: int) -> None:
    grid = pd.DataFrame([(r, fm, name) for r, names in GRID.items() for fm, name in enumerate(names, start=1)])
    with store.transaction() as cursor:
        cursor.register("grid", grid.set_axis(["r", "fm", "name"], axis=1))
        cursor.execute("TRUNCATE rfm")
        cursor.execute(_RFM, {"version": version})
        cursor.unregister("grid")


_RFM = """
    INSERT INTO rfm BY NAME
    WITH buyers AS (
        SELECT user_id, max(ts) AS last_order FROM events WHERE event_type = 'purchase' GROUP BY user_id
    ), scored AS (
        SELECT user_id, last_order, date_diff('second', last_order, (SELECT max(last_ts) FROM shoppers)) / 86400 AS days,
               1 + 5 * (rank() OVER (ORDER BY last_order) - 1) // count(*) OVER () AS r,
               1 + 5 * (rank() OVER (ORDER BY orders) - 1) // count(*) OVER () AS f,
               if(monetary IS NULL, NULL, 1 + 5 * (rank() OVER (ORDER BY monetary) - 1) // count(*) OVER ()) AS m
        FROM buyers JOIN shoppers USING (user_id) ANTI JOIN robots USING (user_id)
    ), summed AS (
        SELECT *, (f + coalesce(m, f) + 1) // 2 AS fm FROM scored
    )
    SELECT user_id, last_order, days, r, f, m, fm, name, $version AS data_version FROM summed JOIN grid USING (r, fm)
    ORDER BY user_id
"""
