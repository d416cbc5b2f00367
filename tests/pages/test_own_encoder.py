"""Tuning the text encoder as an option of a training, and what the screens say of a run that did."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.represent import registry
from core.train import worker
from core.train.names import Preset
from core.train.runs import Request, Tuned
from tests.pages.conftest import Open, assert_sound, text_of
from tests.pages.runs import keep, stub
from tests.pages.test_operate import RUNS, TRAINING, no_model

__all__ = ["no_model"]  # a fixture
TUNED = Tuned("20260301-093000-aaaa@0123456789ab", "encoders/20260301-093000-aaaa", 0.0612, 0.0675, (0.102, 0.079, 0.125), 343.0)


def test_it_is_asked_for_and_zero_shot_has_none(shop: Path, screen: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []
    monkeypatch.setattr(worker, "start", lambda workspace, snapshot, request: asked.append(request))
    app = screen(TRAINING)
    assert app.toggle(key="lora").value is False
    app.toggle(key="lora").set_value(True).run()
    app.button(key="start_training").click().run()
    assert_sound(app)
    assert [request.lora for request in asked] == [True]
    app.radio(key="preset").set_value(Preset.ZERO_SHOT).run()
    assert app.toggle(key="lora").disabled
    app.button(key="start_training").click().run()
    assert asked[-1].lora is False


def test_a_shop_with_too_few_texts_is_told_so_before_anything_starts(shop: Path, screen: Open) -> None:
    app = screen(TRAINING)
    app.toggle(key="lora").set_value(True).run()
    app.button(key="start_training").click().run()
    assert any("takes 30 items with a text; here are 12" in told.value for told in (*app.warning, *app.error))


def test_a_run_says_by_which_encoder_it_reads(shop: Path, screen: Open) -> None:
    run = stub("20260301-093000-aaaa", tuned=TUNED)
    keep(shop, replace(run, request=replace(run.request, lora=True)))
    told = text_of(screen(RUNS))
    assert "texts by 20260301-093000-aaaa@0123456789ab, tuned by this run" in told
    assert "NDCG@10 0.0612 before, 0.0675 after (+10.2%; +7.9% to +12.5%)" in told
    keep(shop, stub("20260228-093000-bbbb", age_days=1))
    app = screen(RUNS, runs_view="Compare")
    assert "Encoder" in app.dataframe[2].value["what"].tolist()


def test_promoting_it_without_its_encoder_is_refused(shop: Path, screen: Open, no_model: None) -> None:
    run = keep(shop, stub("20260301-093000-aaaa", tuned=TUNED))
    (shop / str(run.served_folder) / "model.json").write_text(f'{{"encoder_folder": "{TUNED.folder}"}}', encoding="utf-8")
    app = screen(RUNS)
    app.button(key="promote").click().run()
    assert any("the encoder it reads by is gone" in told.value for told in (*app.warning, *app.error))
    assert registry.live(shop) is None
