"""Models of other libraries, run by an interpreter of their own: ``PYTHON tests/bench/peers.py ials|sasrec|epochs FOLDER``.

What that interpreter needs is in ``requirements-peers.txt``; nothing of Kindred is imported here. In FOLDER:

- ``train.npz``: user, item (distinct pairs, each shopper's in order of time), users, items;
- ``valid.npz`` and ``test.npz``: row, item (histories, as above), rows; seen_row, seen_item; target_row, target_item;
- ``task.json``: seed; chosen (the settings of an earlier fit, or null to choose them on ``valid``);
- ``epochs``: SASRec alone, by the settings in ``chosen``; ``batches`` of an epoch for each line read, and
  the seconds and CPU seconds printed that a whole one takes at that rate;
- else written: ``found.npz`` with items (n, d), valid (m, d), test (m', d), known (n,) bool: score = dot product, unknown items
  cannot be scored; and ``found.json``: chosen, tried (settings and their NDCG@10), seconds and cpu of fitting.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

K = 10
FACTORS, RIDGES, ALPHAS = (64, 128), (1.0, 10.0, 100.0), (1.0, 8.0, 32.0)
CHUNK = 512


@dataclass(frozen=True)
class Als:
    """Settings of implicit's alternating least squares: confidence of a pair, ridge, and width."""

    factors: int
    regularization: float
    alpha: float
    iterations: int = 15


@dataclass(frozen=True)
class SasRec:
    """Settings of RecTools' SASRec with sampled softmax.

    session_max_len: all but the longest 5 % of the histories, LONGEST at most, as it pads every history to this length;
    epochs: chosen on the validation part.
    """

    n_factors: int = 64
    n_blocks: int = 2
    n_heads: int = 2
    dropout_rate: float = 0.3
    session_max_len: int = 0
    n_negatives: int = 64
    lr: float = 1e-3
    batch_size: int = 128
    epochs: int = 60


PATIENCE = 3
LONGEST = 50
"""Of a history, what published runs on these data sets read."""


@dataclass(frozen=True)
class Found:
    """A fitted model. items: (n, d); histories: (m, d) by part; known: (n,) bool, items that can be scored."""

    items: np.ndarray
    histories: dict[str, np.ndarray]
    known: np.ndarray


def main() -> None:
    """Fit the named model and write what it found."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    if name == "epochs":
        epochs(folder)
        return
    data = {part: dict(np.load(folder / f"{part}.npz")) for part in ("train", "valid", "test")}
    task = json.loads((folder / "task.json").read_text())
    warnings.filterwarnings("ignore")
    wall, cpu = time.perf_counter(), time.process_time()
    fit: Callable[..., tuple[Found, dict[str, Any], list[Any]]] = {"ials": ials, "sasrec": sasrec}[name]
    found, chosen, tried = fit(data, task["seed"], task["chosen"])
    told = {"chosen": chosen, "tried": tried, "seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    np.savez(folder / "found.npz", items=found.items, known=found.known, **found.histories)
    (folder / "found.json").write_text(json.dumps(told))


def ials(data: dict[str, Any], seed: int, chosen: dict[str, Any] | None) -> tuple[Found, dict[str, Any], list[Any]]:
    """Fit every setting of the grid, or the chosen one."""
    grid = [Als(*values) for values in product(FACTORS, RIDGES, ALPHAS)] if chosen is None else [Als(**chosen)]
    tried: list[Any] = []
    best: tuple[float, Found, Als] | None = None
    for options in grid:
        found = _als(data, options, seed)
        ndcg = judge(found, data["valid"])
        tried.append([asdict(options), ndcg])
        print(f"{ndcg:.4f} {options}", flush=True)
        if best is None or ndcg > best[0]:
            best = ndcg, found, options
    assert best is not None
    return best[1], asdict(best[2]), tried


def _als(data: dict[str, Any], options: Als, seed: int) -> Found:
    from implicit.cpu.als import AlternatingLeastSquares

    train = data["train"]
    count = int(train["items"])
    model = AlternatingLeastSquares(**asdict(options), random_state=seed, num_threads=1)
    model.fit(matrix(train["user"], train["item"], int(train["users"]), count), show_progress=False)
    parts = {
        part: model.recalculate_user(
            np.arange(int(data[part]["rows"])), matrix(data[part]["row"], data[part]["item"], int(data[part]["rows"]), count)
        )
        for part in ("valid", "test")
    }
    return Found(model.item_factors, parts, np.bincount(train["item"], minlength=count) > 0)


def matrix(row: np.ndarray, item: np.ndarray, rows: int, items: int) -> sp.csr_matrix:
    """Return float32 (rows, items) of 0 and 1."""
    return sp.csr_matrix((np.ones(len(row), np.float32), (row, item)), shape=(rows, items))


def sasrec(data: dict[str, Any], seed: int, chosen: dict[str, Any] | None) -> tuple[Found, dict[str, Any], list[Any]]:
    """Train epoch by epoch until ``valid`` gets no better, or for the chosen number of epochs."""
    import pytorch_lightning
    import torch

    torch.set_num_threads(1)
    pytorch_lightning.seed_everything(seed, verbose=False)
    options = SasRec(session_max_len=_length(data["train"]["user"])) if chosen is None else SasRec(**chosen)
    model, train = _sasrec(options), _dataset(data["train"]["user"], data["train"]["item"])
    tried: list[Any] = []
    best: tuple[float, Found, int] | None = None
    for epoch in range(1, options.epochs + 1):
        model.fit_partial(train, min_epochs=1, max_epochs=1)
        if chosen is not None and epoch < options.epochs:
            continue
        found = _factors(model, data)
        ndcg = judge(found, data["valid"])
        tried.append([epoch, ndcg])
        print(f"{ndcg:.4f} epoch {epoch}", flush=True)
        if best is None or ndcg > best[0]:
            best = ndcg, found, epoch
        elif epoch - best[2] >= PATIENCE:
            break
    assert best is not None
    return best[1], {**asdict(options), "epochs": best[2]}, tried


def epochs(folder: Path) -> None:
    """Train for a part of one epoch after another, as they are asked for on stdin, and print what a whole one takes.

    Every batch is padded to the same length, so that some of them tell of all.
    """
    import torch
    from pytorch_lightning import Callback

    warnings.filterwarnings("ignore")
    task = json.loads((folder / "task.json").read_text())
    torch.set_num_threads(task["threads"])
    data = dict(np.load(folder / "train.npz"))
    model, train = _sasrec(SasRec(**task["chosen"])), _dataset(data["user"], data["item"])
    at: list[float] = []

    class Clock(Callback):
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            at[:] = time.perf_counter(), time.process_time()

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            share = len(trainer.train_dataloader) / trainer.num_training_batches
            took = {"seconds": time.perf_counter() - at[0], "cpu": time.process_time() - at[1]}
            print(json.dumps({name: value * share for name, value in took.items()}), flush=True)

    model._trainer.callbacks.append(Clock())
    model._trainer.limit_train_batches = task["batches"]
    for _ in sys.stdin:
        model.fit_partial(train, min_epochs=1, max_epochs=1)


def _length(user: np.ndarray) -> int:
    return int(np.clip(np.quantile(np.unique(user, return_counts=True)[1], 0.95), 2, LONGEST))


def _sasrec(options: SasRec) -> Any:
    from rectools.models.nn.transformers.sasrec import SASRecModel

    return SASRecModel(**asdict(options), loss="sampled_softmax", deterministic=True, recommend_torch_device="cpu")


def _dataset(row: np.ndarray, item: np.ndarray) -> Any:
    """Return the pairs as RecTools takes them; a made-up second apart, so that their order stays."""
    from rectools.dataset import Dataset

    when = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(len(row)), unit="s")
    return Dataset.construct(pd.DataFrame({"user_id": row, "item_id": item, "weight": 1.0, "datetime": when}))


def _factors(model: Any, data: dict[str, Any]) -> Found:
    """Return what the model's own recommend() multiplies; a history without a known item gets the zero vector."""
    known = model.data_preparator.get_known_item_ids().astype(int)
    parts = {}
    for part in ("valid", "test"):
        row = data[part]["row"]
        asked = model.data_preparator.transform_dataset_u2i(_dataset(row, data[part]["item"]), np.unique(row))
        loader = model.data_preparator.get_dataloader_recommend(asked, 256)
        tastes, items = model.lightning_model._get_user_item_embeddings(loader, "cpu")
        parts[part] = np.zeros((int(data[part]["rows"]), tastes.shape[1]), np.float32)
        parts[part][asked.user_id_map.external_ids.astype(int)] = tastes.numpy()
    table = np.zeros((int(data["train"]["items"]), tastes.shape[1]), np.float32)
    table[known] = items.detach().numpy()[model.data_preparator.n_item_extra_tokens :]
    return Found(table, parts, np.isin(np.arange(len(table)), known))


def judge(found: Found, questions: dict[str, np.ndarray]) -> float:
    """Return the mean NDCG@10 on the validation part, full ranking, seen items masked."""
    total, rows = 0.0, int(questions["rows"])
    ideal = np.cumsum(1 / np.log2(2 + np.arange(K)))
    counts = np.bincount(questions["target_row"], minlength=rows)
    for start in range(0, rows, CHUNK):
        scores = found.histories["valid"][start : start + CHUNK] @ found.items.T
        scores[:, ~found.known] = -np.inf
        seen = (questions["seen_row"] >= start) & (questions["seen_row"] < start + CHUNK)
        scores[questions["seen_row"][seen] - start, questions["seen_item"][seen]] = -np.inf
        mine = (questions["target_row"] >= start) & (questions["target_row"] < start + CHUNK)
        row, item = questions["target_row"][mine], questions["target_item"][mine]
        for place in range(0, len(row), CHUNK):
            rows_of, items_of = row[place : place + CHUNK], item[place : place + CHUNK]
            theirs = scores[rows_of - start]
            target = theirs[np.arange(len(items_of)), items_of][:, None]
            rank = 1 + (theirs > target).sum(1) + ((theirs == target).sum(1) - 1) / 2
            gain = np.where(rank <= K, 1 / np.log2(1 + rank), 0.0)
            total += float((gain / ideal[np.minimum(counts[rows_of], K) - 1]).sum())
    return total / rows


if __name__ == "__main__":
    main()
