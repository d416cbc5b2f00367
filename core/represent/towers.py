"""Two towers that meet in one space: a vector for every item, a vector for every history, taste = their cosine."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from core.represent.acts import EVENTS, Acts
from core.represent.block import GAPS, Block
from core.represent.sequences import DWELLS, Batch, Spans, Steps, to_score
from core.represent.traits import Trait, as_traits

HISTORIES = 512
"""Histories read at once."""


@dataclass(frozen=True)
class Shape:
    """How large the towers are. longest: items of a history that are read; heads divide the width.

    tasks: what else is read off a shopper's state, by name, one number each; see ``core.train.multitask``. dwell: whether the
    time spent on each item is read; traits: those of shoppers that are read.
    """

    width: int = 128
    layers: int = 1
    heads: int = 1
    dropout: float = 0.3
    longest: int = 50
    tasks: tuple[str, ...] = ()
    dwell: bool = False
    traits: tuple[Trait, ...] = ()

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Shape":
        """Return the shape that was written as JSON, of this version or one before."""
        return cls(**{**told, "tasks": tuple(told.get("tasks", ())), "traits": as_traits(told.get("traits", ()))})


class ItemTower(nn.Module):
    """item → vector: an ID vector plus an MLP over the text vector, so that an item nobody bought has a vector too."""

    text: torch.Tensor

    def __init__(self, text: torch.Tensor, width: int):
        """text: float32 (n, d) unit vectors, 0 = no text; d = 0 leaves the ID alone."""
        super().__init__()
        count, size = text.shape
        padded = torch.cat([text * math.sqrt(size), torch.zeros(1, size)])
        self.register_buffer("text", padded, persistent=False)
        self.id = nn.Embedding(count + 1, width, padding_idx=count)
        nn.init.normal_(self.id.weight, std=0.02)
        self.read = nn.Sequential(nn.Linear(size, 2 * width), nn.GELU(), nn.Linear(2 * width, width)) if size else None

    def forget(self, items: np.ndarray) -> None:
        """Take their ID vectors from the items with these codes."""
        with torch.no_grad():
            self.id.weight[torch.from_numpy(items)] = 0

    def learned(self) -> np.ndarray:
        """Return (n,) bool: the items with an ID vector of their own."""
        return np.asarray(self.id.weight.detach()[:-1].any(dim=1).numpy())

    def forward(self, items: torch.Tensor) -> torch.Tensor:
        """Return (…, width) for codes (…); the code n is no item."""
        found = self.id(items)
        return found if self.read is None else found + self.read(self.text[items])


class UserTower(nn.Module):
    """history → vector: a causal transformer over the item vectors; to each is added the kind of act, how long, and by whom."""

    def __init__(self, shape: Shape):
        super().__init__()
        width, self.longest = shape.width, shape.longest
        self.event = nn.Embedding(len(EVENTS), width)
        nn.init.zeros_(self.event.weight)
        self.start, self.end, self.drop = nn.LayerNorm(width), nn.LayerNorm(width), nn.Dropout(shape.dropout)
        self.blocks = nn.ModuleList(Block(width, shape.heads, shape.dropout, shape.longest) for _ in range(shape.layers))
        self.dwell = _from_nothing(DWELLS, width) if shape.dwell else None
        self.traits = nn.ModuleList(_from_nothing(1 + len(trait.values), width) for trait in shape.traits)

    def forward(self, vectors: torch.Tensor, batch: Batch, last: bool = False) -> torch.Tensor:
        """Return (b, l, width) of length 1: what is wanted after each act; ``last``: after the last alone, (b, 1, width).

        vectors: (b, l, width) of the batch's items.
        """
        return self.wanted(self.read(vectors, batch), batch, last)

    def read(self, vectors: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return (b, l, width): the acts as the blocks get them, each by itself. Where all that is read is 0, it is the bias."""
        return self.drop(self.start(self._added(vectors, batch)))

    def read_of_traits(self, vectors: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return (b, l, width): what the shoppers' traits put into what ``read`` gives, exactly; 0 where none is known.

        The normalisation is linear but for the spread that it divides by, which is that of everything that is read.
        """
        read, theirs = self._added(vectors, batch), self._of_traits(batch)
        spread = (read.var(dim=-1, unbiased=False, keepdim=True) + self.start.eps).sqrt()
        return self.start.weight * (theirs - theirs.mean(dim=-1, keepdim=True))[:, None] / spread

    def wanted(self, x: torch.Tensor, batch: Batch, last: bool = False) -> torch.Tensor:
        """Return what ``forward`` does, from what ``read`` gave."""
        for block, where in self._places(batch, last):
            x = block(x, *where)
        return functional.normalize(self.end(x), dim=-1)

    def attention(self, x: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return (b, l): how much the last block looks at each act from the last one, the mean of its heads; 1 in all."""
        *before, (block, where) = self._places(batch, last=True)
        for earlier, at in before:
            x = earlier(x, *at)
        return block.attention(x, *where)

    def _added(self, vectors: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return (b, l, width): all that is read of each act, added up."""
        total = vectors + self.event(batch.events)
        if self.dwell is not None:
            total = total + self.dwell(batch.dwell)
        return total + self._of_traits(batch)[:, None] if len(self.traits) else total

    def _of_traits(self, batch: Batch) -> torch.Tensor:
        """Return (b, width): what the traits of each shopper add to each of their acts."""
        total = torch.zeros(len(batch.traits), self.event.embedding_dim)
        for place, trait in enumerate(self.traits):
            total = total + trait(batch.traits[:, place])
        return total

    def _places(self, batch: Batch, last: bool) -> list[tuple[Block, tuple[torch.Tensor, torch.Tensor, torch.Tensor]]]:
        """Each block with the steps and gaps between acts, and what is hidden; ``last``: of the last act in the last block."""
        place = torch.arange(batch.there.shape[1])
        steps = (place[:, None] - place).clamp(0, self.longest - 1)
        days = (batch.days[:, :, None] - batch.days[:, None, :]).clamp(min=0)
        gaps = torch.log2(days.float() + 1).ceil().long().clamp(max=GAPS - 1)
        itself = torch.eye(len(place), dtype=torch.bool)
        hidden = ~((place[:, None] >= place) & batch.there[:, None, :] | itself)[:, None]
        where = [(steps, gaps, hidden)] * len(self.blocks)
        if last:
            where[-1] = (steps[-1:], gaps[:, -1:], hidden[:, :, -1:])
        return list(zip(cast(Iterable[Block], self.blocks), where, strict=True))


def _from_nothing(codes: int, width: int) -> nn.Embedding:
    """Return an embedding that begins as 0, whose code 0 stays so: what is not known adds nothing. It draws no random numbers."""
    return nn.Embedding.from_pretrained(torch.zeros(codes, width), freeze=False, padding_idx=0)


class Towers(nn.Module):
    """Both towers and the scale (1 / temperature) at which their cosine becomes a softmax."""

    def __init__(self, items: ItemTower, users: UserTower, shape: Shape, temperature: float):
        super().__init__()
        self.items, self.users, self.shape = items, users, shape
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))
        self.answers = nn.ModuleDict({task: nn.Linear(shape.width + len(EVENTS), 1) for task in shape.tasks})

    @property
    def scale(self) -> float:
        """What the cosine is multiplied by in the softmax."""
        return float(self.log_scale.detach().exp())

    @torch.inference_mode()
    def unit_table(self) -> np.ndarray:
        """Return float32 (n, width), every item's vector, length 1."""
        return self.table().numpy()

    def spans(self, history: Acts) -> Spans:
        """Return what is read of each shopper to score: their latest distinct items, their traits by the towers' own codes."""
        return to_score(replace(history, traits=history.traits.by(self.shape.traits)), self.shape.longest)

    @torch.inference_mode()
    def tastes(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, width): every history's vector, length 1."""
        spans = self.spans(history)
        order = np.argsort(spans.end - spans.begin, kind="stable")
        nothing = self.items.id.num_embeddings - 1
        codes = np.append(np.unique(spans.acts.item), nothing)
        place = np.full(nothing + 1, len(codes) - 1)
        place[codes] = np.arange(len(codes))
        vectors, at = self.items(torch.from_numpy(codes.astype(np.int64))), torch.from_numpy(place)
        found = np.empty((len(spans), self.shape.width), np.float32)
        for start in range(0, len(order), HISTORIES):
            part = order[start : start + HISTORIES]
            batch = spans.pack(part)
            found[part] = self.users(vectors[at[batch.items]], batch, last=True)[:, 0].numpy()
        return found

    def on(self, at: np.ndarray, text: torch.Tensor) -> "Towers":
        """Return the towers over other items: number j was number at[j], or was not there (−1) and is read from its text."""
        towers = build_towers(text, self.shape)
        own = self.state_dict()
        ids = torch.zeros(len(at) + 1, self.shape.width)
        there = torch.from_numpy(np.flatnonzero(at >= 0))
        ids[there] = own["items.id.weight"][torch.from_numpy(at[at >= 0])]
        towers.load_state_dict({**own, "items.id.weight": ids})
        return towers.eval()

    def table(self) -> torch.Tensor:
        """Return (n, width): every item's vector, length 1."""
        return functional.normalize(self.items(torch.arange(self.items.id.num_embeddings - 1)), dim=-1)

    def answer(self, task: str, tastes: torch.Tensor, latest: torch.Tensor) -> torch.Tensor:
        """Return (m,), what the head of a task reads off shoppers' vectors (m, width) and the kind of their latest act (m,)."""
        state = torch.cat([tastes, functional.one_hot(latest, len(EVENTS))], 1)
        return self.answers[task](state * math.sqrt(self.shape.width))[:, 0]

    @torch.inference_mode()
    def foresee(self, history: Acts) -> dict[str, np.ndarray]:
        """Return float32 (shoppers,) of each task, as its head gives it: of a purchase the log odds, of a rating the stars."""
        spans = self.spans(history)
        kinds = np.append(spans.acts.event, 0)[np.where(spans.end > spans.begin, spans.end - 1, -1)]
        tastes, latest = torch.from_numpy(self.tastes(history)), torch.from_numpy(kinds.astype(np.int64))
        return {task: self.answer(task, tastes, latest).numpy() for task in self.shape.tasks}

    def loss(self, steps: Steps, negatives: torch.Tensor, among: int) -> torch.Tensor:
        """Return the mean sampled-softmax loss of every step that counts to the next item.

        −log softmax of the right item among itself and the negatives (drawn uniformly from ``among`` items, shared by
        the batch), each negative standing for among / |negatives| items (Jean et al. 2015, arXiv:1412.2007; logQ of
        Bengio & Senécal 2008).
        """
        before, counts = steps.before, steps.counts
        codes, place = torch.unique(torch.cat([before.items.flatten(), steps.following[counts], negatives]), return_inverse=True)
        inputs, right, drawn = place.split([before.items.numel(), int(counts.sum()), len(negatives)])
        vectors = self.items(codes)
        unit = functional.normalize(vectors, dim=-1)
        tastes = self.users(vectors[inputs.view(before.items.shape)], before)[counts]
        scale = self.log_scale.exp()
        good = scale * (tastes * unit[right]).sum(-1, keepdim=True)
        bad = scale * tastes @ unit[drawn].T
        bad = bad.masked_fill(right[:, None] == drawn, -1e9) + math.log(among / len(negatives))
        return functional.cross_entropy(torch.cat([good, bad], 1), torch.zeros(len(right), dtype=torch.long))


def build_towers(text: torch.Tensor, shape: Shape, temperature: float = 1.0) -> Towers:
    """Return untrained towers over the items whose text vectors are float32 (n, d)."""
    users = UserTower(shape)
    return Towers(ItemTower(text, shape.width), users, shape, temperature)
