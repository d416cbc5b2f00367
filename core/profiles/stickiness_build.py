"""Build the tables of stickiness: small ones, so that a screen reads in milliseconds what took seconds to count."""

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild, stamps
from core.base.schema import Table
from core.base.settings import Settings
from core.profiles import active, cohorts, splits
from core.profiles.churn_fit import rebuild_churn
from core.profiles.measures import read_shop
from core.profiles.repeat import write_repeats
from core.profiles.sessions import write_sessions
from core.profiles.spreads import Measure, spread_sql

RECIPE = 1
"""Raised when a statement changes its meaning, so that tables built by an older one are rebuilt."""
_VISIT_GAPS = "(SELECT user_id, lead(day) OVER (PARTITION BY user_id ORDER BY day) - day AS gap FROM shopper_days)"
_TABLES = (
    Table.SHOPPER_DAYS,
    Table.SPLITS,
    Table.GROUP_ACTIVITY,
    Table.COHORTS,
    Table.SESSION_WEEKS,
    Table.SPREADS,
    Table.REPEATS,
)


def rebuild_stickiness(store: Store, settings: Settings, progress: Progress = no_progress) -> bool:
    """Rebuild every table of stickiness, churn included, where the data or the segments changed; return whether it was needed.

    Rollups, shoppers and segments come first.
    """
    segmented = next((stamp.built_at.isoformat() for stamp in stamps(store) if stamp.name == Table.SEGMENTS), "")
    basis = {"recipe": RECIPE, "segments": segmented}
    progress(0.0, "Counting who came back")
    counted = rebuild(store, Table.COHORTS, basis, lambda version: _count(store, version))
    told = rebuild_churn(store, settings, basis, lambda done, message: progress(0.5 + done / 2, message))
    progress(1.0, "Stickiness is up to date")
    return counted or told


def _count(store: Store, version: int) -> None:
    shop, stamp = read_shop(store), {"version": version}
    with store.transaction() as cursor:
        for table in _TABLES:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute(f"INSERT INTO shopper_days BY NAME {active.SHOPPER_DAYS_SQL}", stamp)
        cursor.execute(f"INSERT INTO splits BY NAME {splits.SPLITS_SQL}", stamp)
        cursor.execute(f"INSERT INTO group_activity BY NAME {active.GROUP_ACTIVITY_SQL}", stamp)
        cursor.execute(f"INSERT INTO cohorts BY NAME {cohorts.COHORTS_SQL}", stamp)
        cursor.execute(f"INSERT INTO spreads BY NAME {spread_sql(Measure.VISIT_GAP, _VISIT_GAPS, 'gap')}", stamp)
        write_sessions(cursor, shop, version)
        write_repeats(cursor, version)
