"""What came after a change, by hand; when a training is due, and that the check is asked at most once an hour."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from core.base.db import Store
from core.base.errors import BadInput
from core.base.jobs import State
from core.base.workspace import Workspace
from core.represent import registry
from core.score import releases
from core.score.index import Index
from core.train import runs
from core.train.runs import Run
from core.update import experiments, iterate, retrain
from core.update.drift import Mix, drift, fresh
from core.update.experiments import Measure
from core.update.feedback import PREVIEW, SHOP
from core.update.iterate import Change, What
from core.update.retrain import Policy
from tests.pages.runs import keep, stub
from tests.profiles.shop import act, load, review
from tests.train.conftest import index as index
from tests.train.conftest import shop as shop

AT = datetime(2026, 3, 15, 9)
NOW = datetime(2026, 4, 20)
RELEASE = Change(What.RELEASE, "1", AT, "Kim", "")


def came(store: Store, user: str, before: int, after: int) -> None:
    """A shopper known since January who came on so many days of the two weeks before the change and the two after it."""
    days = [
        datetime(2026, 1, 5),
        *(AT - timedelta(days=day + 1) for day in range(before)),
        *(AT + timedelta(days=d + 1) for d in range(after)),
    ]
    with store.transaction() as cursor:
        cursor.executemany("INSERT INTO shopper_days VALUES (?, ?, 1, 0, 0, 1)", [[user, day.date()] for day in days])


def saw(store: Store, user: str, surface: str = SHOP, release: int = 1) -> None:
    with store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO impressions VALUES (?, ?, 'tea', 1, ?, ?, 0.5, NULL, ?, [], NULL, NULL, NULL)",
            [f"{user}{surface}{release}", user, AT + timedelta(days=1), surface, release],
        )


@pytest.fixture
def exposed(store: Store) -> Store:
    """A log until 14 days after; 40 shoppers who were shown a list (2 days before, 4 after), 50 who were not (2 and 2)."""
    for number in range(90):
        came(store, f"u{number}", 2, 4 if number < 40 else 2)
        if number < 40:
            saw(store, f"u{number}")
    saw(store, "u50", PREVIEW)
    saw(store, "u51", release=2)
    came(store, "gone", 5, 0)
    came(store, "last", 1, 14)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM shopper_days WHERE user_id = 'last' AND day < '2026-03-29'")
    return store


def test_the_difference_before_and_after_by_hand(exposed: Store) -> None:
    found = iterate.effect(exposed, RELEASE, seed=7)
    assert not isinstance(found, str)
    assert (found.days, found.exposed, found.others) == (14, 40, 50)
    assert (found.before.exposed, found.before.others) == (1, 1)
    assert (found.after.exposed, found.after.others, found.after.value) == (2, 1, 1)
    assert (found.difference.value, found.difference.low, found.difference.high) == (1, 1, 1)
    assert found.moved is None
    assert found.experiments == ()


def test_an_experiment_that_ran_meanwhile_is_named(exposed: Store) -> None:
    made = releases.draft(exposed, alpha=0.1, now=AT)
    planned = experiments.plan(exposed, "x", control=None, treatment=made.release_id, measure=Measure.CTR, effect=0.1, now=AT)
    experiments.start(exposed, planned.experiment_id, "", "", AT + timedelta(days=3))
    found = iterate.effect(exposed, RELEASE, seed=7)
    assert not isinstance(found, str)
    assert found.experiments == (planned.experiment_id,)


def test_a_log_that_ends_too_early_or_too_few_shown_is_said(exposed: Store) -> None:
    early = iterate.effect(exposed, replace(RELEASE, at=datetime(2026, 3, 26)), seed=7)
    assert early == (
        "The log ends on 29 Mar 2026: it takes 7 days of log after a change to see what came of it. Import the log since then."
    )
    few = iterate.effect(exposed, replace(RELEASE, key="2"), seed=7)
    assert isinstance(few, str)
    assert "1 shoppers who came in these 14 days were shown a list and 89 were not" in few


def test_the_bootstrap_is_that_of_the_mean() -> None:
    """On counts of two values the interval is nearly the normal one: 1.96 · sqrt(0.5 · 0.5 / 400 · 2)."""
    rng = np.random.default_rng(7)
    values, shown = np.tile([0.0, 1.0], 400), np.repeat([True, False], 400)
    found = iterate.gap(values, shown, rng)
    assert found.value == 0
    assert found.high - found.low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 400 * 2), rel=0.08)


def test_changes_are_releases_and_models_newest_first(store: Store, workspace: Workspace) -> None:
    first = releases.draft(store, alpha=0.2, note="spring", now=AT)
    releases.draft(store, alpha=0.3, now=AT)
    releases.publish(store, first.release_id, "Kim", AT)
    serve(workspace, keep(workspace.home, stub("r1")))
    found = iterate.changes(store, workspace.home)
    assert [(one.what, one.key) for one in found] == [(What.MODEL, "r1"), (What.RELEASE, "1")]
    assert (found[1].by, found[1].why, found[1].at) == ("Kim", "spring", AT)


def serve(workspace: Workspace, run: Run) -> Run:
    """Make a run the served one, without a model behind it."""
    folder = workspace.home / "runs" / run.run_id / "held_out"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_text("{}", encoding="utf-8")
    registry.promote(workspace.home, run.run_id, f"runs/{run.run_id}/held_out", by="Kim")
    return run


def imported(store: Store, number: int, version: int, *kinds: str, item: str = "tea") -> None:
    """An import that made this data version, with an event of each kind."""
    load(store, *(act(f"u{place}", item, "2026-03-01", kind, import_id=number) for place, kind in enumerate(kinds)))
    with store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO imports VALUES (?, 'x', 'h', 0, 'events', '{}', ?, ?, 0, '{}', now(), now(), 'loaded', ?)",
            [number, len(kinds), len(kinds), version],
        )


def test_psi_by_hand() -> None:
    """Shares 0.5, 0.5 against 0.9, 0.1 (of 999 and a half each): 0.4 ln 1.8 + 0.4 ln 5."""
    found = drift(Mix.KINDS, pd.DataFrame({"name": ["a", "b"], "before": [500_000, 500_000], "since": [900_000, 100_000]}))
    assert found.psi == pytest.approx(0.4 * np.log(1.8) + 0.4 * np.log(5), rel=1e-4)
    assert (found.moved[0].name, found.moved[0].before, found.moved[0].since) == ("b", 0.5, 0.1)
    assert found.chance == pytest.approx(3.8415 * 2 / 1e6, rel=1e-3)


def test_without_a_shift_one_sample_in_twenty_exceeds_what_chance_allows() -> None:
    rng = np.random.default_rng(7)
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    names = list("abcd")
    above = 0
    for _ in range(1000):
        before, since = rng.multinomial(4000, shares), rng.multinomial(1000, shares)
        found = drift(Mix.KINDS, pd.DataFrame({"name": names, "before": before, "since": since}))
        above += found.psi > found.chance
    assert 0.03 < above / 1000 < 0.07


def test_new_is_what_came_by_a_later_import(store: Store) -> None:
    imported(store, 1, 1, "view", "view", "purchase")
    imported(store, 2, 2, "view", item="spade")
    load(store, review("ann", "tea", "2026-03-02", 5))
    found = fresh(store, 1)
    assert (found.known, found.since, found.share) == (4, 1, 0.25)
    assert {one.mix for one in found.drifts} == set(Mix)
    items = next(one for one in found.drifts if one.mix is Mix.ITEMS)
    assert [(one.name, one.before, one.since) for one in items.moved] == [
        ("items new to the model", 0, 1),
        ("tea", 1, 0),
    ]
    assert fresh(store, 2).since == 0
    assert fresh(store, 2).drifts == ()


def test_no_model_is_due_once_there_is_enough_to_learn_from(store: Store, workspace: Workspace) -> None:
    imported(store, 1, 1, "view", "view", "purchase")
    chosen = Policy(events=4)
    assert not retrain.verdict(store, workspace.home, chosen, NOW).due
    said = retrain.verdict(store, workspace.home, replace(chosen, events=3), NOW)
    assert said.due
    assert said.reasons == ("No trained model is served yet, and there are 3 events to learn from.",)


@pytest.fixture
def served(store: Store, workspace: Workspace) -> Workspace:
    """A model of 20 March, trained on six events of data version 1, is served; two more have come since."""
    imported(store, 1, 1, *["view"] * 5, "purchase")
    imported(store, 2, 2, "view", "view")
    run = replace(stub("r1"), started_at=datetime(2026, 3, 20, tzinfo=UTC), data_version=1)
    serve(workspace, keep(workspace.home, run))
    return workspace


def test_each_threshold_makes_it_due_and_says_so(store: Store, served: Workspace) -> None:
    none = Policy(events=3, share=0.1, psi=9.0, age_days=32)
    said = retrain.verdict(store, served.home, none, NOW)
    assert (said.due, said.live, said.age_days) == (False, "r1", 31.0)
    assert said.reasons == (
        "2 new events (33.3%), a shift of at most PSI 0.01 and an age of 31 days reach no threshold (3 and 10%, 9.00, 32 days).",
    )
    for changes, told in (
        ({"events": 2}, "2 events are new, 33% of the 6 that the model learned from."),
        ({"age_days": 31}, "The model is 31 days old, and 2 events have come since."),
    ):
        said = retrain.verdict(store, served.home, replace(none, **changes), NOW)
        assert (said.due, said.reasons) == (True, (told,))
    assert not retrain.verdict(store, served.home, replace(none, events=2, share=0.5), NOW).due


def test_a_shift_counts_only_beyond_chance(store: Store, served: Workspace) -> None:
    """Two views after five views and a purchase are no shift; three hundred of a new item are."""
    chosen = Policy(events=10**6, psi=0.01, age_days=99)
    assert not retrain.verdict(store, served.home, chosen, NOW).due
    imported(store, 3, 3, *["view"] * 300, item="spade")
    said = retrain.verdict(store, served.home, chosen, NOW)
    assert said.due
    assert "The mix of items has shifted" in said.reasons[-1]
    assert "tea went from 100.0% to 0.7%" in said.reasons[-1]


def test_the_same_data_are_never_due_twice(store: Store, served: Workspace) -> None:
    chosen = Policy(events=1, share=0.01)
    keep(served.home, replace(stub("r2"), state=State.DONE, data_version=store.data_version()))
    said = retrain.verdict(store, served.home, chosen, NOW)
    assert not said.due
    assert "Run r2 has learned from this very data already" in said.reasons[0]


def test_nothing_new_is_not_due_however_old_the_model(store: Store, workspace: Workspace) -> None:
    imported(store, 1, 1, "view")
    serve(workspace, keep(workspace.home, replace(stub("r1"), started_at=datetime(2025, 1, 1, tzinfo=UTC), data_version=1)))
    said = retrain.verdict(store, workspace.home, Policy(age_days=1), NOW)
    assert not said.due
    assert "it would learn the same again" in said.reasons[0]


def test_a_policy_is_kept_and_a_threshold_of_nothing_refused(store: Store) -> None:
    assert retrain.policy(store) == Policy()
    retrain.decide(store, chosen := Policy(events=7, automatic=True), "Kim", NOW)
    assert retrain.policy(store) == chosen
    with pytest.raises(BadInput, match="above 0"):
        retrain.decide(store, Policy(psi=0), "Kim", NOW)
    assert store.rows("SELECT author FROM policies") == [("Kim",)]


def test_the_check_is_made_once_an_hour_and_starts_only_what_it_may(
    shop: Store, index: Index, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[Run] = []
    monkeypatch.setattr("core.train.worker._launch", lambda workspace, run: launched.append(run) or run)
    assert retrain.check(shop, workspace, lambda: index, NOW) is None  # nothing was ever imported
    imported(shop, 1, 1, *["view"] * 3, item="tea-1")
    retrain.decide(shop, Policy(events=3), "Kim", NOW)
    first = retrain.check(shop, workspace, lambda: index, NOW)
    assert first is not None
    assert (first.due, first.run, launched) == (True, None, [])
    retrain.decide(shop, Policy(events=3, automatic=True), "Kim", NOW)
    assert retrain.check(shop, workspace, lambda: index, NOW + timedelta(minutes=59)) is None
    second = retrain.check(shop, workspace, lambda: index, NOW + timedelta(minutes=61))
    assert second is not None
    assert (second.due, second.who, [second.run]) == (True, None, [run.run_id for run in launched])
    assert launched[0].request.refit
    assert [one.run for one in retrain.checks(shop)] == [second.run, None]
    assert runs.runs(workspace.home) == []
