"""A part of the way from a log to lists, in a process of its own that may not hold more memory than it is given.

``python -m tests.bench.scale_stage load|train|export TASK.json``; what it took is written beside the task.
"""

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from core.base.db import open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.profiles.rollups import rebuild_rollups
from core.represent.encoder import encoder_name
from core.represent.item_vectors import embed
from core.represent.ratings import rebuild_quality
from core.score.batch import export_lists
from core.score.index import load_index
from core.train.names import Preset
from core.train.promotion import promote
from core.train.run import peak_mb, train
from core.train.runs import Request
from core.train.snapshot import SNAPSHOTS, Snapshot, take_snapshot
from tests.bench.scale_shop import ShelfVectors, fill

TRAINING = {
    "Training: item-to-item": "item-to-item",
    "Training: EASE": "EASE",
    "Training: trend": "weighing",
    "Training: Weighing": "weighing",
    "Judging": "judging",
    "Comparing": "comparing",
    "Training": "tower",
}
"""What a message of a training begins with: the part of it that is at work; the first that fits."""


@dataclass(frozen=True)
class Task:
    """What is to be done. home: the workspace; limit_mb: of data that the process may hold, MiB."""

    home: str
    items: int
    shoppers: int
    threads: int
    limit_mb: int
    top: int = 20
    epoch_batches: int = 250


@dataclass
class Took:
    """What a process took. cpu: CPU seconds of each part, in order; seconds: of the clock; told: what else is worth knowing."""

    cpu: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    peak_mb: float = 0.0
    told: list[str] = field(default_factory=list)


class Stopwatch:
    """CPU seconds of this process, given to the part that was at work."""

    def __init__(self, took: Took):
        self._took, self._part, self._at = took, "", time.process_time()

    def part(self, name: str) -> None:
        """Say that from now on this part is at work; '' = none."""
        now = time.process_time()
        if self._part:
            self._took.cpu[self._part] = self._took.cpu.get(self._part, 0.0) + now - self._at
        self._part, self._at = name, now

    def progress(self, done: float, told: str) -> None:
        """Take a training's own messages."""
        self.part(next((name for begin, name in TRAINING.items() if told.startswith(begin)), "reading"))


def main() -> None:
    """Do one stage of a task within its limits."""
    stage, path = sys.argv[1], Path(sys.argv[2])
    task = Task(**json.loads(path.read_text()))
    resource.setrlimit(resource.RLIMIT_DATA, (task.limit_mb << 20,) * 2)
    torch.set_num_threads(task.threads)
    took, start = Took(), time.perf_counter()
    watch = Stopwatch(took)
    {"load": load, "train": learn, "export": export}[stage](task, watch, took)
    watch.part("")
    took.seconds, took.peak_mb = time.perf_counter() - start, peak_mb()
    path.with_name(f"{stage}.json").write_text(json.dumps(asdict(took)))


def load(task: Task, watch: Stopwatch, took: Took) -> None:
    """Make the shop, and all that comes before training."""
    settings = load_settings({}, home=task.home, threads=task.threads)
    workspace = open_workspace(settings.home)
    store = open_store(workspace, settings)
    fill(store, task.items, task.shoppers)
    watch.part("roll up")
    rebuild_rollups(store)
    rebuild_quality(store)
    watch.part("")
    embed(store, ShelfVectors(encoder_name(settings)))
    watch.part("snapshot")
    snapshot = take_snapshot(store, load_index(store, settings), workspace)
    store.close()
    took.told.append(f"{snapshot.meta.acts:,} events, {snapshot.meta.shoppers:,} shoppers, {snapshot.meta.items:,} items")


def learn(task: Task, watch: Stopwatch, took: Took) -> None:
    """Train *quick*, judge and compare it, and serve it."""
    home = Path(task.home)
    (folder,) = (home / SNAPSHOTS).iterdir()
    request = Request(Preset.QUICK, options={"epoch_batches": task.epoch_batches})
    run = train(Snapshot(folder), home, request, watch.progress)
    watch.part("")
    promote(home, run.run_id, override="it is a benchmark")
    assert run.scores is not None
    ndcg = {one.name: one.metrics["ndcg"] for one in (run.scores, *run.baselines)}
    took.told += [", ".join(f"{name} {value:.4f}" for name, value in ndcg.items()) + f" NDCG@10, weights {run.weights}"]
    took.told += run.remarks


def export(task: Task, watch: Stopwatch, took: Took) -> None:
    """Write the lists of all shoppers."""
    settings = load_settings({}, home=task.home, threads=task.threads)
    store = open_store(open_workspace(settings.home), settings)
    watch.part("index")
    index = load_index(store, settings)
    assert index.model is not None, index.notes
    watch.part("export")
    done = export_lists(store, index, settings.home / "lists", alpha=index.alpha, top=task.top)
    store.close()
    took.told.append(f"{done.lines:,} lines of {done.shoppers:,} shoppers")


if __name__ == "__main__":
    main()
