"""What changing the histories, and learning more than the next item, does to one tower: ``python -m tests.bench.bench_augment``.

A row a configuration, the same seeds in each: validation NDCG@10 of a tower on its own, at its best epoch, beside the tower
without; the tasks' own figures where they are learned. Everything is chosen on the validation part, the test part is not asked.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.train import multitask
from core.train.finetune import Options, Tower
from core.train.names import Protocol, also
from core.train.protocol import Part, Split, split
from core.train.snapshot import Snapshot

ROWS: dict[str, dict[str, int | float]] = {
    "without": {},
    "crop": also(["crop"]),
    "mask": also(["mask"]),
    "reorder": also(["reorder"]),
    "all": also(["crop", "mask", "reorder"]),
    "multi-task": also(multi_task=True),
}


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("snapshot", type=Path, help="a snapshot's folder: HOME/snapshots/VERSION-HASH")
    parser.add_argument("--protocol", type=Protocol, default=Protocol.LEAVE_LAST_ONE)
    parser.add_argument("--seeds", nargs="+", type=int, default=[7, 8, 9])
    parser.add_argument("--option", nargs="*", default=[], metavar="NAME=VALUE", help="of the tower, in every row")
    parser.add_argument("rows", nargs="*", default=list(ROWS), help=f"which rows: {' '.join(ROWS)}")
    given = parser.parse_args()
    snapshot = Snapshot(given.snapshot)
    cut = split(snapshot.acts, given.protocol)
    told = {name: json.loads(value) for name, value in (one.split("=") for one in given.option)}
    print(f"{snapshot.folder.name}, {given.protocol}, seeds {given.seeds} {told or ''}", flush=True)
    usual = None
    for name in given.rows:
        found = np.array([one_tower(snapshot, cut, name, seed, {**ROWS[name], **told}) for seed in given.seeds])
        usual = found if usual is None else usual
        gap = f"{(found - usual).mean():+.4f} ± {(found - usual).std(ddof=1) / np.sqrt(len(found)) if len(found) > 1 else 0:.4f}"
        print(f"{name:>12} {found.mean():.4f}  {gap}", flush=True)
    return 0


def one_tower(snapshot: Snapshot, cut: Split, name: str, seed: int, told: dict[str, int | float]) -> float:
    """Train a tower, print what it came to, and return its validation NDCG@10 at the best epoch."""
    tower = Tower(snapshot.vectors, replace(Options(seed=seed), **told))  # type: ignore[arg-type]
    start = time.process_time()
    tower.fit(cut.train(), cut.examples(Part.VALID))
    best, cpu = max(ndcg for _, ndcg in tower.curve), time.process_time() - start
    tasks = " ".join(score.in_words() for score in multitask.judge([tower.towers], cut))
    print(
        f"{name:>12} seed {seed}: {best:.4f} after {tower.options.epochs} of {len(tower.curve)} epochs, {cpu:.0f} CPU s {tasks}"
    )
    return best


if __name__ == "__main__":
    sys.exit(main())
