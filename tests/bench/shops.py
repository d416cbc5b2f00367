"""The public shops that accuracy is measured on, imported as an operator would, and frozen as snapshots."""

from dataclasses import dataclass
from pathlib import Path

from core.base.db import open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.ingest.load import import_file
from core.profiles.rollups import rebuild_rollups
from core.represent.encoder import load_encoder
from core.represent.item_vectors import embed
from core.represent.ratings import rebuild_quality
from core.score.index import load_index
from core.train.names import Protocol
from core.train.snapshot import Snapshot, take_snapshot
from tests.conftest import DATA


@dataclass(frozen=True)
class Shop:
    """Raw files, in the order of import, and how its log is split."""

    name: str
    files: tuple[Path, ...]
    protocol: Protocol


SHOPS = (
    Shop(
        "amazon_beauty",
        tuple(DATA / "amazon_beauty" / file for file in ("items.csv", "interactions.csv")),
        Protocol.LEAVE_LAST_ONE,
    ),
    Shop("online_retail", (DATA / "online_retail" / "online_retail.csv.gz",), Protocol.TEMPORAL),
    Shop(
        "complete_journey",
        tuple(DATA / "complete_journey" / file for file in ("products.parquet", "transactions.parquet")),
        Protocol.TEMPORAL,
    ),
)


def prepare(shop: Shop, home: Path) -> Snapshot:
    """Import the files, encode the items' texts and take a snapshot; what a kept ``home`` already has is not done again."""
    settings = load_settings({}, home=home)
    workspace = open_workspace(settings.home)
    store = open_store(workspace, settings, [file.parent for file in shop.files])
    for file in shop.files:
        import_file(store, workspace, file)
    rebuild_rollups(store)
    rebuild_quality(store)
    embed(store, load_encoder(settings))
    snapshot = take_snapshot(store, load_index(store, settings), workspace)
    store.close()
    return snapshot
