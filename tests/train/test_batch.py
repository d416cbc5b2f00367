"""Lists in a batch are those of the screen, and a batch that was stopped goes on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.base.db import Store
from core.base.errors import BadInput
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.score.batch import export_lists
from core.score.index import Index, load_index
from core.score.recommend import recommend
from tests.profiles.shop import act, item, load
from tests.train.test_served import model as model
from tests.train.test_served import served as served


@pytest.fixture(params=["zero-shot", "trained"])
def any_index(request: pytest.FixtureRequest, index: Index) -> Index:
    return index if request.param == "zero-shot" else request.getfixturevalue("served")


def lists(folder: Path) -> pd.DataFrame:
    return pd.concat([pq.read_table(path).to_pandas() for path in sorted(folder.glob("bucket=*/lists.parquet"))])


def test_every_list_is_what_the_screen_shows(
    shop: Store, any_index: Index, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.score.batch.SHOPPERS_PER_BUCKET", 15)
    monkeypatch.setattr("core.score.lists.CELLS", 90)
    load(shop, item("bare"), act("only", "bare", "2024-03-01", "view"), act("s01", "gone", "2024-03-02", "view"))
    rebuild_rollups(shop)
    index = load_index(shop, settings)
    done = export_lists(shop, index, tmp_path / "out", alpha=0.8, top=5)
    told = lists(tmp_path / "out")
    assert done.buckets == 3
    assert done.shoppers == told["user_id"].nunique() == 41
    for user, part in told.groupby("user_id"):
        picks = recommend(shop, index, user, alpha=0.8, k=5).picks
        assert part["rank"].tolist() == [pick.rank for pick in picks]
        for name in ("score", "from_taste", "from_together", "from_revisit", "from_trend", "from_quality"):
            np.testing.assert_allclose(part[name], [getattr(pick, name) for pick in picks], atol=2e-6, err_msg=f"{user} {name}")
        ties = pd.Series([pick.score for pick in picks]).round(5).duplicated(keep=False)
        assert part["item_id"].to_numpy()[~ties].tolist() == np.array([pick.item_id for pick in picks])[~ties].tolist()


def test_a_model_of_tables_alone_makes_lists_together_too(
    shop: Store, served: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert served.model is not None
    index = replace(served, model=replace(served.model, towers=(), text_weight=0.0))
    one_at_a_time: list[str] = []
    monkeypatch.setattr("core.score.batch._list", lambda store, index, user, plan, top: one_at_a_time.append(user))
    export_lists(shop, index, tmp_path / "out", alpha=0.8, top=3)
    assert one_at_a_time == []
    assert lists(tmp_path / "out")["user_id"].nunique() == 40


def test_what_is_there_is_not_made_again_and_what_differs_is_not_mixed(shop: Store, index: Index, tmp_path: Path) -> None:
    assert export_lists(shop, index, tmp_path / "out", alpha=0.7, top=3).made == 1
    assert export_lists(shop, index, tmp_path / "out", alpha=0.7, top=3).made == 0
    with pytest.raises(BadInput, match="another folder"):
        export_lists(shop, index, tmp_path / "out", alpha=0.5, top=3)
    with pytest.raises(BadInput, match="at least one"):
        export_lists(shop, index, tmp_path / "two", alpha=0.5, top=0)
