"""A report: reproducible, with the keys promised, slices that add up, and the better model ahead."""

import json

import numpy as np
import pytest

from core.train.evaluate import evaluate
from core.train.metrics import intervals
from core.train.models import make
from core.train.names import Model, Protocol
from core.train.protocol import split
from core.train.snapshot import Snapshot


def report(snapshot: Snapshot, model: Model, k: int = 5):
    return evaluate(make(model, snapshot, 0.7), snapshot, split(snapshot.acts, Protocol.LEAVE_LAST_ONE), k=k)


def test_the_keys_that_the_command_line_promises(snapshot: Snapshot) -> None:
    told = json.loads(json.dumps(report(snapshot, Model.ZERO_SHOT).as_json()))
    promised = {"ndcg", "hit_rate", "recall", "mrr", "coverage", "novelty", "k", "users", "protocol", "data_version", "intervals"}
    assert promised <= set(told)
    assert told["users"] == 40
    assert told["protocol"] == "leave-last-one"
    for name, (low, high) in told["intervals"].items():
        assert low <= told[name] <= high


def test_the_same_snapshot_gives_the_same_report(snapshot: Snapshot) -> None:
    first, second = report(snapshot, Model.ITEM_TO_ITEM).as_json(), report(snapshot, Model.ITEM_TO_ITEM).as_json()
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


def test_knowing_the_shopper_beats_knowing_nobody(snapshot: Snapshot) -> None:
    personal, popular = report(snapshot, Model.ITEM_TO_ITEM), report(snapshot, Model.POPULARITY)
    assert personal.metrics["hit_rate"] == 1.0, "four items of the right colour are left, five places"
    low, _ = intervals(personal.per_question - popular.per_question, np.random.default_rng(7))[0]
    assert low > 0


def test_slices_of_one_kind_add_up_to_the_whole(snapshot: Snapshot) -> None:
    whole = report(snapshot, Model.POPULARITY)
    for by in ("history", "segment"):
        parts = [cut for cut in whole.slices if cut.by == by]
        assert sum(cut.users for cut in parts) == whole.users
        mean = sum(cut.users * cut.metrics["ndcg"] for cut in parts) / whole.users
        assert mean == pytest.approx(whole.metrics["ndcg"])


def test_a_list_is_never_longer_than_the_catalogue(snapshot: Snapshot) -> None:
    assert report(snapshot, Model.POPULARITY, k=1000).k == 16
