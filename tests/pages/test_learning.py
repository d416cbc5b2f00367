"""Learning: what to do before there is anything, then weights, drift and α; freeze, reset and its undo by their buttons."""

from datetime import datetime, timedelta
from pathlib import Path

from core.base.db import Store
from core.base.schema import Feedback
from core.base.settings import load_settings
from core.score.index import load_index
from core.update.feedback import SHOP, give
from core.update.online import learn
from core.update.showing import show
from tests.pages.conftest import Open, assert_sound, text_of
from tests.pages.test_trials import in_store

LEARNING = "operate/learning.py"
AT = datetime(2026, 3, 2, 12)


def taught(home: Path, lists: int = 3) -> None:
    """Show lists to shoppers of the shop, of which the first pick is clicked, and learn from them."""

    def work(store: Store) -> None:
        index = load_index(store, load_settings(home=home))
        for turn in range(lists):
            now = AT + timedelta(minutes=turn)
            list_id, best = show(store, index, home, f"c0{turn}", 3, surface=SHOP, now=now)
            give(store, f"c0{turn}", best.picks[0].item_id, Feedback.CLICK, list_id=list_id, now=now)
        learn(store, index, AT + timedelta(hours=2))

    in_store(home, work)


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(LEARNING).button(key="load_demo")


def test_before_anything_is_shown_it_says_what_to_do(shop: Path, screen: Open) -> None:
    app = screen(LEARNING)
    told = text_of(app)
    assert "Nothing learned yet" in told
    assert "feedback … --list" in told
    assert "Only the demo shop can be replayed" in told
    assert "Learning begins from the log" in told
    assert app.button(key="learn_now").label == "Begin from the log"
    assert app.button(key="replay").disabled


def test_learned_frozen_reset_and_back(shop: Path, screen: Open) -> None:
    taught(shop)
    app = screen(LEARNING)
    assert [one.value for one in app.metric] == ["3", "9", "3", "33.3%"]
    assert "How the weights drift" in str([one.value for one in app.subheader])
    for key, told in (("freeze", "**Frozen**"), ("unfreeze", "**Learning**"), ("reset", "**Nothing learned yet**")):
        app.button(key=key).click().run()
        assert_sound(app)
        assert told in text_of(app)
    app.button(key="restore").click().run()
    assert_sound(app)
    assert [one.value for one in app.metric] == ["3", "9", "3", "33.3%"]
    assert app.dataframe[-1].value["what"].tolist() == [
        "Reset undone",
        "Reset",
        "Unfrozen",
        "Frozen",
        "Learned",
        "Begun from the log",
    ]
