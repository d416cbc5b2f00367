"""Lists for all shoppers of Amazon Beauty at once: ``python -m tests.bench.bench_batch``.

Target: at most 1.5 times the bare matrix product and top-k in torch, of the same shapes, with as many threads. The model has
the tables that the shop's log gives and three towers of the real size with random weights: their speed depends on shapes alone.
Seconds on the clock say little where others use the processor: those of the processor stand beside them. What the compiled loop
takes to be ready is printed and not in the ratio: a process pays it once, and a machine once in full.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch

from core.base.db import Store, open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.ingest.load import import_file
from core.profiles.rollups import rebuild_rollups
from core.represent.acts import Acts
from core.represent.model import Model
from core.represent.neighbours import Neighbours
from core.represent.ratings import rebuild_quality
from core.represent.towers import Shape, build_towers
from core.score import batch, lists
from core.score.batch import export_lists
from core.score.compiled import Rows, Tables, keep_best, nothing_kept
from core.score.index import Index, load_index
from core.train.ease import Ease
from core.train.item_to_item import ItemToItem
from core.train.snapshot import take_snapshot
from tests.conftest import DATA

SHOP = "amazon_beauty"
TARGET, TOP, ROUNDS = 1.5, 20, 3
STAGES = ((Store, "df"), (lists, "_tastes"), (lists._Scorer, "best"), (torch, "mm"), (batch, "_write"))
"""What is timed inside the whole: reading, the towers, the tables put together, product and lists, product, Parquet."""


def main() -> int:
    """Print the figures; return 1 where the target is missed, 0 also where the data set is not there."""
    if not (DATA / SHOP).exists():
        print(f"skipped: data set {SHOP} is not at {DATA}")
        return 0
    with TemporaryDirectory() as folder:
        settings = load_settings({}, home=folder)
        store = open_store(open_workspace(settings.home), settings, [DATA])
        for file in ("items.csv", "interactions.csv"):
            import_file(store, open_workspace(settings.home), DATA / SHOP / file)
        rebuild_rollups(store)
        rebuild_quality(store)
        index = load_index(store, settings)
        workspace = open_workspace(settings.home)
        index = replace(index, model=model_of(index, take_snapshot(store, index, workspace).acts))
        ratio = compare(store, index, folder)
        store.close()
    print(f"{'ok' if ratio <= TARGET else 'MISSED'}: {ratio:.2f} x the bare product and top-k (target {TARGET})")
    return int(ratio > TARGET)


def model_of(index: Index, acts: Acts) -> Model:
    """Return a model of the size that *best* trains: real tables, random towers."""
    rng = np.random.default_rng(7)
    count = len(index)
    text = rng.normal(size=(count, 384)).astype(np.float32)
    text /= np.linalg.norm(text, axis=1, keepdims=True)
    towers = tuple(build_towers(torch.from_numpy(text), Shape(), 0.05).eval() for _ in range(3))
    pairs, ease = ItemToItem(), Ease()
    pairs.fit(acts, None)
    ease.fit(acts, None)
    tables = (Neighbours("item_to_item", pairs.table, 0.7, 1.0), Neighbours("ease", ease.sparse(), 0.7, 1.0))
    return Model(index.ids, text, None, None, towers, tables, 4.0, rng.random(count).astype(np.float32), 1.0, 0.9)


def compare(store: Store, index: Index, folder: str) -> float:
    """Return the least ratio of the whole batch to the bare product and top-k over the rounds, taken in turns."""
    assert index.model is not None
    users, vectors = int(store.value("SELECT count(DISTINCT user_id) FROM interactions")), index.model.vectors
    print(f"{users:,} shoppers x {len(index):,} items x {vectors.shape[1]} numbers, top {TOP}, {torch.get_num_threads()} threads")
    print(f"compiled loop ready: {ready(index)}")
    tastes, items = torch.randn(users, vectors.shape[1]), torch.from_numpy(vectors.T.copy())
    rounds = []
    for number in range(ROUNDS):
        out, clock = Path(folder) / f"out-{number}", Clock()
        bare = clock.told("bare product", lambda: bare_product(tastes, items))
        with clock.watching():
            whole = clock.told("whole", lambda out=out: export_lists(store, index, out, alpha=0.9, top=TOP))
        rounds.append((bare, whole, clock))
    frame = pd.DataFrame(
        [(*bare, *whole) for bare, whole, _ in rounds], columns=["bare s", "bare cpu s", "whole s", "whole cpu s"]
    )
    frame["ratio"], frame["cpu ratio"] = frame["whole s"] / frame["bare s"], frame["whole cpu s"] / frame["bare cpu s"]
    best = int(frame["whole s"].argmin())
    print(f"{frame.round(2)}\n\nstages of round {best}, one inside the other:\n{rounds[best][2].frame().round(2)}")
    return float(frame["whole s"].min() / frame["bare s"].min())


class Clock:
    """Seconds on the clock and of the processor (of all threads) that calls took, by name."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[float, float]] = {}

    def told(self, name: str, call: Callable[[], object]) -> tuple[float, float]:
        """Return the (clock, processor) seconds of a call; they are added to those under the name."""
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        took = (time.perf_counter() - wall, time.process_time() - cpu)
        before = self.spent.get(name, (0.0, 0.0))
        self.spent[name] = (before[0] + took[0], before[1] + took[1])
        return took

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take the time of the stages meanwhile."""
        with ExitStack() as stack:
            for owner, name in STAGES:
                stack.enter_context(patch.object(owner, name, self._watched(name, getattr(owner, name))))
            yield

    def frame(self) -> pd.DataFrame:
        """Return name, s, cpu s."""
        return pd.DataFrame([(name, *spent) for name, spent in self.spent.items()], columns=["stage", "s", "cpu s"])

    def _watched(self, name: str, function: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            found = []
            self.told(name, lambda: found.append(function(*args, **kwargs)))
            return found[0]

        return call


def ready(index: Index) -> str:
    """Return in words what the compiled loop took until it could be used, compiled now or read from its cache."""
    none, width = Rows(np.zeros(1, np.int64), np.zeros(0, np.int32)), 1
    tables = Tables(np.zeros(3, np.int64), *np.zeros((2, 0), np.float32), *np.ones((2, 2), np.float32), np.float32(1))
    tables = tables._replace(columns=np.zeros(0, np.int32))
    start = time.perf_counter(), time.process_time()
    keep_best(np.zeros((0, width), np.float32), np.zeros(width, np.float32), none, tables, none, 0, nothing_kept(0, 1, 2))
    how = "read from the cache" if sum(keep_best.stats.cache_hits.values()) else "compiled"
    return f"{time.perf_counter() - start[0]:.2f} s, {time.process_time() - start[1]:.2f} cpu s, {how}"


def bare_product(tastes: torch.Tensor, items: torch.Tensor) -> None:
    """Multiply (users, D) with (D, n) and take the top-k, in blocks of 2,048 shoppers."""
    for block in torch.split(tastes, 2048):
        torch.topk(block @ items, TOP, dim=1)


if __name__ == "__main__":
    sys.exit(main())
