"""The embedding cache: a text is encoded once, whatever happens around it."""

import numpy as np
import pytest

from core.base.db import Store
from core.profiles.rollups import rebuild_rollups
from core.represent import item_vectors
from core.represent.item_vectors import embed, load
from tests.profiles.shop import item
from tests.profiles.shop import load as load_shop
from tests.represent.words import DIM, WordEncoder


class Stop(Exception):
    """Raised by a progress function, as a cancelled job does."""


@pytest.fixture
def shop(store: Store) -> Store:
    """Four items, two of them with the same text, one with none."""
    load_shop(store, item("d", title="red mug"), item("a", title="red mug"), item("c", title="blue pot"), item("b"))
    rebuild_rollups(store)
    return store


def test_identical_texts_are_encoded_once(shop: Store) -> None:
    encoder = WordEncoder()
    done = embed(shop, encoder)
    assert sorted(encoder.encoded) == ["blue pot", "red mug"]
    assert (done.items, done.encoded, done.from_cache, done.without_text) == (4, 2, 1, 1)


def test_vectors_come_back_by_item_id_bit_for_bit(shop: Store) -> None:
    encoder = WordEncoder()
    embed(shop, encoder)
    loaded = load(shop, encoder.name)
    assert loaded.ids.tolist() == ["a", "c", "d"]
    assert loaded.matrix.shape == (3, DIM)
    assert loaded.matrix.dtype == np.float32
    assert (loaded.matrix == encoder.encode(["red mug", "blue pot", "red mug"])).all()


def test_only_new_texts_are_encoded_the_next_time(shop: Store) -> None:
    embed(shop, WordEncoder())
    load_shop(shop, item("e", title="green tin"), item("c", title="red mug"))
    rebuild_rollups(shop)
    encoder = WordEncoder()
    assert embed(shop, encoder).encoded == 1
    assert encoder.encoded == ["green tin"]
    assert load(shop, encoder.name).ids.tolist() == ["a", "c", "d", "e"]


def test_another_encoder_has_its_own_vectors(shop: Store) -> None:
    embed(shop, WordEncoder("one"))
    assert len(load(shop, "other").ids) == 0
    assert embed(shop, WordEncoder("other")).encoded == 2


def test_a_cancelled_run_keeps_what_was_committed(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_vectors, "TEXTS_PER_COMMIT", 1)

    def stop_at_the_second(done: float, message: str) -> None:
        if done > 0.5:
            raise Stop

    with pytest.raises(Stop):
        embed(shop, WordEncoder(), stop_at_the_second)
    assert len(load(shop, "words").ids) == 2  # both items whose text is "red mug"
    assert embed(shop, WordEncoder()).encoded == 1


def test_progress_runs_from_zero_to_one_over_all_parts(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_vectors, "TEXTS_PER_COMMIT", 1)
    seen: list[tuple[float, str]] = []
    embed(shop, WordEncoder(), lambda done, message: seen.append((done, message)))
    assert seen == [(0.5, "Encoded 1 of 2 texts"), (1.0, "Encoded 2 of 2 texts")]


def test_an_empty_store_has_no_vectors(store: Store) -> None:
    rebuild_rollups(store)
    assert embed(store, WordEncoder()).items == 0
    assert load(store, "words").matrix.shape == (0, 0)
