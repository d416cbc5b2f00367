"""Wrong and stale inputs on the screens that change lists: one sentence each, the rest of the screen and what was typed stay."""

from datetime import date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.score import releases
from core.update import experiments, learning_log
from core.update.experiments import Measure
from pages.shared import state
from tests.pages.conftest import Open, assert_sound, text_of

LAB, RULES, WINDOW = "recommend/lab.py", "recommend/rules.py", "recommend/surfaces.py"
EXPERIMENTS, LEARNING, ITERATION = "operate/experiments.py", "operate/learning.py", "operate/iteration.py"
AT = datetime(2025, 4, 1, 12)


def warned(app: AppTest) -> str:
    """Return the sentences that say what is wrong; fail where the screen broke."""
    assert_sound(app)
    return "\n".join(one.value for one in app.warning).replace("\\", "")


def test_a_rule_that_ends_before_it_starts(shop: Path, screen: Open) -> None:
    app = screen(RULES, user="c00")
    app.text_input(key="rule_note").set_value("spring").run()
    app.date_input(key="rule_starts").set_value(date(2026, 5, 2)).run()
    app.date_input(key="rule_ends").set_value(date(2026, 5, 1)).run()
    assert "would end on 2026-05-01, before it starts on 2026-05-02" in warned(app)
    next(button for button in app.button if button.label == "Add the rule").click().run()
    assert "would end on 2026-05-01" in warned(app)
    assert "No rule stands" in text_of(app)
    assert app.text_input(key="rule_note").value == "spring"


def test_a_rule_on_an_item_that_is_not_there(shop: Path, screen: Open) -> None:
    app = screen(RULES, rule_item="submarine")
    assert "No item's title or id contains 'submarine'" in warned(app)
    assert "No rule stands" in text_of(app)


def test_a_draft_that_another_window_published(shop: Path, screen: Open) -> None:
    releases.draft(state.store(), alpha=0.2, now=AT)
    app = screen(LAB)
    app.text_input(key="draft_note").set_value("typed").run()
    releases.publish(state.store(), 1, "Kim", AT)
    releases.revert(state.store(), "Kim", AT)
    app.button(key="publish").click().run()
    assert_sound(app)
    assert app.text_input(key="draft_note").value == "typed"


def test_a_revert_that_another_window_did(shop: Path, screen: Open) -> None:
    releases.publish(state.store(), releases.draft(state.store(), alpha=0.2, now=AT).release_id, "Kim", AT)
    app = screen(LAB)
    app.text_input(key="draft_note").set_value("typed").run()
    releases.revert(state.store(), "Kim", AT)
    app.button(key="revert").click().run()
    assert_sound(app)
    assert app.text_input(key="draft_note").value == "typed"


def test_an_experiment_without_a_name_keeps_the_rest(shop: Path, screen: Open) -> None:
    releases.draft(state.store(), alpha=0.1, now=AT)
    app = screen(EXPERIMENTS, trials_view="Plan")
    app.slider(key="trial_effect").set_value(20).run()
    app.text_input(key="trial_name").set_value("   ").run()
    app.button(key="trial_plan").click().run()
    assert "Give the experiment a name" in warned(app)
    assert app.slider(key="trial_effect").value == 20


def test_the_same_lists_on_both_sides_cannot_be_chosen(shop: Path, screen: Open) -> None:
    releases.draft(state.store(), alpha=0.1, now=AT)
    app = screen(EXPERIMENTS, trials_view="Plan")
    app.selectbox(key="trial_control").set_value(1).run()
    assert_sound(app)
    assert app.selectbox(key="trial_treatment").value == 0


def test_a_second_experiment_waits_for_the_first(shop: Path, screen: Open) -> None:
    made = releases.draft(state.store(), alpha=0.1, now=AT)
    for name in ("first", "second"):
        experiments.plan(state.store(), name, control=None, treatment=made.release_id, measure=Measure.CTR, effect=0.1, now=AT)
    experiments.start(state.store(), 1, "Kim", "", AT)
    app = screen(EXPERIMENTS)
    app.selectbox(key="trial").set_value(2).run()
    app.button(key="trial_start").click().run()
    assert "Stop it first" in warned(app)


@pytest.mark.parametrize(
    ("field", "value"), [("policy_events", 0), ("policy_share", -5), ("policy_psi", 0.0), ("policy_age", -1)]
)
def test_a_threshold_that_is_none_is_not_taken(shop: Path, screen: Open, field: str, value: float) -> None:
    app = screen(ITERATION)
    before = app.number_input(key=field).value
    app.number_input(key=field).set_value(value).run()
    assert_sound(app)
    assert app.number_input(key=field).value == before
    assert app.button(key="policy_keep").disabled


def test_learning_that_another_window_changed(shop: Path, screen: Open) -> None:
    learning_log.freeze(state.store(), "Kim", AT)
    app = screen(LEARNING)
    learning_log.unfreeze(state.store(), "Kim", AT)
    app.button(key="unfreeze").click().run()
    assert "not frozen" in warned(app)
    assert app.button(key="freeze")


@pytest.mark.parametrize("surface", ["Similar", "Bought together", "Complete the basket"])
def test_a_window_asked_for_what_is_not_there(shop: Path, screen: Open, surface: str) -> None:
    app = screen(WINDOW, surface=surface, window_item="submarine", window_basket="submarine")
    assert "No item's title or id contains 'submarine'" in warned(app)
