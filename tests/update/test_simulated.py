"""On the demo shop, shoppers come as often as they did, see the list of their arm, and click as its truth says."""

from datetime import datetime

import pytest

from core.base.db import Store
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.demo.generate import generate
from core.ingest.load import import_file
from core.profiles.active import SHOPPER_DAYS_SQL
from core.score import releases
from core.score.assignment import Arm
from core.score.index import Index, load_index
from core.update import experiments, outcomes, simulated
from core.update.experiments import Experiment, Measure
from tests.train.conftest import derive

AT = datetime(2026, 7, 2, 12)


@pytest.fixture
def demo(store: Store, workspace: Workspace, settings: Settings) -> Index:
    """A small demo shop, loaded, with what lists and visits are made from."""
    for path in generate(workspace.demo, shoppers=150, products=200, days=90).imports[:3]:
        import_file(store, workspace, path)
    derive(store, settings)
    with store.transaction() as cursor:
        cursor.execute(f"INSERT INTO shopper_days {SHOPPER_DAYS_SQL}", {"version": store.data_version()})
    return load_index(store, settings)


def begun(store: Store) -> Experiment:
    taste = releases.draft(store, alpha=1.0, now=AT)
    asked = {"control": taste.release_id, "treatment": None, "measure": Measure.CTR, "effect": 0.1}
    one = experiments.plan(store, "simulated", **asked, now=AT)
    return experiments.start(store, one.experiment_id, "", "", AT)


@pytest.mark.slow
def test_shoppers_come_day_by_day_and_are_the_same_at_the_same_seed(store: Store, workspace: Workspace, demo: Index) -> None:
    one = begun(store)
    made = simulated.simulate(store, demo, workspace, one, days=7, seed=7)
    found = outcomes.results(store, one)
    assert found.simulated == sum(found.shoppers.values()) == made.shoppers
    assert made.lists == store.value("SELECT count(DISTINCT list_id) FROM impressions")
    assert sum(found.main.arms[arm].of for arm in Arm) == store.value("SELECT count(*) FROM impressions")
    assert sum(found.main.arms[arm].hits for arm in Arm) == made.clicks > made.purchases
    assert store.rows("SELECT DISTINCT arm, release FROM impressions ORDER BY arm") == [("control", 1), ("treatment", None)]
    first, last = store.rows("SELECT min(ts), max(ts) FROM impressions")[0]
    assert AT <= first <= last < datetime(2026, 7, 10)

    again = simulated.simulate(store, demo, workspace, one, days=7, seed=7)
    assert again.lists > 0
    assert last < store.value("SELECT max(ts) FROM impressions") < datetime(2026, 7, 17)
    assert simulated.clear(store, one.experiment_id) == made.lists + again.lists
    assert simulated.simulate(store, demo, workspace, one, days=7, seed=7) == made
