"""Lists for every shopper at once, as Parquet: those of ``recommend``; by α alone worked out in blocks.

``OUT/bucket=N/lists.parquet``: user_id, rank, item_id, score, from_taste, from_together, from_revisit, from_trend,
from_quality, from_learning, from_rules; a shopper's bucket is a hash of their id. A bucket that is there is complete and is
not made again, so a batch that was stopped goes on; ``OUT/lists.json`` says what the lists were made from.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.base.db import Store
from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.schema import Col
from core.represent.traits import traits_of
from core.score.blend import check_alpha, check_k
from core.score.index import Index
from core.score.lists import PARTS, Lists, lists_of
from core.score.plan import Plan, plain
from core.score.reactions import histories
from core.score.recommend import score_shopper

SHOPPERS_PER_BUCKET = 25_000
TOLD_EVERY = 500
"""Shoppers between two reports of progress, where their lists are made one at a time."""
MANIFEST, LISTS = "lists.json", "lists.parquet"
BY_PLAN = ("from_learning", "from_rules")
SCHEMA = pa.schema(
    [
        (Col.USER, pa.string()),
        (Col.RANK, pa.int32()),
        (Col.ITEM, pa.string()),
        *((name, pa.float32()) for name in (*PARTS, *BY_PLAN)),
    ]
)
PlanOf = Callable[[str], Plan]
"""The plan that a shopper is served by."""


@dataclass(frozen=True)
class Basis:
    """What lists are made from: lists of another basis are not mixed with them. model: None = zero-shot.

    plan: what they are made by, where that is more than α; where shoppers have plans of their own, that of the others.
    """

    data_version: int
    model: str | None
    alpha: float
    top: int
    buckets: int
    plan: dict[str, Any] | None = None


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
    alpha: float | None = None,
    top: int = 20,
    plan: Plan | None = None,
    plan_of: PlanOf | None = None,
    model: str | None = None,
    progress: Progress = no_progress,
) -> Exported:
    """Write the ``top`` items of every shopper into the folder: what ``recommend`` gives with the same α and plan.

    plan_of: the plan of each shopper, where they have plans of their own. model: id of the run that is served, for the
    manifest. By a plan that is more than α, lists are made one at a time, which takes some milliseconds each. Raises BadInput
    on α outside [0, 1], ``top`` below 1, or a folder that holds lists made from something else.
    """
    chosen = (plan or plain(index.alpha)) if alpha is None else (plan or plain(alpha)).at(alpha)
    check_alpha(chosen.alpha)
    check_k(top)
    together = chosen.is_plain and plan_of is None
    shoppers = int(store.value("SELECT count(*) FROM (SELECT user_id FROM interactions UNION SELECT user_id FROM feedback)"))
    buckets, told_plan = max(1, math.ceil(shoppers / SHOPPERS_PER_BUCKET)), None if together else chosen.as_json()
    basis = Basis(index.data_version, model, chosen.alpha, top, buckets, told_plan)
    _claim(out, basis)
    made = told = lines = 0
    for bucket in range(basis.buckets):
        progress(bucket / basis.buckets, f"Bucket {bucket + 1} of {basis.buckets}")
        path = out / f"bucket={bucket}" / LISTS
        if not path.exists():
            own = plan_of or (lambda _: chosen)
            table = _bucket(store, index, basis, bucket) if together else _arranged(store, index, basis, bucket, own, progress)
            _write(path, table)
            made, lines = made + 1, lines + len(table)
            told += len(table.column(Col.USER).unique())
    return Exported(out, basis.buckets, made, told, lines)


def _bucket(store: Store, index: Index, basis: Basis, bucket: int) -> pa.Table:
    acts = store.df(ACTS, {"buckets": basis.buckets, "bucket": bucket, "now": index.now})
    codes, ids = pd.factorize(acts[Col.USER])  # ascending: the rows come by shopper
    row = pd.Index(index.ids).get_indexer(acts[Col.ITEM])
    acts = acts.assign(user=codes, row=row)[row >= 0]
    found, has_taste = lists_of(index, acts, traits_of(store, index.traits, ids.tolist()), alpha=basis.alpha, top=basis.top)
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
        **{name: np.zeros(len(place), np.float32) for name in BY_PLAN},
    }
    return pa.table(columns, SCHEMA)


def _fallbacks(store: Store, index: Index, basis: Basis, users: pd.Index) -> Iterator[pa.Table]:
    """Yield the lists of shoppers without a taste, one at a time: they are few."""
    for user in users:
        yield _list(store, index, user, plain(basis.alpha), basis.top)


def _arranged(store: Store, index: Index, basis: Basis, bucket: int, plan_of: PlanOf, progress: Progress) -> pa.Table:
    """Return a bucket's lists, made one at a time by the shoppers' plans."""
    asked = {"buckets": basis.buckets, "bucket": bucket, "now": index.now}
    users = [user for (user,) in store.rows(_USERS, asked)]
    tables = []
    for place, user in enumerate(users):
        if place % TOLD_EVERY == 0:
            progress((bucket + place / len(users)) / basis.buckets, f"{place:,} of {len(users):,} lists of the bucket")
        tables.append(_list(store, index, user, plan_of(user), basis.top))
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _list(store: Store, index: Index, user: str, plan: Plan, top: int) -> pa.Table:
    """Return one shopper's list as it is served, without its reasons."""
    scored = score_shopper(store, index, user)
    best = scored.arrange(plan, top)
    at = best.places
    parts = {
        Col.SCORE: best.score,
        Col.FROM_TASTE: best.from_taste,
        "from_together": best.alpha * scored.together,
        "from_revisit": best.alpha * scored.revisit,
        "from_trend": best.alpha * scored.trend,
        Col.FROM_QUALITY: best.from_quality,
        "from_learning": best.from_learning,
        "from_rules": best.from_rules,
    }
    columns = {
        Col.USER: [user] * len(at),
        Col.RANK: np.arange(1, len(at) + 1),
        Col.ITEM: index.ids[best.rows[at]].tolist(),
        **{name: part[at].astype(np.float32) for name, part in parts.items()},
    }
    return pa.table(columns, SCHEMA)


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


_USERS = f"""
SELECT DISTINCT user_id FROM ({histories("hash(user_id) % $buckets = $bucket")}) ORDER BY user_id
"""
ACTS = f"""
SELECT user_id, item_id, views, clicks, carts, wishes, purchases, returns, dwell_s, rating, last_ts, liked_ts, liked_event,
       liked_key, verdict
FROM ({histories("hash(user_id) % $buckets = $bucket")}) ORDER BY user_id, liked_key NULLS FIRST
"""
