"""What learning from clicks gains on the demo shop, and what it costs a list.

``python -m tests.bench.bench_replay``            on the demo shop, loaded into a temporary workspace
``python -m tests.bench.bench_replay --home DIR`` on a workspace that holds it, with or without a trained model

Targets: 10 % more clicks than the frozen ranker in the first 2,000 lists = 20,000 places and in 20,000 lists, every 95 % interval
above 0; under 10 ms of CPU a list. Prints one JSON object. With fewer than 20,000 lists, their whole is judged alone. What is
learned, and how, was chosen on another demo shop (``KINDRED_SEED=21``, visits of seeds 101 to 104), never on this one.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from core.base.db import open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.score.index import Index, load_index
from core.score.learning import FEATURES, Learned, nothing_counted
from core.score.recommend import score_shopper
from core.update.arms import Arm
from core.update.replay import LISTS, SEEDS, replay_shop

ROUNDS, TARGET, MOST_MS = 200, 0.1, 10.0


def main() -> int:
    """Print the replay with the cost of a list's learned part; return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--lists", type=int, default=LISTS)
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = given.home or _demo(Path(folder))
        return _measured(home, given.lists, given.seeds)


def _measured(home: Path, lists: int, seeds: int) -> int:
    settings, workspace = load_settings(home=home), open_workspace(home)
    store = open_store(workspace, settings)
    index = load_index(store, settings)
    user = store.value("SELECT user_id FROM shoppers ORDER BY events DESC, user_id LIMIT 1 OFFSET 100")
    scored = score_shopper(store, index, user)
    asked = (index, scored.candidates.rows, scored.history, scored.appeal, scored.quality)
    cost = _cpu_ms(_learned(index), asked)
    made = replay_shop(store, index, workspace, lists=lists, seeds=range(1, seeds + 1))
    store.close()
    print(json.dumps({"items": len(scored.candidates.rows), "cpu_ms_a_list": round(cost, 3), **made.as_json()}))
    gained = made.lifts[Arm.ONLINE]
    judged = [(gained.lift, gained.over_seeds, gained.over_shoppers)]
    if lists >= LISTS:
        judged.append((gained.early, gained.early_over_seeds, gained.early_over_shoppers))
    paid = all(lift >= TARGET and all(one is None or one[0] > 0 for one in spans) for lift, *spans in judged)
    return int(not paid or cost > MOST_MS)


def _demo(home: Path) -> Path:
    subprocess.run([sys.executable, "-m", "core", "demo", "--home", str(home)], check=True, stdout=subprocess.DEVNULL)
    return home


def _learned(index: Index) -> Learned:
    return Learned(np.full(len(FEATURES), 0.1), nothing_counted(index))


def _cpu_ms(learned: Learned, asked: tuple[Any, ...]) -> float:
    learned.adjustment(*asked)
    began = time.process_time()
    for _ in range(ROUNDS):
        learned.adjustment(*asked)
    return 1000 * (time.process_time() - began) / ROUNDS


if __name__ == "__main__":
    sys.exit(main())
