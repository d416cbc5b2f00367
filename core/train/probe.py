"""How long a run will take and how much memory it needs: measured on the shop's own data, in a process of its own."""

from dataclasses import dataclass

from core.train.runs import Request
from core.train.snapshot import Snapshot


@dataclass(frozen=True)
class Estimate:
    """What a run will cost. seconds: from start to end; peak_mb: most memory held, MiB; how: what was measured, in a sentence."""

    seconds: float
    peak_mb: float
    how: str


def estimate(snapshot: Snapshot, request: Request) -> Estimate:
    """Return what this run will cost, from a few real batches; takes some seconds itself.

    Raises BadInput where the snapshot cannot be trained on: too small to be split, or no shopper with two items.
    """
    raise NotImplementedError
