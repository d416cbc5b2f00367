"""Segments and Shopper: on nothing, on the tiny shop, and on wrong input."""

from pathlib import Path

from tests.pages.conftest import Open, text_of

SEGMENTS, SHOPPER = "understand/segments.py", "understand/shopper.py"


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(SEGMENTS).button(key="load_demo")
    assert screen(SHOPPER).button(key="load_demo")


def test_a_shopper_shows_profile_interests_and_timeline(shop: Path, screen: Open) -> None:
    app = screen(SHOPPER, user="c00")
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["Different items"] == "4"
    assert figures["Events"] == "4"
    assert "Timeline" in text_of(app)


def test_a_part_of_an_id_finds_the_shoppers(shop: Path, screen: Open) -> None:
    app = screen(SHOPPER, user="c1")
    assert "Shoppers matching 'c1'" in str([pills.label for pills in app.get("pills")])


def test_an_unknown_shopper_gets_a_sentence(shop: Path, screen: Open) -> None:
    assert "No shopper's id or name contains 'nobody'" in text_of(screen(SHOPPER, user="nobody"))


def test_segments_of_a_tiny_shop_are_shown_or_their_absence_is_said(shop: Path, screen: Open) -> None:
    assert screen(SEGMENTS).title[0].value == "Segments"
