"""Item vectors from text, each text encoded once: the cache is keyed by encoder and content hash."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.base.db import Store
from core.base.derived import Progress, is_current, no_progress, rebuild
from core.base.schema import Col
from core.base.settings import Settings
from core.represent.encoder import Encoder, encoder_name, load_encoder
from core.represent.item_text import rebuild_item_texts

VECTORS = "vectors"
"""The name under which the vectors are stamped in ``derived``."""
SERVED = "served_vectors"
"""The same of the vectors that the served model reads, where an encoder was tuned for it."""
TEXTS_PER_COMMIT = 2048
"""A cancelled run keeps what was committed; 2,048 texts are 5 to 20 seconds of work on two cores."""


@dataclass(frozen=True)
class Embedded:
    """What one run did. items: all in the catalogue; encoded: texts; from_cache: items that needed no encoding of their own."""

    items: int
    encoded: int
    from_cache: int
    without_text: int
    seconds: float


@dataclass(frozen=True)
class ItemVectors:
    """ids: (n,) strings, ascending; matrix: float32 (n, dim), rows of length 1. Items without a text are not in it."""

    ids: np.ndarray
    matrix: np.ndarray


def embed(store: Store, encoder: Encoder, progress: Progress = no_progress, name: str = VECTORS) -> Embedded:
    """Encode the texts not yet in the cache, committing every few thousand; identical texts are encoded once.

    name: under which it is stamped.
    """
    start = time.perf_counter()
    rebuild_item_texts(store)
    pending = not_cached(store, encoder.name, _distinct_texts(store))
    rebuild(store, name, {"encoder": encoder.name}, lambda _: encode_into_cache(store, encoder, pending, progress), force=True)
    items, without = store.rows("SELECT count(*), count(*) FILTER (text = '') FROM item_texts")[0]
    return Embedded(items, len(pending), items - without - len(pending), without, time.perf_counter() - start)


def embed_served(store: Store, settings: Settings, folder: Path | None, progress: Progress = no_progress) -> None:
    """Encode the texts for a model through the encoder in ``folder`` that was tuned for it; None: it has none.

    Raises BadInput where that encoder cannot be loaded.
    """
    if folder is None:
        return
    chosen = settings.model_copy(update={"encoder": str(folder)})
    if not is_current(store, SERVED, {"encoder": encoder_name(chosen)}):
        embed(store, load_encoder(chosen), progress, SERVED)


def load(store: Store, encoder_name: str) -> ItemVectors:
    """Return the vectors of all items that have one from this encoder, by item id; (0, 0) where there is none."""
    with store.cursor() as cursor:
        table = cursor.sql(_VECTORS, params=[encoder_name]).to_arrow_table()
    ids = table.column(Col.ITEM).to_numpy()
    if not len(ids):
        return ItemVectors(ids, np.zeros((0, 0), np.float32))
    flat = np.concatenate([chunk.flatten().to_numpy() for chunk in table.column(Col.VECTOR).chunks])
    order = np.argsort(ids, kind="stable")
    return ItemVectors(ids[order], flat.reshape(len(ids), -1)[order])


_VECTORS = """
SELECT t.item_id, e.vector FROM item_texts t
JOIN embeddings e ON e.content_hash = t.content_hash AND e.encoder = ?
WHERE t.text <> ''
"""


def not_cached(store: Store, encoder_name: str, texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (content_hash, text) of the texts (hash -> text) without a vector, by length so that batches pad little."""
    there = {key for (key,) in store.rows("SELECT content_hash FROM embeddings WHERE encoder = ?", [encoder_name])}
    return sorted(((key, text) for key, text in texts.items() if key not in there), key=lambda pair: (len(pair[1]), pair[0]))


def cached(store: Store, encoder_name: str, hashes: Sequence[str]) -> np.ndarray:
    """Return float32 (len(hashes), dim), the cached vectors in the order asked for. Raises KeyError where one is missing."""
    wanted = pa.table({Col.HASH: pa.array(sorted(set(hashes)), pa.string())})
    with store.cursor() as cursor:
        cursor.register("wanted_hashes", wanted)
        table = cursor.sql(
            "SELECT content_hash, vector FROM embeddings JOIN wanted_hashes USING (content_hash) WHERE encoder = ?",
            params=[encoder_name],
        ).to_arrow_table()
        cursor.unregister("wanted_hashes")
    if not hashes:
        return np.zeros((0, 0), np.float32)
    flat = np.concatenate([chunk.flatten().to_numpy() for chunk in table.column(Col.VECTOR).chunks])
    place = {key: row for row, key in enumerate(table.column(Col.HASH).to_pylist())}
    return np.asarray(flat.reshape(len(place), -1)[[place[key] for key in hashes]])


def _distinct_texts(store: Store) -> dict[str, str]:
    return dict(store.rows("SELECT content_hash, any_value(text) FROM item_texts WHERE text <> '' GROUP BY content_hash"))


def encode_into_cache(store: Store, encoder: Encoder, pending: list[tuple[str, str]], progress: Progress) -> None:
    """Encode (content_hash, text) pairs and keep their vectors, committing every few thousand."""
    for start in range(0, len(pending), TEXTS_PER_COMMIT):
        part = pending[start : start + TEXTS_PER_COMMIT]

        def within(done: float, message: str, start: int = start, size: int = len(part)) -> None:
            finished = start + round(done * size)
            progress(finished / len(pending), f"Encoded {finished:,} of {len(pending):,} texts")

        vectors = encoder.encode([text for _, text in part], within)
        _insert(store, encoder.name, [key for key, _ in part], vectors)


def _insert(store: Store, encoder_name: str, hashes: list[str], vectors: np.ndarray) -> None:
    flat = pa.array(np.ascontiguousarray(vectors).reshape(-1))
    offsets = pa.array(np.arange(len(hashes) + 1, dtype=np.int32) * vectors.shape[1])
    table = pa.table({Col.HASH: pa.array(hashes, pa.string()), Col.VECTOR: pa.ListArray.from_arrays(offsets, flat)})
    with store.transaction() as cursor:
        cursor.register("fresh_vectors", table)
        cursor.execute(
            "INSERT INTO embeddings SELECT ?, content_hash, vector FROM fresh_vectors ON CONFLICT DO NOTHING", [encoder_name]
        )
        cursor.unregister("fresh_vectors")
