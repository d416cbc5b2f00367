"""Lists for all shoppers of Amazon Beauty at once: ``python -m tests.bench.bench_batch``.

Target: at most 1.5 times the bare matrix product and top-k in torch, of the same shapes, with as many threads. The model has
the tables that the shop's log gives and three towers of the real size with random weights: their speed depends on shapes alone.
"""

import sys
import time
from dataclasses import replace
from tempfile import TemporaryDirectory

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
from core.score.batch import export_lists
from core.score.index import Index, load_index
from core.train.ease import Ease
from core.train.item_to_item import ItemToItem
from core.train.snapshot import take_snapshot
from tests.conftest import DATA

SHOP = "amazon_beauty"
TARGET, TOP, ROUNDS = 1.5, 20, 3


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
    users = int(store.value("SELECT count(DISTINCT user_id) FROM interactions"))
    bare, whole = [], []
    for number in range(ROUNDS):
        bare.append(bare_product(users, index.model.vectors))
        start = time.perf_counter()
        export_lists(store, index, open_workspace(load_settings({}, home=folder).home).home / f"out-{number}", alpha=0.9, top=TOP)
        whole.append(time.perf_counter() - start)
    frame = pd.DataFrame({"bare s": bare, "whole s": whole})
    print(f"{users:,} shoppers x {len(index):,} items x {index.model.vectors.shape[1]} numbers, top {TOP}\n{frame.round(2)}")
    return min(whole) / min(bare)


def bare_product(users: int, vectors: np.ndarray) -> float:
    """Return the seconds of the product of (users, D) with (D, n) and its top-k, in blocks of 2,048 shoppers."""
    tastes = torch.randn(users, vectors.shape[1])
    items = torch.from_numpy(vectors.T.copy())
    start = time.perf_counter()
    for block in torch.split(tastes, 2048):
        torch.topk(block @ items, TOP, dim=1)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
