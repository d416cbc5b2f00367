"""The order book: one row an order, whose status agrees with the log."""

import numpy as np
import pandas as pd

from core.base.schema import Event
from core.demo.behaviour import World
from core.demo.timeline import DAY

PAYMENT = ("card", "paypal", "invoice", "apple_pay", "wallet")


def build_orders(world: World, events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Columns: order (index), user, at (second), lines, total (money), status, payment, delivered (second, NaN = not yet).

    cancelled: everything came back within a day. returned: everything came back later. Else by age: processing
    below a day or two, shipped below four or five, then delivered.
    """
    bought, back = (events[events["event"] == kind] for kind in (Event.PURCHASE, Event.RETURN))
    book = bought.groupby("order").agg(user=("user", "first"), at=("at", "first"), lines=("item", "size"))
    price = world.catalogue.price[bought["item"]]
    paid = (price - (price * bought["discount"]).round(2)) * bought["quantity"]
    book["total"] = paid.groupby(bought["order"]).sum().round(2)
    undone = back.groupby("order").agg(lines=("item", "size"), at=("at", "min")).reindex(book.index)
    age = (world.calendar.days * DAY - book["at"]) / DAY
    packing, transit = rng.uniform(0.5, 2.0, len(book)), rng.uniform(1.5, 4.0, len(book))
    whole = (undone["lines"] == book["lines"]).to_numpy()
    soon = ((undone["at"] - book["at"]) < DAY).to_numpy()
    book["status"] = np.select(
        [whole & soon, whole, age < packing, age < packing + transit],
        ["cancelled", "returned", "processing", "shipped"],
        "delivered",
    )
    arrived = book["at"] + ((packing + transit) * DAY).astype(np.int64)
    book["delivered"] = np.where(book["status"].isin(["delivered", "returned"]), arrived, np.nan)
    book["payment"] = np.array(PAYMENT, dtype=object)[rng.choice(len(PAYMENT), len(book), p=[0.4, 0.25, 0.15, 0.12, 0.08])]
    return book.reset_index()
