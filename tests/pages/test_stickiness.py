"""Stickiness: on nothing, and on the tiny shop in each view and split."""

from pathlib import Path

import pytest

from tests.pages.conftest import Open, text_of

STICKINESS, SHOPPER = "understand/stickiness.py", "understand/shopper.py"


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(STICKINESS).button(key="load_demo")


def test_the_figures_of_everyone(shop: Path, screen: Open) -> None:
    app = screen(STICKINESS)
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["Shoppers a month"] == "30"
    assert figures["Visits a week"] != "–"
    assert "30 shoppers" in text_of(app)
    assert "none are logged yet" in text_of(app)  # the split by exposure is not faked


@pytest.mark.parametrize("view", ["Activity", "Coming back", "Buying again", "Leaving"])
@pytest.mark.parametrize("split", ["Everyone", "Segments"])
def test_every_view_of_every_split_opens(shop: Path, screen: Open, view: str, split: str) -> None:
    screen(STICKINESS, view=view, split=split)


def test_cohorts_of_purchases_and_curve_after_any_purchase(shop: Path, screen: Open) -> None:
    assert "first bought in" in text_of(screen(STICKINESS, view="Coming back", basis="Purchases"))
    assert "purchases; " in text_of(screen(STICKINESS, view="Buying again", after="Any purchase"))


def test_what_the_log_cannot_tell_is_said(shop: Path, screen: Open) -> None:
    assert "The log names no platform" in text_of(screen(STICKINESS, split="Platforms"))
    assert "this log holds no browsing" in text_of(screen(STICKINESS))
    assert "Not enough history: the log covers 28 days" in text_of(screen(STICKINESS, view="Leaving"))


def test_the_shopper_screen_says_why_there_is_no_risk(shop: Path, screen: Open) -> None:
    (risk,) = [metric for metric in screen(SHOPPER, user="c00").metric if metric.label == "Churn risk"]
    assert risk.value == "–"
    assert "Not enough history" in risk.help
