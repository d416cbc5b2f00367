"""The score's arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import BadInput
from core.score.blend import blend, rank_of

unit = st.integers(0, 20).map(lambda tenth: tenth / 20)  # a coarse grid, so that ties happen
pairs = st.lists(st.tuples(unit, unit), min_size=1, max_size=40)


def test_alpha_flips_the_winner() -> None:
    taste, quality = np.array([0.9, 0.5]), np.array([0.2, 1.0])
    assert blend(taste, quality, alpha=0.8, k=1).places.tolist() == [0]  # 0.72 + 0.04 against 0.40 + 0.20
    assert blend(taste, quality, alpha=0.2, k=1).places.tolist() == [1]  # 0.18 + 0.16 against 0.10 + 0.80


def test_the_parts_are_the_weighted_terms() -> None:
    best = blend(np.array([0.9]), np.array([0.2]), alpha=0.8, k=5)
    assert best.from_taste.tolist() == pytest.approx([0.72])
    assert best.from_quality.tolist() == pytest.approx([0.04])
    assert best.score.tolist() == pytest.approx([0.76])


@given(pairs, unit, st.integers(1, 50))
def test_parts_add_up_and_order_is_by_score_then_position(terms: list[tuple[float, float]], alpha: float, k: int) -> None:
    taste, quality = np.array(terms).T
    best = blend(taste, quality, alpha, k)
    assert len(best.places) == min(k, len(terms))
    assert (best.from_taste + best.from_quality == best.score).all()
    everything = alpha * taste + (1 - alpha) * quality
    expected = sorted(range(len(terms)), key=lambda place: (-everything[place], place))[:k]
    assert best.places.tolist() == expected


@given(pairs)
def test_alpha_one_is_taste_alone_and_zero_is_quality_alone(terms: list[tuple[float, float]]) -> None:
    taste, quality = np.array(terms).T
    by_taste = np.argsort(-taste, kind="stable")
    by_quality = np.argsort(-quality, kind="stable")
    assert (blend(taste, quality, 1.0, len(terms)).places == by_taste).all()
    assert (blend(taste, quality, 0.0, len(terms)).places == by_quality).all()


@given(pairs, unit)
def test_rank_of_agrees_with_the_list(terms: list[tuple[float, float]], alpha: float) -> None:
    taste, quality = np.array(terms).T
    best = blend(taste, quality, alpha, len(terms))
    assert rank_of(taste, quality, alpha, best.places).tolist() == list(range(1, len(terms) + 1))


@pytest.mark.parametrize("alpha", [-0.01, 1.01, float("nan")])
def test_alpha_outside_zero_to_one_is_refused(alpha: float) -> None:
    with pytest.raises(BadInput, match="between 0"):
        blend(np.ones(1), np.ones(1), alpha, 1)


@pytest.mark.parametrize("k", [0, -3])
def test_a_list_without_places_is_refused(k: int) -> None:
    with pytest.raises(BadInput, match="at least one place"):
        blend(np.ones(1), np.ones(1), 0.5, k)
