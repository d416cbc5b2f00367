"""``make bench``: run every benchmark of this folder, one after the other, each in a process of its own."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
LONG = {"bench_accuracy"}
"""Trains every model for the better part of an hour: only by name, or `make bench-accuracy`."""


def main() -> int:
    """Run ``bench_*.py`` in name order (or those named on the command line); return how many failed."""
    chosen = sys.argv[1:] or sorted({path.stem for path in FOLDER.glob("bench_*.py")} - LONG)
    failed = 0
    for name in chosen:
        print(f"\n== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
