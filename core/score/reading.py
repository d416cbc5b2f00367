"""Content for a shopper (articles, guides, videos): what is expected to hold them longest comes first."""

from dataclasses import dataclass

import numpy as np

from core.base.db import Store
from core.base.schema import ItemKind
from core.score.dwell import dwell_report, expected, known, read_visits
from core.score.index import Index
from core.score.surface import Offer, Surface, allowed, first

NEAR = 0.1
"""Cosine between a taste and a piece from which they are called alike."""


@dataclass(frozen=True, kw_only=True)
class Piece(Offer):
    """expected_s: seconds a visit, None where there were too few visits to learn from; mean_s: of its ``visits``, None = of none.

    affinity: cosine to the shopper's taste, None where that is not known.
    """

    expected_s: float | None
    mean_s: float | None
    visits: int
    affinity: float | None


def content(store: Store, index: Index, user_id: str | None = None, k: int = 10) -> Surface[Piece]:
    """Return the k shown pieces with the longest expected visit, without those the shopper has opened; ties by item id."""
    report = dwell_report(store)
    if report is None or not report.pieces:
        return Surface("content", "Nothing has been counted yet: build first." if report is None else report.sentence, ())
    visits = read_visits(store, index)
    now = known(store, index, visits, np.array([user_id or ""], object), None)
    facts = now.describe(index, np.zeros(len(index), int), np.arange(len(index)))
    seconds = expected(np.array(report.weights), facts, report.mean_s) if report.weights else None
    may, opened = _shelf(store, index), _opened(store, index, user_id)
    may[opened] = False
    rows = first(facts[:, 0] + facts[:, 1] if seconds is None else seconds, may, k)
    many, total = now.visits, np.bincount(visits.row, visits.seconds, minlength=len(index))
    has_taste = bool(now.tastes.any())
    offers = tuple(
        Piece(
            item_id=index.ids[row],
            title=index.titles[row],
            rank=rank,
            reason=_reason(many[row], total[row], facts[row, 1] if has_taste else None),
            expected_s=None if seconds is None else float(seconds[row]),
            mean_s=float(total[row] / many[row]) if many[row] else None,
            visits=int(many[row]),
            affinity=float(facts[row, 1]) if has_taste else None,
        )
        for rank, row in enumerate(rows, 1)
    )
    return Surface("content", _told(report.sentence, len(opened), user_id, has_taste), offers)


def _shelf(store: Store, index: Index) -> np.ndarray:
    """Return (n,) bool: the pieces of content that may be shown."""
    kinds = store.rows("SELECT item_id FROM catalogue WHERE kind = ?", [ItemKind.CONTENT])
    may = np.zeros(len(index), bool)
    may[[index.rows[item] for (item,) in kinds if item in index.rows]] = True
    return may & ~index.is_hidden & ~index.out_of_stock & allowed(store, index)


def _opened(store: Store, index: Index, user_id: str | None) -> np.ndarray:
    """Return the rows of the content that the shopper has clicked on."""
    found = store.rows(
        "SELECT item_id FROM interactions JOIN catalogue USING (item_id) WHERE user_id = ? AND clicks > 0 AND kind = ?",
        [user_id, ItemKind.CONTENT],
    )
    return np.array([index.rows[item] for (item,) in found if item in index.rows], int)


def _reason(visits: int, total: float, affinity: float | None) -> str:
    stays = f"Visitors stay {total / visits:.0f} s on average ({visits:,} visits)" if visits else "Nobody has visited it yet"
    return f"{stays}; close to what they buy and look at" if affinity is not None and affinity >= NEAR else stays


def _told(sentence: str, opened: int, user_id: str | None, has_taste: bool) -> str:
    told = sentence
    if opened:
        told = f"{opened:,} that they have opened {'is' if opened == 1 else 'are'} left out. {told}"
    if user_id is not None and not has_taste:
        told = f"Their taste is not known yet, so this is the same for everyone like them. {told}"
    return told
