"""The items nearest by text."""

import numpy as np
import pytest

from core.base.errors import BadInput
from core.score.index import Index
from core.score.similar import similar


def test_nearest_first_without_itself_what_is_hidden_or_no_product(index: Index) -> None:
    near = similar(index, "cup", 20)
    assert near[0].item_id == "pot"  # 'red tea …' by the same brand in the same category
    assert {one.item_id for one in near} == {"pot", "tin", "box", "spade", "rake", "hose"}
    cosines = [one.cosine for one in near]
    assert cosines == sorted(cosines, reverse=True)
    assert near[0].cosine == pytest.approx(float(np.dot(index.vectors[index.row("cup")], index.vectors[index.row("pot")])))


def test_shared_keywords_are_those_of_both(index: Index) -> None:
    assert "tea" in similar(index, "cup", 1)[0].words
    assert similar(index, "cup", 20)[-1].words == ()


def test_an_item_without_text_has_no_neighbours(index: Index) -> None:
    assert similar(index, "blank") == ()
    with pytest.raises(BadInput, match="no item"):
        similar(index, "nobody")
