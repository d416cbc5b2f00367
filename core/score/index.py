"""Everything about the items that serving needs, in memory, built once a data version."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.errors import BadInput
from core.base.schema import Col, ItemKind, Table
from core.base.settings import Settings
from core.represent import item_vectors, registry
from core.represent.encoder import encoder_name
from core.represent.keywords import KEYWORDS_PER_ITEM
from core.represent.model import Model, load_model
from core.represent.ratings import Basis
from core.represent.traits import Trait
from core.represent.whiten import Whitening, whitened
from core.score.reactions import LATEST_ACT

DERIVED = (
    Table.CATALOGUE,
    Table.INTERACTIONS,
    Table.ITEM_TEXTS,
    Table.QUALITY,
    Table.KEYWORDS,
    item_vectors.VECTORS,
    item_vectors.SERVED,
)


@dataclass(frozen=True)
class Index:
    """The shop's items as arrays, row = item, by item id ascending: so ties by row are ties by item id.

    n items, d dimensions. Texts are object arrays with None where unknown; numbers are NaN where unknown.
    """

    data_version: int
    encoder: str | None  # None: no encoder on this machine
    half_life_days: float  # age at which an interaction counts half in a taste
    ids: np.ndarray  # (n,) str
    titles: np.ndarray  # (n,) str; without a title: brand, last level of the category, id
    brands: np.ndarray  # (n,) str or None
    categories: np.ndarray  # (n,) str or None
    prices: np.ndarray  # (n,) money
    is_product: np.ndarray  # (n,) bool
    is_hidden: np.ndarray  # (n,) bool
    hidden: np.ndarray  # (n,) str or None: why it is hidden
    out_of_stock: np.ndarray  # (n,) bool
    stock: np.ndarray  # (n,) units left
    first_seen: np.ndarray  # (n,) datetime64, NaT = never
    vectors: np.ndarray  # float32 (n, d), rows of length 1, or 0 where there is no vector; d = 0 without an encoder
    has_vector: np.ndarray  # (n,) bool
    whitening: Whitening | None  # how the encoder's own vectors became these; None: they are its own
    basis: Basis | None  # what quality is read from; None: not built yet
    quality: np.ndarray  # (n,) in [0, 1]
    votes: np.ndarray  # (n,) ratings, or shoppers, behind the quality
    mean_rating: np.ndarray  # (n,) stars 1..5
    popularity: np.ndarray  # (n,) distinct shoppers
    trend: np.ndarray  # (n,) decayed event weights
    keyword_codes: np.ndarray  # int32 (n, KEYWORDS_PER_ITEM), strongest first, -1 = none
    keyword_names: np.ndarray  # (number of keywords,) str
    keyword_items: np.ndarray  # (number of keywords,) how many items have it
    rows: dict[str, int]  # item id -> row
    now: datetime | None  # time of the latest event or rating; None in a shop without any that is dated
    model: Model | None  # the trained model that is live, over these rows; None: tastes are means of text vectors
    alpha: float  # default weight of taste against quality: the live model's, else the setting's
    notes: tuple[str, ...]  # what is missing, in sentences

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def comparable(self) -> np.ndarray:
        """(n,) bool: the items that can be compared with a taste."""
        return self.has_vector if self.model is None else self.model.comparable

    @property
    def traits(self) -> tuple[Trait, ...]:
        """What the live model reads of shoppers besides their history."""
        return () if self.model is None else self.model.traits

    @cached_property
    def shelves(self) -> tuple[np.ndarray, np.ndarray]:
        """(n,) the number of each item's category, -1 = none, and (categories,) their names, ascending."""
        codes, names = pd.factorize(self.categories, sort=True)
        return codes, np.asarray(names, object)

    @cached_property
    def price_levels(self) -> np.ndarray:
        """(n,) where each item's price stands in its category, in (0, 1): ½ = the middle; NaN = no price."""
        prices = pd.Series(self.prices).groupby(self.shelves[0])
        return ((prices.rank() - 0.5) / prices.transform("count")).to_numpy(float)

    def row(self, item_id: str) -> int:
        """Return the row of an item; BadInput where the catalogue does not have it."""
        if item_id not in self.rows:
            raise BadInput(f"There is no item '{item_id}' in the catalogue. Check the id; ids are compared letter by letter.")
        return self.rows[item_id]


def load_index(store: Store, settings: Settings) -> Index:
    """Read the index from the derived tables. What is missing (vectors, quality) is said in ``notes``, not raised."""
    items = store.df(_ITEMS)
    ids = items[Col.ITEM].to_numpy(object)
    rows = dict(zip(ids.tolist(), range(len(ids)), strict=True))
    encoder, missing = _encoder(settings)
    own = _vectors(store, encoder, rows)
    has_vector = np.asarray(own.any(axis=1))
    vectors, whitening = whitened(own)
    model, unread = _model(store, settings, rows, own)
    codes, names = _keywords(store, rows)
    basis = store.value("SELECT any_value(basis) FROM quality")
    return Index(
        data_version=store.data_version(),
        encoder=encoder,
        half_life_days=settings.half_life_days,
        ids=ids,
        titles=_titles(items),
        brands=_texts(items[Col.BRAND]),
        categories=_texts(items[Col.CATEGORY]),
        prices=items[Col.PRICE].to_numpy(float),
        is_product=(items[Col.KIND] == ItemKind.PRODUCT).to_numpy(bool),
        is_hidden=items[Col.HIDDEN].notna().to_numpy(bool),
        hidden=_texts(items[Col.HIDDEN]),
        out_of_stock=(items[Col.STOCK] <= 0).to_numpy(bool),
        stock=items[Col.STOCK].to_numpy(float),
        first_seen=items[Col.FIRST_SEEN].to_numpy("datetime64[us]"),
        vectors=vectors,
        has_vector=has_vector,
        whitening=whitening,
        basis=Basis(basis) if basis else None,
        quality=items[Col.QUALITY].fillna(0).to_numpy(float),
        votes=items["ratings"].fillna(0).to_numpy(int),
        mean_rating=items["mean_rating"].to_numpy(float),
        popularity=items[Col.POPULARITY].fillna(0).to_numpy(float),
        trend=items[Col.TREND].fillna(0).to_numpy(float),
        keyword_codes=codes,
        keyword_names=names,
        keyword_items=np.bincount(codes[codes >= 0], minlength=len(names)),
        rows=rows,
        now=store.value(LATEST_ACT),
        model=model,
        alpha=settings.alpha if model is None else model.alpha,
        notes=(*missing, *unread, *_notes(has_vector, basis)),
    )


def index_key(store: Store, settings: Settings) -> tuple[object, ...]:
    """Return what an index depends on, cheaply: keep a loaded index while this stays equal."""
    names = ", ".join(f"'{name}'" for name in DERIVED)
    stamps = store.rows(f"SELECT name, built_at FROM derived WHERE name IN ({names}) ORDER BY name")
    return (store.data_version(), settings.encoder, settings.half_life_days, settings.alpha, registry.key(settings.home), *stamps)


_ITEMS = """
SELECT c.item_id, title, brand, category, price, kind, hidden, stock, first_seen,
       ratings, mean_rating, quality, popularity, trend
FROM catalogue c LEFT JOIN quality q USING (item_id) ORDER BY c.item_id
"""


def _titles(items: pd.DataFrame) -> np.ndarray:
    """Return what to call each item on a screen: its title, else 'apple smartphone 1005145'."""
    kind = items[Col.CATEGORY].str.split(r"\s*[>/|.]\s*", regex=True).str[-1].str.replace("_", " ")
    called = items[Col.BRAND].fillna("") + " " + kind.fillna("") + " " + items[Col.ITEM]
    return items[Col.TITLE].fillna(called.str.split().str.join(" ")).to_numpy(object)


def _texts(column: pd.Series) -> np.ndarray:
    return column.astype(object).where(column.notna(), None).to_numpy(object)


def _encoder(settings: Settings) -> tuple[str | None, tuple[str, ...]]:
    try:
        return encoder_name(settings), ()
    except BadInput as error:
        return None, (str(error),)


def _vectors(store: Store, encoder: str | None, rows: dict[str, int]) -> np.ndarray:
    """Return float32 (n, d), the encoder's own vectors aligned with the catalogue, 0 where an item has none."""
    loaded = item_vectors.load(store, encoder) if encoder else None
    if loaded is None or not len(loaded.ids):
        return np.zeros((len(rows), 0), np.float32)
    at = np.array([rows.get(item, -1) for item in loaded.ids.tolist()])
    matrix = np.zeros((len(rows), loaded.matrix.shape[1]), np.float32)
    matrix[at[at >= 0]] = loaded.matrix[at >= 0]
    return matrix


def _model(store: Store, settings: Settings, rows: dict[str, int], own: np.ndarray) -> tuple[Model | None, tuple[str, ...]]:
    """Return the live model over these items; where it cannot be read, None and a sentence that says so.

    own: what the shop's own encoder made of them; a model that an encoder was tuned for gets that one's vectors instead.
    """
    if said := registry.trouble(settings.home):
        return None, (said,)
    served = registry.live(settings.home)
    if served is None:
        return None, ()
    reading = registry.reading(settings)
    encoder, _ = _encoder(reading)
    vectors = own if reading.encoder == settings.encoder else _vectors(store, encoder, rows)
    try:
        return load_model(settings.home / served.folder).on(np.array([*rows], object), vectors, encoder), ()
    except BadInput as error:
        return None, (f"{error} Until then lists are made without it.",)


def _keywords(store: Store, rows: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    frame = store.df("SELECT item_id, keyword, rank FROM keywords")
    codes, names = pd.factorize(frame[Col.KEYWORD], sort=True)
    at = frame[Col.ITEM].map(rows).fillna(-1).to_numpy(int)
    table = np.full((len(rows), KEYWORDS_PER_ITEM), -1, np.int32)
    known = at >= 0
    table[at[known], frame[Col.RANK].to_numpy(int)[known] - 1] = codes[known]
    return table, np.asarray(names, object)


def _notes(has_vector: np.ndarray, basis: str | None) -> tuple[str, ...]:
    notes = []
    if len(has_vector) and not has_vector.any():
        notes.append("No item has a vector yet, so lists are not personal: encode the item texts first (python -m core embed).")
    elif missing := int((~has_vector).sum()):
        notes.append(f"{missing:,} of {len(has_vector):,} items have no text to encode and cannot be compared with a taste.")
    if len(has_vector) and basis is None:
        notes.append("Quality has not been computed yet, so it counts as 0 for every item.")
    return tuple(notes)
