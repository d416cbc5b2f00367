"""One model judged on one shop, in a process of its own: ``python -m tests.bench.accuracy_row TASK.json``.

The result is written beside the task: ``.npz`` with (m, metrics of ACCURACY) for each column, ``.json`` with the seconds.
"""

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from core.represent.acts import Acts, distinct
from core.train.ease import Ease
from core.train.evaluate import accuracy
from core.train.item_to_item import ItemToItem
from core.train.judge import Score, ask
from core.train.models import make
from core.train.names import Model, Preset, Protocol
from core.train.presets import make_preset
from core.train.protocol import Examples, Part, Split, split
from core.train.scorer import Scorer
from core.train.snapshot import Snapshot

K = 10
PEERS = ("ials", "sasrec")
TRAINED = (str(Preset.QUICK), str(Preset.BEST))
COLD_SHARE = 0.1


@dataclass(frozen=True)
class Task:
    """What is to be judged. snapshot: its folder; cold: withhold a tenth of the items; python: the peers' interpreter."""

    snapshot: str
    protocol: Protocol
    model: str
    seed: int
    cold: bool = False
    python: str | None = None


@dataclass(frozen=True)
class Fitted:
    """A fitted model. scorer: gives what scores the test questions, asked in their order; seconds and CPU seconds of fitting."""

    scorer: Callable[[], Score]
    seconds: float
    cpu: float
    told: str


def main() -> None:
    """Do the task and write its result."""
    path = Path(sys.argv[1])
    task = Task(**json.loads(path.read_text()))
    snapshot = Snapshot(Path(task.snapshot))
    cut = split(snapshot.acts, Protocol(task.protocol))
    columns, told = (cold_columns if task.cold else columns_of)(task, snapshot, cut)
    np.savez(path.with_suffix(".npz"), **columns)  # type: ignore[arg-type]
    path.with_suffix(".out.json").write_text(json.dumps(told))


def columns_of(task: Task, snapshot: Snapshot, cut: Split) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the four columns: trained on the training part or refitted, with or without masking what was had before."""
    test, found = cut.examples(Part.TEST), {}
    rows = fit_peer(task, cut) if task.model in PEERS else fit_model(task, snapshot, cut)
    for name, fitted in rows:
        if name == "train":
            told = {"seconds": fitted.seconds, "cpu": fitted.cpu, "told": fitted.told}
        found[f"{name}, masked"] = judge(fitted, test, mask=True)
        found[f"{name}, unmasked"] = judge(fitted, test, mask=False)
    return found, told


def cold_columns(task: Task, snapshot: Snapshot, cut: Split) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the metrics over the targets nobody engaged with in training, and over the others."""
    rng = np.random.default_rng(task.seed)
    shown = np.flatnonzero(cut.acts.shown)
    cut = cut.without_items(rng.choice(shown, int(len(shown) * COLD_SHARE), replace=False))
    test, engaged = cut.examples(Part.TEST), np.bincount(cut.train().item, minlength=cut.acts.items) > 0
    _, fitted = next(fit_model(task, snapshot, cut))
    warm = engaged[test.target_item]
    found = {part: judge(fitted, only(test, mask), mask=True) for part, mask in (("cold", ~warm), ("warm", warm))}
    return found, {"seconds": fitted.seconds, "cpu": fitted.cpu, "told": fitted.told}


def only(examples: Examples, kept: np.ndarray) -> Examples:
    """Return the questions with the targets that the mask keeps; those without any are left out."""
    rows = np.unique(examples.target_row[kept])
    left = Examples(**{**vars(examples), "target_row": examples.target_row[kept], "target_item": examples.target_item[kept]})
    return left.take(rows)


def judge(fitted: Fitted, test: Examples, mask: bool) -> np.ndarray:
    """Return (m, metrics of ACCURACY)."""
    return accuracy(test, ask(fitted.scorer(), test, K, mask=mask).rank, K)


def fit_model(task: Task, snapshot: Snapshot, cut: Split) -> Iterator[tuple[str, Fitted]]:
    """Yield ('train', fitted on the training part), then ('refit', on the validation part too)."""
    model = _model(task, snapshot)
    for name in ("train", "refit"):
        wall, cpu = time.perf_counter(), time.process_time()
        model.fit(cut.train(refit=name == "refit"), cut.examples(Part.VALID) if name == "train" else None)
        told = str(getattr(model, "weights", "")) + str(getattr(model, "options", ""))
        if isinstance(alpha := getattr(model, "alpha", None), float):
            told += f" alpha {alpha}"
        yield name, Fitted(lambda: model.score, time.perf_counter() - wall, time.process_time() - cpu, told)


def _model(task: Task, snapshot: Snapshot) -> Scorer:
    if task.model in TRAINED:
        return make_preset(Preset(task.model), snapshot, task.seed)
    simple: dict[str, Any] = {Model.EASE: lambda: Ease(half_lives=(math.inf,)), Model.ITEM_TO_ITEM: ItemToItem}
    return simple[task.model]() if task.model in simple else make(Model(task.model), snapshot, 0.7)


def fit_peer(task: Task, cut: Split) -> Iterator[tuple[str, Fitted]]:
    """Yield what ``fit_model`` does, fitted by the peers' interpreter."""
    chosen = None
    for name in ("train", "refit"):
        with TemporaryDirectory() as folder:
            export(Path(folder), cut, refit=name == "refit")
            (Path(folder) / "task.json").write_text(json.dumps({"seed": task.seed, "chosen": chosen}))
            script = Path(__file__).with_name("peers.py")
            done = subprocess.run(
                [str(task.python), str(script), task.model, folder], check=False, capture_output=True, text=True
            )
            if done.returncode:
                raise RuntimeError(f"{task.model}: {done.stderr[-2000:]}")
            told = json.loads((Path(folder) / "found.json").read_text())
            found = dict(np.load(Path(folder) / "found.npz"))
        chosen = told["chosen"]
        yield name, Fitted(partial(_Factors, found), told["seconds"], told["cpu"], str(chosen))


class _Factors:
    """Scores of the test questions in the order in which they are asked; unknown items come last."""

    def __init__(self, found: dict[str, np.ndarray]):
        self._found, self._place = found, 0

    def __call__(self, history: Acts) -> np.ndarray:
        rows = slice(self._place, self._place + history.shoppers)
        self._place = rows.stop
        scores = (self._found["test"][rows] @ self._found["items"].T).astype(np.float32)
        scores[:, ~self._found["known"]] = -1e30
        return scores


def export(folder: Path, cut: Split, refit: bool) -> None:
    """Write what ``peers.py`` reads."""
    train = distinct(cut.train(refit))
    np.savez(folder / "train.npz", user=train.user, item=train.item, users=train.shoppers, items=train.items)
    for part in (Part.VALID, Part.TEST):
        asked = cut.examples(part)
        history = distinct(asked.history)
        told = {name: value for name, value in vars(asked).items() if name.startswith(("seen_", "target_"))}
        np.savez(folder / f"{part.name.lower()}.npz", row=history.user, item=history.item, rows=len(asked), **told)


def write_task(task: Task, path: Path) -> None:
    """Keep a task where ``main`` reads it."""
    path.write_text(json.dumps(asdict(task)))


if __name__ == "__main__":
    main()
