"""One shopper's list, from the store to the sentences."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.base.db import Store, memory_store
from core.base.errors import BadInput
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.score.fallback import Fallback
from core.score.index import Index, index_key, load_index
from core.score.recommend import recommend, score_shopper
from core.score.taste import Taste, taste
from tests.profiles.shop import act, item, load
from tests.score.conftest import with_quality


def picked(shop: Store, index: Index, user: str, alpha: float = 1.0, k: int = 10) -> list[str]:
    return [pick.item_id for pick in recommend(shop, index, user, alpha=alpha, k=k).picks]


def test_the_tea_drinker_gets_tea(shop: Store, index: Index) -> None:
    # cosine with "red tea cup. Acme. kitchen, tea": the pot shares red, tea, Acme, kitchen; the tin tea, kitchen
    assert picked(shop, index, "ann")[:2] == ["pot", "tin"]


def test_excluded_items_never_appear_and_are_counted(shop: Store, index: Index) -> None:
    best = recommend(shop, index, "ann", alpha=0.5, k=100)
    assert {pick.item_id for pick in best.picks} == {"pot", "tin", "spade", "rake", "hose"}
    assert best.excluded == {
        "not a product": 1,
        "hidden": 1,
        "out of stock": 1,
        "already bought or rated": 1,
        "no text to compare": 1,
    }
    assert len(best.picks) + sum(best.excluded.values()) == len(index)


def test_what_was_bought_stays_where_people_buy_again(shop: Store, index: Index) -> None:
    again = score_shopper(shop, index, "ann", keep_bought=True).rank(1.0, 1)
    assert again.picks[0].item_id == "cup"


def test_alpha_one_follows_the_cosine_and_alpha_zero_the_quality(shop: Store, index: Index) -> None:
    ranked = with_quality(index, hose=1.0, rake=0.9, tin=0.8, spade=0.7, pot=0.6)
    assert picked(shop, ranked, "ann", alpha=0.0) == ["hose", "rake", "tin", "spade", "pot"]
    scored = score_shopper(shop, ranked, "ann")
    assert scored.taste is not None
    cosine = scored.taste.cosine(index.vectors[scored.candidates.rows])
    order = index.ids[scored.candidates.rows][np.argsort(-cosine, kind="stable")].tolist()
    assert picked(shop, ranked, "ann", alpha=1.0) == order


def test_ties_go_by_item_id(shop: Store, index: Index) -> None:
    assert picked(shop, with_quality(index), "ann", alpha=0.0) == ["hose", "pot", "rake", "spade", "tin"]


@pytest.mark.parametrize("user", ["ann", "bob", "cyd", "dan", "nobody"])
@pytest.mark.parametrize("alpha", [0.0, 0.35, 1.0])
def test_the_parts_add_up_to_the_score_for_everyone(shop: Store, index: Index, user: str, alpha: float) -> None:
    for pick in recommend(shop, index, user, alpha=alpha).picks:
        assert pick.score == pick.from_taste + pick.from_quality
        assert pick.from_taste == alpha * pick.taste
        assert pick.from_quality == (1 - alpha) * pick.quality
        assert 0 <= pick.taste <= 1
        assert 0 <= pick.quality <= 1


def test_the_taste_term_decomposes_over_the_history(shop: Store, index: Index) -> None:
    scored = score_shopper(shop, index, "bob")
    assert scored.taste is not None
    row = index.rows["hose"]
    parts = scored.taste.contributions(index, np.array([row]))[:, 0]
    assert len(parts) == 2
    assert parts.sum() == pytest.approx(scored.taste.cosine(index.vectors[[row]])[0], abs=1e-6)
    assert scored.appeal[scored.candidates.rows == row] == pytest.approx((1 + parts.sum()) / 2, abs=1e-6)


def test_the_reasons_are_true_and_name_the_cause(shop: Store, index: Index) -> None:
    pot = recommend(shop, index, "ann", alpha=0.9).picks[0]
    assert pot.causes[0].item_id == "cup"
    assert pot.causes[0].share == pytest.approx(1.0)
    assert pot.reasons[:4] == (
        "Like red tea cup (bought, rated 5)",
        "Shares the words acme, red tea, kitchen",
        "Same brand as 1 of their items: Acme",
        "Same category as 1 of their items: kitchen > tea",
    )


def test_an_item_they_looked_at_is_said_to_be_theirs_not_like_itself(shop: Store, index: Index) -> None:
    tin = recommend(shop, index, "cyd", alpha=1.0).picks[0]
    assert tin.item_id == "tin"
    assert tin.reasons == ("Already in their history: looked at",)


def test_every_personal_pick_names_what_it_came_from(shop: Store, index: Index) -> None:
    for pick in recommend(shop, index, "ann", alpha=0.2).picks:
        if pick.causes:
            assert "red tea cup" in pick.reasons[0]


def test_moves_are_the_places_gained_since_the_other_alpha(shop: Store, index: Index) -> None:
    scored = score_shopper(shop, with_quality(index, hose=1.0, pot=0.1), "ann")
    assert scored.rank(1.0, 1).picks[0].item_id == "pot"
    assert scored.rank(0.0, 1).picks[0].item_id == "hose"
    assert scored.moves(before=1.0, after=0.0, k=5)[0] > 0  # the hose rose
    assert scored.moves(before=0.0, after=0.0, k=5) == [0, 0, 0, 0, 0]


def test_the_json_has_the_promised_fields(shop: Store, index: Index) -> None:
    answer = json.loads(json.dumps(recommend(shop, index, "ann", alpha=0.7, k=2).as_json()))
    assert answer["user"] == "ann"
    assert answer["fallback"] == "personalised"
    assert len(answer["items"]) == 2
    parts = {"from_taste", "from_together", "from_revisit", "from_trend", "from_quality", "from_learning", "from_rules"}
    assert set(answer["items"][0]) == {"item_id", "title", "rank", "score", *parts, "moved", "reasons"}
    assert [line["rank"] for line in answer["items"]] == [1, 2]


def test_k_and_alpha_are_checked(shop: Store, index: Index) -> None:
    with pytest.raises(BadInput):
        recommend(shop, index, "ann", alpha=0.5, k=0)
    with pytest.raises(BadInput):
        recommend(shop, index, "ann", alpha=1.5)


def test_an_empty_store_gives_an_empty_list_and_says_so(settings: Settings) -> None:
    empty = memory_store()
    best = recommend(empty, load_index(empty, settings), "ann", alpha=0.7)
    assert best.picks == ()
    assert "nothing to recommend" in best.sentence.lower()
    assert best.fallback is Fallback.NEWEST


def test_without_vectors_the_list_is_not_personal_and_the_index_says_why(shop: Store, settings: Settings) -> None:
    with shop.transaction() as cursor:
        cursor.execute("DELETE FROM embeddings")
    bare = load_index(shop, settings)
    assert any("encode" in note for note in bare.notes)
    assert recommend(shop, bare, "ann", alpha=0.7).fallback is Fallback.CATEGORY


def test_an_item_without_a_title_is_called_by_what_is_known(store: Store, settings: Settings) -> None:
    load(store, item("1005145", brand="apple", category="electronics > smart_phone"), item("77"))
    rebuild_rollups(store)
    assert load_index(store, settings).titles.tolist() == ["apple smart phone 1005145", "77"]


def test_the_index_key_changes_with_the_data(shop: Store, settings: Settings) -> None:
    before = index_key(shop, settings)
    assert index_key(shop, settings) == before
    load(shop, act("new", "cup", "2024-04-01", "view"))
    assert index_key(shop, settings) != before


def test_what_they_usually_pay_is_the_middle_half_of_what_they_paid(shop: Store, index: Index) -> None:
    """Ann pays 10, 12, 14 and 16 for one each: the middle half is 11.50 to 14.50."""
    prices = {"spade": 10.0, "rake": 12.0, "tin": 14.0, "hose": 16.0}
    load(shop, *(act("ann", name, "2024-04-01", "purchase", quantity=2, price=price) for name, price in prices.items()))
    rebuild_rollups(shop)
    scored = score_shopper(shop, replace(index, prices=np.full(len(index), 13.0)), "ann")
    assert scored.usual_price == (11.5, 14.5)
    assert "Costs about what they usually pay: 13.00 against 11.50–14.50" in scored.rank(0.9, 1).picks[0].reasons
    dear = score_shopper(shop, replace(index, prices=np.full(len(index), 99.0)), "ann").rank(0.9, 1).picks[0]
    assert not any("usually pay" in reason for reason in dear.reasons)


def test_too_few_prices_are_no_habit(shop: Store, index: Index) -> None:
    assert score_shopper(shop, index, "ann").usual_price is None


@pytest.mark.parametrize("user", ["bob", "ann"])
def test_a_loss_before_training_is_what_the_taste_lacks_without_the_item(shop: Store, index: Index, user: str) -> None:
    """Ann has one item only, without which there is no taste."""
    scored = score_shopper(shop, index, user)
    assert isinstance(scored.taste, Taste)
    row = np.array([index.rows["hose"]])
    lost, left = scored.taste.losses(index, row)[:, 0], scored.taste.appeal_without(index, np.arange(len(scored.taste.rows)))
    if user == "ann":
        assert np.isnan(lost).all()
        assert np.isnan(left).all()
        return
    for at, place in enumerate(scored.taste.places):
        other = taste(index, scored.history.drop(index=scored.history.index[place]).reset_index(drop=True))
        assert other is not None
        assert lost[at] == pytest.approx((scored.taste.appeal(index) - other.appeal(index))[row[0]], abs=1e-6)
        np.testing.assert_allclose(left[at], other.appeal(index), atol=1e-6)
