"""Rules: tried out, added, seen in the list of the preview, ended; variety and what it costs."""

from pathlib import Path

from core.score import releases
from pages.shared import state
from tests.pages.conftest import Open, assert_sound, text_of

RULES, RECOMMEND = "recommend/rules.py", "recommend/recommend.py"


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(RULES).button(key="load_demo")


def test_a_rule_is_tried_added_seen_and_ended(shop: Path, screen: Open) -> None:
    app = screen(RULES, user="c00")
    assert "No rule stands" in text_of(app)
    app.segmented_control(key="rule_kind").set_value("hide").run()
    app.selectbox(key="rule_item").set_value("t4").run()
    assert_sound(app)
    assert "leaves" in text_of(app)
    next(button for button in app.button if button.label == "Add the rule").click().run()
    assert_sound(app)
    assert "1 rule in force or to come" in text_of(app)
    assert "1 left out: hidden by a rule" in text_of(screen(RECOMMEND, user="c00"))
    app.button(key="end_rule_1").click().run()
    assert "1 rule that ended" in str([expander.label for expander in app.expander])
    assert "hidden by a rule" not in text_of(screen(RECOMMEND, user="c00"))


def test_conflicts_are_told(shop: Path, screen: Open) -> None:
    app = screen(RULES)
    for _ in range(2):
        app.segmented_control(key="rule_kind").set_value("pin").run()
        next(button for button in app.button if button.label == "Add the rule").click().run()
    assert "both pin" in text_of(app)


def test_variety_shows_what_it_changes_and_measures_what_it_costs(shop: Path, screen: Open) -> None:
    app = screen(RULES, rules_view="Variety", user="c00")
    app.slider(key="diversity").set_value(0.5).run()
    assert_sound(app)
    assert "With the change" in text_of(app)
    app.button(key="draft_variety").click().run()
    assert_sound(app)
    drafted = releases.history(state.store())
    assert [(one.diversity, one.state) for one in drafted] == [(0.5, releases.State.DRAFT)]


def test_what_variety_costs_is_measured_or_it_is_said_why_not(shop: Path, screen: Open) -> None:
    app = screen(RULES, rules_view="Variety", user="c00")
    app.button(key="measure_diversity").click().run()
    assert "NDCG@10 at each diversity" in text_of(app) or "too small or too short" in str([one.value for one in app.warning])
