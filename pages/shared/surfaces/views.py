"""Each surface of the shop window: what it asks, what it shows, its figures with their units."""

import streamlit as st

from core.represent.demand import HALF_LIVES, usual_half_life
from core.score import newest as arrivals
from core.score import reading, similar
from core.score import together as pairs
from core.score import trending as demand
from core.score.recommend import serve
from core.score.trending import Order
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.picker import shopper_picker
from pages.shared.surfaces import asking
from pages.shared.surfaces.cards import Card, show

PLACES = 12
_ITEM, _BASKET = "window_item", "window_basket"
_STRANGER = ""
_ORDERS = {Order.DEMAND: "Most in demand", Order.RISE: "Rising fastest"}


def home() -> None:
    """Show the list a shopper is served, or what a new visitor sees."""
    user = shopper_picker()
    best = serve(state.store(), state.index(), user or _STRANGER, PLACES)
    cards = [Card(pick.item_id, pick.rank, (f"score {pick.score:.2f}",), next(iter(pick.reasons), "")) for pick in best.picks]
    show(best.sentence if user else f"What a new visitor sees. {best.sentence}", cards)


def alike() -> None:
    """Show the items most like one."""
    item = asking.item_picker(_ITEM)
    if item is None:
        return
    found = similar.alike(state.store(), state.index(), item, PLACES)
    show(found.sentence, [Card(one.item_id, one.rank, (f"likeness {one.likeness:.2f}",), one.reason) for one in found.offers])


def together() -> None:
    """Show what is bought, or put in the basket, with an item."""
    item = asking.item_picker(_ITEM)
    if item is None:
        return
    found = pairs.together(state.store(), state.index(), item, PLACES)
    show(found.sentence, [Card(one.item_id, one.rank, _pair(one), one.reason) for one in found.offers])


def basket() -> None:
    """Show what completes a basket."""
    items = asking.basket_picker(_BASKET)
    if not items:
        st.caption("Put at least one item in the basket.")
        return
    found = pairs.complete(state.store(), state.index(), items, PLACES)
    show(found.sentence, [Card(one.item_id, one.rank, (f"pull {one.score:.2f}",), one.reason) for one in found.offers])


def trending() -> None:
    """Show what is in demand, or rising."""
    usual = state.read(usual_half_life)
    what, how_long = st.columns(2)
    order = what.segmented_control(
        "First come", list(_ORDERS), default=Order.DEMAND, required=True, format_func=_ORDERS.__getitem__, key="window_order"
    )
    half_life = how_long.segmented_control(
        "An event counts half after",
        list(HALF_LIVES),
        default=usual,
        required=True,
        format_func=lambda days: f"{days:g} days",
        key="window_half_life",
        help="Short: what is hot this week. Long: what keeps selling. A shop with few events needs a long one.",
    )
    found = demand.trending(state.store(), state.index(), half_life, order, PLACES)
    show(found.sentence, [Card(one.item_id, one.rank, _demand(one), one.reason, _tone(one)) for one in found.offers])


def newest() -> None:
    """Show the new arrivals, by taste where a shopper is chosen."""
    found = arrivals.newest(state.store(), state.index(), shopper_picker(), PLACES)
    cards = [Card(one.item_id, one.rank, _arrival(one), one.reason) for one in found.offers]
    show(found.sentence, cards)


def content() -> None:
    """Show the articles, guides and videos by the time they are expected to hold a shopper."""
    found = reading.content(state.store(), state.index(), shopper_picker(), PLACES)
    show(found.sentence, [Card(one.item_id, one.rank, _dwell(one), one.reason) for one in found.offers])


SURFACES = {
    "Home": home,
    "Similar": alike,
    "Bought together": together,
    "Complete the basket": basket,
    "Trending": trending,
    "New arrivals": newest,
    "Content": content,
}


def _pair(one: pairs.Partner) -> tuple[str, ...]:
    return f"surely {one.lift_low:,.1f} × as usual", f"{fmt.count(one.baskets, 'basket')}, {fmt.percent(one.support, 2)} of all"


def _demand(one: demand.Trending) -> tuple[str, ...]:
    change = "new" if one.change is None else f"{one.change:+.0%}" if one.change + 1 < demand.MANY else f"× {one.change + 1:,.0f}"
    return change, f"demand {one.weight:,.1f}"


def _tone(one: demand.Trending) -> str:
    return "gray" if abs(one.rise) < demand.SURE else "green" if one.rise > 0 else "orange"


def _arrival(one: arrivals.Arrival) -> tuple[str, ...]:
    day = fmt.day(one.arrived)
    return (day,) if one.taste is None else (f"taste {one.taste:.2f} of 1", day)


def _dwell(one: reading.Piece) -> tuple[str, ...]:
    expected = "time not known" if one.expected_s is None else f"{one.expected_s:.0f} s expected"
    return expected, fmt.count(one.visits, "visit")
