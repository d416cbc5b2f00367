"""Tune the text encoder itself on what a shop's shoppers came to together, by low-rank adapters (LoRA).

Contrastive: of two items that one shopper came to, each text should find the other among the batch (van den Oord et al.
2018, arXiv:1807.03748); other items that one shopper has both of are not counted against it. Only the adapters learn
(Hu et al. 2021, arXiv:2106.09685); in the end they are merged into the weights, so that what is saved is an encoder like any.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import TypeAdapter

from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.represent.encoder import TUNED
from core.train.adapters import MEASURES, LoraOptions, Tuning, judge
from core.train.co_engaged import co_engaged
from core.train.metrics import intervals
from core.train.protocol import Split
from core.train.scorer import within
from core.train.snapshot import Snapshot

ENCODERS = "encoders"
LEAST_PAIRS = 200
"""Pairs, counted both ways, below which there is nothing to tune on."""


@dataclass(frozen=True)
class Retrieval:
    """How well texts find what held-out shoppers came to with them: means over ``questions`` items; whitened is as served."""

    raw_ndcg: float
    raw_recall: float
    whitened_ndcg: float
    whitened_recall: float
    questions: int


@dataclass(frozen=True)
class TunedEncoder:
    """What a tuning made.

    gains: by measure, the gain relative to before and its 95 % interval, paired; curve: (step, loss, whitened NDCG@10 of the
    validation shoppers); seconds: of the steps, over all sittings.
    """

    name: str
    folder: Path
    before: Retrieval
    after: Retrieval
    gains: dict[str, tuple[float, float, float]]
    curve: tuple[tuple[int, float, float], ...]
    seconds: float


def tune_encoder(
    snapshot: Snapshot, split: Split, home: Path, options: LoraOptions, progress: Progress = no_progress
) -> TunedEncoder:
    """Tune on the training part of the split and keep the encoder in ``<home>/encoders/<name>``.

    Set KINDRED_ENCODER to that folder to use it. Same snapshot, options and threads, same weights. A tuning that was
    interrupted goes on from its last look. Raises BadInput where too little was bought together, or the name is taken.
    """
    folder = encoder_home(home, options.name)
    if folder.exists():
        raise BadInput(f"There is already an encoder named '{options.name}'. Choose another name, or remove {folder}.")
    torch.set_num_threads(options.threads)
    tuning, held_out, shown = begin(snapshot, split, options, folder.with_name(f".{options.name}.pt"))
    tuning.run(within(progress, 0.0, 0.9))
    before, after = (judge(vectors, held_out, shown) for vectors in (tuning.frozen(), tuning.best()))
    gains = gain_of(before, after, np.random.default_rng(options.seed))
    curve, seconds = tuple(tuning.state.curve), tuning.state.seconds
    made = TunedEncoder(options.name, folder, _means(before), _means(after), gains, curve, seconds)
    tuning.save(folder, {**asdict(made), "data": snapshot.meta.content_hash})
    progress(1.0, f"Encoder {options.name} tuned: whitened NDCG@10 {gains['whitened_ndcg'][0]:+.1%}")
    return made


def begin(snapshot: Snapshot, split: Split, options: LoraOptions, checkpoint: Path) -> tuple[Tuning, sp.csr_matrix, np.ndarray]:
    """Return a tuning, the pairs of the shoppers held out to report on, and (n,) bool, the items that are searched for them.

    checkpoint: file to go on from, where there is one. Raises BadInput where too little was bought together.
    """
    texts = snapshot.items["text"].fillna("").to_numpy(object)
    told = texts != ""
    pairs = co_engaged(split.train(), told, options.seed)
    if pairs.learn.nnz < LEAST_PAIRS or not pairs.valid.nnz or not pairs.test.nnz:
        raise BadInput("Too few items were come to by the same shopper to tune an encoder on. Load more history.")
    shown = split.acts.shown & told
    titles = snapshot.items["title"].fillna("").to_numpy(object)
    return Tuning(options, texts, titles, pairs, shown, checkpoint), pairs.test, shown


def encoder_home(home: Path, name: str) -> Path:
    """Return the folder of the encoder of this name, whether it is there or not; one that is there is whole."""
    return home / ENCODERS / name


def read_tuned(folder: Path) -> TunedEncoder:
    """Return what an earlier tuning noted in its folder."""
    return _TUNED.validate_json((folder / TUNED).read_bytes())


_TUNED = TypeAdapter(TunedEncoder)


def _means(values: np.ndarray) -> Retrieval:
    raw_ndcg, raw_recall, whitened_ndcg, whitened_recall = values.mean(axis=0).tolist()
    return Retrieval(raw_ndcg, raw_recall, whitened_ndcg, whitened_recall, len(values))


def gain_of(before: np.ndarray, after: np.ndarray, rng: np.random.Generator) -> dict[str, tuple[float, float, float]]:
    """Return by measure the gain relative to the mean before, with its paired 95 % bootstrap interval."""
    level = before.mean(axis=0)
    gain, bounds = (after - before).mean(axis=0) / level, intervals(after - before, rng) / level[:, None]
    return {name: (float(gain[at]), float(bounds[at, 0]), float(bounds[at, 1])) for at, name in enumerate(MEASURES)}
