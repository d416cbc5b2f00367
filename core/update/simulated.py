"""Made-up visits to the demo shop, so that an experiment there has something to show; nowhere else, and never unmarked.

The demo shop's truth is known: how often a shopper comes (their own days in the log), and the chance of a click on an item at
its place (``core.demo.truth``). Their lists are made as they would be served; their days are counted on from the experiment's
start. What comes of it carries the surface ``simulated``: it counts in the results of the experiment and nowhere else, changes no
list, is never taken into the log, and can be removed.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.log import log_event
from core.base.schema import Feedback, ImportStatus
from core.base.workspace import Workspace
from core.demo.files import demo_files
from core.demo.shopper_types import TYPES
from core.demo.truth import Truth, click_probability, load_truth
from core.represent import registry
from core.score.index import Index
from core.score.plan import live_plan
from core.score.reactions import SIMULATED
from core.score.recommend import score_shopper
from core.update.experiments import Experiment, Stage
from core.update.feedback import FILE_NAME

DAYS, SHOPPERS, PLACES = 14, 1500, 10
"""Days of one simulation; shoppers who may come, drawn by the hash of their id; places of a list."""
_HABIT_DAYS = 56
_BUYS = {one.name: one.cart * one.buy for one in TYPES}
"""Chance of a purchase after a click, by type of shopper."""


@dataclass(frozen=True)
class Simulated:
    """What a simulation added."""

    shoppers: int
    lists: int
    clicks: int
    purchases: int

    def as_json(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)


def is_demo(store: Store, workspace: Workspace) -> bool:
    """Return whether the store holds the demo shop and nothing else, and its truth is there."""
    files = demo_files(workspace.demo)
    loaded = {name for (name,) in store.rows("SELECT file_name FROM imports WHERE status = ?", [ImportStatus.LOADED])}
    return bool(loaded - {FILE_NAME}) and loaded - {FILE_NAME} <= {path.name for path in files.imports} and files.truth.exists()


def simulate(
    store: Store,
    index: Index,
    workspace: Workspace,
    experiment: Experiment,
    *,
    days: int = DAYS,
    seed: int,
    progress: Progress = no_progress,
) -> Simulated:
    """Let the demo shop's shoppers come for some days more, see the list of their arm, and click as they would.

    Raises BadInput where the shop is not the demo shop, or the experiment does not run.
    """
    if not is_demo(store, workspace):
        raise BadInput("Shoppers can be simulated on the demo shop only: of another shop nobody knows what they would click.")
    if experiment.stage is not Stage.RUNNING or experiment.started_at is None:
        raise BadInput("Start the experiment first: a shopper's list depends on their group only while it runs.")
    first = 1 + int(store.value(_LAST_DAY, [experiment.started_at, str(experiment.experiment_id), SIMULATED]))
    rng = np.random.default_rng([seed, experiment.experiment_id, first])
    truth = load_truth(workspace.demo)
    visits = _visits(store, truth, days, rng)
    progress(0.05, "Making lists")
    lists = _lists(store, index, visits["user_id"].unique().tolist(), progress)
    seen = visits.merge(lists, on="user_id")
    seen["ts"] = pd.Timestamp(experiment.started_at) + pd.to_timedelta(first + seen["day"], "D")
    served = registry.live(workspace.home)
    reactions = _react(truth, seen, rng)
    with store.transaction() as cursor:
        cursor.register("seen", seen.drop(columns="day"))
        cursor.execute(_INSERT_SEEN, {"surface": SIMULATED, "model": served.run if served else None})
        cursor.unregister("seen")
        cursor.register("reactions", reactions)
        cursor.execute(_INSERT_REACTIONS, {"surface": SIMULATED})
        cursor.unregister("reactions")
    kinds = reactions["kind"].value_counts()
    made = Simulated(len(lists["user_id"].unique()), len(visits), int(kinds.get("click", 0)), int(kinds.get("buy", 0)))
    log_event("shoppers simulated", experiment=experiment.experiment_id, **made.as_json())
    return made


def clear(store: Store, experiment_id: int) -> int:
    """Remove what was simulated for an experiment and return the number of lists."""
    with store.transaction() as cursor:
        cursor.execute(_CLEAR_REACTIONS, [SIMULATED, str(experiment_id), SIMULATED])
        gone = cursor.execute(
            "DELETE FROM impressions WHERE experiment = ? AND surface = ? RETURNING list_id", [str(experiment_id), SIMULATED]
        ).fetchall()
    lists = len({list_id for (list_id,) in gone})
    log_event("simulated shoppers removed", experiment=experiment_id, lists=lists)
    return lists


def _visits(store: Store, truth: Truth, days: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return a row a visit: user_id, day (0 …). Everybody comes as often as on the last days of the log, at most once a day."""
    habits = store.df(_HABITS, {"days": _HABIT_DAYS, "many": SHOPPERS})
    habits = habits[habits["user_id"].isin(truth.shoppers["customer_id"])]
    came = rng.random((len(habits), days)) < (habits["active"].to_numpy() / _HABIT_DAYS)[:, None]
    row, day = np.nonzero(came)
    return pd.DataFrame({"user_id": habits["user_id"].to_numpy()[row], "day": day})


def _lists(store: Store, index: Index, users: list[str], progress: Progress) -> pd.DataFrame:
    """Return a row a place: user_id, item_id, position, alpha, release, rules, experiment, arm, of the list as it is served."""
    rows = []
    for number, user in enumerate(users):
        if number % 25 == 0:
            progress(0.05 + 0.9 * number / len(users), f"List {number + 1:,} of {len(users):,}")
        plan = live_plan(store, index, user)
        scored = score_shopper(store, index, user)
        best = scored.arrange(plan, PLACES)
        rules = [rule.rule_id for rule in plan.rules]
        for place, row in enumerate(best.rows[best.places].tolist(), start=1):
            rows.append((user, index.ids[row], place, best.alpha, plan.release, rules, plan.experiment, plan.arm))
    columns = ["user_id", "item_id", "position", "alpha", "release", "rules", "experiment", "arm"]
    return pd.DataFrame(rows, columns=columns).astype({"release": "Int32"})


def _react(truth: Truth, seen: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return a row a reaction: user_id, item_id, kind, ts, experiment."""
    chance = click_probability(truth, seen["user_id"].to_numpy(), seen["item_id"].to_numpy(), seen["position"].to_numpy())
    clicked = seen[rng.random(len(seen)) < chance]
    kind = clicked["user_id"].map(truth.shoppers.set_index("customer_id")["type"])
    bought = clicked[rng.random(len(clicked)) < kind.map(_BUYS).to_numpy(float)]
    both = pd.concat([clicked.assign(kind=str(Feedback.CLICK)), bought.assign(kind=str(Feedback.BUY))])
    return both[["user_id", "item_id", "kind", "ts", "experiment"]]


_LIST_ID = "sha256(concat_ws(':', 'simulated', experiment, user_id, ts))[:20]"
"""SQL: of a simulated list: one a shopper and day."""
_LAST_DAY = """
SELECT coalesce(max(date_diff('day', ?::TIMESTAMP, ts)), -1) FROM impressions WHERE experiment = ? AND surface = ?
"""
_HABITS = """
WITH last AS (SELECT max(day) AS day FROM shopper_days)
SELECT user_id, count(*) AS active FROM shopper_days
WHERE day > (SELECT day FROM last) - $days::INTEGER AND user_id NOT IN (SELECT user_id FROM robots)
GROUP BY user_id ORDER BY hash(user_id), user_id LIMIT $many
"""
_INSERT_SEEN = f"""
INSERT INTO impressions
SELECT {_LIST_ID}, user_id, item_id, position, ts, $surface, alpha, $model, release, rules, experiment, arm, NULL FROM seen
"""
_INSERT_REACTIONS = f"""
INSERT INTO feedback
SELECT (SELECT coalesce(max(feedback_id), 0) FROM feedback) + row_number() OVER (ORDER BY ts, user_id, item_id, kind DESC),
       user_id, item_id, kind, $surface, {_LIST_ID}, ts, NULL, NULL
FROM reactions
"""
_CLEAR_REACTIONS = """
DELETE FROM feedback WHERE surface = ? AND list_id IN (SELECT list_id FROM impressions WHERE experiment = ? AND surface = ?)
"""
