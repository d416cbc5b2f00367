"""Feedback counts in the next list, is taken back exactly, and is counted once, beside the log or in it."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.base.db import Store
from core.base.engagement import COUNTS_AS
from core.base.errors import BadInput
from core.base.schema import Col, Feedback
from core.base.settings import Settings
from core.ingest import history as books
from core.profiles.behaviour import rebuild_shoppers
from core.profiles.rollups import rebuild_rollups
from core.score.batch import export_lists
from core.score.candidates import Excluded
from core.score.explain import why_not
from core.score.fallback import Fallback
from core.score.index import Index, load_index
from core.score.plan import plain
from core.score.reactions import known_by_feedback, stamp
from core.score.recommend import Recommendation, recommend
from core.score.taste import history
from core.update.absorb import GONE, absorb
from core.update.feedback import FILE_NAME, PREVIEW, SHOP, give, undo, waiting
from core.update.feedback import given as listed
from core.update.impressions import shown
from tests.profiles.shop import act, load
from tests.train.conftest import index as index
from tests.train.conftest import shop as shop
from tests.train.conftest import snapshot as snapshot
from tests.train.test_batch import any_index as any_index
from tests.train.test_batch import lists
from tests.train.test_served import model as model
from tests.train.test_served import served as served

NOW = datetime(2026, 5, 1, 12)
"""Two years after the shop's last event, as it is where a log of an earlier year was loaded."""
COMPARED = ["views", "clicks", "carts", "wishes", "purchases", "returns", "units", "rating", "last_ts", "liked_ts", "liked_event"]


@pytest.fixture(autouse=True)
def _in_the_books(shop: Store) -> None:
    """The shop's own rows, which the fixture writes past the import, are import 1."""
    with shop.transaction() as cursor:
        cursor.execute(
            "INSERT INTO imports VALUES (1, 'a.csv', 'h', 1, 'events', '{}', 1, 1, 0, '{}', now(), now(), 'loaded', 1)"
        )


def best(shop: Store, index: Index, user: str, k: int = 6) -> Recommendation:
    return recommend(shop, index, user, alpha=0.8, k=k)


def click(shop: Store, user: str, *items: str) -> None:
    for item in items:
        give(shop, user, item, Feedback.CLICK, now=NOW)


def test_someone_new_has_a_list_of_their_own_after_three_clicks(shop: Store, any_index: Index) -> None:
    version = shop.data_version()
    assert best(shop, any_index, "new").fallback is Fallback.POPULAR
    click(shop, "new", "tea-1", "tea-4", "tea-6")
    theirs = best(shop, any_index, "new", k=5)
    assert theirs.fallback is Fallback.PERSONAL
    assert {pick.item_id.split("-")[0] for pick in theirs.picks} == {"tea"}
    assert {cause.item_id for pick in theirs.picks for cause in pick.causes} <= {"tea-1", "tea-4", "tea-6"}
    assert shop.data_version() == version


def test_who_is_known_by_feedback_alone_is_found(shop: Store, settings: Settings) -> None:
    rebuild_shoppers(shop)
    click(shop, "new", "tea-1", "tea-4")
    click(shop, "Newton", "tea-1", "tea-4", "tea-6")
    click(shop, "s00", "tea-1")
    assert list(known_by_feedback(shop, "new").items()) == [("new", 2), ("Newton", 3)]
    assert known_by_feedback(shop, "s0") == {}


def test_a_dislike_leaves_the_item_out_and_turns_the_list_away_from_what_is_like_it(shop: Store, any_index: Index) -> None:
    click(shop, "new", "tea-1", "tea-4", "garden-2")
    before = best(shop, any_index, "new", k=16)
    give(shop, "new", "tea-6", Feedback.DISLIKE, now=NOW)
    after = best(shop, any_index, "new", k=16)
    assert "tea-6" not in {pick.item_id for pick in after.picks}
    assert after.excluded["disliked"] == 1
    was = {pick.item_id: pick.taste for pick in before.picks}
    change = {pick.item_id: pick.taste - was[pick.item_id] for pick in after.picks}
    mean = {world: np.mean([change[item] for item in change if item.startswith(world)]) for world in ("tea", "garden")}
    assert mean["tea"] < mean["garden"], "what is like the disliked item falls against the rest"
    assert why_not(shop, any_index, "new", "tea-6", alpha=0.8).excluded is Excluded.DISLIKED


@pytest.mark.parametrize("kind", list(Feedback))
@pytest.mark.parametrize("user", ["s00", "new"])
def test_taking_it_back_gives_exactly_the_list_before(shop: Store, any_index: Index, user: str, kind: Feedback) -> None:
    click(shop, "new", "tea-1", "tea-4")
    before, mark = best(shop, any_index, user), stamp(shop, user)
    said = give(shop, user, before.picks[0].item_id, kind, now=NOW)
    between = best(shop, any_index, user)
    assert between.picks != before.picks
    assert stamp(shop, user) != mark
    undo(shop, said, NOW)
    after = best(shop, any_index, user)
    assert (after.picks, after.excluded, after.fallback) == (before.picks, before.excluded, before.fallback)
    pd.testing.assert_frame_equal(after.history, before.history)
    assert said not in set(listed(shop, user)[Col.FEEDBACK])


def test_not_interested_only_leaves_the_item_out(shop: Store, any_index: Index) -> None:
    before = best(shop, any_index, "s00", k=11)
    gone = before.picks[0].item_id
    give(shop, "s00", gone, Feedback.NOT_INTERESTED, now=NOW)
    after = best(shop, any_index, "s00", k=10)
    assert [(pick.item_id, pick.score) for pick in after.picks] == [(pick.item_id, pick.score) for pick in before.picks[1:]]
    assert after.excluded["not interested"] == 1


def test_the_last_verdict_counts_and_is_not_given_twice(shop: Store, index: Index) -> None:
    first = give(shop, "s00", "tea-1", Feedback.DISLIKE, now=NOW)
    assert give(shop, "s00", "tea-1", Feedback.DISLIKE, now=NOW) == first
    assert give(shop, "s00", "tea-1", Feedback.LIKE, now=NOW) != first
    assert "disliked" not in best(shop, index, "s00").excluded
    mine = history(shop, index, "s00").set_index("item_id")
    assert "disliked" not in mine.loc["tea-1", "did"]


def test_who_only_dislikes_has_no_taste_but_does_not_see_it_again(shop: Store, any_index: Index) -> None:
    give(shop, "new", "tea-1", Feedback.DISLIKE, now=NOW)
    theirs = best(shop, any_index, "new", k=16)
    assert theirs.fallback is Fallback.POPULAR
    assert "tea-1" not in {pick.item_id for pick in theirs.picks}


def test_an_old_log_does_not_fade_at_the_first_click(shop: Store, index: Index) -> None:
    before = history(shop, index, "s00").set_index("item_id")[Col.WEIGHT]
    click(shop, "s00", "garden-1")
    after = history(shop, index, "s00").set_index("item_id")[Col.WEIGHT]
    assert after["garden-1"] == pytest.approx(0.3)
    assert (after[before.index] == before).all()


def test_a_batch_holds_the_list_of_the_screen(shop: Store, any_index: Index, tmp_path: Path) -> None:
    click(shop, "new", "tea-1", "tea-4", "garden-2")
    for user, item, kind in (("new", "tea-6", "dislike"), ("s00", "garden-1", "buy"), ("s01", "tea-2", "not_interested")):
        give(shop, user, item, Feedback(kind), now=NOW)
    give(shop, "sour", "tea-1", Feedback.DISLIKE, now=NOW)
    export_lists(shop, any_index, tmp_path / "out", alpha=0.8, top=5)
    told = lists(tmp_path / "out").groupby("user_id")
    for user in ("new", "s00", "s01", "s02", "sour"):
        picks = best(shop, any_index, user, k=5).picks
        np.testing.assert_allclose(told.get_group(user)["score"], [pick.score for pick in picks], atol=2e-6)


def test_mistakes_are_told(shop: Store) -> None:
    with pytest.raises(BadInput, match="no item 'tea'"):
        give(shop, "s00", "tea", Feedback.CLICK, now=NOW)
    with pytest.raises(BadInput, match="needs a shopper"):
        give(shop, " ", "tea-1", Feedback.CLICK, now=NOW)
    with pytest.raises(BadInput, match="no feedback 7"):
        undo(shop, 7, NOW)
    once = give(shop, "s00", "tea-1", Feedback.CLICK, now=NOW)
    undo(shop, once, NOW)
    with pytest.raises(BadInput, match=f"no feedback {once}"):
        undo(shop, once, NOW)


def test_taken_into_the_log_it_leaves_the_feedback_and_comes_back_with_the_undo(shop: Store, settings: Settings) -> None:
    load(shop, act("s00", "tea-1", "2024-03-10", "view"))
    rebuild_rollups(shop)
    index = load_index(shop, settings)
    click(shop, "s00", "tea-1", "tea-1")
    bought = give(shop, "s00", "garden-3", Feedback.BUY, now=NOW)
    kept = give(shop, "s00", "tea-2", Feedback.DISLIKE, now=NOW)
    told = told_of(shop, index)
    taken = absorb(shop, now=NOW)
    assert (taken.read, taken.loaded, taken.quarantined, taken.reasons) == (3, 3, 0, {})
    same(told_of(shop, index), told)  # the log holds it, the rollups do not yet
    rebuild_rollups(shop)
    same(told_of(shop, index), told)
    with pytest.raises(BadInput, match=f"import {taken.import_id}"):
        undo(shop, bought, NOW)
    assert absorb(shop, now=NOW).read == 0
    row = books.imports(shop).set_index(Col.IMPORT).loc[taken.import_id]
    assert (row["file_name"], row["rows_read"], row["rows_loaded"], row["status"]) == (FILE_NAME, 3, 3, "loaded")

    assert taken.import_id is not None
    assert books.undo(shop, taken.import_id) == 3
    same(told_of(shop, index), told)  # the rollups hold it still
    rebuild_rollups(shop)
    same(told_of(shop, index), told)
    undo(shop, bought, NOW)
    assert set(listed(shop, "s00")[Col.FEEDBACK]) == {1, 2, kept}
    assert absorb(shop, now=NOW).loaded == 2


def told_of(shop: Store, index: Index, user: str = "s00") -> pd.DataFrame:
    frame = history(shop, index, user).set_index("item_id").sort_index()
    return frame[[*COMPARED, Col.WEIGHT, Col.DID]]


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_dtype=False)


def test_feedback_on_what_the_catalogue_lost_is_set_aside(shop: Store) -> None:
    click(shop, "s00", "tea-1", "guide")
    with shop.transaction() as cursor:
        cursor.execute("DELETE FROM catalogue WHERE item_id = 'guide'")
    taken = absorb(shop, now=NOW)
    assert (taken.read, taken.loaded, taken.quarantined, taken.reasons) == (2, 1, 1, {GONE: 1})
    assert shop.value("SELECT count(*) FROM quarantine WHERE import_id = ?", [taken.import_id]) == 1


def test_what_was_tried_out_in_the_preview_is_no_visit(shop: Store) -> None:
    give(shop, "s00", "tea-1", Feedback.CLICK, surface=PREVIEW, now=NOW)
    give(shop, "s00", "tea-2", Feedback.CLICK, now=NOW)
    give(shop, "s00", "tea-2", Feedback.DISLIKE, now=NOW)
    assert waiting(shop) == {PREVIEW: 1, SHOP: 1}
    assert absorb(shop, now=NOW).read == 1
    assert waiting(shop) == {PREVIEW: 1}
    assert absorb(shop, preview=True, now=NOW).read == 1


def test_a_list_is_an_impression_once_in_the_preview_and_every_time_in_the_shop(shop: Store, index: Index) -> None:
    theirs = best(shop, index, "s00", k=3)
    plan = plain(0.8)
    first = shown(shop, theirs, surface=PREVIEW, plan=plan, now=NOW, features=np.ones((3, 2)))
    assert shown(shop, theirs, surface=PREVIEW, plan=plan, now=NOW + timedelta(hours=1)) == first
    assert shown(shop, best(shop, index, "s00", k=2), surface=PREVIEW, plan=plan, now=NOW) != first
    rows = shop.rows("SELECT position, item_id, alpha, features FROM impressions WHERE list_id = ? ORDER BY position", [first])
    assert rows == [(pick.rank, pick.item_id, 0.8, [1.0, 1.0]) for pick in theirs.picks]
    visits = {shown(shop, theirs, surface="home", plan=plan, now=NOW + timedelta(hours=hour)) for hour in range(2)}
    assert len(visits) == 2
    said = give(shop, "s00", theirs.picks[0].item_id, Feedback.CLICK, list_id=visits.pop(), now=NOW)
    assert listed(shop, "s00").set_index(Col.FEEDBACK).loc[said, Col.SURFACE] == "home"


MADE = st.lists(
    st.tuples(st.sampled_from(["s00", "new"]), st.sampled_from(["tea-1", "garden-1"]), st.sampled_from(list(Feedback)))
)


@given(said=MADE, late=st.booleans())
@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_beside_the_log_or_in_it_feedback_counts_the_same(
    shop: Store, index: Index, said: list[tuple[str, str, Feedback]], late: bool
) -> None:
    with shop.transaction() as cursor:
        cursor.execute("DELETE FROM feedback")
    for minute, (user, item, kind) in enumerate(said):
        moment = NOW if late else datetime(2024, 3, 2)
        give(shop, user, item, kind, now=moment + timedelta(minutes=minute))
    told = {user: told_of(shop, index, user) for user in ("s00", "new")}
    taken = absorb(shop, now=NOW)
    assert (taken.read, taken.quarantined, waiting(shop)) == (taken.loaded, 0, {})
    rebuild_rollups(shop)
    for user, frame in told.items():
        same(told_of(shop, index, user), frame)
    if taken.import_id is not None:
        books.undo(shop, taken.import_id)
        rebuild_rollups(shop)


def test_every_kind_is_an_event_or_a_verdict_that_no_log_knows() -> None:
    assert set(Feedback) - set(COUNTS_AS) == {Feedback.DISLIKE, Feedback.NOT_INTERESTED}


def test_the_index_knows_the_latest_act(shop: Store, settings: Settings) -> None:
    assert load_index(shop, settings).now == datetime(2024, 3, 9)
