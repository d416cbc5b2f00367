"""Kaplan-Meier worked by hand, and against a plain computation on real shops."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.base.db import Store
from core.profiles import repeat, spreads
from core.profiles.repeat import Spell, curve, repeat_figures
from core.profiles.splits import Split
from core.profiles.spreads import Measure
from tests.profiles.shop import Row, act, load_online_retail
from tests.profiles.test_stickiness import built

START = date(2024, 1, 1)


def buys(spells: dict[str, list[int]], **more: object) -> list[Row]:
    """A purchase at noon on each of a shopper's days, counted from 1 January 2024."""
    return [
        act(user, "a", f"{START + timedelta(day)} 12:00", "purchase", **more) for user, mine in spells.items() for day in mine
    ]


# The log ends on day 100. Spells from the first purchase: a 10, b 10, c 20, d: none, watched 100; e: none, watched 15.
FIVE = {"a": [0, 10], "b": [50, 60, 90], "c": [10, 30], "d": [0], "e": [85], "end": [100]}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quote shares of a few shoppers too."""
    monkeypatch.setattr(repeat, "LEAST_AT_RISK", 1)


def test_the_curve_of_five_shoppers_by_hand(store: Store) -> None:
    built(store, *buys(FIVE))
    frame = curve(store, Spell.FIRST).set_index("days")
    # day 0: 6 at risk ('end' bought on the last day and leaves). Day 10: 5 at risk, 2 buy: 1 - 3/5. Day 15: e leaves.
    # Day 20: of c and d, c buys: 1 - 3/5 · 1/2.
    assert frame["at_risk"].to_dict() == {0: 6, 10: 5, 15: 3, 20: 2, 100: 1}
    assert frame["share"].to_dict() == pytest.approx({0: 0, 10: 0.4, 15: 0.4, 20: 0.7, 100: 0.7})


def test_greenwoods_error_by_hand(store: Store) -> None:
    built(store, *buys(FIVE))
    error = 0.6 * np.sqrt(2 / (5 * 3))
    row = curve(store, Spell.FIRST).set_index("days").loc[10]
    assert (row["low"], row["high"]) == pytest.approx((max(0, 0.4 - 1.96 * error), min(1, 0.4 + 1.96 * error)))


def test_five_at_risk_are_counted_as_they_leave(store: Store) -> None:
    """The same shares a naive count gets wrong: half of the six were seen buying again, but 70 % do by day 20."""
    built(store, *buys(FIVE))
    figures = repeat_figures(store)
    assert (figures.buyers, figures.again, figures.rate) == (6, 3, 0.5)
    assert [mark.share for mark in figures.marks] == pytest.approx([0.7, 0.7, 0.7])
    assert figures.median_days == 20


def test_after_any_purchase_every_day_of_purchase_begins_a_spell(store: Store) -> None:
    built(store, *buys(FIVE))
    # closed gaps: 10 (a), 10 and 30 (b), 20 (c); open ones: a 90, b 10, c 70, d 100, e 15, end 0
    frame = curve(store, Spell.ANY).set_index("days")
    assert frame["at_risk"].to_dict() == {0: 10, 10: 9, 15: 6, 20: 5, 30: 4, 70: 3, 90: 2, 100: 1}
    assert frame["share"].to_dict()[30] == pytest.approx(1 - 7 / 9 * 4 / 5 * 3 / 4)
    gaps = spreads.spread(store, Measure.PURCHASE_GAP).set_index("label")["n"]
    assert gaps[gaps > 0].to_dict() == {"8–14": 2, "15–30": 2}


def test_orders_of_one_day_are_one_and_a_share_needs_enough_watched(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    built(store, *buys({"u": [0, 0, 5], "end": [40]}))
    assert repeat_figures(store).buyers == 2
    assert spreads.spread(store, Measure.PURCHASE_GAP)["n"].sum() == 1
    monkeypatch.setattr(repeat, "LEAST_AT_RISK", 2)
    assert [mark.share for mark in repeat_figures(store).marks] == [None, None, None]


def test_a_share_is_quoted_only_as_far_as_somebody_is_watched(store: Store) -> None:
    built(store, *buys({"u": [0, 5], "v": [0], "end": [45]}))
    assert [mark.share for mark in repeat_figures(store).marks] == [0.5, None, None]


def test_groups_have_their_own_curve_and_views_do_not_count(store: Store) -> None:
    app, web = buys({"a": [0, 10]}, platform="app"), buys({"d": [0]}, platform="web")
    built(store, *app, *web, act("d", "a", "2024-02-01 10:00", "view", platform="web"), act("d", "a", "2024-02-02", "return"))
    assert repeat_figures(store, Split.PLATFORM, "app").rate == 1
    assert repeat_figures(store, Split.PLATFORM, "web").rate == 0
    assert curve(store, Spell.FIRST, Split.PLATFORM, "web")["share"].max() == 0


def plain_km(days: np.ndarray, bought: np.ndarray, at: int) -> float:
    """Return the Kaplan-Meier share by day ``at``, one event time after the other."""
    waiting = 1.0
    for day in np.unique(days[bought & (days <= at)]):
        waiting *= 1 - (bought & (days == day)).sum() / (days >= day).sum()
    return 1 - waiting


def check_against_plain(store: Store) -> None:
    """Compare the marks of everyone with a plain computation over the events."""
    frame = store.df("SELECT DISTINCT user_id, ts::DATE AS day FROM events WHERE event_type = 'purchase' ORDER BY 1, 2")
    last = store.value("SELECT max(ts)::DATE FROM events")
    firsts = frame.groupby("user_id")["day"].agg(lambda mine: [mine.iloc[0], mine.iloc[1] if len(mine) > 1 else None])
    days = np.array([((second or pd.Timestamp(last)) - first).days for first, second in firsts])
    bought = np.array([second is not None for _, second in firsts])
    for mark in repeat_figures(store).marks:
        assert mark.share == pytest.approx(plain_km(days, bought, mark.days))


@pytest.mark.realdata
def test_online_retail_agrees_with_a_plain_computation(store: Store, realdata: Callable[[str], Path]) -> None:
    load_online_retail(store, realdata("online_retail/online_retail.csv.gz"))
    built(store)
    check_against_plain(store)


@pytest.mark.realdata
def test_complete_journey_agrees_with_a_plain_computation(store: Store, realdata: Callable[[str], Path]) -> None:
    path = realdata("complete_journey/transactions.parquet")
    with store.transaction() as cursor:
        cursor.execute(
            """
            INSERT INTO events BY NAME
            SELECT hash(basket_id, product_id) AS event_key, CAST(household_id AS VARCHAR) AS user_id,
                   CAST(product_id AS VARCHAR) AS item_id, transaction_timestamp AS ts, 'purchase' AS event_type,
                   quantity, CAST(basket_id AS VARCHAR) AS order_id, 1 AS import_id
            FROM read_parquet(?) WHERE quantity > 0
            """,
            [str(path)],
        )
    built(store, act("1", "0", "2017-12-31 12:00", "view"))
    check_against_plain(store)
    figures = repeat_figures(store)
    assert figures.buyers > 2400
    assert figures.rate == pytest.approx(figures.again / figures.buyers)
