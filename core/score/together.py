"""Bought together, and what completes a basket: from the pairs counted over the shop's baskets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.base.db import Store
from core.base.errors import BadInput
from core.base.schema import Col
from core.represent.baskets import Taken, Unit
from core.represent.pairs import LEAST, PairReport, pair_reports
from core.score.index import Index
from core.score.surface import Offer, Surface, first, offered

NAMES = {Unit.ORDER: "orders", Unit.VISIT: "visits", Unit.DAY: "shopping days"}


@dataclass(frozen=True, kw_only=True)
class Partner(Offer):
    """An item taken together with another. baskets: that hold both; support: of all; confidence: of those with the other item.

    lift: confidence against this item's share of all baskets; lift_low: lower end of its 95 % interval.
    """

    taken: Taken
    baskets: int
    support: float
    confidence: float
    lift: float
    lift_low: float
    strength: float


@dataclass(frozen=True, kw_only=True)
class Addition(Offer):
    """An item that completes a basket. score: sum of strengths; because: (item of the basket, its strength), strongest first."""

    score: float
    because: tuple[tuple[str, float], ...]


def together(store: Store, index: Index, item_id: str, k: int = 10) -> Surface[Partner]:
    """Return the k items most strongly bought, or put in the basket, with one; where both, by the stronger; ties by item id.

    Raises BadInput where the catalogue does not have the item.
    """
    row = index.row(item_id)
    reports = pair_reports(store)
    pairs = _pairs(store, [item_id])
    may = offered(store, index, [row])
    pairs = pairs[[bool(may[index.rows[other]]) for other in pairs["other_id"]]]
    pairs = pairs.drop_duplicates("other_id").head(k)
    offers = tuple(_partner(index, reports, rank, line) for rank, line in enumerate(_records(pairs), 1))
    return Surface("bought together", _told(index.titles[row], reports, offers), offers)


def complete(store: Store, index: Index, items: Sequence[str], k: int = 10) -> Surface[Addition]:
    """Return the k items that go best with a basket: the highest sum of strengths with what is in it.

    Raises BadInput on an empty basket or an item the catalogue does not have.
    """
    if not items:
        raise BadInput("A basket needs at least one item. Name one or more item ids.")
    rows = [index.row(item) for item in items]
    pairs = _pairs(store, list(dict.fromkeys(items)))
    best = pairs.groupby([Col.ITEM, "other_id"], sort=False)["strength"].max().reset_index()
    score = best.groupby("other_id")["strength"].sum().reindex(index.ids, fill_value=0.0).to_numpy(float)
    found = first(score, offered(store, index, rows) & (score > 0), k)
    offers = tuple(_addition(index, rank, int(row), float(score[row]), best) for rank, row in enumerate(found, 1))
    return Surface("complete the basket", _completed(len(set(items)), pair_reports(store), len(offers)), offers)


def _pairs(store: Store, items: list[str]) -> pd.DataFrame:
    """Return the pairs of these items of either kind, the strongest first, ties by the other's id."""
    return store.df(
        "SELECT * EXCLUDE (data_version) FROM pairs WHERE list_contains(?, item_id) ORDER BY strength DESC, other_id, taken",
        [items],
    )


def _records(pairs: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(pairs.columns, line, strict=True)) for line in pairs.itertuples(index=False)]


def _partner(index: Index, reports: dict[Taken, PairReport], rank: int, line: dict[str, Any]) -> Partner:
    fields = {name: line[name] for name in ("baskets", "support", "confidence", "lift", "lift_low", "strength")}
    taken, other = Taken(line["taken"]), line["other_id"]
    title = index.titles[index.rows[other]]
    return Partner(item_id=other, title=title, rank=rank, reason=_reason(reports[taken], line), taken=taken, **fields)


def _reason(report: PairReport, line: dict[str, Any]) -> str:
    share, lift = line["confidence"], line["lift"]
    having = "with it" if report.taken is Taken.BOUGHT else "that put it in the basket"
    times = f"{lift:,.0f}" if lift >= 10 else f"{lift:.1f}"
    return f"In {share:.0%} of the {NAMES[report.unit]} {having}, {times} times its usual share"


def _told(title: str, reports: dict[Taken, PairReport], offers: tuple[Partner, ...]) -> str:
    told = " ".join(reports[taken].sentence for taken in Taken if taken in reports and _used(taken, offers))
    guard = f"A pair counts from {LEAST} baskets on, if its lift is above 1 at the lower end of the 95 % interval."
    if offers:
        return f"{told} {guard}"
    counted = reports[Taken.BOUGHT].sentence if reports else "Nothing has been counted yet: build first."
    return f"Nothing goes with {title} often enough to be sure. {counted} {guard}"


def _used(taken: Taken, offers: tuple[Partner, ...]) -> bool:
    return any(offer.taken is taken for offer in offers)


def _addition(index: Index, rank: int, row: int, score: float, best: pd.DataFrame) -> Addition:
    item = index.ids[row]
    mine = best[best["other_id"] == item].sort_values(["strength", Col.ITEM], ascending=[False, True])
    because = tuple((str(one), float(strength)) for one, strength in zip(mine[Col.ITEM], mine["strength"], strict=True))
    named = " and ".join(index.titles[index.rows[one]] for one, _ in because[:2])
    more = f" and {len(because) - 2} more of the basket" if len(because) > 2 else ""
    return Addition(
        item_id=item, title=index.titles[row], rank=rank, reason=f"Goes with {named}{more}", score=score, because=because
    )


def _completed(items: int, reports: dict[Taken, PairReport], found: int) -> str:
    if not reports:
        return "Nothing has been counted yet: build first."
    basis = "Added up over the basket: how strongly each of its items pulls the other, at the lower end of what is sure."
    if not found:
        return f"Nothing goes with {'this item' if items == 1 else 'these items'} often enough to be sure."
    return f"{basis} {reports[Taken.BOUGHT].sentence}"
