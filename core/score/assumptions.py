"""What the operator assumes of actions: margin, costs, and how well an action works where nobody has measured it yet."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core.base.db import Store
from core.base.errors import BadInput


@dataclass(frozen=True)
class Field:
    """One assumption. unit: 'share', 'money', 'orders' or 'days'; low, high: what it may be."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    help: str


FIELDS: tuple[Field, ...] = (
    Field("margin", "Margin", "share", 0, 1, "What the shop keeps of a price."),
    Field("contact_cost", "Cost of a contact", "money", 0, 1e6, "Of one message to one shopper, in the shop's money."),
    Field("contact_orders", "Cost of a contact", "orders", 0, 1, "Where the shop has no prices: the part of an order's profit."),
    Field("coupon_depth", "Depth of a coupon", "share", 0, 1, "Taken off the order, also where it would have come anyway."),
    Field("winback", "Win-back works for", "share", 0, 1, "Of those who would leave, how many order because they are asked to."),
    Field("basket", "Reminder works for", "share", 0, 1, "Of those who would leave their basket, how many buy it after all."),
    Field("coupon", "Coupon works for", "share", 0, 1, "Of those who would not order but respond to discounts, how many order."),
    Field("upsell", "Upsell works for", "share", 0, 1, "Of those who order anyway, how many take one dearer product instead."),
    Field("welcome", "Welcome works for", "share", 0, 1, "Of the new who would not order, how many order because of it."),
    Field("basket_days", "A basket is left for", "days", 1, 90, "Older ones are forgotten."),
    Field("welcome_days", "A shopper is new for", "days", 1, 90, "Since they were first seen."),
    Field("discount_from", "Responds to coupons from", "share", 0, 1, "Least share of purchases made at a discount."),
)  # fmt: skip
"""Every assumption, as the screen asks for it."""


@dataclass(frozen=True)
class Assumptions:
    """The assumptions in force; units and meaning in ``FIELDS``. None of them is measured. Raises BadInput out of range."""

    margin: float = 0.30
    contact_cost: float = 0.10
    contact_orders: float = 0.002
    coupon_depth: float = 0.10
    winback: float = 0.05
    basket: float = 0.08
    coupon: float = 0.15
    upsell: float = 0.05
    welcome: float = 0.05
    basket_days: float = 14
    welcome_days: float = 14
    discount_from: float = 0.30

    def __post_init__(self) -> None:
        for field in FIELDS:
            value = getattr(self, field.name)
            if not field.low <= value <= field.high:
                raise BadInput(f"{field.label}: {value:g} is not usable; it lies between {field.low:g} and {field.high:g}.")


def stated(store: Store) -> Assumptions:
    """Return the assumptions in force: those stated last, before that the defaults."""
    text = store.value("SELECT stated FROM assumptions ORDER BY assumption_id DESC LIMIT 1")
    known = {field.name for field in FIELDS}
    return Assumptions(**{name: value for name, value in json.loads(text or "{}").items() if name in known})


def state_anew(store: Store, assumptions: Assumptions, author: str, now: datetime) -> None:
    """Put assumptions in force. now: UTC."""
    with store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO assumptions SELECT coalesce(max(assumption_id), 0) + 1, ?, ?, ? FROM assumptions",
            [json.dumps(asdict(assumptions)), author, now],
        )


def parse(texts: list[str], base: Assumptions) -> Assumptions:
    """Return the assumptions with 'name=value' texts on top. Raises BadInput on an unknown name or no number.

    >>> parse(["margin=0.4"], Assumptions()).margin
    0.4
    """
    changed: dict[str, Any] = asdict(base)
    for text in texts:
        name, _, value = text.partition("=")
        if name.strip() not in changed:
            raise BadInput(f"There is no assumption '{name.strip()}'. Choose from: {', '.join(changed)}.")
        try:
            changed[name.strip()] = float(value)
        except ValueError:
            raise BadInput(f"'{text}' does not give a number. Write for example margin=0.4.") from None
    return Assumptions(**changed)
