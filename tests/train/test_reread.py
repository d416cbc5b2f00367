"""Runs that tune the text encoder first: what they read, what is served, what a snapshot holds, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.db import Store
from core.base.errors import BadInput
from core.base.jobs import Cancelled, State
from core.base.schema import Col
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.profiles.rollups import rebuild_rollups
from core.represent import registry
from core.represent.encoder import encoder_name, load_encoder
from core.represent.item_vectors import SERVED, embed, embed_served
from core.represent.keywords import rebuild_keywords
from core.represent.model import load_model
from core.represent.ratings import rebuild_quality
from core.represent.registry import Live
from core.score.index import Index, load_index
from core.score.recommend import recommend
from core.train import probe, promotion, reread, runs, worker
from core.train.evaluate import evaluate
from core.train.learned import Learned, evaluate_run
from core.train.names import Preset, Protocol
from core.train.protocol import split
from core.train.report import run_lines
from core.train.reread import TEXTS, check
from core.train.run import carry_on, train
from core.train.runs import Request, Run
from core.train.snapshot import Snapshot, take_snapshot
from core.train.zero_shot import ZeroShot
from core.update.refresh import refresh
from tests.profiles.shop import Row, act, item, load
from tests.train.test_run import SMALL
from tests.train.tiny import tiny_bert

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # transformers' own, through peft
COLOURS, PER_COLOUR, SHOPPERS = 4, 10, 160
WORDS = [f"w{number}" for number in range(COLOURS * PER_COLOUR)]
ASKED = Request(Preset.QUICK, Protocol.LEAVE_LAST_ONE, seed=3, options=SMALL, lora=True)


def rows() -> list[Row]:
    """Shopper s buys 6 of the 10 items of colour s mod 4, one a day; every item is called by a word of its own."""
    rng = np.random.default_rng(5)
    found = [item(word, title=word) for word in WORDS]
    for shopper in range(SHOPPERS):
        for day, number in enumerate(rng.permutation(PER_COLOUR)[:6].tolist()):
            word = WORDS[number * COLOURS + shopper % COLOURS]
            found.append(act(f"s{shopper:03d}", word, f"2024-03-{day + 1:02d}", "purchase", quantity=1))
    return found


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tune in 30 steps of 16 pairs: these words need no more."""
    usual = reread.lora_options
    monkeypatch.setattr(reread, "lora_options", lambda *asked: replace(usual(*asked), steps=30, every=10, batch=16))


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Settings that name an encoder which knows those words, and nothing of what goes together."""
    folder = tiny_bert(tmp_path / "base", ["new", *WORDS])
    return settings.model_copy(update={"encoder": str(folder), "threads": 1})


@pytest.fixture
def shop(store: Store, settings: Settings) -> Store:
    load(store, *rows())
    rebuild_rollups(store)
    rebuild_quality(store)
    rebuild_keywords(store)
    embed(store, load_encoder(settings))
    return store


@pytest.fixture
def snapshot(shop: Store, settings: Settings, workspace: Workspace) -> Snapshot:
    return take_snapshot(shop, load_index(shop, settings), workspace)


@pytest.fixture
def run(snapshot: Snapshot, settings: Settings) -> Run:
    """A run that tuned its encoder."""
    return train(snapshot, settings.home, ASKED, settings=settings)


@pytest.fixture
def served(run: Run, shop: Store, settings: Settings) -> Index:
    """The index with that run served."""
    promote(run, shop, settings)
    return load_index(shop, settings)


def promote(run: Run, shop: Store, settings: Settings) -> Live:
    def ready(live: Live) -> None:
        embed_served(shop, settings, registry.encoder_folder(settings.home, live))

    return promotion.promote(settings.home, run.run_id, by="ann", override="a test", ready=ready)


def test_a_run_reads_the_texts_by_an_encoder_of_its_own(run: Run, snapshot: Snapshot, settings: Settings) -> None:
    assert run.tuned is not None
    assert run.encoder == encoder_name(settings)
    assert run.tuned.encoder == encoder_name(settings.model_copy(update={"encoder": str(settings.home / run.tuned.folder)}))
    assert run.tuned.folder == f"encoders/{run.run_id}"
    assert run.stages["tune"] > 0
    model = load_model(settings.home / str(run.served_folder))
    assert (model.encoder, model.encoder_folder) == (run.tuned.encoder, run.tuned.folder)
    assert np.abs(model.text - snapshot.vectors).max() > 0.01
    assert any(run.tuned.encoder in line for line in run_lines(run))
    assert runs.read(settings.home, run.run_id) == run


def test_zero_shot_and_a_second_look_stay_with_what_they_were(run: Run, snapshot: Snapshot, settings: Settings) -> None:
    bare = evaluate(ZeroShot(snapshot, alpha=None), snapshot, split(snapshot.acts, ASKED.protocol), seed=ASKED.seed)
    assert run.baselines[1].metrics == pytest.approx(bare.metrics, nan_ok=True)
    again = evaluate_run(settings.home, run.run_id, None, k=10)
    assert again.metrics["ndcg"] == pytest.approx(run.scores.metrics["ndcg"], abs=1e-6)


def test_training_on_everything_keeps_the_encoder(snapshot: Snapshot, settings: Settings) -> None:
    run = train(snapshot, settings.home, replace(ASKED, refit=True), settings=settings)
    held_out, serving = (load_model(runs.folder(settings.home, run.run_id) / name) for name in ("held_out", "serving"))
    assert held_out.encoder_folder == serving.encoder_folder
    np.testing.assert_array_equal(held_out.text, serving.text)


@pytest.mark.parametrize("stop_at", ["step 14 of", "Training: "])
def test_an_interrupted_run_ends_as_if_nothing_had_happened(
    stop_at: str, run: Run, snapshot: Snapshot, settings: Settings
) -> None:
    def stop(done: float, told: str) -> None:
        if stop_at in told:
            raise Cancelled

    begun = runs.new_run(snapshot, ASKED)
    with pytest.raises(Cancelled):
        carry_on(settings.home, begun, stop, snapshot, settings)
    whole = stop_at.startswith("Training")
    assert (settings.home / "encoders" / begun.run_id).exists() == whole
    assert (runs.folder(settings.home, begun.run_id) / TEXTS).exists() == whole
    resumed = carry_on(settings.home, runs.read(settings.home, begun.run_id), snapshot=snapshot, settings=settings)
    assert resumed.state is State.DONE
    assert resumed.scores == run.scores
    assert resumed.tuned is not None
    assert (resumed.tuned.before, resumed.tuned.after) == (run.tuned.before, run.tuned.after)


def test_what_is_served_reads_by_it_and_a_snapshot_does_not(
    run: Run, served: Index, shop: Store, settings: Settings, snapshot: Snapshot, workspace: Workspace
) -> None:
    assert served.model is not None, served.notes
    np.testing.assert_allclose(served.model.text, load_model(settings.home / str(run.served_folder)).text, atol=1e-5)
    assert served.encoder == encoder_name(settings)
    np.testing.assert_array_equal(served.vectors, snapshot.vectors)
    assert take_snapshot(shop, served, workspace).folder == snapshot.folder
    assert recommend(shop, served, "s000", alpha=0.9).fallback == "personalised"


def test_a_new_item_is_read_by_it(served: Index, run: Run, shop: Store, settings: Settings) -> None:
    load(shop, item("fresh", title="w1 new"))
    refresh(shop, settings, lambda: load_encoder(settings))
    index = load_index(shop, settings)
    assert index.model is not None, index.notes
    tuned = load_encoder(registry.reading(settings))
    own = tuned.encode(["w1 new"])
    expected = own if index.model.whitening is None else index.model.whitening.apply(own)
    np.testing.assert_allclose(index.model.text[index.rows["fresh"]], expected[0], atol=1e-5)
    assert tuned.name == run.tuned.encoder


def test_promoted_without_its_vectors_it_says_what_to_do(run: Run, shop: Store, settings: Settings) -> None:
    promotion.promote(settings.home, run.run_id, override="a test")
    index = load_index(shop, settings)
    assert index.model is None
    assert any(f"reads texts through the encoder {run.tuned.encoder}" in note and "core embed" in note for note in index.notes)
    refresh(shop, settings, lambda: load_encoder(settings))
    assert load_index(shop, settings).model is not None


def test_going_back_needs_no_encoding_and_a_lost_encoder_is_told(
    run: Run, served: Index, shop: Store, settings: Settings
) -> None:
    plain = train(
        served_snapshot := Snapshot(settings.home / "snapshots" / run.snapshot), settings.home, replace(ASKED, lora=False)
    )
    promote(plain, shop, settings)
    assert load_index(shop, settings).model.encoder == served_snapshot.meta.encoder
    stamp = shop.value("SELECT built_at FROM derived WHERE name = ?", [SERVED])
    promotion.rollback(
        settings.home, ready=lambda live: embed_served(shop, settings, registry.encoder_folder(settings.home, live))
    )
    assert shop.value("SELECT built_at FROM derived WHERE name = ?", [SERVED]) == stamp
    assert load_index(shop, settings).model.encoder == run.tuned.encoder
    (settings.home / run.tuned.folder).rename(settings.home / "gone")
    assert "text encoder of run" in str(registry.trouble(settings.home))
    assert load_index(shop, settings).model is None
    refresh(shop, settings, lambda: load_encoder(settings))


def test_the_live_model_is_asked_about_items_that_came_later(
    run: Run, served: Index, shop: Store, settings: Settings, workspace: Workspace
) -> None:
    """Known items keep their vectors; a new one takes what the tuned encoder makes of its text, not the shop's own."""
    load(shop, item("fresh", title="w1 new"), act("s000", "fresh", "2024-03-20", "purchase", quantity=1))
    refresh(shop, settings, lambda: load_encoder(settings))
    later = take_snapshot(shop, load_index(shop, settings), workspace)
    model = Learned("live", load_model(settings.home / str(run.served_folder)), later, settings)._model
    place = later.items[Col.ITEM].tolist().index("fresh")
    own = load_encoder(registry.reading(settings)).encode(["w1 new"])[0]
    np.testing.assert_allclose(
        model.text[place], own if model.whitening is None else model.whitening.apply(own[None])[0], atol=1e-5
    )
    other = train(later, settings.home, replace(ASKED, lora=False), settings=settings)
    assert other.gate[-1].against == "live model"


def test_another_encoder_than_the_snapshots_is_refused(snapshot: Snapshot, settings: Settings, tmp_path: Path) -> None:
    other = settings.model_copy(update={"encoder": str(tiny_bert(tmp_path / "other", WORDS))})
    with pytest.raises(BadInput, match="Set KINDRED_ENCODER back"):
        train(snapshot, settings.home, ASKED, settings=other)


def test_where_nothing_can_be_tuned_it_is_said_before_anything_starts(
    snapshot: Snapshot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.train.reread.LEAST_TEXTS", 41)
    with pytest.raises(BadInput, match="takes 41 items with a text; here are 40"):
        worker.start(workspace, snapshot, ASKED)
    with pytest.raises(BadInput, match="Zero-shot trains nothing"):
        check(snapshot, replace(ASKED, preset=Preset.ZERO_SHOT))
    assert not runs.runs(workspace.home)
    assert not list(workspace.jobs.iterdir())


def test_a_shop_without_an_encoder_cannot_tune_one(store: Store, settings: Settings, workspace: Workspace) -> None:
    load(store, *rows())
    rebuild_rollups(store)
    lost = settings.model_copy(update={"encoder": "nobody/no-such-model"})
    bare = take_snapshot(store, load_index(store, lost), workspace)
    with pytest.raises(BadInput, match="there is none to tune"):
        check(bare, ASKED)


def test_the_probe_counts_the_tuning(snapshot: Snapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_ENCODER", settings.encoder)
    monkeypatch.setattr(probe, "LONG_ENOUGH", 0.2)
    without, with_it = (probe.measure(snapshot, replace(ASKED, lora=lora)) for lora in (False, True))
    assert with_it.seconds > without.seconds
    assert with_it.took > without.took
