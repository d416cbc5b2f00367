"""Metrics agree with trec_eval, with values worked by hand, and with their own definitions at the ends."""

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from core.base.schema import Event
from core.train.judge import ask, best, gains_among, gains_of, hide, ranks_of
from core.train.metrics import ACCURACY, coverage, diversity, gini, hit_rate, intervals, mrr, ndcg, novelty, recall
from core.train.names import Protocol
from core.train.protocol import Part, split
from tests.train.conftest import log

QUESTIONS, ITEMS = 50, 60


@pytest.mark.parametrize("k", [5, 10, 20])
def test_accuracy_agrees_with_trec_eval(k: int, rng: np.random.Generator) -> None:
    scores = rng.permuted(np.arange(QUESTIONS * ITEMS, dtype=float)).reshape(QUESTIONS, ITEMS)
    relevant = [rng.choice(ITEMS, rng.integers(1, 15), replace=False) for _ in range(QUESTIONS)]
    row = np.repeat(np.arange(QUESTIONS), [len(items) for items in relevant])
    rank = ranks_of(scores, row, np.concatenate(relevant))

    judged = {str(q): {str(item): 1 for item in items} for q, items in enumerate(relevant)}
    run = {str(q): {str(item): scores[q, item] for item in np.argsort(-scores[q])[:k]} for q in range(QUESTIONS)}
    measures = {f"ndcg_cut.{k}", f"recall.{k}", f"success.{k}", "recip_rank"}
    theirs = pytrec_eval.RelevanceEvaluator(judged, measures).evaluate(run)
    names = {"ndcg": f"ndcg_cut_{k}", "recall": f"recall_{k}", "hit_rate": f"success_{k}", "mrr": "recip_rank"}
    for ours, name in names.items():
        expected = [theirs[str(q)][name] for q in range(QUESTIONS)]
        np.testing.assert_allclose(ACCURACY[ours](row, rank, QUESTIONS, k), expected, atol=1e-12)


def test_by_hand() -> None:
    row, rank = np.array([0, 0, 0, 1]), np.array([2.0, 4.0, 11.0, 20.0])
    ideal = 1 + 1 / np.log2(3) + 1 / 2
    assert ndcg(row, rank, 2, 10).tolist() == pytest.approx([(1 / np.log2(3) + 1 / np.log2(5)) / ideal, 0])
    assert recall(row, rank, 2, 10).tolist() == pytest.approx([2 / 3, 0])
    assert hit_rate(row, rank, 2, 10).tolist() == [1, 0]
    assert mrr(row, rank, 2, 10).tolist() == [0.5, 0]


def test_a_tie_counts_half() -> None:
    scores = np.array([[5.0, 1.0, 1.0, 1.0, 0.0]])
    assert ranks_of(scores, np.array([0, 0, 0]), np.array([0, 2, 4])).tolist() == [1, 3, 5]


@given(
    st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.5, -np.inf]), min_size=6, max_size=6), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=60),
)
def test_a_row_asked_for_many_items_is_ranked_as_each_alone(rows: list[list[float]], asked: list[tuple[int, int]]) -> None:
    scores = np.array(rows)
    row, item = np.array([(place % len(rows), column) for place, column in asked]).T
    alone = [ranks_of(scores, row[[place]], item[[place]])[0] for place in range(len(row))]
    assert ranks_of(scores, row, item).tolist() == alone
    few = ranks_of(scores, row, item, within=3)
    assert [rank for rank in few if rank <= 3] == [rank for rank in alone if rank <= 3]
    assert all(first == rank for first, rank in zip(few, alone, strict=True) if rank <= 3)


def test_gains_among_some_items_are_those_of_a_shop_without_the_others(rng: np.random.Generator) -> None:
    letters = "abcdefghij"
    bought = [(user, letters[item], day, Event.PURCHASE) for user in "ABCDEF" for day, item in enumerate(rng.permutation(10)[:4])]
    asked = split(log(*bought, items=letters), Protocol.LEAVE_LAST_ONE).examples(Part.TEST)
    scores, items = rng.integers(0, 4, (len(asked), asked.history.items)).astype(float), np.array([0, 2, 3, 4, 7, 8, 9])
    assert not np.isin(asked.target_item, items).all()
    expected = hide(scores.copy(), asked)
    expected[:, np.setdiff1d(np.arange(10), items)] = -np.inf
    np.testing.assert_array_equal(gains_among(scores[:, items], asked, items, 3), gains_of(expected, asked, 3))


@given(st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=1, max_size=5), st.integers(1, 6))
def test_the_best_of_a_row_are_the_first_of_a_stable_sort(rows: list[list[int]], k: int) -> None:
    scores = np.array(rows, float)
    assert best(scores, k).tolist() == np.argsort(-scores, axis=1, kind="stable")[:, :k].tolist()


@given(st.integers(1, 30), st.integers(1, 20), st.randoms(use_true_random=False))
def test_accuracy_is_a_share_and_grows_with_k(targets: int, k: int, random) -> None:
    rank = np.array([random.randint(1, 40) for _ in range(targets)], float)
    row = np.zeros(targets, int)
    for name, metric in ACCURACY.items():
        value, wider = metric(row, rank, 1, k)[0], metric(row, rank, 1, k + 1)[0]
        assert value >= 0, name
        if name != "ndcg":  # its ideal grows with k too
            assert value <= wider <= 1


def test_a_perfect_and_a_hopeless_ranking() -> None:
    perfect = np.arange(1.0, 5.0)
    for metric in ACCURACY.values():
        assert metric(np.zeros(4, int), perfect, 1, 10).tolist() == [1.0]
        assert metric(np.zeros(4, int), perfect + 10, 1, 10).tolist() == [0.0]


def test_lists_as_a_whole_by_hand() -> None:
    lists = np.array([[0, 1], [0, 2]])
    assert coverage(lists, 4) == 0.75
    assert gini(lists, 4) == pytest.approx((-3 * 0 - 1 * 1 + 1 * 1 + 3 * 2) / (4 * 4))
    assert novelty(lists, np.array([3, 1, 0, 0]), 3) == pytest.approx((0 + 1 + 0 + 2) / 4)
    vectors = np.array([[1.0, 0], [0, 1], [0.6, 0.8], [0, 0]])
    assert diversity(lists, vectors) == pytest.approx((1 + 0.4) / 2)
    assert np.isnan(diversity(lists[:, :1], vectors))


def test_an_interval_holds_the_mean_and_narrows_with_the_square_root(rng: np.random.Generator) -> None:
    values = rng.random((4000, 1))
    wide, narrow = intervals(values[:250], rng)[0], intervals(values, rng)[0]
    assert wide[0] < values[:250].mean() < wide[1]
    assert (narrow[1] - narrow[0]) / (wide[1] - wide[0]) == pytest.approx(0.25, abs=0.06)
    # a mean of 4,000 uniforms: ± 1.96 · √(1/12 / 4000)
    assert (narrow[1] - narrow[0]) / 2 == pytest.approx(1.96 * np.sqrt(1 / 12 / 4000), rel=0.15)


def test_what_was_seen_is_masked() -> None:
    acts = log(*(("A", letter, day, Event.PURCHASE) for day, letter in enumerate("abcd")))
    examples = split(acts, Protocol.LEAVE_LAST_ONE).examples(Part.TEST)
    favourites_first = ask(lambda history: np.tile(np.arange(8, 0, -1, dtype=float), (history.shoppers, 1)), examples, k=3)
    assert favourites_first.rank.tolist() == [1.0]
    assert favourites_first.lists.tolist() == [[3, 4, 5]]
