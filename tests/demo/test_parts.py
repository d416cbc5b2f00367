"""The parts of the simulator, worked by hand."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import BadInput
from core.demo.files import DemoFiles, order_number, stamp, write_csv
from core.demo.rhythm import build_calendar, pick
from core.demo.taste import ClickModel
from core.demo.truth import click_probability, load_truth
from core.demo.vocabulary import load_vocabulary
from core.demo.wording import this


def test_the_calendar_ends_on_the_day_asked_for() -> None:
    calendar = build_calendar(date(2026, 6, 30), 30)
    assert calendar.start == date(2026, 6, 1)
    assert calendar.weekend[:7].tolist() == [False] * 5 + [True] * 2  # 1 June 2026 is a Monday
    assert np.flatnonzero(calendar.sale).tolist() == list(range(7, 16))  # 8 to 16 June
    assert calendar.occasions.tolist() == [20]  # 21 June


def test_times_are_written_as_a_shop_writes_them() -> None:
    calendar = build_calendar(date(2026, 1, 2), 2)
    assert stamp(calendar, np.array([0.0, 86_399.0, 86_400.0, np.nan])).tolist() == [
        "2026-01-01 00:00:00",
        "2026-01-01 23:59:59",
        "2026-01-02 00:00:00",
        "",
    ]
    assert order_number(np.array([0, 9, -1])).tolist() == ["SO-2600001", "SO-2600010", ""]


@given(st.lists(st.lists(st.floats(0, 5), min_size=4, max_size=4), min_size=1, max_size=6), st.integers(0, 99))
def test_pick_draws_only_columns_with_weight(rows: list[list[float]], seed: int) -> None:
    weight = np.array(rows)
    weight[:, 0] += 0.01
    row = np.repeat(np.arange(len(rows)), 20)
    drawn = pick(weight, row, np.random.default_rng(seed))
    assert ((drawn >= 0) & (drawn < 4)).all()
    share = weight / weight.sum(axis=1, keepdims=True)
    assert (share[row, drawn] > 0).all()


def test_pick_follows_the_weights(rng: np.random.Generator) -> None:
    drawn = pick(np.array([[1.0, 3.0], [1.0, 0.0]]), np.repeat([0, 1], 4000), rng)
    assert drawn[:4000].mean() == pytest.approx(0.75, abs=0.03)
    assert drawn[4000:].max() == 0


def test_a_click_at_even_odds() -> None:
    model = ClickModel(intercept=-1.0, decay=0.5)
    first = model.probability(np.array(1.0), np.array(1), np.array(2.0), np.array(0.0))
    assert first == pytest.approx(0.5)
    lower = model.probability(np.array(1.0), np.array(np.e**2), np.array(2.0), np.array(0.5))
    assert lower == pytest.approx(0.5)  # 0.5 * 2 lost to the place, 2 * 0.5 won by the offer


def test_gzip_files_do_not_remember_when_they_were_written(tmp_path: Path) -> None:
    frame = pd.DataFrame({"sku": ["A", ""], "qty": [1.0, np.nan]})
    write_csv(frame, tmp_path / "one.csv.gz")
    write_csv(frame, tmp_path / "two.csv.gz")
    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()
    assert pd.read_csv(tmp_path / "one.csv.gz")["qty"].tolist()[0] == 1


def test_every_leaf_noun_and_persona_of_the_templates_is_complete() -> None:
    words = load_vocabulary()
    paths = {leaf.path for leaf in words.leaves}
    assert all(leaf.follows in paths | {""} for leaf in words.leaves)
    assert all(len(words.features[noun]) >= 3 for _, noun in words.nouns)
    assert len({noun for _, noun in words.nouns}) == len(words.nouns)
    assert all(set(persona.leaves) <= paths for persona in words.personas)
    assert all(any(leaf.category in brand.focus for brand in words.brands) for leaf in words.leaves)


def test_plural_nouns_are_pointed_at_as_plurals() -> None:
    assert [this("chinos"), this("wrap dress"), this("puppy food")] == ["these chinos", "this wrap dress", "this puppy food"]


def test_click_probability_broadcasts_and_refuses_strangers(shop: DemoFiles) -> None:
    truth = load_truth(shop.events.parent)
    users, items = truth.shoppers["customer_id"].to_numpy()[:3], truth.items["sku"].to_numpy()[:4]
    matrix = click_probability(truth, users[:, None], items[None, :])
    assert matrix.shape == (3, 4)
    np.testing.assert_allclose(click_probability(truth, users, items[:3]), np.diag(matrix[:, :3]), rtol=1e-5)
    assert (click_probability(truth, users, items[:3], position=5) < np.diag(matrix[:, :3])).all()
    with pytest.raises(BadInput, match="no 'nobody'"):
        click_probability(truth, ["nobody"], items[:1])


def test_a_folder_without_a_shop_has_no_truth(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no demo shop"):
        load_truth(tmp_path)
