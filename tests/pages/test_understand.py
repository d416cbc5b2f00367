"""Segments and Shopper: on nothing, on the tiny shop, and on wrong input."""

from pathlib import Path

from tests.pages.conftest import Open, load, text_of
from tests.pages.shop import write_events

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


def test_segments_show_their_names_sizes_and_shoppers(shop: Path, screen: Open) -> None:
    app = screen(SEGMENTS)
    assert "30 shoppers in" in text_of(app)
    assert sum(int(bar.text.split(" ")[0]) for bar in app.progress) == 30
    assert len(app.dataframe[0].value) > 0


def test_too_few_shoppers_for_segments_is_said(home: Path, tmp_path: Path, screen: Open) -> None:
    load(home, write_events(tmp_path / "log.csv", shoppers=8), tmp_path)
    assert "Segments need at least 25 shoppers" in text_of(screen(SEGMENTS))
