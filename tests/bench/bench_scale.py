"""Made-up shops of growing size, from the log to the lists of all shoppers: ``python -m tests.bench.bench_scale``.

``--shops ITEMSxSHOPPERS …`` chooses the sizes; ``--largest`` adds 100,000 items and 1,000,000 shoppers, tens of minutes.
Target: no process holds more than 8 GB of data: one that asks for more fails. The tower learns from ``--epoch-batches`` a epoch,
four at most. ``--plot FILE.svg`` draws the figures.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from tests.bench.scale_plot import draw
from tests.bench.scale_stage import Task, Took

LIMIT_MB = 8000
STAGES = ("load", "train", "export")
LARGEST = "100000x1000000"


def main() -> int:
    """Print a table, a column a shop; return 1 where a process failed, as it does above the limit."""
    given = _options()
    columns: dict[str, dict[str, Took]] = {}
    for size in [*given.shops, *([LARGEST] if given.largest else [])]:
        items, shoppers = map(int, size.split("x"))
        with TemporaryDirectory(dir=given.home) as home:
            task = Task(home, items, shoppers, given.threads, LIMIT_MB, epoch_batches=given.epoch_batches)
            took = run(task)
        if took is None:
            return 1
        columns[f"{items:,} x {shoppers:,}"] = took
        print(table(columns).to_string(), flush=True)
        if given.plot:
            given.plot.write_text(draw(columns, LIMIT_MB), encoding="utf-8")
    return 0


def run(task: Task) -> dict[str, Took] | None:
    """Do every stage in a process of its own; None where one failed."""
    took = {}
    for stage in STAGES:
        path = Path(task.home) / "task.json"
        path.write_text(json.dumps(asdict(task)))
        command = [sys.executable, "-m", "tests.bench.scale_stage", stage, str(path)]
        threads = {name: str(task.threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        if subprocess.run(command, check=False, env={**os.environ, **threads}).returncode:
            print(f"FAILED: {stage} with {task.items:,} items and {task.shoppers:,} shoppers, limit {task.limit_mb} MB")
            return None
        took[stage] = Took(**json.loads(path.with_name(f"{stage}.json").read_text()))
        print(f"{stage}: {took[stage].seconds:.0f} s, {took[stage].peak_mb:.0f} MB. {' '.join(took[stage].told)}", flush=True)
    return took


def table(columns: dict[str, dict[str, Took]]) -> pd.DataFrame:
    """Return CPU seconds of each part, then seconds of the clock and the most memory of each process, MB."""
    found = {}
    for shop, took in columns.items():
        cpu = {f"{part}, CPU s": value for one in took.values() for part, value in one.cpu.items()}
        clock = {f"{stage}, s": one.seconds for stage, one in took.items()}
        peak = {f"{stage}, peak MB": one.peak_mb for stage, one in took.items()}
        found[shop] = {**cpu, **clock, **peak}
    return pd.DataFrame(found).round(0).astype(int)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shops", nargs="*", default=["3000x30000", "10000x100000"], help="ITEMSxSHOPPERS")
    parser.add_argument("--largest", action="store_true", help=f"{LARGEST} too")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--epoch-batches", type=int, default=250, help="steps of the tower in an epoch")
    parser.add_argument("--home", type=Path, help="where the workspaces are made; gigabytes for the largest")
    parser.add_argument("--plot", type=Path, help="an SVG file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
