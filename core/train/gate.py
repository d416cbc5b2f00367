"""Whether a run may be served: it must beat what is there already, question by question, by more than chance."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.train.metrics import intervals


@dataclass(frozen=True)
class GateRow:
    """A run against one rival on the same questions.

    against: the rival's name; ndcg: of the rival; difference: mean NDCG of the run less the rival's; low, high: its 95 %
    interval; passed: low is above 0; note: how the rival was asked, where that was not as usual.
    """

    against: str
    ndcg: float
    difference: float
    low: float
    high: float
    passed: bool
    note: str = ""

    def in_words(self) -> str:
        """Return the row as a sentence."""
        verdict = "beats" if self.passed else "does not beat"
        difference = f"NDCG {self.difference:+.4f}, 95 % interval {self.low:+.4f} to {self.high:+.4f}"
        the = "the " if " " in self.against else ""
        return f"It {verdict} {the}{self.against} ({self.ndcg:.4f}; {difference})."


def compare(against: str, mine: np.ndarray, theirs: np.ndarray, seed: int, note: str = "") -> GateRow:
    """Return the paired comparison of NDCG. mine, theirs: (m,), row = the same question. Same seed, same interval.

    Paired bootstrap: the questions are resampled, each with both answers (Efron & Tibshirani 1993, ch. 13).
    """
    difference = mine - theirs
    low, high = intervals(difference[:, None], np.random.default_rng(seed))[0].tolist()
    return GateRow(against, float(theirs.mean()), float(difference.mean()), low, high, low > 0, note)


def gate(
    mine: np.ndarray, rivals: Mapping[str, np.ndarray], seed: int, notes: Mapping[str, str] | None = None
) -> tuple[GateRow, ...]:
    """Return one row a rival, in their order. mine, and each rival's values: (m,) NDCG of the same questions."""
    return tuple(compare(name, mine, theirs, seed, (notes or {}).get(name, "")) for name, theirs in rivals.items())
