"""What a varied list costs, on the checkerboard: a list of both colours cannot be as right as a list of the right one."""

import numpy as np
import pytest

from core.base.settings import Settings
from core.represent.acts import Acts
from core.score.index import Index
from core.train.diversity_cost import diversity_costs
from core.train.evaluate import measure
from core.train.names import Protocol
from core.train.protocol import Part, split
from core.train.served import Served
from core.train.snapshot import Snapshot
from core.train.zero_shot import ZeroShot


class Untied(ZeroShot):
    """Of two items with one score the later one is a little better: the evaluation gives ties a middle rank."""

    def score(self, history: Acts) -> np.ndarray:
        """Return the scores without ties."""
        return super().score(history) + np.float32(1e-4) * np.arange(history.items, dtype=np.float32)


def test_no_diversity_is_the_evaluation_and_more_of_it_costs(snapshot: Snapshot, index: Index, settings: Settings) -> None:
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    asked = Served(Untied(snapshot, settings.alpha), snapshot, cut, "Zero-shot")
    asked.scorer.fit(cut.train(), None)
    shelves = dict(zip(index.ids.tolist(), index.categories.tolist(), strict=True))
    found = diversity_costs(asked, shelves, [(0.8, None), (0.0, 1)], k=3)
    off, spread, capped = found.rows
    judged = measure(asked.scorer, snapshot, asked.cut, k=3, part=Part.VALID)
    assert found.users == judged.users
    assert off.ndcg == pytest.approx(judged.metrics["ndcg"], abs=1e-9)
    assert off.change == 0
    assert spread.unlike > off.unlike
    assert capped.categories == 2
    assert off.categories < 2
    for row in (spread, capped):
        assert row.low <= row.change <= row.high
        assert row.change == pytest.approx(row.ndcg - off.ndcg)
    assert found.at((0.0, 1)) is capped
    assert found.at((0.5, 2)) is None
    assert np.isnan(diversity_costs(asked, {}, [], k=3).rows[0].categories)
