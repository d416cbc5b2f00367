"""Two runs on the same questions: by how much the second beats the first, and how sure that is."""

from pathlib import Path

import numpy as np

from core.train import runs
from core.train.gate import GateRow, compare
from core.train.runs import Run


def duel(home: Path, first: Run, second: Run) -> GateRow | None:
    """Return the second run against the first, question by question; None where they did not answer the same questions.

    The bootstrap is seeded by the second run's seed.
    """
    answers = [_answers(home, run) for run in (first, second)]
    if runs.comparable([first, second]) is not None or answers[0] is None or answers[1] is None:
        return None
    if len(answers[0]) != len(answers[1]):
        return None
    return compare(first.run_id, answers[1], answers[0], second.request.seed)


def _answers(home: Path, run: Run) -> np.ndarray | None:
    """Return (m,) NDCG of each question that the run was asked; None where it has not been judged."""
    path = runs.folder(home, run.run_id) / runs.PER_QUESTION
    if not path.exists():
        return None
    with np.load(path) as kept:
        ndcg: np.ndarray = kept[runs.MINE]
    return ndcg
