"""Tuning the text encoder: pairs and their measure by hand, and a tiny BERT that learns what goes together."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch

from core.base.db import Store
from core.base.errors import BadInput
from core.base.jobs import Cancelled
from core.base.schema import Event
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.represent.acts import EVENTS, Acts
from core.represent.encoder import load_encoder
from core.represent.item_vectors import embed
from core.represent.traits import nothing_known
from core.score.index import load_index
from core.train.adapters import LoraOptions, adapted
from core.train.co_engaged import chances, co_engaged, neighbours, retrieval
from core.train.lora import TunedEncoder, gain_of, read_tuned, tune_encoder
from core.train.names import Protocol
from core.train.protocol import split
from tests.profiles.shop import item, load
from tests.train.conftest import log
from tests.train.tiny import tiny_bert

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # transformers' own, through peft
COLOURS, PER_COLOUR = 4, 10
WORDS = [f"w{number}" for number in range(COLOURS * PER_COLOUR)]
OPTIONS = {"batch": 16, "steps": 30, "every": 10, "rate": 1e-2, "bf16": False, "rank": 4}


def test_nearer_steps_weigh_more_both_ways() -> None:
    # A: a b c, so a-b and b-c are 1 step apart, a-c 2; B: b a, 1 step.
    acts = log(*[("A", item, day, Event.PURCHASE) for day, item in enumerate("abc")], ("B", "b", 0, Event.PURCHASE), items="abc")
    acts = acts.where(np.arange(3))
    assert neighbours(acts).toarray().tolist() == [[0, 1, 0.5], [1, 0, 1], [0.5, 1, 0]]


def test_a_pair_of_bestsellers_is_drawn_less() -> None:
    # Item 0 goes with 1 and 2; 1 and 2 with 0 alone: degrees 2, 1, 1, so every pair weighs its count / sqrt 2.
    pairs = sp.csr_matrix(np.array([[0, 3.0, 1.0], [3.0, 0, 0], [1.0, 0, 0]]))
    one, other, chance = chances(pairs)
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 0), (2, 0)]
    assert chance.tolist() == pytest.approx([3 / 8, 1 / 8, 3 / 8, 1 / 8])


def test_retrieval_leaves_the_item_itself_and_hidden_ones_out() -> None:
    vectors = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [1, 0]], np.float32)
    pairs = sp.csr_matrix(([1.0], ([0], [2])), shape=(4, 4))
    shown = np.array([True, True, True, False])
    # For item 0: item 1 (0.8) comes before item 2 (0.6); item 3 is hidden, so the target is at rank 2.
    assert retrieval(vectors, pairs, shown, k=2).tolist() == [[pytest.approx(1 / np.log2(3)), 1.0]]
    assert retrieval(vectors, pairs, shown, k=1).tolist() == [[0.0, 0.0]]


def test_the_groups_of_shoppers_share_no_act_and_items_without_text_are_left_out() -> None:
    acts = shop_acts()
    told = np.arange(acts.items) > 0
    pairs = co_engaged(acts, told, seed=3)
    everything = neighbours(acts.where(told[acts.item]))
    assert abs(pairs.learn + pairs.valid + pairs.test - everything).max() < 1e-4
    assert all(part.nnz and not part[0].nnz for part in (pairs.learn, pairs.valid, pairs.test))
    assert not (pairs.learn > pairs.together).nnz


def test_the_gain_is_relative_to_before() -> None:
    before, after = np.full((20, 4), 0.5), np.full((20, 4), 0.6)
    assert gain_of(before, after, np.random.default_rng(0))["whitened_ndcg"] == pytest.approx((0.2, 0.2, 0.2))


@dataclass(frozen=True)
class Shop:
    """What a tuning reads of a snapshot."""

    acts: Acts
    items: pd.DataFrame
    meta: object = None


def shop_acts() -> Acts:
    """Shopper s buys 6 of the 10 items of colour s mod 4."""
    rng = np.random.default_rng(5)
    shoppers, bought = 160, 6
    items = [rng.permutation(PER_COLOUR)[:bought] * COLOURS + shopper % COLOURS for shopper in range(shoppers)]
    count = shoppers * bought
    return Acts(
        shoppers=shoppers,
        shown=np.ones(COLOURS * PER_COLOUR, bool),
        user=np.repeat(np.arange(shoppers, dtype=np.int32), bought),
        item=np.concatenate(items).astype(np.int32),
        when=np.datetime64("2024-01-01", "us") + np.tile(np.arange(bought), shoppers) * np.timedelta64(1, "D"),
        event=np.full(count, EVENTS.index(Event.PURCHASE), np.int8),
        quantity=np.ones(count, np.float32),
        rating=np.full(count, np.nan, np.float32),
        dwell=np.zeros(count, np.float32),
        traits=nothing_known(shoppers),
    )


@pytest.fixture
def shop() -> Shop:
    """Every item is called by a word of its own, so that only the shoppers know what goes together; some are described."""
    titles = np.array(WORDS, object)
    texts = [title + (" " + " ".join(["plain"] * 12) if place % 3 == 0 else "") for place, title in enumerate(titles)]
    frame = pd.DataFrame({"title": titles, "text": texts})
    return Shop(shop_acts(), frame, type("Meta", (), {"content_hash": "0"}))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """An encoder that knows those words, and nothing of what goes together."""
    return tiny_bert(tmp_path / "base", ["plain", *WORDS])


def tune(shop: Shop, base: Path, home: Path, stop_at: str = "never", **changes: object) -> TunedEncoder:
    """Tune, or stop at the message."""

    def progress(done: float, told: str) -> None:
        if told.startswith(stop_at):
            raise Cancelled

    options = LoraOptions(base, **{**OPTIONS, **changes})  # type: ignore[arg-type]
    return tune_encoder(shop, split(shop.acts, Protocol.LEAVE_LAST_ONE), home, options, progress)  # type: ignore[arg-type]


def test_it_learns_what_goes_together_and_serves_like_any_encoder(
    shop: Shop, base: Path, tmp_path: Path, settings: Settings
) -> None:
    tuned = tune(shop, base, tmp_path)
    assert tuned.after.raw_ndcg > tuned.before.raw_ndcg * 1.1
    assert [step for step, _, _ in tuned.curve] == [10, 20, 30]
    encoder = load_encoder(settings.model_copy(update={"encoder": str(tuned.folder)}))
    assert encoder.name.startswith("tuned@")
    assert encoder.encode(["w1", "w2 plain"]).shape == (2, 32)
    assert not list((tmp_path / "encoders").glob(".*"))
    assert read_tuned(tuned.folder) == tuned
    with pytest.raises(BadInput, match="already an encoder named 'tuned'"):
        tune(shop, base, tmp_path)


def test_items_are_encoded_anew_and_served_by_a_tuned_encoder(
    shop: Shop, base: Path, tmp_path: Path, store: Store, settings: Settings
) -> None:
    load(store, item("mug", title="w1"), item("pot", title="w2"), item("spade"))
    rebuild_rollups(store)
    before = settings.model_copy(update={"encoder": str(base)})
    after = settings.model_copy(update={"encoder": str(tune(shop, base, tmp_path).folder)})
    for one in (before, after):
        assert embed(store, load_encoder(one)).encoded == 2
    assert embed(store, load_encoder(after)).from_cache == 2
    old, new = load_index(store, before), load_index(store, after)
    assert new.encoder != old.encoder
    assert new.has_vector.tolist() == [True, True, False]
    assert np.abs(old.vectors - new.vectors).max() > 0.01


def test_an_interrupted_tuning_ends_as_one_that_was_not(shop: Shop, base: Path, tmp_path: Path) -> None:
    whole = tune(shop, base, tmp_path / "whole")
    with pytest.raises(Cancelled):
        tune(shop, base, tmp_path / "halves", stop_at="step 14 of")
    assert not (tmp_path / "halves" / "encoders" / "tuned").exists()
    halves = tune(shop, base, tmp_path / "halves")
    assert halves.curve == whole.curve
    one, other = ((done.folder / "model.safetensors").read_bytes() for done in (whole, halves))
    assert one == other


def test_a_shop_where_nobody_came_back_is_refused(base: Path, shop: Shop, tmp_path: Path) -> None:
    few = Shop(shop.acts.where(shop.acts.user < 6), shop.items, shop.meta)
    with pytest.raises(BadInput, match="Too few items"):
        tune(few, base, tmp_path)


def test_an_encoder_without_attention_layers_is_refused() -> None:
    with pytest.raises(BadInput, match="cannot be tuned"):
        adapted(torch.nn.Sequential(torch.nn.Linear(1, 1)))
