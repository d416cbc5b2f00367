"""The preview, the command line, a batch and the evaluation give one list, by α alone and by a plan."""

import json
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from core.base.db import Store
from core.base.settings import Settings
from core.cli import app
from core.score.batch import export_lists
from core.score.index import Index, load_index
from core.score.plan import Plan, live_plan, plain
from core.score.recommend import recommend, score_shopper, serve
from core.score.rules import Draft, Kind, On, add_rule
from core.train.models import make
from core.train.names import Model
from core.train.snapshot import Snapshot
from tests.train.test_served import model as model
from tests.train.test_served import served as served

NOW = datetime(2026, 3, 1)


@pytest.fixture(params=["zero-shot", "trained"])
def any_index(request: pytest.FixtureRequest, index: Index) -> Index:
    return index if request.param == "zero-shot" else request.getfixturevalue("served")


@pytest.fixture(params=["plain", "plan"])
def in_force(request: pytest.FixtureRequest, shop: Store) -> bool:
    """Whether rules are in force."""
    if request.param == "plan":
        for draft in (
            Draft(Kind.PIN, On.CATEGORY, "garden", position=2),
            Draft(Kind.BOOST, On.ITEM, "tea-3", strength=0.3),
            Draft(Kind.HIDE, On.ITEM, "tea-5"),
        ):
            add_rule(shop, draft, author="Kim", now=NOW)
    return request.param == "plan"


def test_preview_and_batch_give_what_is_served(
    shop: Store, any_index: Index, in_force: bool, settings: Settings, tmp_path: Path
) -> None:
    index = load_index(shop, settings)
    plan = live_plan(shop, index)
    assert plan.is_plain is not in_force
    export_lists(shop, index, tmp_path / "out", top=6, plan=plan)
    told = pq.read_table(tmp_path / "out" / "bucket=0" / "lists.parquet").to_pandas()
    for user, part in told.groupby("user_id"):
        picks = serve(shop, index, user, k=6).picks
        preview = score_shopper(shop, index, user).rank(k=6, plan=plan).picks
        assert preview == picks
        assert part["rank"].tolist() == [pick.rank for pick in picks]
        for name in ("score", "from_taste", "from_together", "from_trend", "from_quality", "from_rules"):
            np.testing.assert_allclose(part[name], [getattr(pick, name) for pick in picks], atol=2e-6, err_msg=f"{user} {name}")
        if in_force:
            assert part["item_id"].tolist() == [pick.item_id for pick in picks]


def test_a_plan_of_every_kind_is_exported_as_it_is_recommended(shop: Store, index: Index, tmp_path: Path) -> None:
    plan = Plan(0.8, diversity=0.4, category_cap=2)
    done = export_lists(
        shop, index, tmp_path / "out", top=4, plan=plan, plan_of=lambda user: plan if user < "s20" else plain(0.2)
    )
    told = pq.read_table(tmp_path / "out" / "bucket=0" / "lists.parquet").to_pandas()
    assert done.shoppers == told["user_id"].nunique() == 40
    for user, part in told.groupby("user_id"):
        expected = recommend(shop, index, user, k=4, plan=plan if user < "s20" else plain(0.2)).picks
        assert part["item_id"].tolist() == [pick.item_id for pick in expected]
    assert json.loads((tmp_path / "out" / "lists.json").read_text())["plan"]["diversity"] == 0.4


def test_the_command_line_gives_what_is_served(
    shop: Store, index: Index, in_force: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = SimpleNamespace(store=shop, index=lambda: index)
    monkeypatch.setattr("core.cli.open_session", lambda home: nullcontext(session))
    told = json.loads(CliRunner().invoke(app, ["recommend", "--user", "s04", "-k", "5", "--json"]).stdout)
    assert told == json.loads(json.dumps(serve(shop, index, "s04", k=5).as_json()))


def test_the_evaluation_ranks_by_the_same_scores(shop: Store, snapshot: Snapshot, index: Index) -> None:
    scorer = make(Model.ZERO_SHOT, snapshot, 0.7)
    scorer.fit(snapshot.acts, None)
    scores = scorer.score(snapshot.acts)
    for place, user in enumerate(snapshot.shoppers["user_id"]):
        for pick in recommend(shop, index, user, alpha=0.7, k=5).picks:
            assert scores[place, index.rows[pick.item_id]] == pytest.approx(pick.score, abs=1e-5)
