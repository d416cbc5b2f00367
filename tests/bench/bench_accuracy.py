"""How well models rank on a public shop, all in one run and on one split: ``python -m tests.bench.bench_accuracy``.

Amazon Beauty, leave-last-one, full ranking over all items. Four columns, never mixed: trained on the training part or
refitted on the validation part too with the settings found, and with or without masking what a shopper had before.
Settings are chosen on the validation part; the test part is asked once for each column.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from core.base.db import open_store
from core.base.settings import Settings, load_settings
from core.base.workspace import open_workspace
from core.ingest.load import import_file
from core.profiles.rollups import rebuild_rollups
from core.represent.encoder import load_encoder
from core.represent.item_vectors import embed
from core.represent.ratings import rebuild_quality
from core.score.index import load_index
from core.train.evaluate import accuracy
from core.train.judge import ask
from core.train.models import make
from core.train.names import Model, Preset, Protocol
from core.train.presets import make_preset
from core.train.protocol import Part, Split, split
from core.train.scorer import Scorer
from core.train.snapshot import Snapshot, take_snapshot
from tests.conftest import DATA

SHOP = "amazon_beauty"
K = 10


def main() -> int:
    """Print the table; return 0, also where the data set is not there."""
    options = _options()
    if not (DATA / SHOP).exists():
        print(f"skipped: data set {SHOP} is not at {DATA}")
        return 0
    with _home(options.home) as home:
        settings = load_settings({}, home=home)
        snapshot = shop(settings)
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    questions, digest = len(cut.examples(Part.TEST)), snapshot.meta.content_hash[:12]
    print(
        f"{SHOP}: {snapshot.meta.items:,} items, {questions:,} questions, data {digest}, seed {options.seed}; NDCG@{K} / HR@{K}"
    )
    print(f"{'':>14} {'train, masked':>17} {'unmasked':>17} {'refit, masked':>17} {'unmasked':>17} {'CPU s':>8} {'peak MB':>8}")
    for name in options.models:
        row(name, _model(name, snapshot, options.seed, settings), cut)
    return 0


def shop(settings: Settings) -> Snapshot:
    """Import the data set, encode its titles and take a snapshot, and read all of it."""
    workspace = open_workspace(settings.home)
    store = open_store(workspace, settings, [DATA])
    for file in ("items.csv", "interactions.csv"):
        import_file(store, workspace, DATA / SHOP / file)
    rebuild_rollups(store)
    rebuild_quality(store)
    embed(store, load_encoder(settings))
    snapshot = take_snapshot(store, load_index(store, settings), workspace)
    store.close()
    _ = snapshot.acts, snapshot.vectors, snapshot.anonymous, snapshot.shoppers
    return snapshot


def row(name: str, model: Scorer, cut: Split) -> None:
    """Fit, ask, refit, ask again, and print the model's row: CPU seconds of the first fit, peak memory of the process so far."""
    start = time.process_time()
    model.fit(cut.train(), cut.examples(Part.VALID))
    seconds = time.process_time() - start
    columns = [column(model, cut, mask) for mask in (True, False)]
    model.fit(cut.train(refit=True), None)
    columns += [column(model, cut, mask) for mask in (True, False)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:>14} " + " ".join(f"{text:>17}" for text in columns) + f" {seconds:8.0f} {peak:8.0f}", flush=True)


def column(model: Scorer, cut: Split, mask: bool) -> str:
    """Ask the test part and return 'NDCG / HR'."""
    examples = cut.examples(Part.TEST)
    ndcg, hit_rate, *_ = accuracy(examples, ask(model.score, examples, K, mask=mask).rank, K).mean(axis=0)
    return f"{ndcg:.4f} / {hit_rate:.4f}"


def _model(name: str, snapshot: Snapshot, seed: int, settings: Settings) -> Scorer:
    if name in set(Model):
        return make(Model(name), snapshot, settings.alpha)
    return make_preset(Preset(name), snapshot, seed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--home", type=Path, help="keep the workspace, and so the encoded titles, in this folder")
    parser.add_argument(
        "models", nargs="*", default=list(dict.fromkeys([*Model, *Preset])), help="which rows; all where none is named"
    )
    return parser.parse_args()


@contextmanager
def _home(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        yield chosen
    else:
        with TemporaryDirectory() as folder:
            yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
