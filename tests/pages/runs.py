"""Runs as the screens find them: folders with a run.json, written as a training writes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.base.jobs import State
from core.train import runs
from core.train.evaluate import Slice
from core.train.gate import GateRow
from core.train.names import Preset, Protocol
from core.train.runs import Epoch, Request, Run, Scores

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PASSED = GateRow("popularity", 0.03, 0.02, 0.01, 0.03, True)
REFUSED = GateRow("zero-shot", 0.048, 0.002, -0.001, 0.005, False)


def scores(name: str, ndcg: float) -> Scores:
    """Return scores whose other accuracies follow from the NDCG."""
    accuracy = {"ndcg": ndcg, "hit_rate": 2 * ndcg, "recall": 1.5 * ndcg, "mrr": 0.8 * ndcg}
    spans = {metric: (value - 0.005, value + 0.005) for metric, value in accuracy.items()}
    cuts = (
        Slice("item", "cold", 12, accuracy),
        Slice("item", "warm", 80, accuracy),
        Slice("history", "1 to 4 acts", 90, accuracy),
    )
    lists = {"coverage": 0.4, "gini": 0.7, "novelty": 6.5, "diversity": None}
    return Scores(name, {**accuracy, **lists}, spans, cuts)


def stub(run_id: str, age_days: int = 0, **changes: object) -> Run:
    """Return a quick run that is done and has passed its gate. age_days: how long before START it was begun."""
    run = Run(
        run_id=run_id,
        request=Request(Preset.QUICK, Protocol.TEMPORAL, 7, True, options={"width": 64}),
        state=State.DONE,
        started_at=START - timedelta(days=age_days),
        snapshot="1-abc",
        data_version=1,
        data_hash="a" * 64,
        encoder="minilm",
        acts=150,
        shoppers=30,
        items=12,
        users=92,
        scores=scores("quick", 0.05),
        baselines=(scores("popularity", 0.03), scores("zero-shot", 0.048)),
        gate=(PASSED,),
        curves=(Epoch(0, 1, 6.1, 0.03), Epoch(0, 2, 5.4, 0.051)),
        alpha=0.85,
        weights={"text": 0.5, "ease": 1.2},
        stages={"read": 0.2, "train": 30.5, "judge": 2.0},
        seconds=42.0,
        peak_mb=812.0,
        refitted=True,
    )
    return replace(run, **changes)  # type: ignore[arg-type]


def keep(home: Path, run: Run) -> Run:
    """Write a run's folder, with the file by which its model is known to be there."""
    runs.write(home, run)
    if run.served_folder:
        (home / run.served_folder).mkdir()
        (home / run.served_folder / "model.json").write_text("{}", encoding="utf-8")
    return run
