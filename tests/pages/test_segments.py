"""The views of the segments screen on the tiny shop: each opens, edits are kept, audiences count and export."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.profiles import audience, edits, segments
from pages.shared import state
from tests.pages.conftest import Open, assert_sound, text_of

SEGMENTS = "understand/segments.py"


@pytest.mark.parametrize(
    ("view", "says"),
    [
        ("Groups", "Select a dot to see who it is"),
        ("Rules", "The rules as a tree"),
        ("RFM", "Segments against RFM"),
        ("Moves", "Sizes from fit to fit"),
        ("Compare", "What differs most"),
        ("Audiences", "All conditions must hold"),
        ("How found", "How each feature entered"),
    ],
)
def test_every_view_opens(shop: Path, screen: Open, view: str, says: str) -> None:
    assert says in text_of(screen(SEGMENTS, view=view))


def test_a_new_name_is_shown_kept_and_in_the_audit(shop: Path, screen: Open) -> None:
    app = screen(SEGMENTS)
    first = segments.segments(state.store())[0].segment_id
    app.text_input(key=f"name_{first}").set_value("Tea & tools").run()
    press(app, f"rename_{first}")
    assert "Tea & tools" in text_of(app)
    assert "renamed to 'Tea & tools'" in edits.audit(state.store())["what"].iloc[0]


def test_a_pinned_segment_comes_first(shop: Path, screen: Open) -> None:
    listed = segments.segments(state.store())
    app = screen(SEGMENTS)
    app.session_state["segment"] = listed[-1].segment_id
    app.run()
    press(app, f"pin_{listed[-1].segment_id}")
    assert segments.segments(state.store())[0].segment_id == listed[-1].segment_id


def test_a_merge_leaves_one_segment_less_with_everyone_in_it(shop: Path, screen: Open) -> None:
    listed = segments.segments(state.store())
    app = screen(SEGMENTS)
    app.selectbox(key=f"into_{listed[0].segment_id}").set_value(listed[1].segment_id).run()
    press(app, f"merge_{listed[0].segment_id}")
    after = segments.segments(state.store())
    assert len(after) == len(listed) - 1
    assert sum(one.size for one in after) == sum(one.size for one in listed)


def test_a_group_of_ones_own_is_built_counted_and_saved(shop: Path, screen: Open) -> None:
    app = screen(SEGMENTS, view="Audiences")
    app.selectbox(key="feature_0").set_value("events").run()
    app.number_input(key="value_0_events").set_value(5.0).run()
    many = state.store().value("SELECT count(*) FROM shoppers WHERE events >= 5")
    assert f"{many} shoppers" in text_of(app)
    app.text_input(key="own_name").set_value("Keen ones").run()
    press(app, "save_own")
    saved = [group for group in audience.groups(state.store()) if group.key.startswith("own:")]
    assert [(group.name, group.size, group.rule) for group in saved] == [("Keen ones", many, "Events ≥ 5")]


def test_a_name_that_is_taken_gets_a_sentence(shop: Path, screen: Open) -> None:
    listed = segments.segments(state.store())
    app = screen(SEGMENTS)
    app.text_input(key=f"name_{listed[0].segment_id}").set_value(listed[1].name).run()
    press(app, f"rename_{listed[0].segment_id}")
    assert "is taken" in text_of(app)


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert_sound(app)
