"""Demand and arrivals against dates worked by hand."""

from datetime import date

import pytest

from core.base.db import Store
from core.profiles.rollups import rebuild_rollups
from core.represent.arrivals import arrivals, rebuild_arrivals
from core.represent.demand import demand, rebuild_demand, usual_half_life
from tests.profiles.shop import act, item, load


def test_demand_fades_and_is_compared_with_other_events(store: Store) -> None:
    """Half-life 7 days: the latest 14 days against the 14 before, each faded back from its own end."""
    load(
        store,
        act("u1", "a", "2024-03-31", "purchase"),  # age 0: 1
        act("u2", "a", "2024-03-24", "purchase"),  # one half-life: 0.5
        act("u1", "a", "2024-03-10", "view"),  # 21 days, one half-life before the earlier span's end: 0.2 · 0.5
        act("u1", "b", "2024-03-17", "purchase"),  # 14 days: the end of the earlier span: 1
        act("u1", "old", "2024-01-01", "purchase"),
    )
    rebuild_demand(store)
    found = demand(store, 7.0).set_index("item_id")
    assert found.loc["a", ["weight", "before", "shoppers"]].tolist() == [1.5, pytest.approx(0.1), 2]
    assert found.loc["b", ["weight", "before", "shoppers"]].tolist() == [0, 1, 0]
    assert found.loc["a", "spread"] == pytest.approx((1 + 0.25 + 0.04 * 0.25) ** 0.5)
    assert "old" not in found.index
    assert usual_half_life(store) == 90.0  # five events tell nothing at a shorter one


def test_a_return_takes_demand_away_but_never_below_nothing(store: Store) -> None:
    load(store, act("u1", "a", "2024-03-31", "return"), act("u1", "b", "2024-03-31", "view"))
    rebuild_demand(store)
    assert demand(store, 7.0)["weight"].tolist() == [0, pytest.approx(0.2)]


def test_an_item_came_when_the_catalogue_says_else_with_its_first_event(store: Store) -> None:
    load(
        store,
        item("stated", attributes='{"released_on": "2024-03-01"}'),
        item("to come", attributes='{"released_on": "2024-05-01"}'),
        item("garbled", attributes='{"released_on": "soon"}'),
        act("u", "always there", "2024-01-01", "view"),
        act("u", "stated", "2024-03-20", "view"),
        act("u", "new", "2024-03-20", "view"),
        act("u", "new", "2024-03-31", "view"),
    )
    rebuild_rollups(store)
    rebuild_arrivals(store)
    found = arrivals(store).set_index("item_id")
    assert found.index.tolist() == ["new", "stated"]
    assert [day.date() for day in found["arrived"]] == [date(2024, 3, 20), date(2024, 3, 1)]
    assert found["days"].tolist() == [11, 30]
    assert found["stated"].tolist() == [False, True]


def test_an_empty_shop_has_neither(store: Store) -> None:
    rebuild_rollups(store)
    rebuild_demand(store)
    rebuild_arrivals(store)
    assert demand(store, 7.0).empty
    assert arrivals(store).empty
