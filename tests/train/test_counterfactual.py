"""Without an item of the history, a pick is where recommend puts it when the item is taken out of the log."""

from dataclasses import replace

import numpy as np
import pytest

from core.base.db import Store
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.score.counterfactual import counterfactuals
from core.score.explanation import explanations
from core.score.index import Index, load_index
from core.score.plan import Plan, plain
from core.score.recommend import recommend, score_shopper
from core.score.rules import Kind
from tests.profiles.shop import act, load
from tests.score.test_arrange import rule
from tests.train.test_served import model as model
from tests.train.test_served import served as served

K = 4


def forget(shop: Store, user: str, item_id: str) -> None:
    """Take what the shopper did with the item out of the log."""
    with shop.transaction() as cursor:
        cursor.execute("DELETE FROM events WHERE user_id = ? AND item_id = ?", [user, item_id])
    load(shop, act("somebody else", item_id, "2020-01-01", "view"))  # a new data version
    rebuild_rollups(shop)


def check(shop: Store, index: Index, settings: Settings, user: str, plan: Plan) -> int:
    """Compare what is told of each pick's deepest fall with the list after the item is gone; return how many fall."""
    scored = score_shopper(shop, index, user)
    picks = scored.rank(k=K, plan=plan).picks
    told = {pick.item_id: one for pick, one in zip(picks, explanations(scored, picks, plan, K), strict=True) if one.without}
    item_id, without = next((item, one.without[0]) for item, one in told.items())
    forget(shop, user, without.item_id)
    after = recommend(shop, replace(load_index(shop, settings), quality=index.quality), user, plan=plan, k=len(index)).picks
    ranks = {pick.item_id: pick.rank for pick in after}
    assert without.rank == ranks[item_id]
    assert without.leaves == (without.rank > K)
    assert ("leaves the list" in without.sentence) == without.leaves
    return len(told)


@pytest.mark.parametrize("user", ["s00", "s01", "s02"])
def test_the_rank_is_that_of_the_log_without_it(shop: Store, served: Index, settings: Settings, user: str) -> None:
    assert check(shop, served, settings, user, plain(0.9))


@pytest.mark.parametrize("user", ["s00", "s03"])
def test_before_training_too(shop: Store, index: Index, settings: Settings, user: str) -> None:
    assert check(shop, index, settings, user, plain(1.0))


def test_by_what_rules_add_too(shop: Store, served: Index, settings: Settings) -> None:
    assert check(shop, served, settings, "s00", replace(plain(0.9), rules=(rule(Kind.BURY, value="tea-2", strength=0.02),)))


def test_nothing_is_told_of_a_history_of_one_item(shop: Store, index: Index, settings: Settings) -> None:
    load(shop, act("new", "tea-1", "2024-03-20", "purchase", quantity=1))
    rebuild_rollups(shop)
    fresh = load_index(shop, settings)
    scored = score_shopper(shop, fresh, "new")
    rows = [fresh.row(pick.item_id) for pick in scored.rank(k=3).picks]
    assert counterfactuals(scored, plain(0.9), 3, rows) == [(), (), ()]


def test_whoever_is_unknown_has_nothing_to_take_away(shop: Store, index: Index) -> None:
    scored = score_shopper(shop, index, "nobody")
    picks = scored.rank(k=3, plan=plain(0.7)).picks
    for pick, one in zip(picks, explanations(scored, picks, plain(0.7), 3), strict=True):
        assert one.history == one.without == ()
        assert one.everyone == pick.from_taste


def test_the_explanation_adds_up_and_says_so(shop: Store, served: Index) -> None:
    scored, plan = score_shopper(shop, served, "s00"), plain(0.8)
    picks = scored.rank(k=5, plan=plan).picks
    for pick, one in zip(picks, explanations(scored, picks, plan, 5), strict=True):
        assert one.everyone + sum(part.part for part in one.history) == pytest.approx(pick.from_taste, abs=1e-6)
        assert abs(one.sum_error) < 1e-6
        assert one.path_error < 1e-3
        assert one.history[0].item_id == pick.causes[0].item_id
        assert 0.8 * pick.causes[0].contribution == pytest.approx(one.history[0].part)
        told = one.as_json()
        assert set(told) == {"history", "everyone", "traits", "without", "keywords", "sum_error", "path_error"}
        assert set(told["history"][0]) == {"item_id", "title", "did", "part", "attention"}
        assert one.lines()[0].startswith(f"taste {pick.from_taste:.3f} = ")
    assert np.isclose(sum(part.attention for part in one.history), 1, atol=1e-5)
