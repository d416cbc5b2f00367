"""Seconds of an epoch on Amazon Beauty, Kindred's tower beside RecTools' SASRec.

``python -m tests.bench.bench_epoch --peers PYTHON``; PYTHON: see requirements-peers.txt. Target: no slower, in CPU seconds.
Same histories, width, blocks, heads, length, batch, loss (sampled softmax) and threads, in turns, in the same run. What differs:
Kindred's tower reads the text of every item and the days between two acts, and tells each step from 1,024 negatives that a batch
shares; SASRec draws 64 of its own for every place.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch

from core.represent.acts import Acts
from core.represent.sequences import to_learn
from core.train.finetune import Options, begin, learn
from core.train.protocol import Split, split
from tests.bench.accuracy_row import export
from tests.bench.shops import SHOPS, prepare

SHOP = SHOPS[0]
ROUNDS = 3
PEER_BATCHES = 20
"""Of an epoch of SASRec, all of which are padded alike: two minutes of a core become a quarter of one."""
OPTIONS = Options()
PEER = {
    "n_factors": OPTIONS.width,
    "n_blocks": OPTIONS.layers,
    "n_heads": OPTIONS.heads,
    "batch_size": OPTIONS.batch,
}
Epochs = Iterator[tuple[float, float]]
"""Seconds and CPU seconds of one epoch after another."""


def main() -> int:
    """Print the figures; return 1 where Kindred is slower, 0 also where the data set or the peer is not there."""
    given = _options()
    if missing := [file for file in SHOP.files if not file.exists()]:
        print(f"skipped: no {missing[0]}")
        return 0
    if given.peers is None:
        print("skipped: no interpreter with RecTools (--peers PYTHON)")
        return 0
    torch.set_num_threads(given.threads)
    with TemporaryDirectory() as folder:
        snapshot = prepare(SHOP, given.home / SHOP.name if given.home else Path(folder) / "home")
        cut = split(snapshot.acts, SHOP.protocol)
        frame = compare(cut, snapshot.vectors, given)
    print(f"{SHOP.name}, {given.threads} threads, seconds an epoch\n{frame.round(2).to_string()}")
    best = frame.min()
    print(f"Kindred / SASRec: {best['Kindred CPU s'] / best['SASRec CPU s']:.2f} in CPU seconds (target 1.00)")
    return int(best["Kindred CPU s"] > best["SASRec CPU s"])


def compare(cut: Split, vectors: np.ndarray, given: argparse.Namespace) -> pd.DataFrame:
    """Return a row a round; the first epoch of both is not counted."""
    ours = kindred(cut.train(), vectors)
    rows = []
    with sasrec(cut, given) as theirs:
        for number in range(ROUNDS + 1):
            mine, other = next(ours), next(theirs)
            if number:
                rows.append((mine[0], other[0], mine[1], other[1]))
    return pd.DataFrame(rows, columns=["Kindred s", "SASRec s", "Kindred CPU s", "SASRec CPU s"])


def kindred(train: Acts, vectors: np.ndarray) -> Epochs:
    """Train the tower for one epoch after another."""
    spans = to_learn(train, OPTIONS.longest)
    engaged = np.unique(spans.acts.item)
    state = begin(torch.from_numpy(np.ascontiguousarray(vectors)), OPTIONS, spans.acts)
    while True:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in learn(state, spans, engaged, OPTIONS):
            pass
        yield time.perf_counter() - wall, time.process_time() - cpu


@contextmanager
def sasrec(cut: Split, given: argparse.Namespace) -> Iterator[Epochs]:
    """Give the epochs of the peer, in a process of its own that waits while it is not asked."""
    with TemporaryDirectory() as folder:
        export(Path(folder), cut, refit=False)
        chosen = {**PEER, "session_max_len": given.peer_length}
        task = {"chosen": chosen, "threads": given.threads, "batches": PEER_BATCHES}
        (Path(folder) / "task.json").write_text(json.dumps(task))
        command = [given.peers, str(Path(__file__).with_name("peers.py")), "epochs", folder]
        environment = {**os.environ, "OMP_NUM_THREADS": str(given.threads)}
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        ) as child:
            yield _asked(child)
            assert child.stdin is not None
            child.stdin.close()


def _asked(child: "subprocess.Popen[str]") -> Epochs:
    assert child.stdin is not None
    assert child.stdout is not None
    while True:
        child.stdin.write("epoch\n")
        child.stdin.flush()
        told = next(json.loads(line) for line in child.stdout if line.startswith("{"))
        yield told["seconds"], told["cpu"]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", help="the interpreter that has rectools")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peer-length", type=int, default=OPTIONS.longest, help="items of a history that SASRec reads")
    parser.add_argument("--home", type=Path, help="keep the workspace, and so the encoded texts, in this folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
