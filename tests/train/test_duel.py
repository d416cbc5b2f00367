"""Two runs against each other: a better answer to every question is a win, another split is no contest."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.train import runs
from core.train.duel import duel
from tests.pages.runs import stub

FIRST, SECOND = stub("20260301-093000-aaaa"), stub("20260302-093000-bbbb")


def answer(home: Path, ndcg: list[list[float]]) -> None:
    """Keep both runs with what they scored question by question."""
    for run, values in zip((FIRST, SECOND), ndcg, strict=True):
        runs.write(home, run)
        runs.write_answers(home, run.run_id, {runs.MINE: np.array(values)})


def test_better_by_a_quarter_everywhere(tmp_path: Path) -> None:
    answer(tmp_path, [[0.0, 0.5, 0.25], [0.25, 0.75, 0.5]])
    won = duel(tmp_path, FIRST, SECOND)
    assert (won.against, won.ndcg, won.difference, won.low, won.high, won.passed) == (FIRST.run_id, 0.25, 0.25, 0.25, 0.25, True)
    assert not duel(tmp_path, SECOND, FIRST).passed


def test_as_often_better_as_worse_is_no_win(tmp_path: Path) -> None:
    answer(tmp_path, [[0.0, 1.0] * 20, [1.0, 0.0] * 20])
    drawn = duel(tmp_path, FIRST, SECOND)
    assert (drawn.difference, drawn.passed) == (0.0, False)
    assert drawn.low < 0 < drawn.high


def test_no_contest_on_other_data_or_without_answers(tmp_path: Path) -> None:
    assert duel(tmp_path, FIRST, SECOND) is None
    answer(tmp_path, [[0.1], [0.2]])
    assert duel(tmp_path, FIRST, replace(SECOND, data_hash="b" * 64)) is None
