"""Active shoppers, splits, sessions and the report, worked by hand and against plain SQL."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from core.base.db import Store, memory_store
from core.base.errors import BadInput
from core.base.settings import Settings
from core.cli import app
from core.profiles import active, sessions, splits, spreads, stickiness
from core.profiles.behaviour import rebuild_shoppers
from core.profiles.cohorts import Basis, cohorts
from core.profiles.repeat import Spell, curve
from core.profiles.rollups import rebuild_rollups
from core.profiles.splits import Split
from core.profiles.spreads import Measure
from core.profiles.stickiness_build import rebuild_stickiness
from tests.profiles.shop import Row, act, load, load_online_retail, review


def built(store: Store, *rows: Row) -> Store:
    """Load the rows and build rollups, shoppers and stickiness (no segments)."""
    load(store, *rows)
    rebuild_rollups(store)
    rebuild_shoppers(store)
    rebuild_stickiness(store, Settings())
    return store


def log(days: dict[str, list[str]], **more: object) -> list[Row]:
    """One view at noon on each of a shopper's days."""
    return [act(user, "a", f"{day} 12:00", "view", **more) for user, mine in days.items() for day in mine]


def test_daily_weekly_and_monthly_shoppers_of_a_platform(store: Store) -> None:
    app = log({"u": ["2024-01-01", "2024-01-09"], "v": ["2024-01-02"]}, platform="app")
    web = log({"w": ["2024-01-01", "2024-02-05"]}, platform="web")
    built(store, *app, *web)
    frame = active.activity(store, Split.PLATFORM, "app").set_index("day")
    assert frame.loc["2024-01-01", ["dau", "wau", "mau"]].tolist() == [1, 1, 1]
    assert frame.loc["2024-01-02", ["dau", "wau", "mau"]].tolist() == [1, 2, 2]
    assert frame.loc["2024-01-08", ["dau", "wau", "mau"]].tolist() == [0, 1, 2]  # u's week is over, v's is not
    assert frame.loc["2024-01-09", ["dau", "wau", "mau"]].tolist() == [1, 1, 2]
    assert frame.loc["2024-02-01", ["dau", "wau", "mau"]].tolist() == [0, 0, 1]  # v, last seen 30 days before, is out
    assert frame.loc["2024-02-05", ["dau", "wau", "mau"]].tolist() == [0, 0, 1]
    assert len(frame) == 36


def test_everyone_is_the_rollup_of_activity(store: Store) -> None:
    built(store, *log({"u": ["2024-01-01", "2024-01-09"], "v": ["2024-01-02"]}))
    mine = store.rows("SELECT day, dau, wau, mau FROM group_activity WHERE split = 'all' ORDER BY day")
    assert mine == store.rows("SELECT day, dau, wau, mau FROM activity ORDER BY day")


def test_stickiness_is_not_known_before_the_log_holds_a_month(store: Store) -> None:
    built(store, *log({"u": ["2024-01-01", "2024-01-30"], "v": ["2024-01-20"]}))
    frame = active.activity(store)
    assert frame["stickiness"].isna().tolist() == [True] * 29 + [False]
    assert frame["stickiness"].iloc[-1] == 0.5


def test_a_shopper_counts_on_the_platform_they_use_most(store: Store) -> None:
    used = {"u": ["web", "app", "app"], "v": ["web", "app"], "w": [None]}
    built(
        store, *(act(user, "a", f"2024-01-01 1{i}:00", "view", platform=p) for user, ps in used.items() for i, p in enumerate(ps))
    )
    got = {one.key: one.shoppers for one in splits.groups(store, Split.PLATFORM)}
    assert got == {"app": 2}  # v: a tie goes by name; w names none
    assert [one.name for one in splits.groups(store, Split.ALL)] == ["Everyone"]
    with pytest.raises(BadInput, match="no group 'web'"):
        splits.group(store, Split.PLATFORM, "web")


def test_sessions_go_by_id_and_else_by_half_an_hour(store: Store) -> None:
    # Week of Mon 1 Jan 2024; the log ends on Sun 7 Jan, so the week is whole.
    named = [
        act("u", "a", f"2024-01-0{day} {clock}", "view", session_id=f"s{day}")
        for day, clock in ((1, "10:00"), (1, "12:30"), (2, "9:00"))
    ]
    loose = [act("v", "a", f"2024-01-03 {clock}", "view") for clock in ("10:00", "10:20", "10:50", "11:21")]
    gone = [act("v", "a", "2024-01-04 10:00", "return"), review("v", "a", "2024-01-05 10:00", 5)]
    end = [act("w", "a", "2024-01-07 10:00", "view")]
    built(store, *named, *loose, *gone, *end)
    (week,) = sessions.weeks(store).to_dict("records")
    assert week["week"] == pd.Timestamp("2024-01-01")
    # u: s1 of two events and 150 min, s2 of one; v: 3 events in 50 min (10:50 is 30 min on: the same), then 1; w: 1
    assert (week["sessions"], week["shoppers"], week["per_shopper"]) == (5, 3, 5 / 3)
    assert week["steps"] == pytest.approx((2 + 1 + 3 + 1 + 1) / 5)
    assert week["minutes"] == pytest.approx((150 + 50) / 2)
    steps = spreads.spread(store, Measure.SESSION_EVENTS).set_index("label")["n"]
    assert steps[steps > 0].to_dict() == {"1": 3, "2": 1, "3": 1}
    minutes = spreads.spread(store, Measure.SESSION_MINUTES).set_index("label")["n"]
    assert minutes[minutes > 0].to_dict() == {"30–60": 1, "60+": 1}
    assert sessions.session_figures(store).per_shopper == 5 / 3


def test_minutes_are_not_known_of_a_log_of_purchases(store: Store) -> None:
    built(store, *(act("u", name, f"2024-01-0{day} 10:0{day}", "purchase") for day in range(1, 9) for name in "ab"))
    assert sessions.weeks(store)["minutes"].isna().all()
    assert spreads.spread(store, Measure.SESSION_MINUTES).empty
    assert sessions.session_figures(store).minutes is None


def test_gaps_between_visits_fall_into_their_buckets(store: Store) -> None:
    days = [0, 1, 4, 11, 26, 57, 118]  # gaps: 1, 3, 7, 15, 31, 61
    built(store, *log({"u": [str(date(2024, 1, 1) + timedelta(day)) for day in days]}))
    frame = spreads.spread(store, Measure.VISIT_GAP)
    assert frame["n"].tolist() == [1, 1, 1, 0, 1, 1, 1, 0]
    assert frame["share"].sum() == pytest.approx(1)


def test_the_report_of_a_tiny_shop(store: Store) -> None:
    built(store, *log({"u": ["2024-01-01", "2024-01-30"], "v": ["2024-01-30"]}))
    report = stickiness.report(store)
    assert report.last_day == date(2024, 1, 30)
    assert report.everyone is not None
    assert report.everyone.dau == pytest.approx(3 / 30)
    assert (report.everyone.wau, report.everyone.mau) == (2, 2)
    assert report.everyone.stickiness == pytest.approx(3 / (29 + 2))
    assert report.segments == report.platforms == ()
    assert report.everyone.churn is None
    assert "Not enough history" in report.churn.state
    printed = report.as_json()
    assert printed["exposure"] is None
    assert "none are logged yet" in printed["exposure_note"]
    assert printed["everyone"]["name"] == "Everyone"
    assert any("Everyone" in line for line in report.lines())


def test_an_empty_store_has_nothing_and_says_so(store: Store) -> None:
    built(store)
    report = stickiness.report(store)
    assert report.last_day is None
    assert report.everyone is None
    assert "0 days" in report.churn.state


def test_the_command_prints_one_json_object(tmp_path: Path) -> None:
    log_file = tmp_path / "log.csv"
    log_file.write_text("user_id,item_id,timestamp\nu,a,2024-01-01 10:00\nu,a,2024-01-09 10:00\nv,a,2024-01-14 10:00\n")
    runner, home = CliRunner(), ["--home", str(tmp_path / "home")]
    assert runner.invoke(app, ["import", str(log_file), *home]).exit_code == 0
    printed = json.loads(runner.invoke(app, ["stickiness", "--json", *home]).stdout)
    assert printed["last_day"] == "2024-01-14"
    assert printed["everyone"]["shoppers"] == printed["everyone"]["mau"] == 2
    assert printed["everyone"]["retention"] == [{"week": 1, "shoppers": 1, "share": 1.0}]
    assert printed["exposure"] is None


def test_a_rebuild_is_skipped_where_nothing_changed(store: Store) -> None:
    built(store, *log({"u": ["2024-01-01"]}))
    assert not rebuild_stickiness(store, Settings())
    load(store, *log({"v": ["2024-01-02"]}))
    assert rebuild_stickiness(store, Settings())


days = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 90), st.booleans()), min_size=1, max_size=60)


@settings(max_examples=15, deadline=None)
@given(days)
def test_properties_of_any_log(seen: list[tuple[int, int, bool]]) -> None:
    store = memory_store()
    start = datetime(2024, 1, 3, 12)
    rows = [
        act(f"u{user}", "a", str(start + timedelta(day)), "purchase" if bought else "view", platform="app" if user % 2 else "web")
        for user, day, bought in seen
    ]
    built(store, *rows)
    for split, key in ((Split.ALL, ""), (Split.PLATFORM, "app"), (Split.PLATFORM, "web")):
        daily = active.activity(store, split, key)
        assert ((daily["dau"] <= daily["wau"]) & (daily["wau"] <= daily["mau"])).all()
        assert daily["stickiness"].dropna().between(0, 1).all()
        for basis in Basis:
            table = cohorts(store, basis, split, key)
            assert table["share"].between(0, 1).all()
            assert (table.loc[table["week"] == 0, "share"] == 1).all()
        for spell in Spell:
            again = curve(store, spell, split, key)
            assert again["share"].between(0, 1).all()
            assert again["share"].is_monotonic_increasing
            assert again["at_risk"].is_monotonic_decreasing
    parts = [active.activity(store, Split.PLATFORM, one.key)["mau"] for one in splits.groups(store, Split.PLATFORM)]
    assert sum(parts).tolist() == active.activity(store)["mau"].tolist()
    store.close()


@pytest.mark.realdata
def test_a_real_shop_agrees_with_plain_queries(store: Store, realdata: Callable[[str], Path]) -> None:
    load_online_retail(store, realdata("online_retail/online_retail.csv.gz"))
    built(store)
    figures = stickiness.figures(store)
    (plain,) = store.rows(
        """
        WITH d AS (SELECT DISTINCT user_id, ts::DATE AS day FROM events), l AS (SELECT max(day) AS last FROM d)
        SELECT count(*) FILTER (day > last - 30) / 30,
               count(DISTINCT user_id) FILTER (day > last - 7), count(DISTINCT user_id) FILTER (day > last - 30)
        FROM d, l
        """
    )
    assert (figures.dau, figures.wau, figures.mau) == pytest.approx(plain)
    (buying,) = store.rows(
        """
        SELECT count(*), count_if(n > 1)
        FROM (SELECT count(DISTINCT ts::DATE) AS n FROM events WHERE event_type = 'purchase' GROUP BY user_id)
        """
    )
    assert (figures.repeat.buyers, figures.repeat.again) == buying
