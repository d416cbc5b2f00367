"""Trends: the latest days against the days before, by hand."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.base.db import Store
from core.profiles.trends import _trend, event_mix, top_categories, trends


def fill_activity(store: Store, shoppers: list[int]) -> None:
    """Write one day for each number: that many shoppers, twice as many events, revenue 10 a shopper."""
    with store.transaction() as cursor:
        for place, many in enumerate(shoppers):
            day = date(2025, 1, 1) + timedelta(days=place)
            cursor.execute(
                "INSERT INTO activity VALUES (?, ?, ?, ?, ?, ?, ?, 1)", [day, many, many, 2 * many, 2 * many, many, 10.0 * many]
            )


def test_two_days_against_the_two_before(store: Store) -> None:
    """Shoppers 1, 1 | 2, 4: the mean grows from 1 to 3, events from 4 to 12, half of the month's shoppers come each day."""
    fill_activity(store, [9, 1, 1, 2, 4])
    moved = trends(store, days=2)
    assert moved.shoppers.value == 3
    assert moved.shoppers.before == 1
    assert moved.shoppers.change == 2
    assert moved.events.value == 12
    assert moved.events.before == 4
    assert moved.month.value == 8
    assert moved.revenue.value == 60
    assert moved.stickiness.value == 0.5
    assert moved.stickiness.change == 0


def test_a_log_too_short_has_nothing_to_compare_with(store: Store) -> None:
    fill_activity(store, [1, 2, 3])
    assert trends(store, days=2).events.before is None
    assert trends(store, days=2).events.change is None


@given(some.lists(some.floats(0, 1e6), min_size=1, max_size=40), some.integers(1, 30))
def test_a_sum_is_the_sum_of_its_days_and_the_curve_stays_within_them(values: list[float], days: int) -> None:
    daily = pd.Series(values)
    trend = _trend(daily, days, "sum")
    assert trend.value == pytest.approx(sum(values[-days:]))
    assert len(trend.series) == len(values)
    assert min(values) - 1e-6 <= min(trend.series)
    assert max(trend.series) <= max(values) + 1e-6


def test_event_mix_and_categories_of_nothing_are_empty(store: Store) -> None:
    assert event_mix(store).empty
    assert top_categories(store).empty
