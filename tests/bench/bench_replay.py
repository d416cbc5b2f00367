"""What learning from clicks gains on the demo shop, and what it costs a list: ``python -m tests.bench.bench_replay --home DIR``.

DIR: a workspace with the demo shop, brought up to date; with or without a trained model. Prints one JSON object.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from core.base.db import open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.score.index import Index, load_index
from core.score.learning import FEATURES, Learned, nothing_counted
from core.score.recommend import score_shopper
from core.update.replay import LISTS, SEEDS, replay_shop

ROUNDS = 200


def main() -> None:
    """Parse the arguments, run the replay, and print it with the cost of a list's learned part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--lists", type=int, default=LISTS)
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    given = parser.parse_args()
    settings, workspace = load_settings(home=given.home), open_workspace(given.home)
    store = open_store(workspace, settings)
    index = load_index(store, settings)
    user = store.value("SELECT user_id FROM shoppers ORDER BY events DESC, user_id LIMIT 1 OFFSET 100")
    scored = score_shopper(store, index, user)
    asked = (index, scored.candidates.rows, scored.history, scored.appeal, scored.quality)
    cost = _cpu_ms(_learned(index), asked)
    made = replay_shop(store, index, workspace, lists=given.lists, seeds=range(1, given.seeds + 1))
    store.close()
    print(json.dumps({"items": len(scored.candidates.rows), "cpu_ms_a_list": round(cost, 3), **made.as_json()}))


def _learned(index: Index) -> Learned:
    return Learned(np.full(len(FEATURES), 0.1), nothing_counted(index))


def _cpu_ms(learned: Learned, asked: tuple) -> float:
    learned.adjustment(*asked)
    began = time.process_time()
    for _ in range(ROUNDS):
        learned.adjustment(*asked)
    return 1000 * (time.process_time() - began) / ROUNDS


if __name__ == "__main__":
    main()
