"""Shoppers are split evenly, for good, and anew for each experiment; one runs at a time; results count what they should."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.base.db import Store
from core.base.errors import BadInput
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.score import releases
from core.score.assignment import Arm, arm_of, assigned, draw
from core.score.index import Index
from core.score.plan import differs, live_plan, plain
from core.score.reactions import SIMULATED
from core.score.recommend import recommend, serve
from core.score.taste import history
from core.update import experiments, outcomes, simulated, traffic
from core.update.absorb import absorb
from core.update.experiments import Experiment, Measure, Stage
from core.update.feedback import PREVIEW, SHOP, give, waiting
from core.update.impressions import shown
from core.update.outcomes import Verdict, results
from tests.profiles.shop import act, item, load
from tests.train.conftest import index as index
from tests.train.conftest import shop as shop

AT = datetime(2026, 3, 2, 12)
DAY = timedelta(days=1)


def begun(store: Store, **changes: object) -> Experiment:
    """An experiment that runs: the model's own α against a drafted release of α = 0."""
    made = releases.draft(store, alpha=0.0, now=AT)
    asked = {"control": None, "treatment": made.release_id, "measure": Measure.CTR, "effect": 0.1, "now": AT, **changes}
    return experiments.start(store, experiments.plan(store, "quality only", **asked).experiment_id, "Kim", "to see", AT)


@given(st.integers(1, 10**6), st.text(max_size=20))
def test_a_draw_is_always_the_same_and_below_one(number: int, user: str) -> None:
    assert 0 <= draw(number, user) < 1
    assert draw(number, user) == draw(number, user)


def test_draws_are_uniform_and_those_of_two_experiments_have_nothing_to_do_with_each_other() -> None:
    users = [f"c{number}" for number in range(20_000)]
    first, second = (np.array([draw(number, user) for user in users]) for number in (1, 2))
    assert stats.kstest(first, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


@given(st.text(max_size=12), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_keeps_everybody_who_had_the_treatment(user: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    if arm_of(3, user, small) is Arm.TREATMENT:
        assert arm_of(3, user, large) is Arm.TREATMENT
    assert arm_of(3, user, 1.0) is Arm.TREATMENT
    assert arm_of(3, user, 0.0) is Arm.CONTROL


def test_each_shopper_is_served_the_list_of_their_arm_and_everybody_the_same_once_it_is_stopped(
    shop: Store, index: Index
) -> None:
    assert not differs(shop)
    one = begun(shop)
    assert differs(shop)
    assert live_plan(shop, index) == plain(index.alpha)
    for user in (f"s{number:02d}" for number in range(40)):
        found, plan = assigned(shop, user), live_plan(shop, index, user)
        assert found is not None
        assert (plan.experiment, plan.arm) == (str(one.experiment_id), found.arm)
        alpha = 0.0 if found.arm is Arm.TREATMENT else index.alpha
        assert serve(shop, index, user).picks == recommend(shop, index, user, alpha=alpha).picks
    experiments.stop(shop, one.experiment_id, "Kim", "enough", AT + DAY)
    assert live_plan(shop, index, "s00") == plain(index.alpha)
    assert assigned(shop, "s00") is None


def test_one_experiment_at_a_time_and_each_runs_once(store: Store) -> None:
    one = begun(store)
    assert one.stage is Stage.RUNNING
    other = experiments.plan(store, "again", control=one.treatment, treatment=None, measure=Measure.CTR, effect=0.2, now=AT)
    with pytest.raises(BadInput, match="has been running since 02 Mar 2026"):
        experiments.start(store, other.experiment_id, "", "", AT)
    with pytest.raises(BadInput, match="Say why"):
        experiments.stop(store, one.experiment_id, "", "  ", AT)
    stopped = experiments.stop(store, one.experiment_id, "", "enough", AT + DAY)
    assert (stopped.stage, stopped.stopped_by, stopped.stop_reason) == (Stage.STOPPED, "someone", "enough")
    with pytest.raises(BadInput, match="is over"):
        experiments.start(store, one.experiment_id, "", "", AT)
    assert experiments.start(store, other.experiment_id, "", "", AT + DAY).stage is Stage.RUNNING
    assert [each.experiment_id for each in experiments.every(store)] == [other.experiment_id, one.experiment_id]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"treatment": None}, "same lists"),
        ({"treatment": 77}, "no release 77"),
        ({"share": 0.01}, "too few shoppers"),
        ({"effect": 0.0}, "how large a change"),
    ],
)
def test_a_plan_that_cannot_work_is_refused(store: Store, changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        begun(store, **changes)


def test_what_counts_by_hand(shop: Store, index: Index) -> None:
    """One shopper of each arm: a list a day for eight days; the treated one clicks a place of two lists, and buys later."""
    one = begun(shop)
    treated, other = (
        next(u for u in (f"s{n:02d}" for n in range(40)) if arm_of(1, u, 0.5) is arm) for arm in (Arm.TREATMENT, Arm.CONTROL)
    )
    for user in (treated, other):
        best, plan = recommend(shop, index, user, k=3, plan=live_plan(shop, index, user)), live_plan(shop, index, user)
        lists = [shown(shop, best, surface=SHOP, plan=plan, now=AT + day * DAY) for day in range(8)]
        shown(shop, best, surface=PREVIEW, plan=plan, now=AT)
        if user == treated:
            give(shop, user, best.picks[0].item_id, "click", list_id=lists[0], now=AT)
            give(shop, user, best.picks[0].item_id, "add", list_id=lists[0], now=AT)
            give(shop, user, best.picks[1].item_id, "click", list_id=lists[3], now=AT + 3 * DAY)
            give(shop, user, best.picks[1].item_id, "click", list_id=lists[3], surface=PREVIEW, now=AT + 3 * DAY)
    load(shop, act(treated, "tea-1", "2026-03-05", "purchase"), act(other, "tea-1", "2026-03-01", "purchase"))
    found = results(shop, one)
    assert found.shoppers == {Arm.CONTROL: 1, Arm.TREATMENT: 1}
    figures = {outcome.measure: outcome.arms for outcome in found.outcomes}
    assert [(figures[Measure.CTR][arm].hits, figures[Measure.CTR][arm].of) for arm in Arm] == [(0, 24), (2, 24)]
    assert [figures[Measure.CONVERSION][arm].rate for arm in Arm] == [0, 1]
    assert [figures[Measure.STICKINESS][arm].rate for arm in Arm] == [pytest.approx(7.0), pytest.approx(7.0)]
    assert (found.verdict, found.simulated, found.until) == (Verdict.EARLY, 0, AT + 7 * DAY)
    stopped = experiments.stop(shop, 1, "", "enough", AT + 2.5 * DAY)
    earlier = results(shop, stopped)
    assert [earlier.main.arms[arm].of for arm in Arm] == [9, 9]
    assert earlier.main.arms[Arm.TREATMENT].hits == 1


def test_feedback_taken_into_the_log_is_not_counted_twice(shop: Store, index: Index) -> None:
    one = begun(shop)
    best = recommend(shop, index, "s00", plan=live_plan(shop, index, "s00"))
    list_id = shown(shop, best, surface=SHOP, plan=live_plan(shop, index, "s00"), now=AT)
    give(shop, "s00", best.picks[0].item_id, "buy", list_id=list_id, now=AT)
    before = results(shop, one)
    assert absorb(shop, now=AT + DAY).loaded == 1
    assert results(shop, one) == before


def many(store: Store, one: Experiment, clicks: dict[Arm, int], shoppers: int = 400, surface: str = SHOP) -> None:
    """Show 400 shoppers one list of ten places each; in each arm every shopper clicks on so many of them."""
    with store.transaction() as cursor:
        for number in range(shoppers):
            user = f"u{number}"
            arm = arm_of(one.experiment_id, user, one.share)
            cursor.execute(
                "INSERT INTO impressions SELECT ?, ?, 'i' || p, p, ?, ?, 0.5, NULL, NULL, [], ?, ?, NULL FROM range(1, 11) r(p)",
                [user, user, AT + number % 14 * DAY, surface, str(one.experiment_id), arm],
            )
            cursor.execute(
                "INSERT INTO feedback SELECT 100 * ? + p, ?, 'i' || p, 'click', ?, ?, ?, NULL, NULL FROM range(1, ? + 1) r(p)",
                [number, user, surface, user, AT + number % 14 * DAY, clicks[arm] + number % 2],
            )


def test_the_verdict_follows_the_interval(store: Store) -> None:
    many(store, one := begun(store), {Arm.CONTROL: 1, Arm.TREATMENT: 2})
    found = results(store, one)
    assert found.verdict is Verdict.BETTER
    assert "lies above 0" in found.sentence()
    days = outcomes.trail(store, one)
    assert len(days) == 14
    assert days["value"].iloc[-1] == pytest.approx(found.main.difference.value)
    assert (days["low"].iloc[-1], days["high"].iloc[-1]) == (found.main.difference.low, found.main.difference.high)


def test_groups_that_are_too_uneven_are_told_and_nothing_else_is(store: Store) -> None:
    one = begun(store)
    many(store, one, {Arm.CONTROL: 1, Arm.TREATMENT: 2})
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM impressions WHERE arm = 'treatment' AND hash(user_id) % 2 = 0")
    assert results(store, one).verdict is Verdict.UNTRUSTED


def test_what_is_simulated_counts_in_the_experiment_alone_and_goes_without_a_trace(shop: Store, index: Index) -> None:
    before = history(shop, index, "s00"), waiting(shop)
    one = begun(shop)
    many(shop, one, {Arm.CONTROL: 1, Arm.TREATMENT: 2}, surface=SIMULATED)
    with shop.transaction() as cursor:
        cursor.execute("INSERT INTO feedback VALUES (999999, 's00', 'tea-1', 'buy', ?, 'u1', ?, NULL, NULL)", [SIMULATED, AT])
    assert results(shop, one).simulated == 400
    assert history(shop, index, "s00").equals(before[0])
    assert waiting(shop) == before[1]
    assert absorb(shop, preview=True, now=AT).read == 0
    assert traffic.base_of(shop, Measure.CTR) is None
    assert simulated.clear(shop, one.experiment_id) == 400
    assert sum(results(shop, one).shoppers.values()) == 0
    assert shop.value("SELECT count(*) FROM feedback") == 0


def test_nobody_is_simulated_outside_the_demo_shop(shop: Store, index: Index, workspace: Workspace, settings: Settings) -> None:
    assert not simulated.is_demo(shop, workspace)
    with pytest.raises(BadInput, match="demo shop only"):
        simulated.simulate(shop, index, workspace, begun(shop), seed=7)


def test_days_are_those_in_which_the_log_saw_so_many_shoppers(store: Store) -> None:
    """Two shoppers on the last day, one more the day before, a fourth nine days before that."""
    with store.transaction() as cursor:
        for user, day in (
            ("a", "2026-03-20"),
            ("b", "2026-03-20"),
            ("c", "2026-03-19"),
            ("d", "2026-03-10"),
            ("a", "2026-01-01"),
        ):
            cursor.execute("INSERT INTO shopper_days VALUES (?, ?, 1, 0, 0, 1)", [user, day])
    assert [traffic.days_until(store, shoppers) for shoppers in (0, 1, 2, 3, 4, 5)] == [0, 1, 1, 2, 11, None]


def test_rates_of_today_come_from_the_log(store: Store) -> None:
    """120 shoppers see ten items each and click two; a third buys."""
    rows = [item("tea")]
    for number in range(120):
        rows += [act(f"u{number}", "tea", "2026-03-20", "view")] * 10 + [act(f"u{number}", "tea", "2026-03-20", "click")] * 2
    load(store, *rows)
    with store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO shopper_days SELECT DISTINCT user_id, ts::DATE, 12, (hash(user_id) % 3 = 0)::INTEGER, 0, 1 FROM events"
        )
    clicks, bought = traffic.base_of(store, Measure.CTR), traffic.base_of(store, Measure.CONVERSION)
    assert clicks is not None
    assert bought is not None
    assert (clicks.rate, clicks.per_shopper, clicks.design) == (pytest.approx(0.2), 10, 1.0)
    assert bought.rate == store.value("SELECT avg((purchases > 0)::INTEGER) FROM shopper_days")
    assert "more than came in the whole log" in traffic.estimate(store, bought, 0.05, 0.5).sentence
