"""How good the segments are: against planted types on demo shops, and by their own measures on a real shop.

``python -m tests.bench.bench_segments [--seeds 5] [--shoppers 4000]``. On each demo shop, the adjusted Rand index between
the segments and the types its shoppers were planted with: the mean must be at least 0.75. On Online Retail (skipped by
name where it is absent), silhouette, stability under resampling, and the fidelity of the rules.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import pandas as pd
from sklearn.metrics import adjusted_rand_score

from core.base.db import Store, memory_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.demo.generate import generate
from core.demo.truth import load_truth
from core.ingest.load import import_file
from core.profiles import segments
from core.profiles.behaviour import rebuild_shoppers
from core.profiles.rollups import rebuild_rollups
from tests.conftest import DATA
from tests.profiles.shop import load_online_retail

TARGET = 0.75
RETAIL = "online_retail/online_retail.csv.gz"


def main() -> None:
    """Print one JSON line a shop; exit with 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--shoppers", type=int, default=4000)
    given = parser.parse_args()
    found = [demo(seed, given.shoppers) for seed in range(1, given.seeds + 1)]
    mean = statistics.fmean(found)
    print(json.dumps({"adjusted Rand index, mean": round(mean, 3), "least": round(min(found), 3), "target": TARGET}), flush=True)
    retail()
    raise SystemExit(mean < TARGET)


def demo(seed: int, shoppers: int) -> float:
    """Return the adjusted Rand index of one demo shop's segments against its planted types."""
    with tempfile.TemporaryDirectory() as folder:
        files = generate(Path(folder) / "shop", seed=seed, shoppers=shoppers)
        store, workspace = memory_store(), open_workspace(Path(folder) / "home")
        for path in (files.events, files.items, files.reviews, files.users):
            import_file(store, workspace, path)
        report(store, f"demo, seed {seed}")
        planted = load_truth(Path(folder) / "shop").shoppers.set_index("customer_id")["type"]
        members = store.df("SELECT user_id, segment_id FROM members").set_index("user_id")["segment_id"]
        store.close()
    both = pd.concat([planted, members], axis=1, join="inner")
    index = float(adjusted_rand_score(both["type"], both["segment_id"]))
    print(json.dumps({"shop": f"demo, seed {seed}", "shoppers": len(both), "adjusted Rand index": round(index, 3)}), flush=True)
    return index


def retail() -> None:
    """Measure the segments of Online Retail, or say that it is absent."""
    if not (DATA / RETAIL).exists():
        print(json.dumps({"skipped": f"data set {RETAIL} is not at {DATA}"}))
        return
    store = memory_store()
    load_online_retail(store, DATA / RETAIL)
    report(store, "Online Retail")
    store.close()


def report(store: Store, shop: str) -> None:
    """Build the segments and print their measures."""
    rebuild_rollups(store)
    rebuild_shoppers(store)
    start = time.perf_counter()
    segments.rebuild_segments(store, load_settings({}))
    seconds = time.perf_counter() - start
    found = segments.report(store).as_json()
    keys = ("k", "silhouette", "stability", "fidelity", "fidelity_unseen", "shoppers", "left_out", "robots")
    told = {key: round(found[key], 3) if isinstance(found[key], float) else found[key] for key in keys}
    print(json.dumps({"shop": shop, **told, "seconds": round(seconds, 1)}), flush=True)


if __name__ == "__main__":
    main()
