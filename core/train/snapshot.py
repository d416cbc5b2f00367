"""The shop frozen in a folder: all that training and evaluation need, so that they run without the store.

``snapshots/<data version>-<hash>/``: ``acts.parquet`` (who did what when, as codes), ``shoppers.parquet`` and
``items.parquet`` (row = code), ``anonymous.parquet`` (ratings without a shopper), ``traits.parquet`` (of each shopper, where
anything is known), ``vectors.npz``, ``meta.json``. A folder is written under a temporary name and renamed when whole, so one
that is there is complete; it is never changed.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.base.db import Store
from core.base.errors import BadInput
from core.base.schema import Col
from core.base.workspace import Workspace
from core.ingest.robots import robots
from core.represent.acts import EVENTS, Acts
from core.represent.traits import Trait, Traits, as_traits, find_traits, nothing_known
from core.represent.whiten import Whitening
from core.score.index import Index

SNAPSHOTS = "snapshots"
ACTS, SHOPPERS, ITEMS, ANONYMOUS = "acts.parquet", "shoppers.parquet", "items.parquet", "anonymous.parquet"
TRAITS = "traits.parquet"
VECTORS, META = "vectors.npz", "meta.json"


@dataclass(frozen=True)
class Meta:
    """What the snapshot was taken from. content_hash: of everything in it: the same data give the same hash.

    encoder: the shop's own; encoder_folder: where the vectors are those of one tuned for a run, its folder under home; traits:
    what the codes of the shoppers' traits stand for.
    """

    data_version: int
    content_hash: str
    encoder: str | None
    half_life_days: float
    acts: int
    shoppers: int
    items: int
    encoder_folder: str | None = None
    traits: tuple[Trait, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """A snapshot folder; what is in it is read when it is asked for."""

    folder: Path

    @cached_property
    def meta(self) -> Meta:
        told = json.loads((self.folder / META).read_text(encoding="utf-8"))
        return Meta(**{**told, "traits": as_traits(told.get("traits", ()))})

    @cached_property
    def acts(self) -> Acts:
        """Every dated or undated act of known shoppers, robots left out; on any item, also those that are not recommended."""
        table = pq.read_table(self.folder / ACTS)
        column = {name: table.column(name).to_numpy() for name in table.column_names}
        return Acts(
            self.meta.shoppers,
            self.items["shown"].to_numpy(bool),
            column["user"],
            column["item"],
            column[Col.TIMESTAMP].astype("datetime64[us]", copy=False),
            column["event"],
            column[Col.QUANTITY],
            column[Col.RATING],
            column.get(Col.DWELL, np.zeros(len(table), np.float32)),
            self.traits,
        )

    @cached_property
    def shoppers(self) -> pd.DataFrame:
        """user_id and segment (its name, None = in none), row = code."""
        return pq.read_table(self.folder / SHOPPERS).to_pandas()

    @cached_property
    def traits(self) -> Traits:
        """What is known of the shoppers besides what they did, row = code."""
        if not self.meta.traits:
            return nothing_known(self.meta.shoppers)
        return Traits(self.meta.traits, pq.read_table(self.folder / TRAITS).to_pandas().to_numpy(np.int16))

    @cached_property
    def items(self) -> pd.DataFrame:
        """item_id, title, text, shown (a product that is not hidden), row = code, by item id."""
        return pq.read_table(self.folder / ITEMS).to_pandas()

    @cached_property
    def anonymous(self) -> pd.DataFrame:
        """item (code), ts, rating of the ratings that nobody signed."""
        return pq.read_table(self.folder / ANONYMOUS).to_pandas()

    @cached_property
    def vectors(self) -> np.ndarray:
        """float32 (items, d): the whitened text vectors that serving uses, 0 where there is none; d = 0 without an encoder."""
        return self._arrays["vectors"]

    @cached_property
    def whitening(self) -> Whitening | None:
        """How the encoder's own vectors became these; None: they are its own."""
        arrays = self._arrays
        return Whitening(arrays["mean"], arrays["scale"]) if "mean" in arrays else None

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray]:
        with np.load(self.folder / VECTORS) as arrays:
            return dict(arrays)


def take_snapshot(store: Store, index: Index, workspace: Workspace) -> Snapshot:
    """Write the present state of the shop, or return the snapshot that is already there for it.

    Rows of items are those of the index. Its vectors are the shop's own encoder's, also while a run is served that tuned an
    encoder for itself: that one has learned from the training part of one split, in which the answers of another split, or of
    a later snapshot, may stand. Raises BadInput where no shopper is known to have done anything.
    """
    acts, shoppers, items, anonymous = _tables(store, index)
    if not len(acts):
        raise BadInput("There is nothing to learn from yet: no known shopper did anything. Import a log first.")
    tables = {ACTS: acts, SHOPPERS: shoppers, ITEMS: items, ANONYMOUS: anonymous}
    known = find_traits(store, shoppers.column(Col.USER).to_pylist())
    if known.which:
        tables[TRAITS] = pa.table({trait.name: known.codes[:, place] for place, trait in enumerate(known.which)})
    made_of = (index.data_version, index.encoder, index.half_life_days, *known.which)
    digest, counts = _digest([*tables.values()], index.vectors, made_of), (len(acts), len(shoppers), len(items))
    meta = Meta(index.data_version, digest, index.encoder, index.half_life_days, *counts, traits=known.which)
    folder = workspace.home / SNAPSHOTS / f"{meta.data_version}-{digest[:12]}"
    if not folder.exists():
        with fresh_folder(folder) as draft:
            for name, table in tables.items():
                pq.write_table(table, draft / name)
            whitening = {} if index.whitening is None else asdict(index.whitening)
            np.savez(draft / VECTORS, vectors=index.vectors, **whitening)
            (draft / META).write_text(json.dumps(asdict(meta), indent=1), encoding="utf-8")
    return Snapshot(folder)


@contextmanager
def fresh_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder of another name to write into, and give it this one when all went well; else remove it."""
    draft = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}")
    draft.mkdir(parents=True)
    try:
        yield draft
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _tables(store: Store, index: Index) -> list[pa.Table]:
    """Return acts as codes, in their order; shoppers and items that the codes stand for; ratings that nobody signed."""
    given = {
        "coded_items": pa.table(
            {
                Col.ITEM: pa.array(index.ids, pa.string()),
                "item": np.arange(len(index), dtype=np.int32),
                "shown": index.is_product & ~index.is_hidden,
            }
        ),
        "left_out": pa.table({Col.USER: pa.array(robots(store)[Col.USER], pa.string())}),
    }
    with store.cursor() as cursor:
        for name, table in given.items():
            cursor.register(name, table)
        shoppers = cursor.sql(_SHOPPERS).to_arrow_table()
        cursor.register("coded_shoppers", shoppers)
        acts = cursor.sql(_ACTS, params={"events": [str(event) for event in EVENTS]}).to_arrow_table()
        items = cursor.sql(_ITEMS).to_arrow_table()
        anonymous = cursor.sql(_ANONYMOUS).to_arrow_table()
        for name in (*given, "coded_shoppers"):
            cursor.unregister(name)
    return [_with_dwell_so_far(acts), shoppers.drop_columns(["user"]), items, anonymous]


def _with_dwell_so_far(acts: pa.Table) -> pa.Table:
    """Return the acts with the seconds spent on the item until then instead of at each act; where none are known, without."""
    spent = acts.column(Col.DWELL).to_numpy()
    acts = acts.drop_columns([Col.DWELL])
    if not spent.any():
        return acts
    pair = (acts.column("user").to_numpy().astype(np.int64) << 32) + acts.column("item").to_numpy()
    return acts.append_column(Col.DWELL, [pd.Series(spent).groupby(pair).cumsum().to_numpy(np.float32)])


def _digest(tables: list[pa.Table], vectors: np.ndarray, more: tuple[object, ...]) -> str:
    """Return the SHA-256, hex, over every value: independent of how the tables are chunked or written."""
    digest = hashlib.sha256(repr(more).encode())
    for table in tables:
        for values in pd.util.hash_pandas_object(table.to_pandas(), index=False).to_numpy().reshape(1, -1):
            digest.update(values.tobytes())
    digest.update(np.ascontiguousarray(vectors).tobytes())
    return digest.hexdigest()


_EVERYTHING = """
everything AS (
    SELECT user_id, item_id, ts, event_type, coalesce(quantity, 1) AS quantity, NULL::DOUBLE AS rating, dwell_s, position,
           rowid AS line
    FROM events
    UNION ALL BY NAME
    SELECT user_id, item_id, ts, 'rating' AS event_type, 1 AS quantity, rating, rowid + (1::BIGINT << 39) AS line
    FROM reviews WHERE user_id IS NOT NULL
)
"""

_SHOPPERS = f"""
WITH {_EVERYTHING}, there AS (
    SELECT DISTINCT user_id FROM everything SEMI JOIN coded_items USING (item_id) ANTI JOIN left_out USING (user_id)
)
SELECT user_id, s.name AS segment, CAST(row_number() OVER (ORDER BY user_id) - 1 AS INTEGER) AS user
FROM there LEFT JOIN members m USING (user_id) LEFT JOIN segments s USING (segment_id) ORDER BY user_id
"""

_ACTS = f"""
WITH {_EVERYTHING}
SELECT c.user, i.item, ts, CAST(list_position($events, event_type) - 1 AS TINYINT) AS event,
       CAST(quantity AS FLOAT) AS quantity, CAST(coalesce(rating, 'nan'::DOUBLE) AS FLOAT) AS rating,
       coalesce(dwell_s, 0) AS dwell_s
FROM everything JOIN coded_shoppers c USING (user_id) JOIN coded_items i USING (item_id)
ORDER BY c.user, ts NULLS FIRST, position NULLS FIRST, line
"""

_ITEMS = """
SELECT i.item_id, c.title, t.text, i.shown FROM coded_items i
JOIN catalogue c USING (item_id) LEFT JOIN item_texts t USING (item_id) ORDER BY i.item
"""

_ANONYMOUS = """
SELECT i.item, ts, rating FROM reviews JOIN coded_items i USING (item_id)
WHERE user_id IS NULL AND rating IS NOT NULL ORDER BY i.item, ts NULLS FIRST, review_key
"""
