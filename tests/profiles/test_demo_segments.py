"""Segments of the demo shop, loaded by the same import as anyone's data, against the types its shoppers were planted with."""

from pathlib import Path

import pandas as pd
from sklearn.metrics import adjusted_rand_score

from core.base.db import Store
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.demo.generate import generate
from core.demo.truth import load_truth
from core.ingest.load import import_file
from core.profiles import segments as seg
from core.profiles.behaviour import rebuild_shoppers
from core.profiles.rollups import rebuild_rollups


def test_segments_recover_the_planted_types(store: Store, workspace: Workspace, settings: Settings, tmp_path: Path) -> None:
    files = generate(tmp_path / "shop", seed=7, shoppers=1500)
    for path in (files.events, files.items, files.reviews, files.users):
        import_file(store, workspace, path)
    rebuild_rollups(store)
    rebuild_shoppers(store)
    seg.rebuild_segments(store, settings)
    planted = load_truth(tmp_path / "shop").shoppers.set_index("customer_id")["type"]
    found = store.df("SELECT user_id, g.name FROM members JOIN segments g USING (segment_id)").set_index("user_id")["name"]
    both = pd.concat([planted, found], axis=1, join="inner")
    assert len(both) > 0.98 * len(planted)
    assert adjusted_rand_score(both["type"], both["name"]) >= 0.75, pd.crosstab(both["type"], both["name"]).to_string()
