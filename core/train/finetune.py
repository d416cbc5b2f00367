"""Train the two towers on a log: seeded, stopped on the validation part, picked up where an interrupted run left off."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.represent.acts import Acts
from core.represent.sequences import Spans, to_learn
from core.represent.towers import Shape, Towers, build_towers
from core.train.augment import augment
from core.train.judge import tuning_ndcg
from core.train.multitask import Lessons, lessons
from core.train.protocol import Examples, sought
from core.train.scorer import within

LEAST_BATCHES = 150
SMALLEST = 32
"""A small shop learns in small batches: by batches of a large one, a few epochs would be a few dozen steps."""


@dataclass(frozen=True)
class Options:
    """What a run depends on besides the data.

    longest: items of a history that are read; negatives: drawn for each batch; batch: spans, fewer in a small shop, see
    ``size``; rate: of AdamW;
    epoch_batches: batches in an epoch at most: in a large shop an epoch learns from this many, drawn at random;
    patience: epochs without a better validation NDCG@10 after which it stops; epochs: the number that was best, by which
    a refit without a validation part stops; crop, mask, reorder: chance of each history to be changed so in each epoch, see
    ``core.train.augment``; purchase, rating: weight of that task's loss, see ``core.train.multitask``; 0 = not at all. dwell,
    traits: whether the time spent on items, and what is known of shoppers, are read where the log has them.
    """

    width: int = 128
    layers: int = 1
    heads: int = 1
    dropout: float = 0.3
    longest: int = 50
    negatives: int = 1024
    batch: int = 128
    epoch_batches: int = 1000
    rate: float = 1e-3
    temperature: float = 0.05
    patience: int = 3
    most_epochs: int = 40
    epochs: int | None = None
    crop: float = 0.0
    mask: float = 0.0
    reorder: float = 0.0
    purchase: float = 0.0
    rating: float = 0.0
    dwell: bool = True
    traits: bool = True
    seed: int = 7

    def shape(self, learned: Acts, tasks: tuple[str, ...] = ()) -> Shape:
        """Return how large the towers are, and what they read: of what a log may lack, what is in the acts to learn from."""
        return Shape(
            self.width,
            self.layers,
            self.heads,
            self.dropout,
            self.longest,
            tasks,
            dwell=bool(self.dwell and learned.dwell.any()),
            traits=learned.traits.which if self.traits and learned.traits.codes[learned.user].any() else (),
        )

    def size(self, spans: int) -> int:
        """Return the spans in a batch where there are so many: few enough for LEAST_BATCHES an epoch, but SMALLEST or more."""
        return min(self.batch, max(SMALLEST, spans // LEAST_BATCHES))

    @property
    def chances(self) -> tuple[float, float, float]:
        """Of a history to be cropped, masked, reordered."""
        return self.crop, self.mask, self.reorder


Watch = Callable[[int, float, float], None]
"""Told the number of an epoch (from 1), its mean loss, and NDCG@10 on the validation part after it."""


@dataclass
class State:
    """Where a run stands; ``best``: the weights at the best epoch so far; curve: (loss, NDCG@10) of each epoch.

    also: what is learned besides the next item.
    """

    towers: Towers
    optimiser: torch.optim.Optimizer
    rng: np.random.Generator
    curve: list[tuple[float, float]]
    best: dict[str, torch.Tensor]
    also: Lessons | None = None

    @property
    def best_epoch(self) -> int:
        """Number of the best epoch, from 1; 0 before the first."""
        return int(np.argmax([ndcg for _, ndcg in self.curve])) + 1 if self.curve else 0


class Tower:
    """The two towers as a model: score = log softmax of the cosine over all items, at the learned temperature.

    spans: parts of histories that there were to learn from; learned_from: of them in each epoch.
    """

    name = "tower"

    def __init__(
        self, vectors: np.ndarray, options: Options = Options(), checkpoint: Path | None = None, watch: Watch | None = None
    ):
        """vectors: float32 (n, d) text vectors. checkpoint: a file that every epoch is kept in, and that a run goes on from.

        watch: told of each epoch that is judged, as soon as it is over.
        """
        self.options = options
        self.curve: tuple[tuple[float, float], ...] = ()
        self.learned_from = self.spans = 0
        self._text = torch.from_numpy(np.ascontiguousarray(vectors, np.float32))
        self._checkpoint, self._watch = checkpoint, watch

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Train until ``valid`` gets no better; without it, for the number of epochs, and on the inputs, found before.

        Raises BadInput where no shopper has two items, or where neither ``valid`` nor a number of epochs is given.
        """
        spans = to_learn(train, self.options.longest, sought(train))
        if not len(spans):
            raise BadInput("No shopper has two items yet, so there is nothing to learn from. Load more history.")
        if valid is None and self.options.epochs is None:
            raise BadInput(
                "A model is trained on everything only after its number of epochs was found: run it with a validation part."
            )
        self.spans, self.learned_from = len(spans), min(len(spans), self.options.epoch_batches * self.options.size(len(spans)))
        engaged = np.unique(spans.acts.item)
        kept, key = self._kept_at(valid), self._key(train, valid)
        state = self._begin(kept, key, spans.acts, lessons(train, self.options))
        most = self.options.most_epochs if valid is not None else self.options.epochs or 0
        while len(state.curve) < most and len(state.curve) - state.best_epoch < self.options.patience:
            epoch = len(state.curve)
            loss = self._epoch(state, spans, engaged, within(progress, epoch / most, (epoch + 1) / most))
            self._serve(state.towers)
            found = tuning_ndcg(self.score, valid) if valid is not None else float(epoch)
            progress((epoch + 1) / most, f"epoch {epoch + 1}: loss {loss:.3f}" + (f", NDCG@10 {found:.4f}" if valid else ""))
            state.curve.append((loss, found))
            if self._watch is not None and valid is not None:
                self._watch(epoch + 1, loss, found)
            if state.best_epoch == len(state.curve):
                state.best = copy.deepcopy(state.towers.state_dict())
            if kept is not None:
                _keep(state, kept, key)
        state.towers.load_state_dict(state.best)
        self._serve(state.towers)
        self.curve = tuple(state.curve)
        shape = state.towers.shape
        self.options = replace(self.options, epochs=state.best_epoch, dwell=shape.dwell, traits=bool(shape.traits))

    def score(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, n), log probabilities."""
        logits = self.towers.tastes(history) @ (self.towers.scale * self._table).T
        logits -= logits.max(axis=1, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))

    def _kept_at(self, valid: Examples | None) -> Path | None:
        """Return the checkpoint's file; a refit has one of its own, so that it does not push out what chose its epochs."""
        if self._checkpoint is None or valid is not None:
            return self._checkpoint
        return self._checkpoint.with_stem(f"{self._checkpoint.stem}-refit")

    def _begin(self, kept: Path | None, key: str, learned: Acts, also: Lessons | None) -> State:
        """Return a fresh run, or the one that the checkpoint holds for the same options and data."""
        state = begin(self._text, self.options, learned, also)
        if kept is not None and kept.exists():
            _resume(state, torch.load(kept, weights_only=True), key)
        return state

    def _epoch(self, state: State, spans: Spans, engaged: np.ndarray, progress: Progress) -> float:
        """Learn for one epoch; return the mean loss."""
        losses = []
        for number, (done, loss) in enumerate(learn(state, spans, engaged, self.options)):
            losses.append(loss)
            if number % 20 == 0:
                progress(done, f"loss {loss:.3f}")
        return float(np.mean(losses))

    def _serve(self, towers: Towers) -> None:
        """Make these towers the ones that score."""
        self.towers = towers.eval()
        self._table = towers.unit_table()

    def _key(self, train: Acts, valid: Examples | None) -> str:
        """Return what a checkpoint must have been made from to be gone on from."""
        told = asdict(replace(self.options, epochs=None, most_epochs=0, patience=0))
        return json.dumps({**told, "acts": len(train), "items": train.items, "valid": 0 if valid is None else len(valid)})


def begin(text: torch.Tensor, options: Options, learned: Acts, also: Lessons | None = None) -> State:
    """Return a run that has learned nothing yet. text: float32 (n, d); learned: the acts to learn from.

    Items that nobody engaged with in them have no ID vector, so that they are what their text says. also: what is learned
    besides the next item.
    """
    torch.manual_seed(options.seed)
    tasks = tuple(lesson.task for lesson in also.lessons) if also else ()
    towers = build_towers(text, options.shape(learned, tasks), options.temperature)
    if also is not None:
        also.begin(towers)
    towers.items.forget(np.setdiff1d(np.arange(len(text)), learned.item))
    optimiser = torch.optim.AdamW(towers.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    return State(towers, optimiser, np.random.default_rng(options.seed), [], {}, also)


def learn(state: State, spans: Spans, engaged: np.ndarray, options: Options) -> Iterator[tuple[float, float]]:
    """Learn from every span once, or from ``epoch_batches``; yield after each batch the part done, from 0, and its loss.

    Negatives are drawn from the items that someone engaged with: as a negative, an item that nobody could have
    chosen would only learn to come last, and stay there when it arrives.
    """
    state.towers.train()
    batches = spans.batches(options.size(len(spans)), state.rng)[: options.epoch_batches]
    for number, chosen in enumerate(batches):
        negatives = torch.from_numpy(engaged[state.rng.integers(0, len(engaged), options.negatives)].astype(np.int64))
        steps = augment(spans.pack(chosen), options.chances, spans.acts.items, state.rng, spans.sought)
        loss = state.towers.loss(steps, negatives, len(engaged))
        if state.also is not None:
            loss = loss + state.also.loss(state.towers, options.batch, state.rng)
        state.optimiser.zero_grad()
        loss.backward()
        state.optimiser.step()
        yield number / len(batches), float(loss.detach())


def _keep(state: State, path: Path, key: str) -> None:
    """Write the checkpoint whole or not at all."""
    draft = path.with_suffix(".draft")
    kept = {
        "key": key,
        "towers": state.towers.state_dict(),
        "best": state.best,
        "optimiser": state.optimiser.state_dict(),
        "curve": state.curve,
        "rng": json.dumps(state.rng.bit_generator.state),
        "torch_rng": torch.get_rng_state(),
    }
    torch.save(kept, draft)
    draft.replace(path)


def _resume(state: State, kept: dict[str, Any], key: str) -> None:
    """Put a run back to where its checkpoint stands; one of another run is left alone."""
    if kept["key"] != key:
        return
    state.towers.load_state_dict(kept["towers"])
    state.optimiser.load_state_dict(kept["optimiser"])
    state.best, state.curve = kept["best"], [tuple(point) for point in kept["curve"]]
    state.rng.bit_generator.state = json.loads(kept["rng"])
    torch.set_rng_state(kept["torch_rng"])
