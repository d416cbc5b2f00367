"""From products seen to a log: one row an event, with its second, dwell and order."""

import numpy as np
import pandas as pd

from core.base.schema import Event, ItemKind
from core.demo.behaviour import World
from core.demo.shopper_types import trait

DAY = 86_400
CANCELLED = 0.02  # share of orders


def log_events(world: World, sessions: pd.DataFrame, views: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row an event, in order of time.

    Columns: at (second of the log), session, user, item (indices), event (Event), quantity, discount (share),
    dwell (seconds, NaN where not measured), position (NaN where not from a list), order (index, -1 = none).
    """
    views = _clock(world, sessions, views, rng)
    clicks, carts = views[views["clicked"]], views[views["carted"]]
    wishes, bought = views[views["wished"]], _checkout(views, rng)
    back = _returns(world, bought, rng)
    parts = [
        _rows(views, Event.VIEW, views["seen"], dwell=views["glance"], position=views["position"]),
        _rows(clicks, Event.CLICK, clicks["opened"], dwell=clicks["dwell"], position=clicks["position"]),
        _rows(carts, Event.CART, carts["closed"] - rng.integers(1, 4, len(carts)), quantity=carts["quantity"].clip(lower=1)),
        _rows(wishes, Event.WISHLIST, wishes["closed"] - 1),
        _rows(bought, Event.PURCHASE, bought["paid"], quantity=bought["quantity"], order=bought["order"]),
        _rows(back, Event.RETURN, back["paid"], quantity=back["quantity"], order=back["order"]),
    ]
    events = pd.concat(parts, ignore_index=True)
    events = events[events["at"] < world.calendar.days * DAY]
    return events.sort_values(["at", "user", "session"], kind="stable", ignore_index=True)


def _clock(world: World, sessions: pd.DataFrame, views: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add the seconds at which each product is seen, opened and closed, and how long it was looked at."""
    user, item = views["user"].to_numpy(), views["item"].to_numpy()
    fit = 0.18 * world.utility(user, item, views["day"].to_numpy()).clip(-2, 3)
    reading = np.where(world.catalogue.kind[item] == ItemKind.CONTENT.value, 2.0, 1.0)
    glance = rng.lognormal(0.9, 0.45, len(views)).round(1)
    dwell = (world.people.dwell[user] * reading * np.exp(fit - 0.2) * rng.lognormal(0, 0.55, len(views))).round(1)
    dwell = np.where(views["clicked"], dwell, 0.0)
    length = np.ceil(glance).astype(np.int64) + np.ceil(dwell).astype(np.int64) + 1
    passed = pd.Series(length).groupby(views["session"].to_numpy()).cumsum().to_numpy()
    start = sessions["start"].to_numpy()[views["session"]]
    seen = start + passed - length
    opened = seen + np.ceil(glance).astype(np.int64)
    return views.assign(glance=glance, dwell=dwell, seen=seen, opened=opened, closed=start + passed - 1)


def _checkout(views: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The products bought, with the second of payment and the order: one order a session, numbered in order of time."""
    end = views.groupby("session")["closed"].max()
    bought = views[views["bought"]]
    sessions = np.sort(bought["session"].unique())
    paid = end.loc[sessions] + rng.integers(40, 260, len(sessions))
    number = pd.Series(np.arange(len(sessions)), index=paid.sort_values(kind="stable").index)
    return bought.assign(paid=paid.loc[bought["session"]].to_numpy(), order=number.loc[bought["session"]].to_numpy())


def _returns(world: World, bought: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Purchases undone: orders cancelled within hours, and goods sent back after days, poor and worn ones more often."""
    cancelled = rng.random(bought["order"].max() + 1 if len(bought) else 0) < CANCELLED
    void = cancelled[bought["order"]]
    item = bought["item"].to_numpy()
    worn = world.catalogue.frame["category"].str.contains("Fashion|Shoes").to_numpy()[item]
    chance = (
        trait(world.people.type[bought["user"]], "returns")
        * np.exp(-0.5 * world.catalogue.quality[item])
        * np.where(worn, 1.8, 0.9)
    )
    sent = ~void & (rng.random(len(bought)) < chance)
    hours = 600 + cancelled_after(bought["order"].to_numpy())
    paid = bought["paid"].to_numpy()
    at_desk = (paid // DAY + rng.integers(8, 25, len(bought))) * DAY + rng.integers(9 * 3600, 18 * 3600, len(bought))
    return bought.assign(paid=np.where(void, paid + hours, at_desk))[void | sent]


def cancelled_after(order: np.ndarray) -> np.ndarray:
    """(n,) seconds after ten minutes at which an order is cancelled: the same for every line of it, below six hours."""
    return (order * 7919) % (6 * 3600)


def _rows(
    source: pd.DataFrame,
    event: Event,
    at: pd.Series,
    dwell: pd.Series | None = None,
    position: pd.Series | None = None,
    quantity: pd.Series | None = None,
    order: pd.Series | None = None,
) -> pd.DataFrame:
    rows = source[["session", "user", "item", "discount"]].assign(at=at.astype(np.int64), event=event.value)
    return rows.assign(
        dwell=np.nan if dwell is None else dwell,
        position=np.nan if position is None else position,
        quantity=np.nan if quantity is None else quantity,
        order=-1 if order is None else order,
    )
