"""What a run will take, measured: the first batches of its towers on the shop's own data, in a process of their own.

``python -m core.train.probe SNAPSHOT THREADS`` reads a request on stdin and prints an estimate, or the reason why there is none.
"""

import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import TypeAdapter

from core.base.errors import BadInput
from core.base.jobs import ROOT
from core.base.settings import load_settings
from core.train.names import Preset
from core.train.reread import check
from core.train.runs import Request
from core.train.snapshot import Snapshot

if TYPE_CHECKING:
    from core.represent.sequences import Spans
    from core.train.finetune import Options
    from core.train.multitask import Lessons
    from core.train.protocol import Split

LONG_ENOUGH = 3.0
"""Seconds of training that are measured."""
TIMEOUT = 120.0


@dataclass(frozen=True)
class Estimate:
    """What was measured.

    seconds: of tuning the text encoder, where that is asked for, and of training the towers to the most epochs allowed, once
    more where everything is trained on afterwards: they stop before that where nothing gets better; the tables of neighbours
    and the judging come on top, in the seconds on a shop of some thousand items. peak_mb: most memory, MiB, that the process
    held until then; took: seconds that were measured.
    """

    seconds: float
    peak_mb: float
    took: float


def estimate(snapshot: Snapshot, request: Request, threads: int) -> Estimate:
    """Return what this run will take, measured in a process of its own so that its memory is its own; takes some seconds.

    Raises BadInput for zero-shot, which trains nothing, where the log cannot be split or learned from, or the encoder not be
    tuned that is to be, and after TIMEOUT.
    """
    if request.preset is Preset.ZERO_SHOT:
        raise BadInput("Zero-shot trains nothing, so there is nothing to measure.")
    check(snapshot, request)
    command = [sys.executable, "-m", "core.train.probe", str(snapshot.folder.resolve()), str(threads)]
    try:
        given = _REQUEST.dump_json(request)
        ended = subprocess.run(command, input=given, capture_output=True, timeout=TIMEOUT, cwd=ROOT, check=False)
    except subprocess.TimeoutExpired:
        raise BadInput(
            f"The first batches took more than {TIMEOUT:.0f} s. Measure again when this machine is less busy."
        ) from None
    if ended.returncode:
        raise RuntimeError(f"The probe ended with {ended.returncode}: {ended.stderr.decode(errors='replace')[-2000:]}")
    told = json.loads(ended.stdout)
    if "error" in told:
        raise BadInput(told["error"])
    return Estimate(**told)


def measure(snapshot: Snapshot, request: Request) -> Estimate:
    """Train for LONG_ENOUGH and return the estimate by it. Raises BadInput where the log cannot be split or learned from."""
    from core.represent.sequences import to_learn
    from core.train.multitask import lessons
    from core.train.presets import TOWERS, preset_options
    from core.train.protocol import sought, split
    from core.train.run import options, peak_mb

    chosen = preset_options(request.preset, options(request))
    cut = split(snapshot.acts, request.protocol)
    train = cut.train()
    spans = to_learn(train, chosen.longest, sought(train))
    if not len(spans):
        raise BadInput("No shopper has two items yet, so there is nothing to learn from. Load more history.")
    steps = _steps(snapshot.vectors, spans, chosen, lessons(train, chosen))
    next(steps)  # the first step also makes room
    start, done, took = time.perf_counter(), 0, 0.0
    while took < LONG_ENOUGH:
        next(steps)
        done, took = done + 1, time.perf_counter() - start
    batches = min(math.ceil(len(spans) / chosen.size(len(spans))), chosen.epoch_batches) * chosen.most_epochs
    times = TOWERS[request.preset] * (2 if request.refit else 1)
    tuning, tuned_in = _tuning(snapshot, cut, request) if request.lora else (0.0, 0.0)
    return Estimate(round(took / done * batches * times + tuning, 1), peak_mb(), round(took + tuned_in, 2))


def _tuning(snapshot: Snapshot, cut: "Split", request: Request) -> tuple[float, float]:
    """Return the seconds that tuning the encoder and encoding the texts by it will take, and those of measuring it."""
    import torch

    from core.train.lora import begin
    from core.train.reread import lora_options

    settings = load_settings(home=snapshot.folder.parents[1])
    options = replace(lora_options(settings, snapshot, "probe", request.seed), threads=torch.get_num_threads())
    start = time.perf_counter()
    tuning, _, _ = begin(snapshot, cut, options, snapshot.folder / ".no-checkpoint")
    return tuning.foresee(LONG_ENOUGH), time.perf_counter() - start


def _steps(vectors: np.ndarray, spans: "Spans", chosen: "Options", also: "Lessons | None") -> Iterator[None]:
    """Learn from one batch after another, as training does, without end."""
    import torch

    from core.train.finetune import begin, learn

    engaged = np.unique(spans.acts.item)
    state = begin(torch.from_numpy(np.ascontiguousarray(vectors, np.float32)), chosen, spans.acts, also)
    while True:
        for _ in learn(state, spans, engaged, chosen):
            yield


_REQUEST = TypeAdapter(Request)


def main() -> None:
    """Measure what is asked for on stdin, and print it."""
    import torch

    torch.set_num_threads(int(sys.argv[2]))
    try:
        told = asdict(measure(Snapshot(Path(sys.argv[1])), _REQUEST.validate_json(sys.stdin.buffer.read())))
    except BadInput as error:
        told = {"error": str(error)}
    print(json.dumps(told))  # noqa: T201 - what it was started for


if __name__ == "__main__":
    main()
