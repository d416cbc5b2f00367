"""Runs: from a snapshot to a folder that tells everything, resumed, compared, promoted, judged again."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.base.errors import BadInput
from core.base.jobs import Cancelled, State
from core.base.schema import Col
from core.base.settings import load_settings
from core.represent import registry
from core.represent.model import load_model
from core.train import alpha_curve, promotion, rival, runs
from core.train.evaluate import evaluate, measure
from core.train.learned import evaluate_run
from core.train.names import Preset, Protocol
from core.train.popularity import Popularity
from core.train.protocol import Part, split
from core.train.run import carry_on, train
from core.train.runs import Request, Run
from core.train.scorer import blended
from core.train.served import served
from core.train.snapshot import Snapshot

SMALL: dict[str, int | float] = {
    "width": 16,
    "dropout": 0.1,
    "longest": 8,
    "negatives": 16,
    "batch": 8,
    "rate": 1e-2,
    "most_epochs": 6,
    "patience": 2,
}
QUICK = Request(Preset.QUICK, Protocol.LEAVE_LAST_ONE, seed=3, options=SMALL)


@pytest.fixture
def home(snapshot: Snapshot) -> Path:
    """The home folder of the snapshot's workspace."""
    return snapshot.folder.parents[1]


def same(run: Run) -> Run:
    """Return the run without what differs between any two runs."""
    return replace(run, run_id="", started_at=None, finished_at=None, seconds=0, peak_mb=0, stages={}, baselines=(), gate=())


def test_a_run_tells_everything_about_itself(snapshot: Snapshot, home: Path) -> None:
    steps: list[float] = []
    run = train(snapshot, home, QUICK, lambda done, told: steps.append(done))
    assert runs.read(home, run.run_id) == run
    assert (run.state, run.data_hash, run.users) == (State.DONE, snapshot.meta.content_hash, 40)
    assert steps == sorted(steps)
    assert 0 <= steps[0] <= steps[-1] <= 1
    low, high = run.scores.intervals["ndcg"]
    assert low <= run.scores.metrics["ndcg"] <= high
    assert [row.against for row in run.gate] == ["popularity", "zero-shot"]
    assert [epoch.epoch for epoch in run.curves] == list(range(1, len(run.curves) + 1))
    assert set(run.stages) == {"read", "train", "judge", "compare", "keep"}
    assert sum(run.stages.values()) <= run.seconds + 0.05
    assert run.peak_mb > 50
    assert list((runs.folder(home, run.run_id) / "tensorboard").glob("events.out.tfevents.*"))
    told = json.loads(json.dumps(run.as_json()))
    assert {"run", "metrics", "seconds", "peak_mb"} <= set(told)
    assert {"ndcg", "recall", "mrr", "hit_rate", "coverage", "k", "users", "protocol", "intervals"} <= set(told["metrics"])


def test_baselines_are_those_of_the_evaluation(snapshot: Snapshot, home: Path) -> None:
    run = train(snapshot, home, QUICK)
    report = evaluate(Popularity(), snapshot, split(snapshot.acts, QUICK.protocol), seed=QUICK.seed)
    popularity = run.baselines[0]
    assert popularity.metrics == pytest.approx(report.metrics)
    assert popularity.intervals == report.intervals


def test_same_data_and_seed_give_the_same_metrics(snapshot: Snapshot, home: Path) -> None:
    first, second = (train(snapshot, home, QUICK) for _ in range(2))
    assert same(first) == same(second)


def test_the_kept_model_is_the_judged_model(snapshot: Snapshot, home: Path) -> None:
    run = train(snapshot, home, QUICK)
    report = evaluate_run(home, run.run_id, None, k=10)
    assert report.metrics["ndcg"] == pytest.approx(run.scores.metrics["ndcg"], abs=1e-6)
    assert report.users == run.users


def test_the_alpha_curve_asks_the_served_run_as_it_was_judged(snapshot: Snapshot, home: Path) -> None:
    """At the run's own α the curve has the NDCG of the validation part; what its model scores is the blend of its s and q."""
    run = train(snapshot, home, QUICK)
    registry.promote(home, run.run_id, str(run.served_folder), by="ann")
    asked = served(load_settings({}, home=home), lambda: pytest.fail("the run's own snapshot is there"))
    history = asked.cut.examples(Part.VALID).history
    r = blended(asked.scorer.appeal(history), asked.scorer.worth, asked.scorer.alpha)
    assert np.array_equal(r, asked.scorer.score(history))
    found = alpha_curve.measure(asked, {}, pd.DataFrame({Col.USER: [], Col.SEGMENT: [], Col.NAME: []}))
    judged = measure(asked.scorer, snapshot, asked.cut, part=Part.VALID).metrics
    assert found.alpha == run.alpha
    assert found.everyone.ndcg.value[alpha_curve.place(found.alpha)] == pytest.approx(judged["ndcg"])


def test_another_protocol_would_leak_and_is_refused(snapshot: Snapshot, home: Path) -> None:
    run = train(snapshot, home, QUICK)
    with pytest.raises(BadInput, match="has seen answers"):
        evaluate_run(home, run.run_id, Protocol.TEMPORAL, k=10)
    evaluate_run(home, run.run_id, Protocol.LEAVE_LAST_ONE, k=10)


def test_refit_learns_from_everything_and_is_what_is_served(snapshot: Snapshot, home: Path) -> None:
    run = train(snapshot, home, replace(QUICK, refit=True))
    assert run.refitted
    assert run.served_folder == f"runs/{run.run_id}/serving"
    held_out, serving = (load_model(runs.folder(home, run.run_id) / name) for name in ("held_out", "serving"))
    assert (held_out.alpha, held_out.text_weight) == (serving.alpha, serving.text_weight)
    history = snapshot.acts.of(np.arange(4))
    assert not np.allclose(held_out.score(history), serving.score(history))


def test_zero_shot_is_judged_without_training(snapshot: Snapshot, home: Path) -> None:
    run = train(snapshot, home, replace(QUICK, preset=Preset.ZERO_SHOT))
    assert (run.state, run.served_folder, [row.against for row in run.gate]) == (State.DONE, None, ["popularity"])
    assert run.alpha is not None
    assert not (runs.folder(home, run.run_id) / "held_out").exists()
    assert evaluate_run(home, run.run_id, None, k=10).metrics["ndcg"] == pytest.approx(run.scores.metrics["ndcg"])
    with pytest.raises(BadInput, match="trained nothing"):
        promotion.promote(home, run.run_id)


@pytest.mark.parametrize("after", [0.2, 0.5, 0.9])
def test_an_interrupted_run_ends_as_if_nothing_had_happened(snapshot: Snapshot, home: Path, after: float) -> None:
    request = replace(QUICK, refit=True)
    whole = train(snapshot, home, request)

    def stop(done: float, told: str) -> None:
        if done > after:
            raise Cancelled

    begun = runs.new_run(snapshot, request)
    with pytest.raises(Cancelled):
        carry_on(home, begun, stop)
    stopped = runs.read(home, begun.run_id)
    assert stopped.state is State.CANCELLED
    resumed = carry_on(home, stopped)
    assert same(resumed) == same(whole)
    assert resumed.seconds > stopped.seconds


def test_a_crash_is_told(snapshot: Snapshot, home: Path) -> None:
    begun = runs.new_run(snapshot, replace(QUICK, options={"depth": 3}))
    with pytest.raises(BadInput, match="no option depth"):
        carry_on(home, begun)
    failed = runs.read(home, begun.run_id)
    assert failed.state is State.FAILED
    assert "no option depth" in str(failed.error)


def passed(home: Path, run: Run) -> Run:
    """Return the run as if it had passed the gate."""
    done = replace(run, gate=tuple(replace(row, passed=True) for row in run.gate))
    runs.write(home, done)
    return done


def failed(home: Path, run: Run) -> Run:
    done = replace(run, gate=tuple(replace(row, passed=False) for row in run.gate))
    runs.write(home, done)
    return done


class TestPromotion:
    @pytest.fixture
    def run(self, snapshot: Snapshot, home: Path) -> Run:
        return train(snapshot, home, QUICK)

    def test_what_passed_the_gate_is_served(self, run: Run, home: Path) -> None:
        passed(home, run)
        live = promotion.promote(home, run.run_id, by="ann", why="better")
        assert registry.live(home) == live
        assert (live.run, live.override, live.why) == (run.run_id, False, "better")
        assert "without the latest part" in promotion.told(live)

    @pytest.mark.parametrize("reason", [None, "", "  "])
    def test_what_did_not_pass_is_refused_with_the_table(self, run: Run, home: Path, reason: str | None) -> None:
        failed(home, run)
        with pytest.raises(BadInput, match=r"does not beat popularity .*does not beat zero-shot .*--override"):
            promotion.promote(home, run.run_id, override=reason)
        assert registry.live(home) is None

    def test_unless_somebody_says_why(self, run: Run, home: Path) -> None:
        failed(home, run)
        promotion.promote(home, run.run_id, by="ann", override="a demonstration")
        switch = registry.history(home)[0]
        assert (switch.now, switch.by, switch.why, switch.override) == (run.run_id, "ann", "a demonstration", True)

    def test_the_live_model_on_the_same_data_is_not_asked_again(self, run: Run, home: Path, snapshot: Snapshot) -> None:
        promotion.promote(home, run.run_id, override="first")
        other = train(snapshot, home, replace(QUICK, seed=4))
        assert [row.against for row in other.gate] == ["popularity", "zero-shot", rival.LIVE]
        assert other.gate[-1].ndcg == pytest.approx(run.scores.metrics["ndcg"])
        assert other.baselines[-1].metrics == run.scores.metrics

    def test_the_same_run_again_is_no_better_than_itself(self, run: Run, home: Path, snapshot: Snapshot) -> None:
        promotion.promote(home, run.run_id, override="first")
        again = train(snapshot, home, QUICK)
        row = again.gate[-1]
        assert (row.difference, row.low, row.high, row.passed) == (0, 0, 0, False)

    def test_on_another_split_the_live_model_is_asked_as_it_is_served(self, run: Run, home: Path, snapshot: Snapshot) -> None:
        promotion.promote(home, run.run_id, override="first")
        other = train(snapshot, home, replace(QUICK, k=5))
        assert "may have seen" in other.gate[-1].note
        assert other.gate[-1].ndcg > 0

    def test_a_live_model_that_cannot_be_read_is_told(self, run: Run, home: Path, snapshot: Snapshot) -> None:
        live = promotion.promote(home, run.run_id, override="first")
        (home / live.folder / "model.json").write_text("{")
        other = train(snapshot, home, replace(QUICK, k=5))
        assert [row.against for row in other.gate] == ["popularity", "zero-shot"]
        assert "could not be asked" in other.remarks[0]


def test_runs_are_listed_newest_first_with_their_notes(snapshot: Snapshot, home: Path) -> None:
    first = runs.new_run(snapshot, QUICK)
    second = replace(runs.new_run(snapshot, QUICK), run_id="99990101-000000-abcd")
    for run in (first, second):
        runs.write(home, run)
    runs.set_note(home, first.run_id, "before the sale")
    assert [(run.run_id, run.note) for run in runs.runs(home)] == [(second.run_id, ""), (first.run_id, "before the sale")]
    with pytest.raises(BadInput, match="no run 'x'"):
        runs.read(home, "x")


def test_runs_that_saw_different_data_are_not_compared(snapshot: Snapshot) -> None:
    run = runs.new_run(snapshot, QUICK)
    assert runs.comparable([run, replace(run, run_id="other")]) is None
    assert "data versions 1, 2" in str(
        runs.comparable([replace(run, data_version=1), replace(run, data_version=2, data_hash="other")])
    )
    assert "split" in str(runs.comparable([run, replace(run, request=replace(QUICK, protocol=Protocol.TEMPORAL))]))


def test_the_test_part_does_not_decide_anything(snapshot: Snapshot, home: Path) -> None:
    run = train(snapshot, home, QUICK)
    cut = split(snapshot.acts, QUICK.protocol)
    assert run.users == len(cut.examples(Part.TEST))
    without = replace(cut, part=np.where(cut.part == Part.TEST, Part.TEST, cut.part))
    assert len(without.train()) == len(cut.train())
