"""How long the import of a large event log takes against DuckDB's bare read of it into a table of the same types.

``python -m tests.bench.bench_import [--rows 10000000] [--file events.csv]``. Bare read and import each run in a process
of their own, on the same settings, one after the other, ``--rounds`` times in turn; the ratio is of the medians.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from core.base.db import open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.ingest.load import import_file

LIMIT_RATIO, LIMIT_MIB = 2.0, 2048
_TYPES = {
    "user_id": "VARCHAR",
    "item_id": "VARCHAR",
    "event_time": "TIMESTAMP",
    "event_type": "VARCHAR",
    "price": "DOUBLE",
    "quantity": "DOUBLE",
    "session_id": "VARCHAR",
    "platform": "VARCHAR",
    "dwell_s": "DOUBLE",
}


def write_events(path: Path, rows: int) -> None:
    """Write a seeded log: 400,000 shoppers, 50,000 items, seven kinds of event lines, about 70 bytes a row."""
    duckdb.execute(
        "COPY (SELECT 'u' || (hash(i * 7) % 400000) AS user_id, 'sku-' || (hash(i * 13) % 50000) AS item_id, "
        "TIMESTAMP '2025-01-01' + to_seconds(i * 2 + (hash(i) % 1000)::INT) AS event_time, "
        "['view', 'view', 'view', 'view', 'click', 'cart', 'purchase'][1 + (hash(i * 3) % 7)::INT] AS event_type, "
        "round((hash(i * 5) % 20000) / 100.0, 2) AS price, 1 + (hash(i * 11) % 3) AS quantity, 's' || (i // 6) AS session_id, "
        "['web', 'app', 'mini-program'][1 + (hash(i * 17) % 3)::INT] AS platform, (hash(i * 19) % 300)::INT AS dwell_s "
        f"FROM range({rows}) t(i)) TO '{path}' (HEADER)"
    )


def bare(path: Path, home: Path) -> dict[str, float]:
    """Read the file into a typed table, with the memory and threads the product has."""
    settings = load_settings({}, home=home)
    workspace = open_workspace(home)
    config = {"memory_limit": f"{settings.memory_mb}MiB", "threads": settings.threads, "temp_directory": str(workspace.temp)}
    connection = duckdb.connect(str(workspace.store), config=config)
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in _TYPES.items())
    start = time.perf_counter()
    connection.execute(f"CREATE TABLE events AS FROM read_csv('{path}', columns={{{columns}}})")
    return _measured(start, connection.execute("SELECT count(*) FROM events").fetchall()[0][0])


def whole(path: Path, home: Path) -> dict[str, float]:
    """Import the file as a user would: detect, map, load, look for duplicates, keep the books."""
    workspace = open_workspace(home)
    store = open_store(workspace, load_settings({}, home=home), also_read=[path])
    start = time.perf_counter()
    result = import_file(store, workspace, path)
    assert result.read == result.loaded + result.quarantined
    return _measured(start, result.read)


def _measured(start: float, rows: int) -> dict[str, float]:
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": round(seconds, 2), "cpu": round(time.process_time(), 2), "rows": rows, "peak_mib": round(peak)}


def _in_process(task: str, path: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "tests.bench.bench_import", "--task", task, "--file", str(path), "--home", home]
        return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main() -> None:
    """Print one line a run, and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--task", choices=("bare", "whole"))
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    if options.task:
        print(json.dumps({"bare": bare, "whole": whole}[options.task](options.file, options.home)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or Path(folder) / "events.csv"
        if options.file is None:
            write_events(path, options.rows)
        runs: dict[str, list[dict[str, float]]] = {"bare": [], "whole": []}
        for _ in range(options.rounds):
            for task, done in runs.items():
                done.append(_in_process(task, path))
                last = done[-1]
                spent = f"{last['seconds']:8.2f} s  {last['cpu']:8.2f} CPU s"
                print(f"{task:6} {last['rows']:>12,.0f} rows {spent}  peak {last['peak_mib']:,.0f} MiB")
    seconds = {task: statistics.median(run["seconds"] for run in done) for task, done in runs.items()}
    peak = max(run["peak_mib"] for run in runs["whole"])
    ratio = seconds["whole"] / seconds["bare"]
    print(f"import {seconds['whole']:.2f} s = {ratio:.2f} x bare read {seconds['bare']:.2f} s (limit {LIMIT_RATIO})")
    print(f"peak memory of the import {peak:,.0f} MiB (limit {LIMIT_MIB:,})")


if __name__ == "__main__":
    main()
