"""Weekly retention worked by hand, and against pandas on a real shop."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core.base.db import Store
from core.profiles.cohorts import MOST_COHORTS, Basis, cohorts, retention_by_group
from core.profiles.splits import Split
from tests.profiles.shop import act, load_online_retail
from tests.profiles.test_stickiness import built, log

# Mondays: 1, 8, 15 and 22 January 2024. The log ends on Wednesday 24, so the week of the 22nd is not whole.
SIX = {
    "u": ["2024-01-01", "2024-01-03", "2024-01-09", "2024-01-16"],
    "v": ["2024-01-02", "2024-01-18"],
    "w": ["2024-01-07"],
    "x": ["2024-01-08", "2024-01-21"],
    "y": ["2024-01-14", "2024-01-24"],
    "z": ["2024-01-22"],
}


def table(
    store: Store, basis: Basis = Basis.ACTIVITY, split: Split = Split.ALL, key: str = ""
) -> dict[tuple[str, int], tuple[int, int]]:
    """Return {(cohort, week): (shoppers, active)}."""
    frame = cohorts(store, basis, split, key)
    return {
        (f"{row.cohort:%d.%m.}", row.week): (row.shoppers, row.active)  # type: ignore[str-format]
        for row in frame.itertuples()
    }


def test_the_cohorts_of_six_shoppers_over_three_weeks(store: Store) -> None:
    built(store, *log(SIX))
    assert table(store) == {
        ("01.01.", 0): (3, 3), ("01.01.", 1): (3, 1), ("01.01.", 2): (3, 2),
        ("08.01.", 0): (2, 2), ("08.01.", 1): (2, 1),
    }  # fmt: skip


def test_a_week_that_is_not_over_is_blank_and_one_that_is_may_be_zero(store: Store) -> None:
    built(store, *log({**SIX, "z": ["2024-01-22", "2024-01-28"]}))  # now the week of the 22nd is over
    got = table(store)
    assert got[("01.01.", 3)] == (3, 0)
    assert got[("08.01.", 2)] == (2, 1)
    assert got[("22.01.", 0)] == (1, 1)
    assert ("15.01.", 0) not in got  # nobody came first in that week


def test_purchase_cohorts_begin_with_the_first_purchase(store: Store) -> None:
    bought = [act("u", "a", f"{day} 12:00", "purchase") for day in ("2024-01-09", "2024-01-16", "2024-01-17")]
    built(store, *log(SIX), *bought)
    assert table(store, Basis.PURCHASE) == {("08.01.", 0): (1, 1), ("08.01.", 1): (1, 1)}


def test_cohorts_by_platform_add_up_to_everyone(store: Store) -> None:
    built(
        store,
        *log({name: SIX[name] for name in "uvw"}, platform="app"),
        *log({name: SIX[name] for name in "xyz"}, platform="web"),
    )
    assert table(store, split=Split.PLATFORM, key="app") == {
        ("01.01.", 0): (3, 3),
        ("01.01.", 1): (3, 1),
        ("01.01.", 2): (3, 2),
    }
    assert table(store, split=Split.PLATFORM, key="web") == {("08.01.", 0): (2, 2), ("08.01.", 1): (2, 1)}


def test_retention_of_all_cohorts_weighs_them_by_size_and_takes_only_the_old_enough(store: Store) -> None:
    built(store, *log(SIX))
    frame = retention_by_group(store, Basis.ACTIVITY, Split.ALL).set_index("week")
    assert frame["share"].tolist() == [1, pytest.approx((1 + 1) / (3 + 2)), pytest.approx(2 / 3)]
    assert frame["shoppers"].tolist() == [5, 5, 3]
    assert frame["cohorts"].tolist() == [2, 2, 1]


def test_a_log_shorter_than_a_week_has_no_cohort(store: Store) -> None:
    built(store, *log({"u": ["2024-01-02", "2024-01-04"]}))
    assert cohorts(store, Basis.ACTIVITY).empty


def test_only_the_latest_year_of_cohorts_is_kept(store: Store) -> None:
    mondays = pd.date_range("2022-01-03", periods=60, freq="7D").strftime("%Y-%m-%d")
    built(store, *log({f"u{i}": [day] for i, day in enumerate(mondays)}), *log({"end": ["2023-02-26"]}))
    frame = cohorts(store, Basis.ACTIVITY)
    assert frame["cohort"].nunique() == MOST_COHORTS
    assert frame["cohort"].min() == pd.Timestamp(mondays[60 - MOST_COHORTS])
    assert cohorts(store, Basis.ACTIVITY, latest=2)["cohort"].nunique() == 2


@pytest.mark.realdata
def test_the_cohorts_of_a_real_shop_agree_with_pandas(store: Store, realdata: Callable[[str], Path]) -> None:
    load_online_retail(store, realdata("online_retail/online_retail.csv.gz"))
    built(store)
    log = store.df("SELECT user_id, ts FROM events WHERE event_type = 'purchase'")
    log["week"] = log["ts"].dt.to_period("W-SUN").dt.start_time
    log["cohort"] = log.groupby("user_id")["week"].transform("min")
    log = log.drop_duplicates(["user_id", "week"])
    whole = log["week"] + pd.Timedelta(days=6) <= store.value("SELECT max(ts) FROM events").replace(hour=0, minute=0)
    plain = log[whole].groupby(["cohort", "week"])["user_id"].count()
    got = cohorts(store, Basis.PURCHASE)
    got["when"] = got["cohort"] + pd.to_timedelta(got["week"] * 7, unit="D")
    seen = got[got["active"] > 0].set_index(["cohort", "when"])["active"]
    kept = plain[plain.index.get_level_values("cohort") >= got["cohort"].min()]
    assert seen.tolist() == kept.tolist()
    assert len(seen) > 500
