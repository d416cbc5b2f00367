"""Recommend: the list follows α at once, its parts add up, every question gets an answer."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.train.alpha_curve import ALPHAS
from tests.pages.conftest import Open, assert_sound, text_of

RECOMMEND = "recommend/recommend.py"


def heading(app: AppTest) -> str:
    """Return the heading of the explained pick, which is the first of the list until another is chosen."""
    return next(element.value for element in app.subheader if element.value.startswith("Why #"))


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    app = screen(RECOMMEND)
    assert app.button(key="load_demo")


def test_without_a_shopper_it_asks_for_one(shop: Path, screen: Open) -> None:
    assert "Choose a shopper" in text_of(screen(RECOMMEND))


def test_a_tea_drinker_is_offered_the_tea_they_do_not_have(shop: Path, screen: Open) -> None:
    """Shopper c00 bought tea items 0 to 3; items 4 and 5 are the tea left over."""
    app = screen(RECOMMEND, user="c00")
    assert "Personalised" in str([badge.value for badge in app.get("markdown")]) or "Personalised" in text_of(app)
    assert any(word in heading(app) for word in ("herbal tea box", "tea spoon silver"))
    assert "left out: already bought or rated" in text_of(app)
    assert "quality is how many shoppers chose an item" in text_of(app)


def test_every_alpha_is_in_the_browser_and_the_one_in_the_address_is_explained(shop: Path, screen: Open) -> None:
    app = screen(RECOMMEND, user="c00", alpha="0.25")
    steps = app.session_state["lists_by_alpha"][1]
    assert [step.alpha for step in steps] == list(ALPHAS)
    assert all(len(step.rows) == len(step.best.picks) for step in steps)
    assert "0.25 ×" in text_of(app)
    assert heading(app).endswith(steps[5].best.picks[0].title)


@pytest.mark.parametrize("written", ["", "much", "-1", "1e5", "nan", "0,5"])
def test_an_alpha_that_is_none_in_the_address_is_what_is_served(shop: Path, screen: Open, written: str) -> None:
    assert "0.70 ×" in text_of(screen(RECOMMEND, user="c00", alpha=written))


def test_why_not_answers_for_any_item(shop: Path, screen: Open) -> None:
    app = screen(RECOMMEND, user="c00")
    app.text_input(key="why_not").set_value("green tea").run()
    assert_sound(app)
    assert "already bought" in text_of(app)
    app.text_input(key="why_not").set_value("submarine").run()
    assert "No item's title or id contains 'submarine'" in text_of(app)


def test_an_unknown_shopper_gets_a_sentence(shop: Path, screen: Open) -> None:
    app = screen(RECOMMEND, user="nobody at all")
    assert "No shopper's id or name contains 'nobody at all'" in text_of(app)


def test_the_taste_adds_up_over_the_history(shop: Path, screen: Open) -> None:
    app = screen(RECOMMEND, user="c00")
    assert "How the taste adds up" in text_of(app)
    assert "for everyone" in text_of(app)
    assert "Attention" not in text_of(app)  # no model is trained: there is nothing that looks
