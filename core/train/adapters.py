"""A text encoder with low-rank adapters while it learns: its steps, its looks at the validation part, where it goes on."""

import hashlib
import json
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from torch.nn import functional

from core.base.derived import Progress
from core.base.errors import BadInput
from core.represent.encoder import TUNED, WEIGHTS, length_batches, pools_first_token, sha256
from core.represent.whiten import fit_whitening
from core.train.co_engaged import Pairs, chances, retrieval
from core.train.snapshot import fresh_folder

TOKENS_PER_PASS = 2048
TOKENS_PER_BATCH = 4096
SOME = 256
"""Texts by which the time of encoding all of them is foreseen."""
TITLE_SHARE = 0.25
"""Where texts say more than the title, this share of a batch are pairs of a title and its whole text."""
MORE_THAN_TITLE = 40
"""Characters by which a text is longer than its title for that."""


@dataclass(frozen=True)
class LoraOptions:
    """What a tuning depends on besides the data.

    base: folder of the encoder it starts from; rank: of the adapters; batch: pairs a step; rate: of AdamW, falling to 0
    over the steps; every: steps between two looks at the validation pairs; patience: looks without a better one after
    which it stops; longest: tokens of a text that are read.
    """

    base: Path
    name: str = "tuned"
    rank: int = 8
    batch: int = 64
    steps: int = 150
    rate: float = 1e-3
    temperature: float = 0.05
    every: int = 50
    patience: int = 2
    longest: int = 64
    bf16: bool = True
    threads: int = 1
    seed: int = 7


@dataclass
class State:
    """Where a tuning stands. best: the adapters at the best look so far."""

    model: torch.nn.Module
    optimiser: torch.optim.Optimizer
    rng: np.random.Generator
    step: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    best: dict[str, torch.Tensor] = field(default_factory=dict)

    @property
    def stale(self) -> int:
        """How many looks ago the best one was."""
        found = [ndcg for _, _, ndcg in self.curve]
        return len(found) - 1 - int(np.argmax(found)) if found else 0


MEASURES = ("raw_ndcg", "raw_recall", "whitened_ndcg", "whitened_recall")


def judge(vectors: np.ndarray, pairs: sp.csr_matrix, shown: np.ndarray) -> np.ndarray:
    """Return (questions, MEASURES) of these vectors, as they are and whitened as the product serves them."""
    whitening = fit_whitening(vectors[shown])
    even = vectors if whitening is None else whitening.apply(vectors)
    return np.hstack([retrieval(vectors, pairs, shown), retrieval(even, pairs, shown)])


def adapted(model: torch.nn.Module) -> list[str]:
    """Return what the attention's query and value layers are called in this model. Raises BadInput where it has none."""
    there = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    for names in (["query", "value"], ["q_proj", "v_proj"], ["q_lin", "v_lin"], ["q", "v"]):
        if there.issuperset(names):
            return names
    raise BadInput("This encoder has no separate query and value layers, so it cannot be tuned. Set KINDRED_ENCODER=minilm.")


class Tuning:
    """One tuning: the encoder with adapters, the texts as tokens, and the pairs."""

    def __init__(
        self, options: LoraOptions, texts: np.ndarray, titles: np.ndarray, pairs: Pairs, shown: np.ndarray, checkpoint: Path
    ):
        """texts, titles: (n,) str, '' = none; shown: (n,) bool, the items that are searched; checkpoint: file to go on from."""
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModel, AutoTokenizer

        torch.manual_seed(options.seed)
        self.options, self._pairs, self._shown, self._checkpoint = options, pairs, shown, checkpoint
        self._tokenizer = AutoTokenizer.from_pretrained(options.base, local_files_only=True)
        base = AutoModel.from_pretrained(options.base, local_files_only=True, use_safetensors=True, dtype=torch.float32)
        titled = np.flatnonzero(
            [title != "" and len(text) > len(title) + MORE_THAN_TITLE for title, text in zip(titles, texts, strict=True)]
        )
        self._items, self._item = len(texts), np.concatenate([np.arange(len(texts)), titled])  # (texts,) whose text it is
        read = [*texts, *titles[titled]]
        self._tokens = self._tokenizer(read, truncation=True, max_length=options.longest)["input_ids"]
        config = LoraConfig(r=options.rank, lora_alpha=2 * options.rank, target_modules=adapted(base))
        model = get_peft_model(base, config).eval()  # no dropout: what stops it is the validation part
        learned = [weight for weight in model.parameters() if weight.requires_grad]
        optimiser = torch.optim.AdamW(learned, lr=options.rate, weight_decay=0.0)
        self.state = State(model, optimiser, np.random.default_rng(options.seed))
        told = {**asdict(options), "base": sha256(options.base / WEIGHTS)}
        self._key = hashlib.sha256(repr((told, read, pairs.learn.nnz, float(pairs.learn.sum()))).encode()).hexdigest()
        self._drawn = chances(pairs.learn)
        self._first_token = pools_first_token(options.base)
        self._resume()

    def run(self, progress: Progress) -> None:
        """Take steps until the validation pairs are found no better, or all are taken."""
        state, options = self.state, self.options
        start, before = time.perf_counter(), state.seconds
        while state.step < options.steps and state.stale < options.patience:
            state.losses.append(self.take_step())
            state.step += 1
            state.seconds = before + time.perf_counter() - start
            progress(state.step / options.steps, f"step {state.step} of {options.steps}: loss {state.losses[-1]:.3f}")
            if state.step % options.every == 0 or state.step == options.steps:
                self._look()

    def foresee(self, seconds: float) -> float:
        """Return about how long ``run`` and three encodings after it will take, by ``seconds`` of steps and some texts."""
        self.take_step()  # the first also makes room
        start, steps = time.perf_counter(), 0
        while not steps or time.perf_counter() - start < seconds:
            self.take_step()
            steps += 1
        step = (time.perf_counter() - start) / steps
        lengths = np.array(list(map(len, self._tokens[: self._items])))
        some = np.linspace(0, self._items - 1, min(self._items, SOME)).astype(int)
        start = time.perf_counter()
        vectors = self.encode(some)
        encoding = (time.perf_counter() - start) * lengths.sum() / lengths[some].sum()
        start = time.perf_counter()
        judge(np.resize(vectors, (self._items, vectors.shape[1])), self._pairs.valid, self._shown)
        looks = self.options.steps // self.options.every + 3
        return float(self.options.steps * step + looks * (encoding + time.perf_counter() - start))

    @torch.inference_mode()
    def encode(self, items: np.ndarray | None = None) -> np.ndarray:
        """Return float32 (n, d): every text's vector as of now, length 1; or those of some items only, in their order."""
        model: Any = self.state.model
        tokens = self._tokens[: self._items] if items is None else [self._tokens[item] for item in items]
        found = np.empty((len(tokens), model.config.hidden_size), np.float32)
        for rows in length_batches(list(map(len, tokens)), TOKENS_PER_BATCH):
            found[rows] = self._pool([tokens[row] for row in rows]).numpy()
        return found

    def frozen(self) -> np.ndarray:
        """Return every text's vector as it was before the tuning."""
        model: Any = self.state.model
        with model.disable_adapter():
            return self.encode()

    def best(self) -> np.ndarray:
        """Go back to the adapters of the best look, and return every text's vector."""
        self.state.model.load_state_dict(self.state.best, strict=False)
        return self.encode()

    def save(self, folder: Path, told: dict[str, Any]) -> None:
        """Merge the adapters and write the folder whole or not at all, with a note of what it is; drop the checkpoint."""
        merged: Any = self.state.model
        with fresh_folder(folder) as draft:
            merged.merge_and_unload().save_pretrained(draft, safe_serialization=True)
            self._tokenizer.save_pretrained(draft)
            for file in ("sentence_bert_config.json", "1_Pooling/config.json"):
                if (self.options.base / file).exists():
                    (draft / file).parent.mkdir(exist_ok=True)
                    shutil.copy(self.options.base / file, draft / file)
            note = {"sha256": sha256(draft / WEIGHTS), "options": asdict(self.options), **told}
            (draft / TUNED).write_text(json.dumps(note, indent=1, default=str), encoding="utf-8")
        self._checkpoint.unlink(missing_ok=True)

    def take_step(self) -> float:
        """Learn from one batch; return its loss."""
        state, options = self.state, self.options
        for group in state.optimiser.param_groups:
            group["lr"] = options.rate * min(1.0, (state.step + 1) / 20, 1.05 - state.step / options.steps)
        one, other, chance = self._drawn
        titled = np.arange(self._items, len(self._item))
        titles = state.rng.choice(titled, min(len(titled), int(TITLE_SHARE * options.batch)), replace=False)
        chosen = state.rng.choice(len(one), options.batch - len(titles), p=chance)
        loss = self._loss(np.concatenate([one[chosen], titles]), np.concatenate([other[chosen], self._item[titles]]))
        state.optimiser.zero_grad()
        loss.backward()
        state.optimiser.step()
        return float(loss.detach())

    def _loss(self, one: np.ndarray, other: np.ndarray) -> torch.Tensor:
        """Return the mean of both directions' softmax loss over pairs of texts (rows of the tokens).

        What is known to go with the asking item is no wrong answer.
        """
        items, place = np.unique(np.concatenate([one, other]), return_inverse=True)
        parts = list(length_batches([len(self._tokens[item]) for item in items], TOKENS_PER_PASS))
        back = np.argsort(np.concatenate(parts))
        vectors = torch.cat([self._pool([self._tokens[item] for item in items[part]]) for part in parts])[back][place]
        scores = vectors[: len(one)] @ vectors[len(one) :].T / self.options.temperature
        right = torch.arange(len(one))
        asking, found = self._item[one], self._item[other]
        friends = torch.from_numpy((self._pairs.together[asking][:, found].toarray() > 0) | (asking[:, None] == found))
        scores = scores.masked_fill(friends & (right[:, None] != right), -1e4)
        return (functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)) / 2

    def _pool(self, tokens: list[list[int]]) -> torch.Tensor:
        """Return (len(tokens), d): the texts' vectors, pooled as the encoder is served, length 1."""
        width = max(map(len, tokens))
        ids = torch.tensor([row + [self._tokenizer.pad_token_id or 0] * (width - len(row)) for row in tokens])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in tokens])
        with torch.autocast("cpu", torch.bfloat16, enabled=self.options.bf16):
            hidden = self.state.model(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).float()
        mean = (hidden.float() * weights).sum(1) / weights.sum(1)
        return functional.normalize(hidden[:, 0].float() if self._first_token else mean, dim=1)

    def _look(self) -> None:
        """Judge the adapters on the validation pairs, whitened as served, and keep where it stands."""
        state = self.state
        found = float(judge(self.encode(), self._pairs.valid, self._shown).mean(axis=0)[MEASURES.index("whitened_ndcg")])
        state.curve.append((state.step, float(np.mean(state.losses[-self.options.every :])), found))
        if state.stale == 0:
            state.best = {name: weight.clone() for name, weight in state.model.state_dict().items() if "lora_" in name}
        self._keep()

    def _keep(self) -> None:
        state = self.state
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        draft = self._checkpoint.with_suffix(".draft")
        adapters = {name: weight for name, weight in state.model.state_dict().items() if "lora_" in name}
        kept = {"key": self._key, "adapters": adapters, "best": state.best, "optimiser": state.optimiser.state_dict()}
        more = {"step": state.step, "seconds": state.seconds, "losses": state.losses, "curve": state.curve}
        torch.save({**kept, **more, "rng": json.dumps(state.rng.bit_generator.state)}, draft)
        draft.replace(self._checkpoint)

    def _resume(self) -> None:
        """Go on from the checkpoint of the same tuning, if there is one."""
        if not self._checkpoint.exists():
            return
        kept = torch.load(self._checkpoint, weights_only=True)
        if kept["key"] != self._key:
            return
        state = self.state
        state.model.load_state_dict(kept["adapters"], strict=False)
        state.optimiser.load_state_dict(kept["optimiser"])
        state.best, state.step, state.seconds, state.losses = kept["best"], kept["step"], kept["seconds"], kept["losses"]
        state.curve = [tuple(point) for point in kept["curve"]]
        state.rng.bit_generator.state = json.loads(kept["rng"])
