"""The shop window: every surface draws, says what it is made from, and answers what cannot be answered with a sentence."""

from pathlib import Path

import pytest

from pages.shared.surfaces.views import SURFACES
from tests.pages.conftest import Open, assert_sound, text_of

WINDOW = "recommend/surfaces.py"


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(WINDOW).button(key="load_demo")


@pytest.mark.parametrize("surface", SURFACES)
def test_every_surface_draws(shop: Path, screen: Open, surface: str) -> None:
    assert "on no surface" in text_of(screen(WINDOW, surface=surface))


def test_home_shows_what_a_new_visitor_sees_until_a_shopper_is_chosen(shop: Path, screen: Open) -> None:
    assert "What a new visitor sees" in text_of(screen(WINDOW))
    assert "Ranked by this shopper's own taste" in text_of(screen(WINDOW, user="c00"))


def test_bought_together_says_what_a_basket_is(shop: Path, screen: Open) -> None:
    """The tiny shop's log names no orders, and each shopper buys one item a day."""
    assert "days of a shopper (the log names no orders)" in text_of(screen(WINDOW, surface="Bought together"))


def test_an_item_is_found_by_a_part_of_its_title(shop: Path, screen: Open) -> None:
    app = screen(WINDOW, surface="Similar", window_item="rake")
    assert "garden" in text_of(app)
    app = screen(WINDOW, surface="Similar", window_item="submarine")
    assert "No item's title or id contains 'submarine'" in text_of(app)


def test_trending_can_be_asked_for_another_half_life(shop: Path, screen: Open) -> None:
    app = screen(WINDOW, surface="Trending")
    app.segmented_control(key="window_half_life").set_value(7.0).run()
    assert_sound(app)
    assert "half as much for each 7 days" in text_of(app)
    app.segmented_control(key="window_order").set_value("rise").run()
    assert_sound(app)


def test_a_shop_without_content_says_so(shop: Path, screen: Open) -> None:
    assert "This shop has no content" in text_of(screen(WINDOW, surface="Content"))
