"""What was looked at and may still be shown: a table like the others, its own part of every score, its own words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from core.base.db import Store
from core.base.schema import Event
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.represent import registry
from core.represent.acts import EVENTS
from core.represent.model import Model, load_model
from core.represent.neighbours import REVISIT, Neighbours, itself
from core.score.index import Index, load_index
from core.score.recommend import recommend
from core.train.names import Preset, Protocol
from core.train.presets import make_preset
from core.train.protocol import Part, split
from core.train.snapshot import Snapshot
from tests.profiles.shop import act, load
from tests.train.conftest import log
from tests.train.test_models import SMALL
from tests.train.test_served import model as model

VIEW, BUY = Event.VIEW, Event.PURCHASE
COLUMNS = ("user", "item", "when", "event", "quantity", "rating", "dwell")
LOOKED = Neighbours(REVISIT, itself(3), decay=0.5, weight=1.0)


@pytest.fixture
def revisiting(model: Model) -> Model:
    """The small model, its table of revisits by round numbers."""
    return replace(model, tables=(model.tables[0], Neighbours(REVISIT, itself(len(model.ids)), 0.5, 2.0)))


@pytest.fixture
def looker(shop: Store, settings: Settings, revisiting: Model) -> Index:
    """The index with that model live, and a shopper who looked at two teas after buying one."""
    revisiting.save(settings.home / "runs" / "two" / "serving")
    registry.promote(settings.home, "two", "runs/two/serving", by="ann", why="a test")
    load(
        shop,
        act("looker", "tea-1", "2024-03-20", "purchase", quantity=1),
        act("looker", "tea-2", "2024-03-21", "view"),
        act("looker", "tea-3", "2024-03-22", "view"),
        act("looker", "tea-3", "2024-03-22", "view"),
    )
    rebuild_rollups(shop)
    return load_index(shop, settings)


def test_what_was_looked_at_comes_back_the_latest_first() -> None:
    history = log(("A", "a", 1, VIEW), ("A", "b", 2, VIEW), items="abc")
    found = LOOKED.log_score(history).toarray()[0]
    np.testing.assert_allclose(found, [np.log1p(150), np.log1p(300), 0], rtol=1e-6)
    assert LOOKED.bound == pytest.approx(np.log1p(300)), "a column holds one item, however long the history"


@given(looks=st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("abc"), st.integers(0, 9)), min_size=1, max_size=20))
def test_no_table_says_more_than_its_bound(looks: list[tuple[str, str, int]]) -> None:
    history = log(*((*look, VIEW) for look in looks), items="abc")
    table = sp.csr_matrix(np.array([[1, 0.7, 0], [0, 1, 0], [0, -0.4, 1]], np.float32))
    for one in (LOOKED, Neighbours("pairs", table, 0.9, 1.0)):
        assert one.log_score(history).max() <= one.bound + 1e-5


def test_it_holds_for_items_that_came_after_training() -> None:
    moved = LOOKED.on(np.array([2, -1, 0, 1]))
    np.testing.assert_array_equal(moved.table.toarray(), np.eye(4))
    pairs = replace(LOOKED, name="pairs").on(np.array([2, -1, 0, 1]))
    np.testing.assert_array_equal(pairs.table.toarray(), np.diag([1, 0, 1, 1]))


def test_it_is_kept_with_the_model(revisiting: Model, snapshot: Snapshot, tmp_path: Path) -> None:
    revisiting.save(tmp_path / "model")
    kept = load_model(tmp_path / "model")
    np.testing.assert_array_equal(kept.score(snapshot.acts), revisiting.score(snapshot.acts))
    assert kept.revisited(snapshot.acts).nnz == revisiting.revisited(snapshot.acts).nnz > 0


def test_its_part_is_what_the_score_gains_by_it(shop: Store, looker: Index) -> None:
    """By hand: α · β · its part of c; the other parts are those of the model without it, but for the scale of the whole."""
    assert looker.model is not None
    picks = {pick.item_id: pick for pick in recommend(shop, looker, "looker", alpha=0.8, k=20).picks}
    most = sum(table.weight * table.bound for table in looker.model.tables)
    unit = 0.8 * looker.model.shares[1] * 2.0 / most
    assert picks["tea-3"].from_revisit == pytest.approx(unit * np.log1p(300), rel=1e-5)
    assert picks["tea-2"].from_revisit == pytest.approx(unit * np.log1p(150), rel=1e-5)
    assert sum(pick.from_revisit > 0 for pick in picks.values()) == 2
    assert "tea-1" not in picks
    for pick in picks.values():
        assert pick.score == pick.from_taste + pick.from_quality
        assert pick.from_together >= 0
        assert pick.from_together + pick.from_revisit + pick.from_trend < pick.from_taste


def test_its_words_are_its_own_and_it_is_nobodys_companion(shop: Store, looker: Index) -> None:
    picks = {pick.item_id: pick for pick in recommend(shop, looker, "looker", alpha=0.8, k=20).picks}
    assert "Looked at 2 times before" in picks["tea-3"].reasons
    assert "Looked at before" in picks["tea-2"].reasons
    for name, pick in picks.items():
        own = f"Chosen by shoppers who also chose tea thing {name[-1]}"
        assert own not in pick.reasons
        assert ("before" in " ".join(pick.reasons)) == (name in ("tea-2", "tea-3"))


def test_it_is_not_asked_where_everything_seen_was_bought(snapshot: Snapshot) -> None:
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    mixed = make_preset(Preset.QUICK, snapshot, 7, SMALL)
    mixed.fit(cut.train(), cut.examples(Part.VALID))
    assert mixed.weights.revisit == 0
    assert REVISIT not in {table.name for table in mixed.model.tables}


def test_it_is_weighed_like_the_others(snapshot: Snapshot) -> None:
    """A shop in which everyone begins by looking at what they buy in the end."""
    bought = snapshot.acts.where(snapshot.acts.did(BUY))
    ends = bought.where(bought.steps_back < 2)
    when = np.full(len(ends), np.datetime64("2024-01-01"))
    looks = replace(ends, when=when.astype(bought.when.dtype), event=np.full(len(ends), EVENTS.index(VIEW), np.int8))
    both = {name: np.concatenate([getattr(looks, name), getattr(bought, name)]) for name in COLUMNS}
    order = np.lexsort((both["when"], both["user"]))
    cut = split(replace(bought, **{name: values[order] for name, values in both.items()}), Protocol.LEAVE_LAST_ONE)
    mixed = make_preset(Preset.QUICK, snapshot, 7, SMALL)
    mixed.fit(cut.train(), cut.examples(Part.VALID))
    assert mixed.weights.revisit > 0
    assert REVISIT in {table.name for table in mixed.model.tables}
