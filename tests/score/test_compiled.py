"""The compiled loops of batches say what plain arrays say."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from core.score.compiled import CHUNK, Best, Rows, Tables, keep_best, nothing_kept

NONE = Rows(np.zeros(2, np.int64), np.zeros(0, np.int32))


def tables(*given: sp.csr_matrix, decays: list[float], weights: list[float]) -> Tables:
    stacked = sp.vstack(given, "csr")
    numbers = (np.array(one, np.float32) for one in (stacked.data, decays, weights))
    return Tables(stacked.indptr.astype(np.int64), stacked.indices.astype(np.int32), *numbers, np.float32(300))


def rows(*given: list[int]) -> Rows:
    return Rows(np.cumsum([0, *map(len, given)]), np.array([one for row in given for one in row], np.int32))


def best_of(scores: list[float], k: int, gone: Rows = NONE) -> Best:
    """Return the best of one shopper without a history."""
    empty = tables(sp.csr_matrix((0, len(scores)), dtype=np.float32), decays=[], weights=[])
    best = nothing_kept(1, k, 0)
    keep_best(np.array([scores], np.float32), np.zeros(len(scores), np.float32), NONE, empty, gone, 0, best)
    return best


def test_worked_by_hand() -> None:
    near = sp.csr_matrix(np.array([[0, 0.5, 0], [0.2, 0, -1], [0, 0, 0]], np.float32))
    best = nothing_kept(1, 3, 1)
    told = tables(near, decays=[0.5], weights=[2.0])
    keep_best(np.zeros((1, 3), np.float32), np.array([0.25, 0, 1], np.float32), rows([0, 1]), told, NONE, 0, best)
    # item 1 was last: column 0 hears 0.2, column 1 half of 0.5, column 2 less than nothing
    first, second = 2 * np.log1p(300 * 0.25), 2 * np.log1p(300 * 0.2)
    assert best.column.tolist() == [[1, 0, 2]]
    np.testing.assert_allclose(best.score, [[first, 0.25 + second, 1.0]], rtol=1e-6)
    np.testing.assert_allclose(best.told[0, :, 0], [first, second, 0], rtol=1e-6)


def test_ties_go_by_column_and_what_is_gone_is_not_there() -> None:
    many = [0.5] * (3 * CHUNK)
    assert best_of(many, 4).column.tolist() == [[0, 1, 2, 3]]
    many[2 * CHUNK] = 0.75
    assert best_of(many, 4, rows([0, 2])).column.tolist() == [[2 * CHUNK, 1, 3, 4]]
    assert best_of([0.1, 0.3], 4, rows([0])).column.tolist() == [[1, -1, -1, -1]]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 12), st.floats(0, 1))
def test_the_same_as_by_arrays(seed: int, width: int, k: int, density: float) -> None:
    rng = np.random.default_rng(seed)
    size, people = 6, 3
    given = [sp.random(size, width, density, "csr", np.float32, rng) for _ in range(2)]
    given[1].data -= np.float32(0.3)
    seen = [rng.permutation(size)[: rng.integers(size + 1)].tolist() for _ in range(people)]
    gone = [np.unique(rng.integers(0, width, rng.integers(3))).tolist() for _ in range(people)]
    decays, weights, scores = [0.5, 0.9], [0.02, 0.03], rng.random((people, width)).astype(np.float32)
    expected = scores.astype(float)
    for person, items in enumerate(seen):
        for table, decay, weight in zip(given, decays, weights, strict=True):
            heard = sum((decay**back * table[[item]].toarray()[0] for back, item in enumerate(items[::-1])), np.zeros(width))
            expected[person] += weight * np.log1p(300 * np.maximum(heard, 0))
        expected[person, gone[person]] = -np.inf
    best = nothing_kept(people, k, 2)
    told = tables(*given, decays=decays, weights=weights)
    keep_best(scores.copy(), np.zeros(width, np.float32), rows(*seen), told, rows(*gone), 0, best)
    for person in range(people):
        found = best.column[person][best.column[person] >= 0]
        wanted = np.sort(expected[person][np.isfinite(expected[person])])[::-1][:k]
        np.testing.assert_allclose(best.score[person, : len(found)], wanted, atol=1e-6)
        np.testing.assert_allclose(expected[person][found], wanted, atol=1e-6)
