"""Reactions on the Recommend screen: the next list counts them, an undo gives the old one back, the log takes them in."""

from datetime import datetime
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.base.schema import Feedback
from core.update.feedback import PREVIEW, give
from pages.shared import state
from tests.pages.conftest import Open, assert_sound, text_of
from tests.pages.test_recommend import RECOMMEND, heading

SHOPPER = "understand/shopper.py"


def react(app: AppTest, kind: Feedback) -> None:
    app.button(key=f"react_{kind}").click().run()
    assert_sound(app)


def test_a_dislike_takes_the_pick_out_and_its_undo_brings_it_back(shop: Path, screen: Open) -> None:
    app = screen(RECOMMEND, user="c00")
    first = heading(app)
    react(app, Feedback.DISLIKE)
    assert heading(app) != first
    assert "left out: disliked" in text_of(app)
    assert app.toast[0].value.startswith("Disliked")
    app.button(key="undo_latest").click().run()
    assert_sound(app)
    assert heading(app) == first
    assert "No feedback yet" in text_of(app)
    assert app.toast[0].value == "Taken back"


def test_somebody_new_is_given_a_list_of_their_own_by_three_clicks(shop: Path, screen: Open) -> None:
    app = screen(RECOMMEND, user="a new face")
    assert "this is what somebody new sees" in text_of(app)
    for item in ("t0", "t1", "t2"):  # a test cannot press a button while the picker holds an id that is not among its options
        give(state.store(), "a new face", item, Feedback.CLICK, surface=PREVIEW, now=datetime(2026, 5, 1))
    app = screen(RECOMMEND, user="a new face")
    assert "Ranked by this shopper's own taste" in text_of(app)
    assert "somebody new" not in text_of(app)
    found = screen(SHOPPER, user="a new")
    assert "all there is are 3 reactions" in str([info.value for info in found.info])


def test_feedback_goes_into_the_log_as_an_import(shop: Path, screen: Open) -> None:
    app = screen(RECOMMEND, user="c00")
    react(app, Feedback.BUY)
    react(app, Feedback.NOT_INTERESTED)
    assert app.button(key="absorb").label == "Take 1 reaction of all shoppers into the log"
    shown = state.store().rows("SELECT surface, count(DISTINCT list_id) FROM impressions GROUP BY surface")
    assert shown == [("preview", 3)]
    assert state.store().rows("SELECT count(*) FROM feedback WHERE list_id IN (SELECT list_id FROM impressions)") == [(2,)]
