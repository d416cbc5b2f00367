"""What was bought, or put in the basket, at one time: the baskets that pairs of items are counted in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
import pandas as pd
import scipy.sparse as sp

from core.base.db import Store
from core.base.schema import Col

LARGEST = 100
"""A basket of more different items than this is a wholesaler's or a restock: it says little of what goes with what."""
LINES = 5_000_000
"""Only the latest baskets are read, up to this many lines, so that the time to count pairs is bounded."""
ENOUGH_NAMED = 0.9
"""Share of the lines that must carry an order (or visit) for that to be the shop's basket."""


class Unit(StrEnum):
    """What one basket is in this shop."""

    ORDER = "order"
    VISIT = "visit"
    DAY = "shopper's day"


class Taken(StrEnum):
    """What an item in a basket had happen to it: only bought, or at least put in the basket."""

    BOUGHT = "bought"
    CHOSEN = "put in the basket"


@dataclass(frozen=True)
class Baskets:
    """b baskets over n items. items: (n,) ids, ascending; matrix: float32 (b, n), 1 = in the basket, rows oldest first.

    too_large: baskets left out for having more than ``LARGEST`` items; too_old: those beyond ``LINES`` lines.
    """

    unit: Unit
    items: np.ndarray
    matrix: sp.csr_matrix
    too_large: int
    too_old: int

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    @property
    def alone(self) -> np.ndarray:
        """(n,) baskets that hold each item."""
        return np.bincount(self.matrix.indices, minlength=len(self.items))


def basket_unit(store: Store, taken: Taken = Taken.BOUGHT) -> Unit:
    """Return what a basket is: an order where nearly all lines name one, else a visit, else a shopper's day."""
    orders, visits = store.rows(
        f"SELECT coalesce(avg((order_id IS NOT NULL)::INTEGER), 0), coalesce(avg((session_id IS NOT NULL)::INTEGER), 0) "
        f"FROM events WHERE {_lines(taken)}"
    )[0]
    if taken is Taken.BOUGHT and orders >= ENOUGH_NAMED:
        return Unit.ORDER
    return Unit.VISIT if visits >= ENOUGH_NAMED else Unit.DAY


def read_baskets(
    store: Store, taken: Taken = Taken.BOUGHT, since: datetime | None = None, until: datetime | None = None
) -> Baskets:
    """Return the baskets of shown products, baskets of one item included: they too are chances that nothing was taken with it.

    since, until: only lines from ``since`` on and before ``until``; None = no bound.
    """
    unit = basket_unit(store, taken)
    sql = _BASKETS.format(key=_KEYS[unit], lines=_lines(taken))
    with store.cursor() as cursor:
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE basket_lines AS {sql}", {"since": since, "until": until})
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE basket_sizes AS "
            "SELECT basket, count(*) AS n, max(ts) AS ts FROM basket_lines GROUP BY basket"
        )
        ((all_of_them, small),) = cursor.execute(
            "SELECT count(*), count(*) FILTER (n <= ?) FROM basket_sizes", [LARGEST]
        ).fetchall()
        frame = cursor.execute(_KEPT, {"largest": LARGEST, "lines": LINES}).df()
        cursor.execute("DROP TABLE basket_lines; DROP TABLE basket_sizes")
    codes, items = pd.factorize(frame[Col.ITEM], sort=True)
    rows = frame["number"].to_numpy(int)
    many = int(rows.max(initial=-1)) + 1
    matrix = sp.csr_matrix((np.ones(len(frame), np.float32), (rows, codes)), shape=(many, len(items)))
    return Baskets(unit, items.to_numpy(object), matrix, int(all_of_them - small), int(small - many))


def _lines(taken: Taken) -> str:
    """SQL: the event is a line of a basket."""
    return "event_type = 'purchase'" if taken is Taken.BOUGHT else "event_type IN ('purchase', 'cart')"


_DAY = "'d' || user_id || ' ' || CAST(ts AS DATE)"
_KEYS = {
    Unit.ORDER: f"coalesce('o' || order_id, {_DAY})",
    Unit.VISIT: f"coalesce('s' || user_id || ' ' || session_id, {_DAY})",
    Unit.DAY: _DAY,
}
_BASKETS = """
SELECT {key} AS basket, item_id, max(ts) AS ts FROM events JOIN catalogue USING (item_id)
WHERE {lines} AND kind = 'product' AND hidden IS NULL AND ts >= coalesce($since, ts) AND ($until IS NULL OR ts < $until)
GROUP BY ALL
"""
_KEPT = """
WITH kept AS (
    SELECT basket, row_number() OVER (ORDER BY ts, basket) - 1 AS number FROM (
        SELECT basket, ts FROM basket_sizes WHERE n <= $largest
        QUALIFY sum(n) OVER (ORDER BY ts DESC, basket ROWS UNBOUNDED PRECEDING) <= $lines)
)
SELECT number, item_id FROM basket_lines JOIN kept USING (basket) ORDER BY number, item_id
"""
