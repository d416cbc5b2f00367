"""A run that tunes the text encoder first: on its training part, from the shop's own encoder, always; and reads the texts by it.

One tuned encoder a run, in ``encoders/<run id>``. It has seen the training part alone, also where the towers are trained on
everything afterwards: what is judged and what is served read the same vectors.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.settings import Settings
from core.represent.encoder import Encoder, encoder_folder, encoder_name, load_encoder, same_weights
from core.represent.whiten import Whitening, whitened
from core.train.names import Preset
from core.train.protocol import Split
from core.train.runs import Request, Tuned
from core.train.scorer import within
from core.train.snapshot import Meta, Snapshot

if TYPE_CHECKING:
    from core.train.adapters import LoraOptions

LEAST_TEXTS = 30
"""Items with a text below which nothing is tuned: a batch would be most of them."""
TEXTS = "checkpoint-texts.npz"
"""In the run's folder: the tuned encoder's own vectors, so that a run that goes on does not encode again."""
TUNING_SHARE = 0.85
"""Rough part of tuning in the time of tuning and encoding."""


@dataclass(frozen=True, eq=False)
class Reread(Snapshot):
    """A snapshot with the vectors of another encoder. encoder_folder: relative to the home folder; read: float32 (items, d)."""

    encoder: str
    encoder_folder: str
    read: np.ndarray
    evened_by: Whitening | None

    @cached_property
    def meta(self) -> Meta:
        return replace(Snapshot(self.folder).meta, encoder=self.encoder, encoder_folder=self.encoder_folder)

    @cached_property
    def vectors(self) -> np.ndarray:
        """float32 (items, d): that encoder's vectors, whitened on themselves, 0 where there is no text."""
        return self.read

    @cached_property
    def whitening(self) -> Whitening | None:
        """How that encoder's own vectors became these; None: they are its own."""
        return self.evened_by


def check(snapshot: Snapshot, request: Request) -> None:
    """Raise BadInput, in a sentence, where an encoder is to be tuned and this snapshot cannot be tuned on."""
    if not request.lora:
        return
    if request.preset is Preset.ZERO_SHOT:
        raise BadInput("Zero-shot trains nothing, so no text encoder is tuned either. Choose quick or best.")
    if snapshot.meta.encoder is None or not snapshot.vectors.any():
        raise BadInput(
            "No item was read by a text encoder, so there is none to tune. Encode the texts first (python -m core embed)."
        )
    told = int((texts_of(snapshot) != "").sum())
    if told < LEAST_TEXTS:
        raise BadInput(f"Tuning the text encoder takes {LEAST_TEXTS} items with a text; here are {told}. Train without it.")


def reread(
    snapshot: Snapshot, cut: Split, settings: Settings, run_id: str, seed: int, kept: Path, progress: Progress = no_progress
) -> tuple[Reread, Tuned]:
    """Tune on the training part of the split, and return the snapshot as the tuned encoder reads it, and what the tuning made.

    settings: name the shop's own encoder, and the home folder; kept: the run's folder. What an earlier sitting of the run has
    done is not done again. Raises BadInput where too little was bought together, or the snapshot was read by another encoder.
    """
    from core.train.lora import encoder_home, read_tuned, tune_encoder

    folder = encoder_home(settings.home, run_id)
    if not folder.exists():
        options = lora_options(settings, snapshot, run_id, seed)
        tune_encoder(snapshot, cut, settings.home, options, within(progress, 0.0, TUNING_SHARE))
    told = read_tuned(folder)
    own = _own(snapshot, settings.model_copy(update={"encoder": str(folder)}), kept / TEXTS, within(progress, TUNING_SHARE, 1.0))
    vectors, whitening = whitened(own)
    name = encoder_name(settings.model_copy(update={"encoder": str(folder)}))
    place = str(folder.relative_to(settings.home))
    tuned = Tuned(name, place, told.before.whitened_ndcg, told.after.whitened_ndcg, told.gains["whitened_ndcg"], told.seconds)
    return Reread(snapshot.folder, name, place, vectors, whitening), tuned


def lora_options(settings: Settings, snapshot: Snapshot, name: str, seed: int) -> "LoraOptions":
    """Return how a run tunes. Raises BadInput where the settings name another encoder than the snapshot was read by."""
    from core.train.adapters import LoraOptions

    if not same_weights(encoder_name(settings), snapshot.meta.encoder):
        raise BadInput(
            f"The texts were read by {snapshot.meta.encoder}, and the settings name {encoder_name(settings)}. "
            "Set KINDRED_ENCODER back, or train again."
        )
    return LoraOptions(base=encoder_folder(settings), name=name, threads=settings.threads, seed=seed)


def read_texts(encoder: Encoder, texts: np.ndarray, progress: Progress = no_progress) -> np.ndarray:
    """Return float32 (n, d): the encoder's own vectors of the texts (n,), 0 where there is none ('')."""
    told = np.flatnonzero(texts != "")
    distinct, place = np.unique(texts[told].astype(str), return_inverse=True)
    vectors = np.zeros((len(texts), encoder.dim), np.float32)
    vectors[told] = encoder.encode(distinct.tolist(), progress)[place]
    return vectors


def texts_of(snapshot: Snapshot) -> np.ndarray:
    """Return (items,) str, '' = none."""
    return snapshot.items["text"].fillna("").to_numpy(object)


def _own(snapshot: Snapshot, settings: Settings, kept: Path, progress: Progress) -> np.ndarray:
    """Return what the encoder of the settings makes of the texts, from the file where it is kept, or now."""
    name = encoder_name(settings)
    if kept.exists():
        with np.load(kept) as arrays:
            if arrays["encoder"] == name:
                return np.asarray(arrays["vectors"])
    vectors = read_texts(load_encoder(settings), texts_of(snapshot), progress)
    draft = kept.with_name(f".{kept.name}")
    np.savez(draft, vectors=vectors, encoder=name)
    draft.replace(kept)
    return vectors
