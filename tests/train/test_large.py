"""A large shop: what is bounded is told, and what is worked out in blocks or row by row is the same as all at once."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from core.represent import neighbours
from core.train import ease, evaluate, judge, mixture
from core.train.finetune import Options, Tower
from core.train.item_to_item import similarities
from core.train.judge import hide
from core.train.mixture import Mixture
from core.train.models import make
from core.train.names import Model, Protocol
from core.train.protocol import Part, _lines, split
from core.train.snapshot import Snapshot

SMALL = Options(width=16, dropout=0.1, longest=8, negatives=16, batch=8, rate=1e-2, most_epochs=2, epoch_batches=2)


def test_an_epoch_of_a_large_shop_learns_from_some_of_it_and_says_so(snapshot: Snapshot) -> None:
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    tower = Tower(snapshot.vectors, SMALL)
    tower.fit(cut.train(), cut.examples(Part.VALID))
    assert (tower.learned_from, tower.spans) == (16, 40)
    assert "16 of 40" in Mixture("quick", [tower], snapshot).remarks()[0]
    whole = Tower(snapshot.vectors, replace(SMALL, epoch_batches=5))
    whole.fit(cut.train(), cut.examples(Part.VALID))
    assert whole.learned_from == whole.spans
    assert not Mixture("quick", [whole], snapshot).remarks()


def test_of_many_questions_the_same_sample_is_asked_of_every_model(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    whole = evaluate.evaluate(make(Model.POPULARITY, snapshot, 0.7), snapshot, cut)
    assert not whole.sampled
    monkeypatch.setattr(evaluate, "MOST_QUESTIONS", 10)
    first, second = (evaluate.evaluate(make(Model.POPULARITY, snapshot, 0.7), snapshot, cut) for _ in range(2))
    assert (first.users, first.of) == (10, 40)
    assert "10 of 40 shoppers" in "\n".join(first.lines())
    np.testing.assert_array_equal(first.per_question, second.per_question)


def test_a_setting_is_judged_by_fewer_questions_where_there_are_many_items(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    valid = split(snapshot.acts, Protocol.LEAVE_LAST_ONE).examples(Part.VALID)
    monkeypatch.setattr(judge, "LEAST_QUESTIONS", 5)
    assert len(judge.tuning_sample(valid)) == len(valid) == 40
    monkeypatch.setattr(judge, "TUNING_CELLS", 12 * valid.history.items)
    first, second = judge.tuning_sample(valid), judge.tuning_sample(valid)
    assert len(first) == 12
    np.testing.assert_array_equal(first.users, second.users)
    monkeypatch.setattr(judge, "TUNING_CELLS", 0)
    assert len(judge.tuning_sample(valid)) == 5


def test_a_part_is_weighed_again_only_when_another_has_changed(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = split(snapshot.acts, Protocol.LEAVE_LAST_ONE).examples(Part.VALID)
    parts = {name: np.zeros((len(asked), asked.history.items), np.float32) for name in ("text", "ease")}
    for part in parts.values():
        part[asked.target_row, asked.target_item] = 1
    judged, tried = mixture._Judged(asked, parts), []
    along = judged.along
    monkeypatch.setattr(judged, "along", lambda weights, part: tried.append((weights, part)) or along(weights, part))
    best, _ = Mixture("quick", [], snapshot)._ascend(judged)
    assert best.mean() == 1
    assert [part for _, part in tried] == ["text", "ease"]


@given(st.lists(st.integers(0, 39), unique=True))
def test_questions_that_are_taken_keep_what_is_theirs(rows: list[int]) -> None:
    row = np.repeat(np.arange(40), np.arange(40) % 4)
    chosen = np.sort(np.array(rows, int))
    number, place = _lines(row, chosen)
    expected = np.flatnonzero(np.isin(row, chosen))
    np.testing.assert_array_equal(place, expected)
    np.testing.assert_array_equal(chosen[number], row[expected])


def test_rows_keep_their_largest_and_of_equals_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "NEIGHBOURS", 2)
    table = sp.csr_matrix(np.array([[1.0, 3.0, -3.0, 3.0], [0.0, 5.0, 0.0, 0.0]], np.float32))
    np.testing.assert_array_equal(neighbours.nearest(table).toarray(), [[0, 3, -3, 0], [0, 5, 0, 0]])


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    matrix = sp.csr_matrix((rng.random((30, 7)) < 0.4).astype(np.float32))
    together, alone = sp.csr_matrix(matrix.T @ matrix), np.asarray(matrix.sum(axis=0)).ravel()
    weights, alike = ease.solve(matrix, 2.0), similarities(together, alone, 3.0).toarray()
    monkeypatch.setattr(ease, "BLOCK", 3)
    monkeypatch.setattr("core.train.item_to_item.BLOCK", 3)
    np.testing.assert_allclose(ease.solve(matrix, 2.0), weights, rtol=1e-6)
    np.testing.assert_array_equal(similarities(together, alone, 3.0).toarray(), alike)


def test_the_cut_table_of_ease_scores_as_the_whole(snapshot: Snapshot) -> None:
    model = ease.Ease()
    model.fit(snapshot.acts, None)
    whole = model.score(snapshot.acts)
    model.sparse()
    np.testing.assert_allclose(model.score(snapshot.acts), whole, rtol=1e-5, atol=1e-7)


def test_weights_are_tried_in_blocks_as_on_everything_at_once(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = split(snapshot.acts, Protocol.LEAVE_LAST_ONE).examples(Part.VALID)
    rng = np.random.default_rng(7)
    parts = {"text": rng.random((len(asked), asked.history.items)), "ease": rng.random((len(asked), asked.history.items))}
    parts = {name: part.astype(np.float32) for name, part in parts.items()}
    monkeypatch.setattr(mixture, "BLOCK_CELLS", 7 * asked.history.items)
    judged = mixture._Judged(asked, parts)
    weights = mixture.Weights().only("text")
    expected = [judged.ndcg(hide(parts["text"] + np.float32(value) * parts["ease"], asked)) for value in mixture.GRID]
    np.testing.assert_array_equal(judged.along(weights, "ease"), expected)
    np.testing.assert_array_equal(judged.weighted(weights), expected[0])
