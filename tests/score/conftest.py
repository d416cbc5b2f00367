"""A shop of ten items whose right answers can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core.base.db import Store
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.represent.encoder import encoder_name
from core.represent.item_vectors import embed
from core.represent.keywords import rebuild_keywords
from core.represent.ratings import rebuild_quality
from core.score.index import Index, load_index
from tests.profiles.shop import act, item, load, review
from tests.represent.words import WordEncoder

ITEMS = (
    item("cup", title="red tea cup", brand="Acme", category="kitchen > tea"),
    item("pot", title="red tea pot", brand="Acme", category="kitchen > tea"),
    item("tin", title="green tea tin", category="kitchen > tea"),
    item("box", title="wooden tea box", category="kitchen > tea", stock=0),
    item("spade", title="steel garden spade", category="garden"),
    item("rake", title="wooden garden rake", category="garden"),
    item("hose", title="long garden hose", category="garden"),
    item("post", title="postage"),
    item("guide", title="how to brew tea", kind="content"),
    item("blank"),
)
ACTS = (
    act("ann", "cup", "2024-03-01", "purchase", quantity=1),
    act("bob", "spade", "2024-03-01", "purchase", quantity=1),
    act("bob", "rake", "2024-03-31", "purchase", quantity=1),
    act("cyd", "tin", "2024-03-30", "view"),
    act("cyd", "blank", "2024-03-31", "view"),
    act("dan", "blank", "2024-03-31", "view"),
)
REVIEWS = (review("ann", "cup", "2024-03-02", 5), review("bob", "spade", "2024-03-02", 1), review("eve", "tin", "2024-03-02", 4))


@pytest.fixture
def shop(store: Store, settings: Settings) -> Store:
    """The ten items and their shoppers, everything derived built, vectors from shared words."""
    load(store, *ITEMS, *ACTS, *REVIEWS)
    rebuild_rollups(store)
    rebuild_quality(store)
    rebuild_keywords(store)
    embed(store, WordEncoder(encoder_name(settings)))
    return store


@pytest.fixture
def index(shop: Store, settings: Settings) -> Index:
    """The index of that shop."""
    return load_index(shop, settings)


def with_quality(index: Index, **stars: float) -> Index:
    """Return the index with the named items' quality set, all others at 0.5."""
    return replace(index, quality=np.array([stars.get(item_id, 0.5) for item_id in index.ids]))
