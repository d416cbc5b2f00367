"""Releases: drafted, published, followed, reverted; nothing is lost, and the list that is served follows."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.base.db import Store, memory_store
from core.base.errors import BadInput
from core.score.index import Index
from core.score.plan import live_plan, plain
from core.score.recommend import recommend, serve
from core.score.releases import SOMEONE, OwnAlpha, State, before_live, draft, history, lapsed, live, publish, release, revert

AT = datetime(2026, 3, 1, 12)


def segment(store: Store, number: int, name: str) -> None:
    with store.transaction() as cursor:
        cursor.execute("INSERT INTO segments VALUES (?, ?, 1, 1.0, '', '[]', '[]', 1)", [number, name])


def test_a_draft_is_kept_as_it_was_given_and_serves_nobody(shop: Store, index: Index) -> None:
    segment(shop, 3, "Tea lovers")
    made = draft(shop, alpha=0.4, segment_alpha={3: 0.2}, diversity=0.3, category_cap=2, note="  spring ", author=" Kim ", now=AT)
    assert release(shop, made.release_id) == made
    assert (made.alpha, made.diversity, made.category_cap, made.note, made.author) == (0.4, 0.3, 2, "spring", "Kim")
    assert (made.own, made.state, made.created_at) == ((OwnAlpha(3, "Tea lovers", 0.2),), State.DRAFT, AT)
    assert live(shop) is None
    assert live_plan(shop, index) == plain(index.alpha)


def test_the_published_release_is_served_and_a_revert_goes_back_to_the_one_before(shop: Store, index: Index) -> None:
    first, second = (draft(shop, alpha=alpha, now=AT).release_id for alpha in (1.0, 0.0))
    publish(shop, first, "Kim", AT)
    publish(shop, second, "", AT + timedelta(hours=1))
    assert [(one.release_id, one.state) for one in history(shop)] == [(second, State.PUBLISHED), (first, State.PUBLISHED)]
    assert live_plan(shop, index).release == second
    assert serve(shop, index, "ann").picks == recommend(shop, index, "ann", alpha=0.0).picks
    before = before_live(shop)
    assert before is not None
    assert before.release_id == first
    assert revert(shop, "Bo", AT + timedelta(hours=2)) == release(shop, first)
    assert serve(shop, index, "ann").picks == recommend(shop, index, "ann", alpha=1.0).picks
    gone = release(shop, second)
    assert (gone.state, gone.published_by, gone.reverted_by) == (State.REVERTED, SOMEONE, "Bo")
    assert gone.reverted_at == AT + timedelta(hours=2)
    assert revert(shop, "", AT) is None
    assert live_plan(shop, index) == plain(index.alpha)
    assert len(history(shop)) == 2
    with pytest.raises(BadInput, match="nothing to revert"):
        revert(shop, "", AT)


def test_only_a_draft_is_published_and_only_once(shop: Store) -> None:
    made = draft(shop, alpha=0.5, now=AT)
    publish(shop, made.release_id, "", AT)
    with pytest.raises(BadInput, match="published already"):
        publish(shop, made.release_id, "", AT)
    with pytest.raises(BadInput, match="no release 9"):
        publish(shop, 9, "", AT)


def test_a_segment_has_its_own_alpha_until_it_is_no_longer_there(shop: Store, index: Index) -> None:
    segment(shop, 3, "Tea lovers")
    made = publish(shop, draft(shop, alpha=0.4, segment_alpha={3: 0.2}, now=AT).release_id, "", AT)
    plan = live_plan(shop, index)
    assert (plan.alpha_for(3), plan.alpha_for(4), plan.alpha_for(None)) == (0.2, 0.4, 0.4)
    assert lapsed(shop, made) == ()
    with shop.transaction() as cursor:
        cursor.execute("UPDATE segments SET segment_id = 7")
    assert [own.name for own in lapsed(shop, made)] == ["Tea lovers"]
    assert live_plan(shop, index).alpha_for(7) == 0.4


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"alpha": 1.2}, "between 0"),
        ({"alpha": 0.5, "segment_alpha": {9: 0.5}}, "no segment 9"),
        ({"alpha": 0.5, "diversity": 2.0}, "diversity of 2"),
        ({"alpha": 0.5, "category_cap": 0}, "1 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(shop: Store, asked: dict[str, float], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        draft(shop, **asked, now=AT)  # type: ignore[arg-type]
    assert history(shop) == ()


def test_an_alpha_of_a_segment_must_be_one_too(shop: Store) -> None:
    segment(shop, 3, "Tea lovers")
    with pytest.raises(BadInput, match="between 0"):
        draft(shop, alpha=0.5, segment_alpha={3: -0.1}, now=AT)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["publish", "revert"]), max_size=8))
def test_what_is_served_is_the_top_of_the_published_that_stand(acts: list[str]) -> None:
    store, standing = memory_store(), []
    for hour, act in enumerate(acts):
        now = AT - timedelta(hours=hour)  # a clock that runs backwards decides nothing
        if act == "publish":
            standing.append(publish(store, draft(store, alpha=0.5, now=now).release_id, "", now).release_id)
        elif standing:
            revert(store, "", now)
            standing.pop()
        served = live(store)
        assert (served.release_id if served else None) == (standing[-1] if standing else None)
    assert len(history(store)) == acts.count("publish")
    store.close()
