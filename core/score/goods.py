"""Which products go with an action: of the shopper's own list as it is served, or of their basket."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col
from core.score.index import Index
from core.score.lifts import Action
from core.score.plan import live_plan
from core.score.recommend import score_shopper
from core.score.situation import LEFT, Situation

POOL = 200
"""Places of a shopper's list that an upsell looks through for something dearer."""


@dataclass(frozen=True)
class Good:
    """A product that goes with an action. rank: its place in the shopper's list, None = from their basket."""

    item_id: str
    title: str
    price: float | None
    rank: int | None


def goods(
    store: Store, index: Index, found: Situation, action: str, user_id: str, basket_days: float, k: int = 3
) -> tuple[Good, ...]:
    """Return up to ``k`` products for an action on a shopper, best first.

    A reminder takes what is in the basket, dearest first; an upsell the first of the shopper's favourite category that are in a
    higher price tier than theirs; any other action the first of their list.
    """
    if action == Action.NOTHING:
        return ()
    if action == Action.BASKET:
        return _left(store, index, found, user_id, basket_days, k)
    scored = score_shopper(store, index, user_id)
    best = scored.arrange(live_plan(store, index, user_id), POOL if action == Action.UPSELL else k)
    rows = best.rows[best.places]
    ranked = list(enumerate(rows.tolist(), start=1))
    if action == Action.UPSELL:
        dearer = _dearer(store, index, found, user_id)
        ranked = [(rank, row) for rank, row in ranked if dearer[row]]
    return tuple(_good(index, row, rank) for rank, row in ranked[:k])


def _left(store: Store, index: Index, found: Situation, user_id: str, days: float, k: int) -> tuple[Good, ...]:
    items = store.rows(
        f"SELECT item_id FROM ({LEFT}) WHERE user_id = $user ORDER BY price DESC NULLS LAST, item_id LIMIT $k",
        {"now": found.now, "days": days, "user": user_id, "k": k},
    )
    return tuple(_good(index, index.rows[item], None) for (item,) in items if item in index.rows)


def _dearer(store: Store, index: Index, found: Situation, user_id: str) -> np.ndarray:
    """Return (n,) whether each item is in the shopper's favourite category and above their price tier."""
    row = found.shoppers[found.shoppers[Col.USER] == user_id].iloc[0]
    items: pd.DataFrame = store.df(
        "SELECT item_id FROM catalogue WHERE coalesce(top_category, '') = ? AND price_tier > ?",
        [row["shelf"], float(row["price_tier"])],
    )
    return np.isin(index.ids.astype(str), items[Col.ITEM].to_numpy(str))


def _good(index: Index, row: int, rank: int | None) -> Good:
    price = float(index.prices[row])
    return Good(str(index.ids[row]), str(index.titles[row]), None if price != price else price, rank)
