"""Experiments and Iteration: planned, started, read and stopped on screen; a policy kept; the hourly check logged."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from core.base.db import Store, open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.score import releases
from core.score.assignment import Arm
from core.update import experiments, retrain
from core.update.experiments import Measure
from core.update.retrain import Policy
from tests.pages.conftest import Open, assert_sound, text_of
from tests.update.test_experiments import many

EXPERIMENTS, ITERATION, RECOMMEND = "operate/experiments.py", "operate/iteration.py", "recommend/recommend.py"
AT = datetime(2026, 3, 2, 12)


def in_store(home: Path, work: Callable[[Store], Any]) -> Any:
    """Do something with the workspace's store, and release it for the app."""
    store = open_store(open_workspace(home), load_settings(home=home))
    try:
        return work(store)
    finally:
        store.close()


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(EXPERIMENTS).button(key="load_demo")
    assert screen(ITERATION).button(key="load_demo")


def test_without_a_release_there_is_nothing_to_compare(shop: Path, screen: Open) -> None:
    assert "there is one so far" in text_of(screen(EXPERIMENTS))


def test_an_experiment_from_plan_to_stop(shop: Path, screen: Open) -> None:
    in_store(shop, lambda store: releases.draft(store, alpha=0.1, note="quality", now=AT))
    app = screen(EXPERIMENTS, trials_view="Plan")
    assert "shoppers" in text_of(app)
    app.text_input(key="trial_name").set_value("More quality").run()
    app.button(key="trial_plan").click().run()
    assert_sound(app)
    app = screen(EXPERIMENTS)
    assert "everybody gets what is published" in text_of(app)
    app.button(key="trial_start").click().run()
    assert_sound(app)
    assert "No shopper has been shown a list of this experiment yet" in text_of(app)
    assert "Experiment 1 runs: this shopper gets the lists of its" in text_of(screen(RECOMMEND, user="c00"))
    app.text_input(key="trial_stop_why").set_value("no traffic").run()
    app.button(key="trial_stop").click().run()
    assert_sound(app)
    assert "no traffic" in text_of(app)


def test_results_are_shown_with_the_verdict(shop: Path, screen: Open) -> None:
    def run(store: Store) -> None:
        made = releases.draft(store, alpha=0.1, now=AT)
        one = experiments.plan(store, "x", control=None, treatment=made.release_id, measure=Measure.CTR, effect=0.1, now=AT)
        many(store, experiments.start(store, one.experiment_id, "Kim", "", AT), {Arm.CONTROL: 1, Arm.TREATMENT: 2})

    in_store(shop, run)
    said = text_of(screen(EXPERIMENTS, user="c00"))
    assert "The new lists are better" in said
    assert "Difference in clicks, as it would have been seen each day" in said
    assert "chi-square" in said
    assert "at every visit" in said
    assert "simulated" not in said


def test_a_purchase_log_says_that_clicks_are_a_guess(shop: Path, screen: Open) -> None:
    in_store(shop, lambda store: releases.draft(store, alpha=0.1, now=AT))
    assert screen(EXPERIMENTS, trials_view="Plan").number_input(key=f"trial_base_{Measure.CTR}").value == 5.0


def test_a_policy_is_kept_and_what_it_decided_is_listed(shop: Path, screen: Open) -> None:
    app = screen(ITERATION)
    assert "No trained model is served yet" in text_of(app)
    assert "Nothing was changed yet" in text_of(app)
    assert "asked when the app is used" not in text_of(app)  # it was asked as this screen opened
    app.number_input(key="policy_events").set_value(100).run()
    app.button(key="policy_keep").click().run()
    assert_sound(app)
    assert "due" in text_of(app)
    assert app.number_input(key="policy_events").value == 100


def test_a_published_release_waits_for_its_log(shop: Path, screen: Open) -> None:
    def publish(store: Store) -> None:
        releases.publish(store, releases.draft(store, alpha=0.1, note="spring", now=AT).release_id, "Kim", AT)
        retrain.decide(store, Policy(events=10), "Kim", AT)

    in_store(shop, publish)
    said = text_of(screen(ITERATION))
    assert "The log ends on" in said
    assert "there are" in said
