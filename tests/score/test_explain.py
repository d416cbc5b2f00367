"""Why an item is not in a list."""

import pytest

from core.base.db import Store
from core.base.errors import BadInput
from core.score.candidates import Excluded
from core.score.explain import Stage, why_not
from core.score.index import Index
from core.score.recommend import recommend


@pytest.mark.parametrize(
    ("item", "reason", "words"),
    [
        ("cup", Excluded.OWNED, "already bought"),
        ("box", Excluded.OUT_OF_STOCK, "out of stock"),
        ("post", Excluded.HIDDEN, "service line"),
        ("guide", Excluded.NOT_A_PRODUCT, "not a product"),
        ("blank", Excluded.NO_TEXT, "no title"),
    ],
)
def test_the_stage_at_which_it_fell_out(shop: Store, index: Index, item: str, reason: Excluded, words: str) -> None:
    answer = why_not(shop, index, "ann", item, alpha=0.7)
    assert answer.stage is Stage.EXCLUDED
    assert answer.excluded is reason
    assert words in answer.sentence
    assert answer.rank is None


def test_an_item_below_the_list_is_told_its_rank_and_gap(shop: Store, index: Index) -> None:
    everything = recommend(shop, index, "ann", alpha=0.7, k=100).picks
    last = everything[-1]
    answer = why_not(shop, index, "ann", last.item_id, alpha=0.7, k=1)
    assert answer.stage is Stage.BELOW
    assert answer.rank == len(everything)
    assert answer.score == pytest.approx(last.score)
    assert f"Rank {len(everything)} of {len(everything)}" in answer.sentence
    assert f"{everything[0].score:.3f}" in answer.sentence


def test_an_item_in_the_list_is_shown_at_its_rank(shop: Store, index: Index) -> None:
    answer = why_not(shop, index, "ann", "pot", alpha=0.7, k=3)
    assert answer.stage is Stage.SHOWN
    assert answer.rank == 1


def test_an_unknown_item_is_refused(shop: Store, index: Index) -> None:
    with pytest.raises(BadInput, match="no item 'teapot'"):
        why_not(shop, index, "ann", "teapot", alpha=0.7)
