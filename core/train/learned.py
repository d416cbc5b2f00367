"""A model that was learned before, asked again: by the evaluation, and as the rival of a new run."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.schema import Col
from core.base.settings import Settings, load_settings
from core.represent.acts import Acts
from core.represent.encoder import load_encoder
from core.represent.model import Model, load_model
from core.train import runs
from core.train.evaluate import Report, evaluate
from core.train.names import Preset, Protocol
from core.train.protocol import Examples, split
from core.train.reread import read_texts, texts_of
from core.train.runs import Run
from core.train.snapshot import SNAPSHOTS, Snapshot
from core.train.zero_shot import ZeroShot, quality, unsigned_until


class Learned:
    """r(u, i) = α · s(u, i) + (1 − α) · q(i), as it is served; q is counted on the training part alone."""

    def __init__(self, name: str, model: Model, snapshot: Snapshot, settings: Settings):
        """settings: name the home folder of the encoder that was tuned for the model, where it has one.

        Raises BadInput where the model reads another encoder's texts than the snapshot holds, or its own cannot be had.
        """
        self.name, self.alpha = name, model.alpha
        self._model, self._anonymous = _on(model, snapshot, settings), snapshot.anonymous

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Count quality; the model stays as it is."""
        self.worth = quality(train, unsigned_until(self._anonymous, train))[0].astype(np.float32)

    def score(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, items) in [0, 1]."""
        return self._model.blended(history, self.worth)

    def appeal(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, items) in [0, 1]: s of the formula."""
        return self._model.score(history)


def evaluate_run(home: Path, run_id: str, protocol: Protocol | None, k: int, progress: Progress = no_progress) -> Report:
    """Judge a finished run's model again, on the data that the run was trained on.

    Raises BadInput where there is no such run, it has no model, its data are gone, or another protocol is asked for than it
    was trained with: its training part would hold answers of the other's test part.
    """
    run = runs.read(home, run_id)
    trained = run.request.protocol
    if protocol is not None and protocol is not trained:
        raise BadInput(
            f"Run {run_id} was trained with the {trained} split: it has seen answers of the {protocol} test part, so judging it "
            f"there would flatter it. Leave --protocol out, or train a run with --protocol {protocol}."
        )
    folder = home / SNAPSHOTS / run.snapshot
    if not folder.exists():
        raise BadInput(f"The data that run {run_id} was judged on ({folder}) are no longer there. Train again.")
    snapshot = Snapshot(folder)
    cut = split(snapshot.acts, trained)
    return evaluate(
        scorer_of(load_settings(home=home), run, snapshot), snapshot, cut, k=k, seed=run.request.seed, progress=progress
    )


def scorer_of(settings: Settings, run: Run, snapshot: Snapshot) -> Learned | ZeroShot:
    """Return a run's model as it was judged, not fitted yet. Raises BadInput where the run has none."""
    if run.request.preset is Preset.ZERO_SHOT and run.alpha is not None:
        return ZeroShot(snapshot, run.alpha)
    if run.scores is None:
        raise BadInput(f"Run {run.run_id} is {run.state} and has no model to judge. Resume it or train again.")
    model = load_model(runs.folder(settings.home, run.run_id) / runs.HELD_OUT)
    return Learned(f"run {run.run_id}", model, snapshot, settings)


def _on(model: Model, snapshot: Snapshot, settings: Settings) -> Model:
    """Return the model over the snapshot's items: what it knows keeps its own text vector.

    The others take the snapshot's, or, where an encoder was tuned for the model, what that one makes of their texts.
    """
    ids = snapshot.items[Col.ITEM].to_numpy(object)
    if np.array_equal(ids, model.ids):
        return model
    known = dict(zip(model.ids.tolist(), range(len(model.ids)), strict=True))
    at = np.array([known.get(item, -1) for item in ids.tolist()], int)
    text, encoder = snapshot.vectors.copy(), snapshot.meta.encoder
    if model.encoder_folder is not None:
        text, encoder = _newcomers(model, texts_of(snapshot), at < 0, settings), model.encoder
    if text.shape[1] == model.text.shape[1]:
        text[at >= 0] = model.text[at[at >= 0]]
    return replace(model, whitening=None).on(ids, text, encoder)


def _newcomers(model: Model, texts: np.ndarray, fresh: np.ndarray, settings: Settings) -> np.ndarray:
    """Return float32 (n, d): what the encoder tuned for the model makes of the texts (n,) that are ``fresh``; else 0."""
    vectors = np.zeros((len(texts), model.text.shape[1]), np.float32)
    wanted = np.flatnonzero(fresh & (texts != ""))
    if len(wanted):
        encoder = load_encoder(settings.model_copy(update={"encoder": str(settings.home / str(model.encoder_folder))}))
        own = read_texts(encoder, texts[wanted])
        vectors[wanted] = own if model.whitening is None else model.whitening.apply(own)
    return vectors
