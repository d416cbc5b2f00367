"""Whitening tells items apart, and changes nothing it cannot estimate."""

import numpy as np
import pytest

from core.represent.whiten import FEWEST_ITEMS, fit_whitening


def vectors(count: int, rng: np.random.Generator, shared: float) -> np.ndarray:
    """Random unit vectors that all lean into one direction by ``shared``."""
    matrix = rng.normal(size=(count, 8)) + np.array([shared] + [0] * 7)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix.astype(np.float32)


def whitened(matrix: np.ndarray) -> np.ndarray:
    found = fit_whitening(matrix)
    assert found is not None
    return found.apply(matrix)


def mean_cosine(matrix: np.ndarray) -> float:
    total = matrix.sum(axis=0)
    return float((total @ total - len(matrix)) / (len(matrix) * (len(matrix) - 1)))


def test_what_all_items_share_is_taken_out(rng: np.random.Generator) -> None:
    alike = vectors(2000, rng, shared=5.0)
    assert mean_cosine(alike) > 0.7
    assert abs(mean_cosine(whitened(alike))) < 0.02


def test_directions_are_evened_out(rng: np.random.Generator) -> None:
    wide = rng.normal(size=(3000, 8)) * np.array([4, 1, 1, 1, 1, 1, 1, 1])
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    spread = np.linalg.eigvalsh(np.cov(whitened(wide.astype(np.float32)).T))
    before = np.linalg.eigvalsh(np.cov(wide.T))
    assert before.max() / before.min() > 6
    assert spread.max() / spread.min() < 2.5


def test_rows_have_length_one(rng: np.random.Generator) -> None:
    result = whitened(vectors(500, rng, shared=1.0))
    assert np.linalg.norm(result, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert result.dtype == np.float32


def test_a_vector_is_whitened_alike_in_any_company(rng: np.random.Generator) -> None:
    catalogue = vectors(500, rng, shared=1.0)
    found = fit_whitening(catalogue)
    assert found is not None
    np.testing.assert_allclose(found.apply(catalogue[:3]), found.apply(catalogue)[:3], atol=1e-6)


def test_a_small_shop_is_left_as_it_is(rng: np.random.Generator) -> None:
    assert fit_whitening(vectors(FEWEST_ITEMS - 1, rng, shared=1.0)) is None


def test_texts_that_are_all_the_same_stay_as_they_are() -> None:
    assert fit_whitening(np.tile(np.array([[0.6, 0.8]], np.float32), (200, 1))) is None
