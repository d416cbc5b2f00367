"""How fast feedback is in the next list: a reaction, the list after it and the impression, on a simulated shop of 12,000 items.

Target: under a second (p95), with 100,000 reactions of other shoppers in the store, the index loaded once.
"""

import sys
from datetime import datetime
from itertools import cycle
from tempfile import TemporaryDirectory

import numpy as np

from core.base.db import Store, open_store
from core.base.schema import Feedback
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.profiles.rollups import rebuild_rollups
from core.represent import item_vectors
from core.represent.encoder import encoder_name
from core.represent.keywords import rebuild_keywords
from core.represent.ratings import rebuild_quality
from core.score.index import Index, load_index
from core.score.plan import plain
from core.score.recommend import Recommendation, recommend
from core.update.absorb import absorb
from core.update.feedback import PREVIEW, give, undo
from core.update.impressions import shown
from tests.bench.bench_recommend import SIZES, RandomEncoder, seconds, simulate, spread, timed

NOW = datetime(2026, 5, 1)
OTHERS, SAMPLE = 100_000, 60


def main() -> int:
    """Print the figures; return 1 where the target is missed."""
    with TemporaryDirectory() as folder:
        settings = load_settings({}, home=folder)
        store = open_store(open_workspace(settings.home), settings)
        items, events = SIZES[0]
        simulate(store, items, events)
        rebuild_rollups(store)
        rebuild_quality(store)
        rebuild_keywords(store)
        item_vectors.embed(store, RandomEncoder(encoder_name(settings)))
        index = load_index(store, settings)
        fill(store, items, events)
        print(f"-- {items:,} items, {events:,} events, {OTHERS:,} reactions")
        slowest = bench(store, index, events)
        timed("taking all into the log", lambda: absorb(store, now=NOW))
        store.close()
    if slowest >= 1:
        print("MISSED: a reaction is in the next list within a second")
    return int(slowest >= 1)


def bench(store: Store, index: Index, events: int) -> float:
    """Time reactions of random shoppers and somebody new, and their undo; return the p95 of the slower, in seconds."""
    users = [*(f"u{number}" for number in np.random.default_rng(7).integers(0, events // 10, SAMPLE)), "new"]
    lists = {user: recommend(store, index, user, alpha=0.7) for user in users}
    spread("the list alone", [seconds(lambda user=user: recommend(store, index, user, alpha=0.7)) for user in users])
    said: list[int] = []

    def react(best: Recommendation, kind: Feedback) -> None:
        said.append(give(store, best.user_id, best.picks[0].item_id, kind, surface=PREVIEW, now=NOW))
        after = recommend(store, index, best.user_id, alpha=0.7)
        shown(store, after, surface=PREVIEW, plan=plain(0.7), now=NOW)

    kinds = cycle(Feedback)
    reacted = spread(
        "reaction, next list, impression", [seconds(lambda one=one: react(one, next(kinds))) for one in lists.values()]
    )

    def take_back(number: int, user: str) -> None:
        undo(store, number, NOW)
        assert recommend(store, index, user, alpha=0.7).picks == lists[user].picks

    undone = spread(
        "undo, the list before", [seconds(lambda pair=pair: take_back(*pair)) for pair in zip(said, lists, strict=True)]
    )
    return max(reacted, undone)


def fill(store: Store, items: int, events: int) -> None:
    """Fill the store with reactions of random shoppers to random items."""
    with store.transaction() as cursor:
        cursor.execute(
            """INSERT INTO feedback BY NAME
               SELECT i + 1 AS feedback_id, 'u' || hash(i, 1) % ($events // 10) AS user_id, 'i' || hash(i, 2) % $items AS item_id,
                   list_value('like', 'dislike', 'not_interested', 'click', 'add', 'buy')[1 + (hash(i, 3) % 6)::BIGINT] AS kind,
                   'home' AS surface, TIMESTAMP '2026-04-01' + INTERVAL 1 SECOND * i AS ts
               FROM range($others) AS r(i)""",
            {"events": events, "items": items, "others": OTHERS},
        )


if __name__ == "__main__":
    sys.exit(main())
