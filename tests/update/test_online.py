"""Each list teaches once, by its clicks; what is not a visit teaches nothing; freeze, reset and restore change what is served."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest

from core.base.db import Store
from core.base.errors import BadInput
from core.base.schema import Feedback
from core.base.settings import Settings
from core.score.index import Index
from core.score.learning import COUNTED, FEATURES
from core.score.plan import live_plan
from core.score.reactions import SIMULATED
from core.score.recommend import serve
from core.update import learning_log as log
from core.update.feedback import PREVIEW, SHOP, give, undo
from core.update.online import WAIT, learn, waiting
from core.update.showing import show
from tests.score.conftest import index as index
from tests.score.conftest import shop as shop

NOW = datetime(2026, 5, 1, 12)
LATER = NOW + 2 * WAIT
Visit = Callable[..., str]


@pytest.fixture
def visit(shop: Store, index: Index, settings: Settings) -> Visit:
    """Return a function that shows a list and clicks some of its places."""

    def made(
        user: str, *clicked: int, surface: str = SHOP, now: datetime = NOW, kind: Feedback = Feedback.CLICK, item: str = ""
    ) -> str:
        list_id, best = show(shop, index, settings.home, user, 3, surface=surface, now=now)
        for pick in best.picks:
            if pick.rank in clicked or pick.item_id == item:
                give(shop, user, pick.item_id, kind, list_id=list_id, now=now + timedelta(minutes=1))
        return list_id

    return made


def test_a_list_teaches_once_and_only_after_its_clicks_are_in(shop: Store, index: Index, visit: Visit) -> None:
    visit("ann", 1)
    assert (waiting(shop, NOW).ready, waiting(shop, NOW).young) == (0, 1)
    assert learn(shop, index, NOW).lists == 0
    lesson = learn(shop, index, LATER)
    assert (lesson.lists, lesson.places, lesson.clicks, lesson.version) == (1, 3, 1, 2)
    again = learn(shop, index, LATER)
    assert (again.lists, again.version) == (0, None)
    state = log.now_in_force(shop).state
    assert (state.lists, state.places, state.clicks) == (1, 3, 1)
    assert shop.value("SELECT sum(clicks) FROM learned_counts WHERE kind = 'item'") == 1
    assert state.loss == state.base_loss > 0  # both began alike


def test_what_is_no_visit_teaches_nothing(shop: Store, index: Index, visit: Visit) -> None:
    for surface in (PREVIEW, SIMULATED):
        visit("ann", 1, surface=surface)
    shop.rows("UPDATE impressions SET features = NULL WHERE list_id = ?", [visit("bob", 1)])
    assert waiting(shop, LATER).unread == 1
    assert learn(shop, index, LATER).lists == 0
    assert live_plan(shop, index, "ann").learning is None


def test_a_click_taken_back_and_a_dislike_are_no_clicks(shop: Store, index: Index, visit: Visit) -> None:
    visit("ann", 1)
    undo(shop, 1, NOW + timedelta(minutes=2))
    visit("bob", 1, kind=Feedback.DISLIKE, now=NOW + timedelta(minutes=1))
    assert learn(shop, index, LATER).clicks == 0


def test_what_is_clicked_again_and_again_rises_and_freezing_gives_the_old_list_back(
    shop: Store, index: Index, visit: Visit
) -> None:
    before = serve(shop, index, "dan").picks
    favourite = before[2].item_id
    for turn in range(60):
        visit(f"visitor {turn}", item=favourite, now=NOW + timedelta(hours=turn))
        if turn % 20 == 19:
            learn(shop, index, NOW + timedelta(hours=turn + 1), author="ida")
    learned = live_plan(shop, index, "dan").learning
    assert learned.deltas[COUNTED] > 0
    assert learned.counted.item.argmax() == index.rows[favourite]
    served = serve(shop, index, "dan").picks
    risen = next(pick for pick in served if pick.item_id == favourite)
    assert risen.from_learning != 0
    assert risen.score == risen.from_taste + risen.from_quality + risen.from_learning
    log.freeze(shop, "ida", LATER)
    assert serve(shop, index, "dan").picks == before
    with pytest.raises(BadInput, match="frozen"):
        learn(shop, index, LATER)
    log.unfreeze(shop, "ida", LATER)
    assert serve(shop, index, "dan").picks == served
    with pytest.raises(BadInput, match="not frozen"):
        log.unfreeze(shop, "ida", LATER)


def test_a_reset_begins_anew_and_is_undone_exactly(shop: Store, index: Index, visit: Visit) -> None:
    with pytest.raises(BadInput, match="no reset"):
        log.restore(shop, "ida", NOW)
    for turn in range(5):
        visit(f"visitor {turn}", 2, now=NOW + timedelta(seconds=turn))
    learn(shop, index, LATER)
    served = serve(shop, index, "ann").picks
    log.reset(shop, "ida", LATER)
    assert live_plan(shop, index, "ann").learning is None
    visit("ann", 1, now=LATER)
    learn(shop, index, LATER + 2 * WAIT)
    assert log.now_in_force(shop).state.lists == 1
    assert log.can_restore(log.versions(shop))
    log.restore(shop, "ida", LATER)
    assert not log.can_restore(log.versions(shop))
    after = serve(shop, index, "bob").picks
    assert after
    shop.rows("UPDATE feedback SET undone_at = now() WHERE user_id = 'ann'")
    assert serve(shop, index, "ann").picks == served
    assert [one.what for one in log.versions(shop)] == ["restored", "learned", "reset", "learned", "begun"]
    with pytest.raises(BadInput, match="no reset"):
        log.restore(shop, "ida", LATER)


def test_learning_begins_from_the_log_and_the_list_stays_until_a_click(shop: Store, index: Index, settings: Settings) -> None:
    before = serve(shop, index, "dan").picks
    assert learn(shop, index, NOW, author="ida").version is None
    held = log.now_in_force(shop)
    assert (held.what, held.author, held.state.lists, held.state.log_views, held.state.log_clicks) == ("begun", "ida", 0, 3, 0)
    assert live_plan(shop, index, "dan").learning is None
    assert serve(shop, index, "dan").picks == before
    show(shop, index, settings.home, "dan", 3, surface=SHOP, now=NOW)
    told = np.array([row for (row,) in shop.rows("SELECT features FROM impressions ORDER BY position")])
    tin = shop.rows("SELECT position FROM impressions WHERE item_id = 'tin'")
    assert tin  # it was seen in the log and not clicked
    assert told[tin[0][0] - 1, COUNTED] < 0.5


def test_what_an_older_program_learned_is_put_aside_and_told(shop: Store, index: Index, visit: Visit) -> None:
    visit("ann", 1)
    learn(shop, index, LATER)
    log.reset(shop, "ida", LATER)
    visit("bob", 1, now=LATER)
    learn(shop, index, LATER + 2 * WAIT)
    old = 'json_merge_patch(state, \'{"features": ["taste"]}\')'
    shop.rows(f"UPDATE learning SET state = {old}")
    assert live_plan(shop, index, "bob").learning is None
    assert not log.can_restore(log.versions(shop))
    visit("cyd", 1, now=LATER + 3 * WAIT)
    assert learn(shop, index, LATER + 5 * WAIT).lists == 1
    held = log.versions(shop)
    assert [one.what for one in held[:2]] == ["learned", "begun"]
    assert (held[0].state.lists, held[1].epoch, held[0].epoch) == (1, 3, 3)
    assert not log.can_restore(held)


def test_many_lists_at_once_and_one_by_one_count_the_same(shop: Store, index: Index, visit: Visit) -> None:
    for turn in range(4):
        visit(f"visitor {turn}", 1, now=NOW + timedelta(minutes=turn))
        learn(shop, index, NOW + timedelta(minutes=turn) + WAIT)
    state = log.now_in_force(shop).state
    assert (state.lists, state.places, state.clicks) == (4, 12, 4)
    assert shop.value("SELECT count(*) FROM learned_from") == 4
    assert len(state.ranker.deltas) == len(FEATURES)
    assert np.isfinite(state.ranker.values).all()
