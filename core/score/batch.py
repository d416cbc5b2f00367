"""Lists for every shopper at once, as Parquet: the scores of ``recommend``, worked out in blocks.

``OUT/bucket=N/lists.parquet``: user_id, rank, item_id, score, from_taste, from_together, from_revisit, from_trend,
from_quality; a shopper's bucket is a hash of their id. A bucket that is there is complete and is not made again, so a batch
that was stopped goes on; ``OUT/lists.json`` says what the lists were made from.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.base.db import Store
from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.schema import Col
from core.score.blend import check_alpha
from core.score.index import Index
from core.score.lists import PARTS, Lists, lists_of
from core.score.reactions import histories
from core.score.recommend import recommend

SHOPPERS_PER_BUCKET = 25_000
MANIFEST, LISTS = "lists.json", "lists.parquet"
SCHEMA = pa.schema(
    [(Col.USER, pa.string()), (Col.RANK, pa.int32()), (Col.ITEM, pa.string()), *((name, pa.float32()) for name in PARTS)]
)


@dataclass(frozen=True)
class Basis:
    """What lists are made from: lists of another basis are not mixed with them. model: None = zero-shot."""

    data_version: int
    model: str | None
    alpha: float
    top: int
    buckets: int


@dataclass(frozen=True)
class Exported:
    """What a batch did. buckets: all; made: of them in this call; shoppers: with lists in the buckets that were made."""

    folder: Path
    buckets: int
    made: int
    shoppers: int
    lines: int


def export_lists(
    store: Store,
    index: Index,
    out: Path,
    *,
    alpha: float,
    top: int = 20,
    model: str | None = None,
    progress: Progress = no_progress,
) -> Exported:
    """Write the ``top`` items of every shopper into the folder.

    model: id of the run that is served, for the manifest. Raises BadInput on α outside [0, 1], ``top`` below 1, or a folder
    that holds lists made from something else.
    """
    check_alpha(alpha)
    if top < 1:
        raise BadInput(f"A list needs at least one place; top={top} was asked for. Give 1 or more.")
    shoppers = int(store.value("SELECT count(*) FROM (SELECT user_id FROM interactions UNION SELECT user_id FROM feedback)"))
    basis = Basis(index.data_version, model, alpha, top, max(1, math.ceil(shoppers / SHOPPERS_PER_BUCKET)))
    _claim(out, basis)
    made = told = lines = 0
    for bucket in range(basis.buckets):
        progress(bucket / basis.buckets, f"Bucket {bucket + 1} of {basis.buckets}")
        path = out / f"bucket={bucket}" / LISTS
        if not path.exists():
            table = _bucket(store, index, basis, bucket)
            _write(path, table)
            made, lines = made + 1, lines + len(table)
            told += len(table.column(Col.USER).unique())
    return Exported(out, basis.buckets, made, told, lines)


def _bucket(store: Store, index: Index, basis: Basis, bucket: int) -> pa.Table:
    acts = store.df(_ACTS, {"buckets": basis.buckets, "bucket": bucket, "now": index.now})
    codes, ids = pd.factorize(acts[Col.USER])  # ascending: the rows come by shopper
    row = pd.Index(index.ids).get_indexer(acts[Col.ITEM])
    acts = acts.assign(user=codes, row=row)[row >= 0]
    found, has_taste = lists_of(index, acts, len(ids), alpha=basis.alpha, top=basis.top)
    told = _table(index, ids, found, has_taste)
    if has_taste.all():
        return told
    others = _fallbacks(store, index, basis, ids[~has_taste])
    return pa.concat_tables([told, *others]).sort_by([(Col.USER, "ascending"), (Col.RANK, "ascending")])


def _table(index: Index, ids: pd.Index, found: Lists, has_taste: np.ndarray) -> pa.Table:
    there = (found.item >= 0) & has_taste[:, None]
    shopper, place = np.nonzero(there)
    columns = {
        Col.USER: pa.array(ids, pa.string()).take(pa.array(shopper)),
        Col.RANK: place + 1,
        Col.ITEM: pa.array(index.ids, pa.string()).take(pa.array(found.item[there])),
        **{name: part[there] for name, part in found.parts.items()},
    }
    return pa.table(columns, SCHEMA)


def _fallbacks(store: Store, index: Index, basis: Basis, users: pd.Index) -> Iterator[pa.Table]:
    """Yield the lists of shoppers without a taste, one at a time: they are few."""
    for user in users:
        picks = recommend(store, index, user, alpha=basis.alpha, k=basis.top).picks
        lines = [(user, one.rank, one.item_id, *(getattr(one, name) for name in PARTS)) for one in picks]
        yield pa.Table.from_pandas(pd.DataFrame(lines, columns=SCHEMA.names), SCHEMA, preserve_index=False)


def _claim(out: Path, basis: Basis) -> None:
    """Write what the folder's lists are made from, or see that it is the same."""
    path = out / MANIFEST
    if not path.exists():
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(basis), indent=1), encoding="utf-8")
    elif json.loads(path.read_text(encoding="utf-8")) != asdict(basis):
        raise BadInput(f"{out} holds lists of other data, another model or other settings. Choose another folder.")


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{LISTS}.{uuid4().hex[:8]}")
    pq.write_table(table, draft, use_dictionary=[Col.USER, Col.RANK, Col.ITEM])
    draft.replace(path)


_ACTS = f"""
SELECT user_id, item_id, views, clicks, carts, wishes, purchases, returns, rating, last_ts, liked_ts, liked_event, liked_key,
       verdict
FROM ({histories("hash(user_id) % $buckets = $bucket")}) ORDER BY user_id, liked_key NULLS FIRST
"""
