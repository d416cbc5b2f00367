"""Rolling origin: each fold is asked about its own future, and nothing after that is in it."""

import numpy as np
import pytest

from core.base.errors import BadInput
from core.base.schema import Event
from core.represent.acts import Acts
from core.train.crossval import cross_validate, origins
from core.train.metrics import ACCURACY
from core.train.popularity import Popularity
from core.train.protocol import Part
from core.train.snapshot import Snapshot
from tests.train.conftest import log


@pytest.fixture
def steady() -> Acts:
    """Ten shoppers; each buys one item a day, in an order of their own, for ten days: day d is one tenth of the log."""
    items = "abcdefghijklmnopq"  # as many as the snapshot's
    return log(
        *(
            (chr(65 + who), items[(who * (who % 3 + 1) + day) % 17], day, Event.PURCHASE)
            for who in range(10)
            for day in range(10)
        ),
        items=items,
    )


def days(acts: Acts, rows: np.ndarray) -> set[int]:
    return set(((acts.when[rows] - np.datetime64("2024-01-01")) // np.timedelta64(1, "D")).astype(int).tolist())


def test_each_fold_asks_about_the_tenth_after_what_it_learned_from(steady: Acts) -> None:
    for cut, asked in zip(origins(steady, 3), (7, 8, 9), strict=True):
        assert days(cut.acts, cut.part == Part.TEST) == {asked}
        assert days(cut.acts, cut.part == Part.VALID) == {asked - 1}
        assert days(cut.acts, cut.part == Part.TRAIN) == set(range(asked - 1))


def test_the_mean_and_its_interval_are_over_the_folds(snapshot: Snapshot, steady: Acts) -> None:
    vars(snapshot)["acts"] = steady
    found = cross_validate(Popularity, snapshot, folds=2)
    first, second = (fold.metrics["ndcg"] for fold in found.folds)
    assert found.mean["ndcg"] == pytest.approx((first + second) / 2)
    low, high = found.intervals["ndcg"]
    assert high - low == pytest.approx(12.7062 * abs(first - second), rel=1e-4)  # t(0.975, 1) = 12.7062; sd/√2 = |a − b|/2
    assert set(found.mean) == set(ACCURACY)


def test_a_number_of_folds_that_is_not_possible_is_refused(steady: Acts) -> None:
    for folds in (1, 6):
        with pytest.raises(BadInput, match="folds"):
            origins(steady, folds)
