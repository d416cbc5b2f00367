"""Churn: horizon, cuts and outcomes by hand, no look into the future, a model that is judged on later weeks."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from core.base.db import Store, bump_version, memory_store
from core.base.settings import Settings
from core.profiles import churn_fit, churn_model
from core.profiles.churn import RECENCY_ONLY, churn_figures, churn_report, most_at_stake, shopper_risk
from core.profiles.churn_data import FEATURES, Cut, cut, horizon
from core.profiles.splits import Split
from core.profiles.spreads import Measure, spread
from tests.profiles.shop import load
from tests.profiles.test_stickiness import built, log

START = date(2024, 1, 1)
NAMES = [name for name, _ in FEATURES]


def on(day: int) -> date:
    """The day so many days after 1 January 2024."""
    return START + timedelta(day)


def visits(spells: dict[str, list[int]]) -> dict[str, list[str]]:
    """Days as dates in text."""
    return {user: [str(on(day)) for day in mine] for user, mine in spells.items()}


def test_the_horizon_is_the_time_in_which_nine_of_ten_returns_happen(store: Store) -> None:
    built(store, *log(visits({"u": [0, *range(1, 10), 19], "end": [200]})))  # nine gaps of 1 day and one of 10
    found = horizon(store)
    assert found is not None
    assert (found.usual, found.days, found.shortened) == (1, 7, False)
    load(store, *log(visits({"v": [0, 10, 20]})))  # now 3 of 12 gaps are of 10 days: two weeks
    built(store)
    found = horizon(store)
    assert found is not None
    assert (found.usual, found.days) == (10, 14)
    assert "9 of 10 returns happen within 10 days" in found.sentence


def test_a_short_log_shortens_the_horizon_and_a_shorter_one_has_none(store: Store) -> None:
    built(store, *log(visits({"u": [0, 30, 60], "end": [79]})))
    found = horizon(store)
    assert found is not None
    assert (found.usual, found.days, found.shortened) == (30, 14, True)  # 80 days ÷ 5 = 16, in whole weeks
    assert "long enough for a horizon of 14 days" in found.sentence
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM shopper_days WHERE day > DATE '2024-02-03'")
    assert horizon(store) is None  # 31 days


def test_features_of_a_cut_by_hand(store: Store) -> None:
    built(store, *log(visits({"u": [0, 10, 16], "gone": [0, 9], "once": [15], "end": [60]})))
    seen = cut(store, on(20), 10, on(60))
    assert seen.users.tolist() == ["u"]  # 'gone' was last seen 11 days before, 'once' on one day only
    got = dict(zip(NAMES, seen.features[0], strict=True))
    plain = {
        "recency": 4, "overdue": 4 / 8, "tenure": 20, "active_days": 3, "mean_gap": 8, "last_gap": 6, "recent_days": 1,
        "events_a_day": 1, "buying_days": 0, "spend": 0,
    }  # fmt: skip
    for name, value in plain.items():
        assert got[name] == pytest.approx(np.log1p(value)), name
    assert got["recent_share"] == pytest.approx(1 / 3)  # day 16 lies within 5 days of day 20
    assert seen.gone.tolist() == [True]


def test_gone_means_no_event_within_the_horizon_after(store: Store) -> None:
    built(store, *log(visits({"back": [0, 5, 17], "late": [0, 5, 18], "away": [0, 5], "end": [60]})))
    assert dict(zip(*((c := cut(store, on(10), 7, on(60))).users.tolist(), c.gone.tolist()), strict=True)) == {
        "away": True,
        "back": False,  # on the last day of the horizon
        "late": True,
    }
    assert cut(store, on(57), 7, on(60)).gone.tolist() == []  # the log ends before the horizon does


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60)), min_size=1, max_size=40), st.integers(5, 50))
def test_nothing_after_the_cut_enters_a_feature(seen: list[tuple[int, int]], day: int) -> None:
    whole, before = memory_store(), memory_store()
    spells: dict[str, list[int]] = {}
    for user, when in seen:
        spells.setdefault(f"u{user}", []).append(when)
    built(whole, *log(visits(spells)))
    built(before, *log(visits({user: [when for when in mine if when <= day] for user, mine in spells.items()})))
    left, right = cut(whole, on(day), 14, on(60)), cut(before, on(day), 14, on(60))
    assert left.users.tolist() == right.users.tolist()
    assert left.features == pytest.approx(right.features)
    whole.close()
    before.close()


def test_auc_brier_and_reliability_by_hand() -> None:
    risks, gone = np.array([0.1, 0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, False, True])
    judged = churn_model.judge("x", risks, gone)
    # pairs (left, stayed): 0.4 beats 0.1 twice and ties 0.4; 0.8 beats all three: 5.5 of 6
    assert judged.auc == pytest.approx(5.5 / 6)
    assert judged.brier == pytest.approx((0.01 + 0.01 + 0.36 + 0.16 + 0.04) / 5)
    assert judged.skill == pytest.approx(1 - 0.116 / (0.4 * 0.6))
    assert [(one.shoppers, one.observed) for one in judged.reliability] == [(2, 0), (2, 0.5), (1, 1)]
    assert judged.gap == pytest.approx((2 * 0.1 + 2 * 0.1 + 1 * 0.2) / 5)
    half = judged.reliability[1]  # Wilson, 1 of 2: 0.5 ± 1.96 · √(0.25 / 2 + 1.96² / 16) ÷ (1 + 1.96² / 2)
    assert (half.low, half.high) == pytest.approx((0.0945, 0.9055), abs=1e-4)


def test_calibration_mends_the_level_and_keeps_the_order() -> None:
    rng = np.random.default_rng(3)
    truth = rng.uniform(0.05, 0.6, 4000)
    gone = rng.uniform(size=4000) < truth
    matrix = truth.reshape(-1, 1)
    too_high = lambda rows: rows[:, 0] ** 0.3  # noqa: E731
    mended = churn_model.calibrate(too_high, matrix, gone)(matrix)
    assert abs(mended.mean() - gone.mean()) < 0.01
    assert churn_model.judge("", mended, gone).gap < 0.04 < 0.2 < churn_model.judge("", too_high(matrix), gone).gap
    assert (np.argsort(mended) == np.argsort(truth)).all()


def _cut(rng: np.random.Generator, honest: bool) -> Cut:
    """600 shoppers who leave by recency; in every other feature the answer stands (honest) or its opposite."""
    recency = rng.uniform(0, 3, 600)
    gone = rng.uniform(size=600) < 1 / (1 + np.exp(3 - 2 * recency))
    features = np.repeat((gone if honest else ~gone)[:, None] + rng.normal(0, 0.5, (600, 1)), len(NAMES), axis=1)
    features[:, NAMES.index("recency")] = recency
    return Cut(START, np.arange(600).astype(str), features, gone)


def test_the_baseline_is_in_force_where_it_is_not_beaten() -> None:
    rng = np.random.default_rng(1)
    train, middle, honest, turned = _cut(rng, True), _cut(rng, True), _cut(rng, True), _cut(rng, False)
    with threadpool_limits(1):  # scikit-learn's threads wait for each other on a busy machine
        to_honest, to_turned = (churn_fit._choose([train], middle, test, 7) for test in (honest, turned))
    full, baseline = to_honest.judged
    assert to_honest.name == full.name != RECENCY_ONLY
    assert full.brier < baseline.brier
    full, baseline = to_turned.judged
    assert to_turned.name == baseline.name == RECENCY_ONLY
    assert full.brier > baseline.brier


def shop_of_two_kinds(store: Store, shoppers: int = 2000, days: int = 150, seed: int = 5) -> Store:
    """Steady shoppers come every few days to the end; fleeting ones stop for good after a few visits, with new ones arriving."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(shoppers):
        steady = user % 4 == 0
        first = rng.integers(0, 10) if steady else rng.integers(0, days)
        gaps = rng.integers(1, 7, days) if steady else rng.integers(1, 4, rng.integers(1, 8))
        rows += [(f"u{user}", int(first + step)) for step in [0, *gaps.cumsum()] if first + step < days]
    frame = pd.DataFrame(rows, columns=["user_id", "day"])
    with store.transaction() as cursor:
        cursor.register("rows", frame)
        cursor.execute(
            """
            INSERT INTO events BY NAME
            SELECT hash(user_id, day) AS event_key, user_id, 'a' AS item_id, DATE '2024-01-01' + CAST(day AS INTEGER) AS ts,
                   'purchase' AS event_type, 10 AS price, if(hash(user_id) % 2 = 0, 'web', 'app') AS platform, 1 AS import_id
            FROM rows
            """
        )
        cursor.unregister("rows")
        bump_version(cursor)
    return built(store)


@pytest.fixture(scope="module")
def two_kinds() -> Store:
    """The shop of two kinds, built once."""
    return shop_of_two_kinds(memory_store())


def test_the_model_is_judged_on_a_later_cut_and_beats_recency_alone(two_kinds: Store) -> None:
    report = churn_report(two_kinds)
    assert report.fitted
    train, middle, test = (date.fromisoformat(day) for day in report.cuts)
    step = timedelta(days=report.horizon or 0)
    assert middle == train + step  # what became of the trained is known on the day of the calibration cut
    assert test == middle + step == two_kinds.value("SELECT max(day) FROM shopper_days") - step
    full, baseline = report.judged
    assert report.chosen == full.name
    assert full.auc > baseline.auc + 0.05
    assert full.brier < baseline.brier
    assert full.gap < 0.1
    assert sum(one.shoppers for one in full.reliability) == report.shoppers[2]
    assert report.importance[0][1] > 0
    assert report.base_rate == pytest.approx(sum(one.observed * one.shoppers for one in full.reliability) / report.shoppers[2])


def test_fleeting_shoppers_get_the_higher_risk(two_kinds: Store) -> None:
    (row,) = two_kinds.rows(
        """
        SELECT avg(risk) FILTER (CAST(user_id[2:] AS INTEGER) % 4 = 0), avg(risk) FILTER (CAST(user_id[2:] AS INTEGER) % 4 > 0),
               min(risk), max(risk)
        FROM churn WHERE risk IS NOT NULL
        """
    )
    steady, fleeting, low, high = row
    assert fleeting > steady + 0.2
    assert 0 <= low <= high <= 1


def test_every_shopper_has_a_risk_or_a_reason(two_kinds: Store) -> None:
    horizon_days = churn_report(two_kinds).horizon
    plain = two_kinds.rows(
        """
        SELECT CASE WHEN max(day) <= last - $h THEN 'lapsed' WHEN count(*) < 2 THEN 'too new' ELSE 'scored' END AS what
        FROM (SELECT DISTINCT user_id, ts::DATE AS day, (SELECT max(ts)::DATE FROM events) AS last FROM events)
        GROUP BY user_id, last ORDER BY user_id
        """,
        {"h": horizon_days},
    )
    got = two_kinds.rows("SELECT coalesce(why, 'scored') FROM churn ORDER BY user_id")
    assert got == plain
    (everyone,) = churn_figures(two_kinds)
    words = [what for (what,) in plain]
    assert (everyone.scored, everyone.lapsed, everyone.too_new) == tuple(words.count(w) for w in ("scored", "lapsed", "too new"))


def test_the_risks_of_the_groups_agree_with_a_plain_query(two_kinds: Store) -> None:
    limit = churn_report(two_kinds).at_risk_from
    plain = two_kinds.rows(
        """
        SELECT if(hash(user_id) % 2 = 0, 'web', 'app') AS p, count(risk), avg(risk), count_if(risk >= ?) FROM churn
        GROUP BY p ORDER BY p
        """,
        [limit],
    )
    got = [(one.group, one.scored, one.mean_risk, one.at_risk) for one in churn_figures(two_kinds, Split.PLATFORM)]
    assert [(*row[:2], pytest.approx(row[2]), row[3]) for row in plain] == got
    assert spread(two_kinds, Measure.RISK)["n"].sum() == churn_figures(two_kinds)[0].scored


def test_one_shoppers_risk_is_told_or_the_reason_why_not(two_kinds: Store) -> None:
    some = {why or "scored": user for user, why in two_kinds.rows("SELECT user_id, why FROM churn")}
    told = shopper_risk(two_kinds, some["scored"])
    assert told.risk == two_kinds.value("SELECT risk FROM churn WHERE user_id = ?", [some["scored"]])
    assert f"next {told.horizon} days" in told.sentence
    assert "Counts as churned" in shopper_risk(two_kinds, some["lapsed"]).sentence
    new = shopper_risk(two_kinds, some["too new"])
    assert new.risk is None
    assert "Not enough history" in new.sentence


def test_most_at_stake_is_risk_times_spent(two_kinds: Store) -> None:
    frame = most_at_stake(two_kinds, limit=20)
    assert len(frame) == 20
    assert frame["at_stake"].tolist() == sorted(frame["at_stake"], reverse=True)
    assert frame["at_stake"].to_numpy() == pytest.approx((frame["risk"] * frame["spent"]).to_numpy())


def test_the_same_seed_tells_the_same_risks() -> None:
    first, second = (shop_of_two_kinds(memory_store(), 1500, 60).df("SELECT * FROM churn ORDER BY user_id") for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_too_few_shoppers_are_not_enough_history(store: Store) -> None:
    built(store, *log(visits({f"u{i}": list(range(i % 3, 100, 3)) for i in range(20)})))
    report = churn_report(store)
    assert not report.fitted
    assert "a model needs 200" in report.state
    assert shopper_risk(store, "u1").sentence == report.state
    assert churn_figures(store) == ()
    assert most_at_stake(store).empty


def test_a_rebuild_with_other_settings_replaces_the_risks(store: Store) -> None:
    shop_of_two_kinds(store, 1500, 60)
    before = store.value("SELECT count(*) FROM churn")
    churn_fit.rebuild_churn(store, Settings(seed=8), {"recipe": 0})
    assert store.value("SELECT count(*) FROM churn") == before
    assert store.value("SELECT count(*) FROM churn_fits") == 1
