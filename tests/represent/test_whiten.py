"""Whitening tells items apart, and changes nothing it cannot estimate."""

import numpy as np
import pytest

from core.represent.item_vectors import ItemVectors
from core.represent.whiten import FEWEST_ITEMS, whiten


def vectors(count: int, rng: np.random.Generator, shared: float) -> ItemVectors:
    """Random unit vectors that all lean into one direction by ``shared``."""
    matrix = rng.normal(size=(count, 8)) + np.array([shared] + [0] * 7)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return ItemVectors(np.array([f"i{number:04d}" for number in range(count)], object), matrix.astype(np.float32))


def mean_cosine(matrix: np.ndarray) -> float:
    total = matrix.sum(axis=0)
    return float((total @ total - len(matrix)) / (len(matrix) * (len(matrix) - 1)))


def test_what_all_items_share_is_taken_out(rng: np.random.Generator) -> None:
    alike = vectors(2000, rng, shared=5.0)
    assert mean_cosine(alike.matrix) > 0.7
    assert abs(mean_cosine(whiten(alike).matrix)) < 0.02


def test_directions_are_evened_out(rng: np.random.Generator) -> None:
    wide = rng.normal(size=(3000, 8)) * np.array([4, 1, 1, 1, 1, 1, 1, 1])
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    spread = np.linalg.eigvalsh(np.cov(whiten(ItemVectors(np.arange(3000), wide.astype(np.float32))).matrix.T))
    before = np.linalg.eigvalsh(np.cov(wide.T))
    assert before.max() / before.min() > 6
    assert spread.max() / spread.min() < 2.5


def test_rows_have_length_one_and_keep_their_ids(rng: np.random.Generator) -> None:
    given = vectors(500, rng, shared=1.0)
    result = whiten(given)
    assert (result.ids == given.ids).all()
    assert np.linalg.norm(result.matrix, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert result.matrix.dtype == np.float32


def test_a_small_shop_is_left_as_it_is(rng: np.random.Generator) -> None:
    few = vectors(FEWEST_ITEMS - 1, rng, shared=1.0)
    assert whiten(few) is few


def test_texts_that_are_all_the_same_stay_as_they_are() -> None:
    same = ItemVectors(np.arange(200), np.tile(np.array([[0.6, 0.8]], np.float32), (200, 1)))
    assert whiten(same) is same
