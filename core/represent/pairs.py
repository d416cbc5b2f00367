"""Which items are taken together, and how sure that is: counted over baskets, guarded against accident.

For an item a and another b, over N baskets, with n(x) of them holding x and n(a, b) holding both:

    support = n(a, b) / N,   confidence(a → b) = n(a, b) / n(a),   lift = confidence(a → b) / (n(b) / N)

(Agrawal, Imieliński and Swami 1993; Brin et al. 1997). Two baskets among three make a confidence of 67 % and can make a lift
of hundreds, so only pairs of at least ``LEAST`` baskets are kept, and what orders them is the *lower end* of the 95 % interval
of the confidence (Wilson 1927):

    strength(a → b) = confidence_low / √(n(b) / N) = √(confidence_low · lift_low)

A pair is strong if it is both frequent for a (else a merchandiser sees a curiosity) and above what b sells anyway (else every
item goes with the best-seller).
"""

import json
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.schema import Col, Table
from core.represent.baskets import LARGEST, LINES, Baskets, Taken, Unit, read_baskets

LEAST = 3
"""Baskets that must hold both items."""
Z = 1.96
"""Standard errors below the share seen: the lower end of its 95 % interval."""
KEPT = 100
"""Partners kept for each item, strongest first."""
CELLS = 20_000_000
"""Pairs of lines worked on at once: 160 MB at most."""


@dataclass(frozen=True)
class PairReport:
    """What pairs were counted in. unit: what a basket is; baskets: counted, of which several: hold two items or more.

    too_large, too_old: baskets left out; items: that have a partner; pairs: kept, each direction counted.
    """

    taken: Taken
    unit: Unit
    baskets: int
    several: int
    too_large: int
    too_old: int
    items: int
    pairs: int

    @property
    def sentence(self) -> str:
        """Return what a basket is here, and what was left out."""
        units = {Unit.ORDER: "orders", Unit.VISIT: "visits", Unit.DAY: "days of a shopper (the log names no orders)"}[self.unit]
        verb = "bought" if self.taken is Taken.BOUGHT else "put in the basket or bought"
        told = f"Counted over {self.baskets:,} {units} in which something was {verb}, {self.several:,} of them with two or more."
        if self.too_large:
            told += f" {self.too_large:,} with more than {LARGEST} different items are left out."
        if self.too_old:
            told += f" Only the latest {LINES:,} lines are read; {self.too_old:,} older baskets are left out."
        return told


def wilson_low(hits: np.ndarray, trials: np.ndarray, z: float = Z) -> np.ndarray:
    """Return the lower end of the interval of a share by Wilson's score: near 0 for few trials, near the share for many.

    >>> wilson_low(np.array([1, 100]), np.array([1, 100])).round(3)
    array([0.207, 0.963])
    """
    share, square = hits / trials, z * z
    middle = share + square / (2 * trials)
    spread = z * np.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    return np.asarray((middle - spread) / (1 + square / trials))


def count_pairs(baskets: Baskets, least: int = LEAST, kept: int = KEPT) -> pd.DataFrame:
    """Return a row for each item and partner: item, other (places in ``baskets.items``), baskets, support, confidence, lift,
    lift_low, strength; by item, strongest first, ties by the other's id; at most ``kept`` an item.

    Only pairs in at least ``least`` baskets whose lift is above 1 at the lower end of its interval.
    """
    alone = baskets.alone.astype(float)
    parts = [_strongest(_both(baskets.matrix, rows, least), alone, len(baskets), kept) for rows in _blocks(baskets)]
    return pd.concat(parts, ignore_index=True) if parts else _measured(*(np.zeros(0, int),) * 3, alone, 1)


def rebuild_pairs(store: Store, progress: Progress = no_progress, force: bool = False) -> bool:
    """Rebuild tables ``pairs`` and ``pair_reports`` where they are not current; return whether they were built.

    Bought together always; put in the basket together where the log has visits and baskets: there are more of those.
    """
    settings = {"least": LEAST, "largest": LARGEST, "kept": KEPT, "z": Z, "lines": LINES}
    return rebuild(store, Table.PAIRS, settings, lambda version: _build(store, version, progress), force)


def pair_reports(store: Store) -> dict[Taken, PairReport]:
    """Return what the pairs were counted in; empty before the first rebuild."""
    told = [json.loads(report) for (report,) in store.rows("SELECT report FROM pair_reports")]
    reports = [PairReport(**{**one, "taken": Taken(one["taken"]), "unit": Unit(one["unit"])}) for one in told]
    return {report.taken: report for report in reports}


def _build(store: Store, version: int, progress: Progress) -> None:
    frames, reports = [], []
    for place, taken in enumerate(_kinds(store)):
        progress(place / 2, f"Counting what is {taken} together")
        baskets = read_baskets(store, taken)
        pairs = count_pairs(baskets)
        reports.append(_report(taken, baskets, pairs))
        ids = {name: baskets.items[pairs[code].to_numpy(int)] for name, code in ((Col.ITEM, "item"), ("other_id", "other"))}
        frames.append(pairs.assign(**ids, taken=str(taken), data_version=version).drop(columns=["item", "other"]))
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM pairs; DELETE FROM pair_reports")
        for frame, report in zip(frames, reports, strict=True):
            cursor.register("counted", frame)
            cursor.execute("INSERT INTO pairs BY NAME SELECT * FROM counted ORDER BY item_id, strength DESC, other_id")
            cursor.unregister("counted")
            cursor.execute("INSERT INTO pair_reports VALUES (?, ?)", [json.dumps(asdict(report)), version])


def _kinds(store: Store) -> list[Taken]:
    carts, named = store.rows("SELECT count(*), count(session_id) FROM events WHERE event_type = 'cart'")[0]
    return [Taken.BOUGHT, Taken.CHOSEN] if carts and named else [Taken.BOUGHT]


def _report(taken: Taken, baskets: Baskets, pairs: pd.DataFrame) -> PairReport:
    several = int((np.diff(baskets.matrix.indptr) > 1).sum())
    items = int(pairs["item"].nunique())
    return PairReport(
        taken, baskets.unit, len(baskets), several, baskets.too_large, baskets.too_old, items=items, pairs=len(pairs)
    )


def _blocks(baskets: Baskets) -> list[np.ndarray]:
    """Return the items in runs whose pairs of lines stay below ``CELLS``, so that memory is bounded."""
    matrix = baskets.matrix
    cost = matrix.T @ np.diff(matrix.indptr).astype(float)
    number = (np.cumsum(cost) // CELLS).astype(int)
    return np.split(np.arange(len(cost)), np.flatnonzero(np.diff(number)) + 1) if len(cost) else []


def _both(matrix: sp.csr_matrix, rows: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return item, other and the baskets that hold both, of the pairs with ``least`` or more, for these items."""
    counts = (matrix[:, rows].T @ matrix).tocsr()
    counts.data[counts.data < least] = 0
    counts.eliminate_zeros()
    kept = counts.tocoo()
    item, other = rows[kept.row], kept.col
    apart = item != other
    return item[apart], other[apart], kept.data[apart]


def _strongest(both: tuple[np.ndarray, np.ndarray, np.ndarray], alone: np.ndarray, total: int, kept: int) -> pd.DataFrame:
    frame = _measured(*both, alone, total)
    frame = frame[frame["lift_low"] > 1].sort_values(["item", "strength", "other"], ascending=[True, False, True])
    return frame[frame.groupby("item").cumcount() < kept]


def _measured(item: np.ndarray, other: np.ndarray, both: np.ndarray, alone: np.ndarray, total: int) -> pd.DataFrame:
    both = both.astype(float)
    share = alone[other] / total
    forth, back = wilson_low(both, alone[item]), wilson_low(both, alone[other])
    return pd.DataFrame(
        {
            "item": item,
            "other": other,
            "baskets": both.astype(int),
            "support": both / total,
            "confidence": both / alone[item],
            "lift": both / alone[item] / share,
            "lift_low": np.minimum(forth / share, back / (alone[item] / total)),
            "strength": forth / np.sqrt(share),
        }
    )
