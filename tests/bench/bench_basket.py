"""What completes a basket, and what holds a reader: both judged on the part of the log that came after what they were counted on.

``python -m tests.bench.bench_basket HOME ...`` on workspaces that exist and are built; without one, Online Retail is imported
into a temporary workspace. From each basket of the last tenth with two items or more one item is taken out at random; hit rate:
how often it is among the ten put first, of all items not in the basket. Targets: three times the hit rate of popularity, the
95 % interval of the difference above 0; pairs counted in under 10 s of CPU time on Online Retail.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import scipy.sparse as sp

from core.base.db import Store, open_store
from core.base.settings import Settings, load_settings
from core.base.workspace import open_workspace
from core.ingest.load import import_file
from core.profiles.rollups import rebuild_rollups
from core.represent.baskets import Baskets, Taken, read_baskets
from core.represent.pairs import count_pairs
from core.score.dwell import dwell_report
from core.train.dwell_fit import rebuild_dwell
from tests.bench.shops import SHOPS

LAST, PLACES, MOST, RESAMPLES = 0.1, 10, 4_000, 1_000
SECONDS, TIMES = 10.0, 3.0


def main() -> int:
    """Print the figures; return 1 where a target is missed."""
    if len(sys.argv) > 1:
        return max(bench(Path(home)) for home in sys.argv[1:])
    with TemporaryDirectory() as folder:
        return bench(_online_retail(Path(folder)))


def bench(home: Path) -> int:
    """Judge one workspace; return 1 where a target is missed."""
    settings = load_settings({}, home=home)
    store = open_store(open_workspace(home), settings)
    print(f"-- {home.name}")
    missed = [bench_baskets(store, taken) for taken in Taken if _there(store, taken)]
    bench_dwell(store, settings)
    store.close()
    return int(any(missed))


def bench_baskets(store: Store, taken: Taken) -> bool:
    """Print how fast pairs are counted and how often the item taken out is found; return whether a target is missed."""
    start = time.process_time()
    baskets = read_baskets(store, taken)
    pairs = count_pairs(baskets)
    spent = time.process_time() - start
    print(f"{taken}: {len(baskets):,} baskets ({baskets.unit}), {len(pairs):,} pairs in {spent:.2f} s of CPU time")
    ours, popular = hits(baskets, np.random.default_rng(7))
    gains = (ours - popular)[np.random.default_rng(7).integers(0, len(ours), (RESAMPLES, len(ours)))].mean(axis=1)
    low, high = np.quantile(gains, [0.025, 0.975])
    print(
        f"  hit rate@{PLACES} on {len(ours):,} later baskets: {ours.mean():.4f}, popularity {popular.mean():.4f}, "
        f"difference {ours.mean() - popular.mean():.4f} ({low:.4f} to {high:.4f})"
    )
    return bool(spent > SECONDS or ours.mean() < TIMES * popular.mean() or low <= 0)


def hits(baskets: Baskets, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return (b,) 0 or 1: whether the item taken out of each later basket is found, by the pairs and by popularity."""
    cut = int((1 - LAST) * len(baskets))
    past = Baskets(baskets.unit, baskets.items, baskets.matrix[:cut], 0, 0)
    later = baskets.matrix[cut:]
    rows = np.flatnonzero(np.diff(later.indptr) > 1)
    rows = np.sort(rng.choice(rows, min(len(rows), MOST), replace=False))
    taken_out = np.array([rng.choice(later.indices[later.indptr[row] : later.indptr[row + 1]]) for row in rows])
    rest = later[rows].tolil()
    rest[np.arange(len(rows)), taken_out] = 0
    rest = sp.csr_matrix(rest)
    pairs, popular = count_pairs(past), past.alone / cut
    table = sp.csr_matrix((pairs["strength"], (pairs["item"], pairs["other"])), shape=(len(popular),) * 2)
    return _found(rest @ table, 1e-9 * popular, rest, taken_out), _found(rest @ (0 * table), popular, rest, taken_out)


def _found(score: sp.csr_matrix, ties: np.ndarray, rest: sp.csr_matrix, target: np.ndarray) -> np.ndarray:
    """Return (b,) whether the target is among the first, of all items not in the basket; ``ties`` is added to every basket."""
    found = np.zeros(len(target))
    for row, wanted in enumerate(target):
        scores = score[[row]].toarray()[0] + ties
        scores[rest[[row]].indices] = -1
        found[row] = (scores > scores[wanted]).sum() < PLACES
    return found


def bench_dwell(store: Store, settings: Settings) -> None:
    """Print how expected dwell orders held-out visits of content."""
    start = time.process_time()
    rebuild_dwell(store, settings, force=True)
    report = dwell_report(store)
    assert report is not None
    print(f"content ({time.process_time() - start:.1f} s of CPU time): {report.sentence}")


def _there(store: Store, taken: Taken) -> bool:
    kind = "purchase" if taken is Taken.BOUGHT else "cart"
    return bool(store.value("SELECT count(*) FROM events WHERE event_type = ?", [kind]))


def _online_retail(home: Path) -> Path:
    (shop,) = (shop for shop in SHOPS if shop.name == "online_retail")
    settings = load_settings({}, home=home)
    workspace = open_workspace(settings.home)
    store = open_store(workspace, settings, [file.parent for file in shop.files])
    for file in shop.files:
        import_file(store, workspace, file)
    rebuild_rollups(store)
    store.close()
    return home


if __name__ == "__main__":
    sys.exit(main())
