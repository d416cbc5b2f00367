"""A snapshot is whole, says what it was taken from, and the same data give the same hash."""

from pathlib import Path

import numpy as np
import pytest

from core.base.db import Store, memory_store
from core.base.errors import BadInput
from core.base.schema import Event
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.score.index import Index, load_index
from core.train.snapshot import Snapshot, fresh_folder, take_snapshot
from tests.profiles.shop import act, item, load, review
from tests.train.conftest import BOUGHT, PER_COLOUR, SHOPPERS, checkerboard, derive


def test_what_is_in_it(snapshot: Snapshot, index: Index) -> None:
    acts = snapshot.acts
    assert (len(acts), acts.shoppers, acts.items) == (SHOPPERS * BOUGHT + 1, SHOPPERS, 2 * PER_COLOUR + 1)
    assert snapshot.items["item_id"][~acts.shown].tolist() == ["guide"], "content is not recommended as a product"
    first = snapshot.shoppers["user_id"].tolist().index("s00")
    mine = acts.where((acts.user == first) & acts.shown[acts.item])
    assert np.all(np.diff(mine.when) == np.timedelta64(1, "D"))
    assert mine.did(Event.PURCHASE).all()
    named = snapshot.items["item_id"].iloc[mine.item]
    assert named.str.startswith("tea").all()
    for row, item_id in enumerate(snapshot.items["item_id"]):
        np.testing.assert_array_equal(snapshot.vectors[row], index.vectors[index.rows[item_id]])


def test_the_same_data_in_another_store_have_the_same_hash_and_new_data_another(
    snapshot: Snapshot, shop: Store, settings: Settings, workspace: Workspace
) -> None:
    other = memory_store()
    load(other, *checkerboard())
    derive(other, settings)
    again = take_snapshot(other, load_index(other, settings), workspace)
    assert again.folder == snapshot.folder
    load(shop, act("s00", "tea-0", "2024-03-20", "purchase", quantity=1))
    derive(shop, settings)
    later = take_snapshot(shop, load_index(shop, settings), workspace)
    assert later.meta.content_hash != snapshot.meta.content_hash
    assert later.meta.data_version > snapshot.meta.data_version
    assert len(later.acts) == len(snapshot.acts) + 1


def test_order_is_by_time_then_position_then_loading(store: Store, settings: Settings, workspace: Workspace) -> None:
    load(
        store,
        *(item(name) for name in "abcd"),
        review("ann", "d", None, 4),
        act("ann", "c", "2024-01-02", "view"),
        act("ann", "b", "2024-01-01", "view", position=1),
        act("ann", "a", "2024-01-01", "view", position=0),
        review(None, "a", "2024-01-01", 2),
    )
    derive(store, settings)
    snapshot = take_snapshot(store, load_index(store, settings), workspace)
    assert "".join(snapshot.items["item_id"].iloc[snapshot.acts.item]) == "dabc"
    assert np.isnat(snapshot.acts.when[0])
    assert snapshot.acts.rating[0] == 4
    assert np.isnan(snapshot.acts.rating[1:]).all()
    assert snapshot.anonymous["rating"].tolist() == [2]


def test_an_empty_shop_is_told(store: Store, settings: Settings, workspace: Workspace) -> None:
    derive(store, settings)
    with pytest.raises(BadInput, match="nothing to learn"):
        take_snapshot(store, load_index(store, settings), workspace)


def test_a_folder_that_fails_half_way_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), fresh_folder(tmp_path / "run") as draft:
        (draft / "half").write_text("done")
        raise RuntimeError
    assert not list(tmp_path.iterdir())
    with fresh_folder(tmp_path / "run") as draft:
        (draft / "whole").write_text("done")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
