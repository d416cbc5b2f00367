"""What a training run learned, as it is evaluated, kept in a folder and served: one cosine, and tables of what goes together.

    s(u, i) = (1 − β − γ) · (1 + cos(u, v_i)) / 2 + β · c(u, i) + γ · t(i),  in [0, 1]

cos is that of one vector for the shopper and one for the item, put together from the two towers (of one or more seeds) and
the text: each part has length √(its weight), so that the cosine is the weighted mean of theirs. c is what the tables say, of
neighbours and of what was looked at before, as a part of the most they could say; t tells whether the item is rising or
falling in demand of late, whoever asks: 1/2 where it is not. The towers' softmax is over the same cosine: what is trained
is served.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from core.base.errors import BadInput
from core.represent.acts import Acts
from core.represent.encoder import same_weights
from core.represent.neighbours import REVISIT, Neighbours, recent
from core.represent.towers import Shape, Towers, build_towers
from core.represent.traits import Trait
from core.represent.whiten import Whitening

TEXT_DECAY = 0.6
"""What a history item counts less for each step back in the mean of the texts."""
UNCHANGED = 0.5
"""t of an item that is in demand as it always was, or of which that is not known."""
MOST = 8.0
"""Times its usual demand, from which on an item's t is 1; at one in so many and below it is 0."""
FORMAT = 1
META, IDS, ARRAYS = "model.json", "ids.json", "arrays.safetensors"


@dataclass(frozen=True)
class Model:
    """A learned model over n items.

    ids: (n,) item ids, row = code in the acts it is asked with; text: float32 (n, d) whitened text vectors, 0 = no text;
    whitening: how an encoder's vectors become such (None: as they are); trend: float32 (n,) in [0, 1], t of the formula;
    text_weight, trend_weight: against the towers' logits; alpha: the weight of s against quality that did best in validation.
    encoder: name of the one whose vectors ``text`` is made of; encoder_folder: relative to the home folder, where it was tuned
    for this model; None where it is the shop's own.
    """

    ids: np.ndarray
    text: np.ndarray
    whitening: Whitening | None
    encoder: str | None
    towers: tuple[Towers, ...]
    tables: tuple[Neighbours, ...]
    text_weight: float
    trend: np.ndarray
    trend_weight: float
    alpha: float
    encoder_folder: str | None = None

    @cached_property
    def weights(self) -> np.ndarray:
        """(towers + 1,): the share of each tower and of the text in the cosine; they sum to 1."""
        logits = [tower.scale / len(self.towers) for tower in self.towers]
        parts = np.array([*logits, self.text_weight])
        return parts / max(float(parts.sum()), 1e-12)

    @cached_property
    def shares(self) -> tuple[float, float, float]:
        """(1 − β − γ, β, γ) of the formula: how much the cosine, the tables and the trend count; they sum to 1."""
        parts = np.array([self.cosine_weight, self._together_weight / 2, self.trend_weight / 2])
        cosine, together, trend = (parts / max(float(parts.sum()), 1e-12)).tolist()
        return cosine, together, trend

    @cached_property
    def cosine_weight(self) -> float:
        """Weight of the cosine in the sum of logits that the parts were weighed in."""
        return sum(tower.scale for tower in self.towers) / max(len(self.towers), 1) + self.text_weight

    @cached_property
    def table_weights(self) -> tuple[float, ...]:
        """What the logarithm of each table counts in c."""
        return tuple(table.weight / max(self._together_weight, 1e-12) for table in self.tables)

    @cached_property
    def vectors(self) -> np.ndarray:
        """float32 (n, D): every item's vector, of length 1 where it has a text."""
        return self._joined([tower.unit_table() for tower in self.towers], self.text)

    def rise(self, row: int) -> float:
        """Return how many times its usual demand an item is in of late; MOST also stands for more."""
        return float(MOST ** (2 * self.trend[row] - 1))

    @cached_property
    def comparable(self) -> np.ndarray:
        """(n,) bool: the items that something is known of to compare them by: a text, or shoppers."""
        learned = np.zeros(len(self.ids), bool)
        for tower in self.towers:
            learned |= tower.items.learned()
        return learned | self.text.any(axis=1)

    @property
    def traits(self) -> tuple[Trait, ...]:
        """The traits of shoppers that the towers read, which all have learned from the same log."""
        return self.towers[0].shape.traits if self.towers else ()

    def tastes(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, D): every shopper's vector; rows of length 1 where the history has a text."""
        text = np.asarray(recent(history, TEXT_DECAY) @ self.text, np.float32)
        length = np.linalg.norm(text, axis=1, keepdims=True)
        text = np.divide(text, length, out=np.zeros_like(text), where=length > 1e-6)
        return self._joined([tower.tastes(history) for tower in self.towers], text)

    def together(self, history: Acts) -> sp.csr_matrix:
        """Return float32 (shoppers, n): c of the formula, in [0, 1], 0 for most."""
        return self._told(history, self.tables)

    def revisited(self, history: Acts) -> sp.csr_matrix:
        """Return float32 (shoppers, n): the part of ``together`` that an item owes to having been looked at itself."""
        return self._told(history, [table for table in self.tables if table.name == REVISIT])

    def score(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, n): s of the formula, in [0, 1]."""
        return self.appeal(self.tastes(history), self.together(history))

    def blended(self, history: Acts, quality: np.ndarray) -> np.ndarray:
        """Return float32 (shoppers, n): r = α · s + (1 − α) · q, as it is served. quality: float32 (n,)."""
        scores = self.score(history)
        scores *= np.float32(self.alpha)
        scores += np.float32(1 - self.alpha) * quality
        return scores

    def appeal(self, tastes: np.ndarray, together: sp.csr_matrix) -> np.ndarray:
        """Return s of the formula, float32 (shoppers, n), from what ``tastes`` and ``together`` gave."""
        scores = tastes @ self.vectors.T
        np.clip(scores, -1, 1, out=scores)
        cosine, pairs, trend = self.shares
        scores += 1
        scores *= np.float32(cosine / 2)
        if trend:
            scores += np.float32(trend) * self.trend
        rows = np.repeat(np.arange(len(scores)), np.diff(together.indptr))
        scores[rows, together.indices] += np.float32(pairs) * together.data
        return scores

    def on(self, ids: np.ndarray, vectors: np.ndarray, encoder: str | None) -> "Model":
        """Return the model over another catalogue: ids (m,), and the own vectors (m, d) of the encoder named, 0 = no text.

        Items it has not learned are read from their text alone. Raises BadInput where the vectors are another encoder's.
        """
        if vectors.shape[1] != self.text.shape[1] or not same_weights(encoder, self.encoder):
            mend = (
                "Encode the texts: python -m core embed." if self.encoder_folder else "Set KINDRED_ENCODER back, or train again."
            )
            raise BadInput(
                f"The trained model reads texts through the encoder {self.encoder or 'none'} ({self.text.shape[1]} numbers "
                f"a text); the shop's are read through {encoder or 'none'} ({vectors.shape[1]}). {mend}"
            )
        there = vectors.any(axis=1)
        text = vectors.copy() if self.whitening is None else self.whitening.apply(vectors)
        text[~there] = 0
        known = dict(zip(self.ids.tolist(), range(len(self.ids)), strict=True))
        at = np.array([known.get(item, -1) for item in ids.tolist()], int)
        towers = tuple(tower.on(at, torch.from_numpy(text)) for tower in self.towers)
        tables = tuple(table.on(at) for table in self.tables)
        trend = np.append(self.trend, np.float32(UNCHANGED))[at]  # −1: the last
        return replace(self, ids=ids, text=text, towers=towers, tables=tables, trend=trend)

    def save(self, folder: Path) -> None:
        """Write the model into an empty or missing folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / IDS).write_text(json.dumps(self.ids.tolist(), ensure_ascii=False), encoding="utf-8")
        arrays = {"text": self.text, "trend": self.trend}
        if self.whitening is not None:
            arrays |= {"mean": self.whitening.mean, "scale": self.whitening.scale}
        save_file({name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in arrays.items()}, folder / ARRAYS)
        for number, tower in enumerate(self.towers):
            save_file(
                {name: value.contiguous() for name, value in tower.state_dict().items()}, folder / f"tower-{number}.safetensors"
            )
        for table in self.tables:
            sp.save_npz(folder / f"{table.name}.npz", table.table, compressed=False)
        told = {
            "format": FORMAT,
            "encoder": self.encoder,
            "encoder_folder": self.encoder_folder,
            "towers": [asdict(tower.shape) for tower in self.towers],
            "tables": [{"name": table.name, "decay": table.decay, "weight": table.weight} for table in self.tables],
            "text_weight": self.text_weight,
            "trend_weight": self.trend_weight,
            "alpha": self.alpha,
        }
        (folder / META).write_text(json.dumps(told, indent=1), encoding="utf-8")

    @cached_property
    def _together_weight(self) -> float:
        return sum(table.weight * table.bound for table in self.tables)

    def _told(self, history: Acts, tables: Sequence[Neighbours]) -> sp.csr_matrix:
        """Return float32 (shoppers, n): what these tables put into c."""
        total = sp.csr_matrix((history.shoppers, len(self.ids)), dtype=np.float32)
        for table in tables:
            total = total + table.log_score(history) * (table.weight / max(self._together_weight, 1e-12))
        return total

    def _joined(self, parts: Sequence[np.ndarray], text: np.ndarray) -> np.ndarray:
        scaled = [part * np.float32(math.sqrt(weight)) for part, weight in zip([*parts, text], self.weights, strict=True)]
        return np.ascontiguousarray(np.concatenate(scaled, axis=1), np.float32)


def load_model(folder: Path) -> Model:
    """Return the model that ``save`` wrote. Raises BadInput, in a sentence, where the folder does not hold one."""
    try:
        return _load(folder)
    except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
        reason = str(error).strip().partition("\n")[0][:160]
        raise BadInput(
            f"The trained model in {folder} cannot be read ({reason}). Roll back to another, or train again."
        ) from None


def _load(folder: Path) -> Model:
    told = json.loads((folder / META).read_text(encoding="utf-8"))
    if told["format"] != FORMAT:
        raise ValueError(f"format {told['format']}, this version reads {FORMAT}")
    arrays = {name: value.numpy() for name, value in load_file(folder / ARRAYS).items()}
    text = arrays["text"]
    whitening = Whitening(arrays["mean"], arrays["scale"]) if "mean" in arrays else None
    towers = []
    for number, shape in enumerate(told["towers"]):
        tower = build_towers(torch.from_numpy(text), Shape.from_json(shape))
        tower.load_state_dict(load_file(folder / f"tower-{number}.safetensors"))
        towers.append(tower.eval())
    tables = [
        Neighbours(kept["name"], sp.csr_matrix(sp.load_npz(folder / f"{kept['name']}.npz")), kept["decay"], kept["weight"])
        for kept in told["tables"]
    ]
    ids = np.array(json.loads((folder / IDS).read_text(encoding="utf-8")), object)
    return Model(
        ids=ids,
        text=text,
        whitening=whitening,
        encoder=told["encoder"],
        towers=tuple(towers),
        tables=tuple(tables),
        text_weight=told["text_weight"],
        trend=arrays["trend"],
        trend_weight=told["trend_weight"],
        alpha=told["alpha"],
        encoder_folder=told.get("encoder_folder"),
    )
