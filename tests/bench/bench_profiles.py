"""How long rollups, shopper features and segments take, and how fast the screens' reads are.

``python -m tests.bench.bench_profiles [--rows 10000000]``. The features are compared with the single widest
GROUP BY over the same table (every count and sum of ``interactions``), in the same run: at most 3 times its time.
The log is seeded: sessions of six steps, each of one shopper, 400,000 shoppers and 50,000 items at ten million rows.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from core.base.db import Store, bump_version, open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.profiles import behaviour, interests, overview, rollups, segments, shopper

LIMIT_RATIO = 3.0

WIDEST = """
    SELECT user_id, item_id, count(*) FILTER (event_type = 'view'), count(*) FILTER (event_type = 'click'),
           count(*) FILTER (event_type = 'cart'), count(*) FILTER (event_type = 'wishlist'),
           count(*) FILTER (event_type = 'purchase'), count(*) FILTER (event_type = 'return'),
           sum(quantity), sum(quantity * price), sum(dwell_s), min(ts), max(ts)
    FROM events GROUP BY user_id, item_id
"""

EVENTS = """
    INSERT INTO events BY NAME
    SELECT hash(i) AS event_key, 'u' || (hash(i // 6) % greatest(40, $rows // 25)) AS user_id,
           'sku-' || CAST(pow((hash(i * 13) % 1000000) / 1000000, 2) * least(50000, $rows // 20) AS INTEGER) AS item_id,
           TIMESTAMP '2025-01-01' + to_seconds(CAST((i // 6) * 12 * (10000000 / $rows) + (i % 6) * 40 AS BIGINT)) AS ts,
           ['view', 'view', 'view', 'view', 'click', 'cart', 'purchase'][1 + (hash(i * 3) % 7)::INT] AS event_type,
           1 + (hash(i * 11) % 3) AS quantity, round((hash(i * 5) % 20000) / 100.0, 2) AS price, (hash(i * 19) % 300) AS dwell_s,
           's' || (i // 6) AS session_id, ['web', 'app', 'mini-program'][1 + (hash(i // 6) % 3)::INT] AS platform, 1 AS import_id
    FROM range($rows) t(i)
"""
ITEMS = """
    INSERT INTO items BY NAME
    SELECT 'sku-' || i AS item_id, 'Article ' || i AS title, 'shelf ' || (i % 12) || ' > bay ' || (i % 90) AS category,
           'brand ' || (i % 300) AS brand, true AS explicit, 1 AS import_id FROM range(least(50000, $rows // 20) + 1) t(i)
"""


def main() -> None:
    """Print one JSON line a measurement; exit with 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({}, home=Path(folder))
        store = open_store(open_workspace(settings.home), settings)
        with store.transaction() as cursor:
            cursor.execute(EVENTS, {"rows": rows})
            cursor.execute(ITEMS, {"rows": rows})
            bump_version(cursor)
        seconds("rollups", lambda: rollups.rebuild_rollups(store))
        widest = seconds("widest GROUP BY", lambda: discard(store, WIDEST))
        features = seconds("features", lambda: behaviour.rebuild_shoppers(store))
        seconds("segments", lambda: segments.rebuild_segments(store, settings))
        reads(store)
        store.close()
    ratio = features / widest
    print(json.dumps({"features / widest GROUP BY": round(ratio, 2), "limit": LIMIT_RATIO}))
    raise SystemExit(ratio > LIMIT_RATIO)


def reads(store: Store) -> None:
    """Time what the screens read, twice each: the second is warm."""
    user = str(shopper.users(store, 1)["user_id"].iloc[0])
    calls: dict[str, Callable[[], object]] = {
        "totals": lambda: overview.totals(store),
        "activity": lambda: overview.activity(store, 180),
        "shopper": lambda: shopper.shopper(store, user),
        "timeline": lambda: shopper.timeline(store, user),
        "find": lambda: shopper.find(store, "u12"),
        "interests": lambda: interests.interests(store, user, 30.0),
        "segments": lambda: segments.report(store),
        "members": lambda: segments.members(store, 1),
    }
    for name, call in calls.items():
        call()
        seconds(f"read: {name}", call)


def seconds(name: str, work: Callable[[], object]) -> float:
    """Run, print wall and processor seconds, return the wall seconds."""
    before, start = os.times(), time.perf_counter()
    work()
    wall, after = time.perf_counter() - start, os.times()
    cpu = after.user + after.system - before.user - before.system
    print(json.dumps({"what": name, "seconds": round(wall, 3), "cpu_s": round(cpu, 3)}), flush=True)
    return wall


def discard(store: Store, sql: str) -> None:
    """Run a query into a temporary table and drop it."""
    with store.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE discarded AS {sql}; DROP TABLE discarded")


if __name__ == "__main__":
    main()
