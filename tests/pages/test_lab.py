"""The α lab: a draft becomes what is served and is taken back; the curve is measured from the screen and told in words."""

from pathlib import Path

import numpy as np

from core.train.alpha_curve import ALPHAS, alpha_curve
from pages.shared import state
from tests.pages.conftest import Open, assert_sound, text_of

LAB, RECOMMEND = "recommend/lab.py", "recommend/recommend.py"


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(LAB).button(key="load_demo")


def test_a_release_is_drafted_published_seen_and_reverted(shop: Path, screen: Open) -> None:
    app = screen(LAB)
    assert "The model's own α is served: 0.70" in text_of(app)
    app.slider(key="lab_alpha").set_value(0.2).run()
    app.text_input(key="author").set_value("Kim").run()
    app.text_input(key="draft_note").set_value("spring").run()
    app.button(key="draft").click().run()
    assert_sound(app)
    assert "The model's own α is served" in text_of(app)
    table = app.dataframe[-1].value
    assert (table["state"][0], table["note"][0], table["says"][0]) == ("draft", "spring", "α 0.20")
    assert "Kim" in table["drafted"][0]
    assert "Lists that change" in str([metric.label for metric in app.metric])
    app.button(key="publish").click().run()
    assert_sound(app)
    assert "Release 1 is served" in text_of(app)
    assert "by Kim" in text_of(app)
    assert "0.20 ×" in text_of(screen(RECOMMEND, user="c00"))
    app = screen(LAB)
    app.button(key="revert").click().run()
    assert_sound(app)
    assert "The model's own α is served: 0.70" in text_of(app)
    assert app.dataframe[-1].value["state"][0] == "reverted"


def test_with_a_shopper_their_list_is_under_the_slider(shop: Path, screen: Open) -> None:
    app = screen(LAB, user="c00")
    assert "Arrows: places moved" in text_of(app)
    steps = app.session_state["lists_by_alpha"][1]
    assert [step.alpha for step in steps] == list(ALPHAS)
    for step in steps:
        assert np.allclose([row.from_taste + row.from_quality for row in step.rows], [row.score for row in step.rows])
        assert (step.alpha == 0.7) <= all(row.move == 0 for row in step.rows)


def test_the_curve_is_offered_then_told_in_words(shop: Path, screen: Open) -> None:
    app = screen(LAB)
    assert "Not measured yet" in text_of(app)
    assert not app.button(key="measure_alpha").disabled
    alpha_curve(state.store(), state.index(), state.settings(), state.workspace())
    app = screen(LAB)
    assert "bands: 95 % intervals" in text_of(app)
    app.slider(key="lab_alpha").set_value(0.0).run()
    assert_sound(app)
    assert "At 0.00 instead of 0.70:" in text_of(app)
    app.button(key="take_suggestion").click().run()
    assert_sound(app)
    assert app.slider(key="lab_alpha").value > 0
    assert "At 0.00 instead" not in text_of(app)
    app.selectbox(key="lab_group").set_value("Everyone").run()
    assert_sound(app)
