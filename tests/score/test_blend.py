"""The order of a list by score."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import BadInput
from core.score.blend import best, check_alpha, check_k, rank_of

scores = st.lists(st.integers(0, 20).map(lambda tenth: tenth / 20), min_size=1, max_size=40)  # coarse, so that ties happen


@given(scores, st.integers(1, 50))
def test_the_order_is_by_score_then_position(told: list[float], k: int) -> None:
    expected = sorted(range(len(told)), key=lambda place: (-told[place], place))[:k]
    assert best(np.array(told), k).tolist() == expected


@given(scores)
def test_rank_of_agrees_with_the_list(told: list[float]) -> None:
    score = np.array(told)
    assert rank_of(score, best(score, len(score))).tolist() == list(range(1, len(told) + 1))


@pytest.mark.parametrize("alpha", [-0.01, 1.01, float("nan")])
def test_alpha_outside_zero_to_one_is_refused(alpha: float) -> None:
    with pytest.raises(BadInput, match="between 0"):
        check_alpha(alpha)


@pytest.mark.parametrize("k", [0, -3])
def test_a_list_without_places_is_refused(k: int) -> None:
    with pytest.raises(BadInput, match="at least one"):
        check_k(k)
