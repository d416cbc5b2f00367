"""How well models rank on public shops, all in one run and on one split: ``python -m tests.bench.bench_accuracy``.

Full ranking over all items. Four columns, never mixed: trained on the training part or refitted on the validation part too
with the settings found, and with or without masking what a shopper had before. Settings are chosen on the validation
part; the test part is asked once for each column. Every row is a process of its own, so that its peak memory is its own.
``--peers PYTHON`` (see requirements-peers.txt) adds iALS and SASRec. Any other shop: ``--files FILE … --protocol …``.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from core.train.metrics import intervals
from core.train.names import Model, Preset, Protocol
from core.train.protocol import Part, split
from core.train.snapshot import Snapshot
from tests.bench.accuracy_row import PEERS, TRAINED, Task, write_task
from tests.bench.shops import SHOPS, Shop, prepare

COLUMNS = ("train, masked", "train, unmasked", "refit, masked", "refit, unmasked")
COLD_MODELS = (Model.POPULARITY, Model.ZERO_SHOT, Preset.QUICK)
SEEDED = {*TRAINED, *PEERS}
"""Models that depend on a seed; the others are fitted once."""


@dataclass(frozen=True)
class Row:
    """One model over its seeds. columns: (m, metrics of ACCURACY) each, the mean over the seeds; peak_mb: the highest."""

    model: str
    columns: dict[str, np.ndarray]
    by_seed: list[dict[str, np.ndarray]]
    seconds: float
    cpu: float
    peak_mb: float
    told: str


def main() -> int:
    """Print the tables; return 0, also where data sets are not there."""
    given = _options()
    shops = [_named(given)] if given.files else [shop for shop in SHOPS if shop.name in given.shops]
    for shop in shops:
        if missing := [file for file in shop.files if not file.exists()]:
            print(f"skipped: {shop.name}, no {missing[0]}")
            continue
        with _home(given.home, shop) as home:
            bench(shop, prepare(shop, home), given)
    return 0


def bench(shop: Shop, snapshot: Snapshot, given: argparse.Namespace) -> None:
    """Print a shop's table, the differences to the peers, and the test of cold items."""
    questions = len(split(snapshot.acts, shop.protocol).examples(Part.TEST))
    print(
        f"\n== {shop.name}: {snapshot.meta.items:,} items, {questions:,} questions, {shop.protocol}, "
        f"data {snapshot.meta.content_hash[:12]}, seeds {' '.join(map(str, given.seeds))}; NDCG@10 / HR@10"
    )
    print(f"{'':>13}" + "".join(f"{name:>18}" for name in COLUMNS) + f"{'seconds':>9}{'CPU s':>7}{'peak MB':>9}", flush=True)
    rows = []
    for model in given.models:
        if model in PEERS and given.peers is None:
            print(f"{model:>13} skipped: no interpreter with its library (--peers PYTHON)")
            continue
        rows.append(row(model, shop, snapshot, given))
        print(line(rows[-1]), flush=True)
    for mine in [one for one in rows if one.model in TRAINED]:
        ahead(mine, [one for one in rows if one.model not in TRAINED])
    if given.cold:
        cold(shop, snapshot, given)


def row(model: str, shop: Shop, snapshot: Snapshot, given: argparse.Namespace) -> Row:
    """Judge one model, once or for every seed."""
    seeds = given.seeds if model in SEEDED else given.seeds[:1]
    runs = [in_process(Task(str(snapshot.folder), shop.protocol, model, seed, python=given.peers)) for seed in seeds]
    columns = {name: np.mean([found[name] for found, _ in runs], axis=0) for name in COLUMNS}
    told = [one for _, one in runs]
    return Row(
        model,
        columns,
        [found for found, _ in runs],
        float(np.mean([one["seconds"] for one in told])),
        float(np.mean([one["cpu"] for one in told])),
        max(one["peak_mb"] for one in told),
        told[0]["told"],
    )


def in_process(task: Task) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Do a task in a process of its own; return its columns, and its seconds, CPU seconds and peak memory in MiB."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "task.json"
        write_task(task, path)
        child = subprocess.Popen([sys.executable, "-m", "tests.bench.accuracy_row", str(path)])
        _, status, used = os.wait4(child.pid, 0)
        if status:
            raise RuntimeError(f"{task.model} failed: see above")
        told = json.loads(path.with_suffix(".out.json").read_text())
        return dict(np.load(path.with_suffix(".npz"))), {**told, "peak_mb": used.ru_maxrss / 1024}


def line(one: Row) -> str:
    """Return a row of the table; where there are seeds, the spread of the first column after it."""
    cells = "".join(f"{values[:, 0].mean():9.4f} /{values[:, 1].mean():7.4f}" for values in one.columns.values())
    spread = [found[COLUMNS[0]][:, 0].mean() for found in one.by_seed]
    seeds = " by seed " + " ".join(f"{value:.4f}" for value in spread) if len(spread) > 1 else ""
    return f"{one.model:>13}{cells}{one.seconds:9.0f}{one.cpu:7.0f}{one.peak_mb:9.0f}{seeds}  {one.told}"


def ahead(mine: Row, others: Sequence[Row]) -> None:
    """Print how far a preset is ahead of every other row: NDCG@10, with the paired bootstrap interval (95 %)."""
    for other in others:
        for column in (COLUMNS[0], COLUMNS[2]):
            gap = mine.columns[column][:, :1] - other.columns[column][:, :1]
            ((low, high),) = intervals(gap, np.random.default_rng(7))
            print(f"{mine.model} − {other.model}, {column}: {gap.mean():+.4f} ({low:+.4f} to {high:+.4f})")


def cold(shop: Shop, snapshot: Snapshot, given: argparse.Namespace) -> None:
    """Print NDCG@10 on items withheld from training: a random tenth of them, one seed."""
    print("a tenth of the items withheld from training: NDCG@10 over targets that are cold · over the others")
    for model in COLD_MODELS:
        found, told = in_process(Task(str(snapshot.folder), shop.protocol, model, given.seeds[0], cold=True))
        parts = " · ".join(f"{found[part][:, 0].mean():.4f} ({len(found[part]):,})" for part in ("cold", "warm"))
        print(f"{model:>13} {parts}  {told['seconds']:.0f} s", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shops", nargs="+", default=[shop.name for shop in SHOPS], choices=[shop.name for shop in SHOPS])
    parser.add_argument("--files", nargs="+", type=Path, help="raw files of another shop instead, in the order of import")
    parser.add_argument("--protocol", type=Protocol, default=Protocol.LEAVE_LAST_ONE, help="how --files are split")
    parser.add_argument("--seeds", nargs="+", type=int, default=[7, 8, 9])
    parser.add_argument("--peers", help="the interpreter that has implicit and rectools")
    parser.add_argument("--home", type=Path, help="keep the workspaces, and so the encoded texts, in this folder")
    parser.add_argument("--cold", action=argparse.BooleanOptionalAction, default=True)
    everything = [*map(str, Model), *PEERS, *TRAINED]
    parser.add_argument("models", nargs="*", default=everything, help=f"which rows: {' '.join(everything)}")
    return parser.parse_args()


def _named(given: argparse.Namespace) -> Shop:
    return Shop(given.files[0].resolve().parent.name, tuple(given.files), given.protocol)


@contextmanager
def _home(chosen: Path | None, shop: Shop) -> Iterator[Path]:
    if chosen is not None:
        yield chosen / shop.name
    else:
        with TemporaryDirectory() as folder:
            yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
