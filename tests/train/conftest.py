"""A checkerboard shop: tea people and garden people, so that the right answer is obvious; and logs made of letters."""

import numpy as np
import pytest

from core.base.db import Store
from core.base.schema import Event
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.profiles.rollups import rebuild_rollups
from core.represent.acts import EVENTS, Acts
from core.represent.encoder import encoder_name
from core.represent.item_vectors import embed
from core.represent.keywords import rebuild_keywords
from core.represent.ratings import rebuild_quality
from core.represent.traits import nothing_known
from core.score.index import Index, load_index
from core.train.snapshot import Snapshot, take_snapshot
from tests.profiles.shop import Row, act, item, load
from tests.represent.words import WordEncoder

COLOURS = ("tea", "garden")
PER_COLOUR = 8
SHOPPERS = 40
BOUGHT = 5


def checkerboard() -> list[Row]:
    """Shopper number s buys 5 of the 8 items of colour s mod 2, one a day; then there is an item that cannot be shown."""
    rng = np.random.default_rng(7)
    rows = [
        item(f"{colour}-{number}", title=f"{colour} thing {number}", category=colour)
        for colour in COLOURS
        for number in range(PER_COLOUR)
    ]
    for shopper in range(SHOPPERS):
        for day, number in enumerate(rng.permutation(PER_COLOUR)[:BOUGHT]):
            rows.append(
                act(f"s{shopper:02d}", f"{COLOURS[shopper % 2]}-{number}", f"2024-03-{day + 1:02d}", "purchase", quantity=1)
            )
    return [*rows, item("guide", title="how to brew tea", kind="content"), act("s00", "guide", "2024-03-09", "view")]


@pytest.fixture
def shop(store: Store, settings: Settings) -> Store:
    """The checkerboard shop, everything derived built, vectors from shared words."""
    load(store, *checkerboard())
    derive(store, settings)
    return store


def derive(store: Store, settings: Settings) -> None:
    """Build what the index reads."""
    rebuild_rollups(store)
    rebuild_quality(store)
    rebuild_keywords(store)
    embed(store, WordEncoder(encoder_name(settings)))


@pytest.fixture
def index(shop: Store, settings: Settings) -> Index:
    """The index of that shop."""
    return load_index(shop, settings)


@pytest.fixture
def snapshot(shop: Store, index: Index, workspace: Workspace) -> Snapshot:
    """A snapshot of that shop."""
    return take_snapshot(shop, index, workspace)


def log(*rows: tuple[str, str, int, Event], items: str = "abcdefgh") -> Acts:
    """Return acts from (shopper letter, item letter, day, event), in the order given for one shopper and day.

    Shoppers are coded by letter from A on, items from a on.
    """
    rows = tuple(sorted(rows, key=lambda row: (row[0], row[2])))
    shoppers = 1 + max((ord(row[0]) - ord("A") for row in rows), default=-1)
    return Acts(
        shoppers=shoppers,
        shown=np.ones(len(items), bool),
        user=np.array([ord(row[0]) - ord("A") for row in rows], np.int32),
        item=np.array([items.index(row[1]) for row in rows], np.int32),
        when=np.array([np.datetime64("2024-01-01", "us") + np.timedelta64(row[2], "D") for row in rows], "datetime64[us]"),
        event=np.array([EVENTS.index(row[3]) for row in rows], np.int8),
        quantity=np.ones(len(rows), np.float32),
        rating=np.full(len(rows), np.nan, np.float32),
        dwell=np.zeros(len(rows), np.float32),
        traits=nothing_known(shoppers),
    )
