"""What is in demand of late, and what is rising fastest."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.base.db import Store
from core.base.errors import BadInput
from core.represent.demand import HALF_LIVES, demand, span, usual_half_life
from core.score.index import Index
from core.score.surface import Offer, Surface, first, offered

SURE = 2.0
"""Standard errors from which a change is called one."""
MANY = 3.0
"""From here a rise is told in times, not in percent."""


class Order(StrEnum):
    """What comes first: the highest demand, or the surest rise."""

    DEMAND = "demand"
    RISE = "rise"


@dataclass(frozen=True, kw_only=True)
class Trending(Offer):
    """weight: decayed event weights; before: the same, over the span before; change: relative, None = there was nothing before.

    rise: weight − before in standard errors; shoppers: distinct, in the latest span.
    """

    weight: float
    before: float
    change: float | None
    rise: float
    shoppers: int


def trending(
    store: Store, index: Index, half_life_days: float | None = None, order: Order = Order.DEMAND, k: int = 10
) -> Surface[Trending]:
    """Return the k products in highest demand, or rising most surely.

    half_life_days: one of ``HALF_LIVES``, else BadInput; None = the shortest that the shop has enough events for.
    """
    half_life = usual_half_life(store) if half_life_days is None else half_life_days
    if half_life not in HALF_LIVES:
        raise BadInput(f"Demand is counted with a half-life of {', '.join(f'{one:g}' for one in HALF_LIVES)} days. Choose one.")
    measured = span(store, half_life)
    frame = demand(store, half_life).set_index("item_id").reindex(index.ids).fillna(0)
    weight, before, spread = (frame[name].to_numpy(float) for name in ("weight", "before", "spread"))
    rise = (weight - before) / np.maximum(spread, 1e-12)
    may = offered(store, index) & (weight > 0)
    if order is Order.RISE:
        may &= rise >= SURE
    rows = first(weight if order is Order.DEMAND else rise, may, k)
    shoppers = frame["shoppers"].to_numpy(int)
    offers = tuple(
        Trending(
            item_id=index.ids[row],
            title=index.titles[row],
            rank=rank,
            reason=_reason(weight[row], before[row], rise[row], int(shoppers[row]), measured.days),
            weight=float(weight[row]),
            before=float(before[row]),
            change=float(weight[row] / before[row] - 1) if before[row] > 0 else None,
            rise=float(rise[row]),
            shoppers=int(shoppers[row]),
        )
        for rank, row in enumerate(rows, 1)
    )
    nothing = "Nothing is rising beyond chance. " if order is Order.RISE else "Nothing happened in the log of late. "
    return Surface("trending", f"{'' if offers else nothing}{measured.sentence}", offers)


def _reason(weight: float, before: float, rise: float, shoppers: int, days: float) -> str:
    who = f"{shoppers:,} shopper{'s' if shoppers != 1 else ''} in the last {days:g} days"
    if abs(rise) < SURE:
        return f"{who}; what changed since the {days:g} before may be chance"
    if before <= 0:
        return f"{who}, none before"
    times = weight / before
    if times >= MANY:
        return f"{who}, {times:,.0f} times the demand of the {days:g} before"
    return f"{who}, {'up' if times > 1 else 'down'} {abs(times - 1):.0%} on the {days:g} before"
