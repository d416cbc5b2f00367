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
import scipy.sparse as sp
import torch

from core.base.db import Store
from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.schema import Col
from core.represent.acts import EVENTS, Acts
from core.score.blend import check_alpha
from core.score.candidates import candidates
from core.score.dislikes import turned_away
from core.score.index import Index
from core.score.reactions import histories
from core.score.recommend import recommend
from core.score.taste import disliked, disliked_sums, refused, taste_vectors

SHOPPERS_PER_BUCKET = 25_000
CELLS = 25_000_000
"""Scores held at once: 100 MB."""
MANIFEST, LISTS = "lists.json", "lists.parquet"
PARTS = (Col.SCORE, Col.FROM_TASTE, "from_together", "from_revisit", "from_trend", Col.FROM_QUALITY)


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


@dataclass(frozen=True)
class Lists:
    """Lists of m shoppers. item: (m, k) index rows, best first, −1 = fewer items may be shown; parts: (m, k, |PARTS|)."""

    item: np.ndarray
    parts: np.ndarray


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


def lists_of(index: Index, acts: pd.DataFrame, users: int, *, alpha: float, top: int) -> tuple[Lists, np.ndarray]:
    """Return the lists of ``users`` shoppers, and (users,) bool: whether the shopper has a taste to make one from.

    acts: their rows of ``histories`` with ``user`` (0 … users − 1, ascending), ``row`` (of the index) and, within a
    shopper, the oldest first.
    """
    tastes = _tastes(index, acts, users)
    allowed = candidates(index, np.zeros(0, int), need_vector=True).rows
    scorer = _Scorer(index, allowed, alpha)
    owned = acts[(acts["purchases"] > 0) | acts[Col.RATING].notna() | refused(acts)]
    found = Lists(np.full((users, top), -1), np.zeros((users, top, len(PARTS))))
    step = max(1, CELLS // max(len(allowed), 1))
    for start in range(0, users, step):
        stop = min(start + step, users)
        mine = owned[(owned["user"] >= start) & (owned["user"] < stop)]
        block = (mine["user"].to_numpy() - start, mine["row"].to_numpy())
        scorer.fill(found, slice(start, stop), tastes.part(start, stop), block)
    return found, np.asarray(tastes.taste.any(axis=1))


@dataclass(frozen=True)
class _Tastes:
    """Of u shoppers. taste: float32 (u, D) of length 1, 0 = none; together: sparse (u, n), c of the model's formula.

    revisited: sparse (u, n), the part of c that comes from having looked before.
    """

    taste: np.ndarray
    together: sp.csr_matrix
    revisited: sp.csr_matrix

    def part(self, start: int, stop: int) -> "_Tastes":
        return _Tastes(self.taste[start:stop], self.together[start:stop], self.revisited[start:stop])


class _Scorer:
    """r for blocks of shoppers: one matrix product, whose last column holds what is the same for everyone."""

    def __init__(self, index: Index, allowed: np.ndarray, alpha: float):
        self._index, self._allowed, self._alpha = index, allowed, alpha
        model = index.model
        self._cosine, self._pairs, gamma = (1.0, 0.0, 0.0) if model is None else model.shares
        vectors = index.vectors if model is None else model.vectors
        self._trend = np.zeros(len(index)) if model is None else gamma * model.trend.astype(float)
        self._quality = (1 - alpha) * index.quality
        everyone = alpha * (self._cosine / 2 + self._trend) + self._quality
        scaled = np.float32(alpha * self._cosine / 2) * vectors[allowed]
        table = np.column_stack([scaled, everyone[allowed].astype(np.float32)])
        self._table = torch.from_numpy(np.ascontiguousarray(table.T))
        self._place = np.full(len(index), -1)
        self._place[allowed] = np.arange(len(allowed))

    def fill(self, found: Lists, rows: slice, tastes: _Tastes, owned: tuple[np.ndarray, np.ndarray]) -> None:
        """Write the lists of one block. owned: (row in the block, index row) of what is not shown again."""
        taste, together = tastes.taste, tastes.together
        asked = np.column_stack([taste, np.ones(len(taste), np.float32)])
        scores = torch.from_numpy(asked) @ self._table
        flat, width = scores.view(-1).numpy(), scores.shape[1]
        place = self._place[together.indices]
        row = np.repeat(np.arange(len(taste)), np.diff(together.indptr))
        kept = place >= 0
        flat[row[kept] * width + place[kept]] += np.float32(self._alpha * self._pairs) * together.data[kept]
        gone = self._place[owned[1]]
        flat[owned[0][gone >= 0] * width + gone[gone >= 0]] = -np.inf
        k = min(found.item.shape[1], width)
        values, places = (one.numpy() for one in torch.topk(scores, k, dim=1))
        item = self._allowed[places]
        found.item[rows, :k] = np.where(np.isfinite(values), item, -1)
        found.parts[rows, :k] = self._parts(values.astype(float), item, tastes)

    def _parts(self, score: np.ndarray, item: np.ndarray, tastes: _Tastes) -> np.ndarray:
        """Return (m, k, |PARTS|) from the scores (m, k) of the items (m, k)."""
        row = np.repeat(np.arange(len(item)), item.shape[1])
        told, looked = (
            self._alpha * self._pairs * np.asarray(table[row, item.ravel()]).reshape(item.shape).astype(float)
            for table in (tastes.together, tastes.revisited)
        )
        quality = self._quality[item]
        parts = (score, score - quality, told - looked, looked, self._alpha * self._trend[item], quality)
        return np.stack(parts, axis=2)


def _tastes(index: Index, acts: pd.DataFrame, users: int) -> _Tastes:
    nothing = sp.csr_matrix((users, len(index)), dtype=np.float32)
    user, row, unwanted = acts["user"].to_numpy(int), acts["row"].to_numpy(int), disliked(acts)
    if index.model is None:
        taste = taste_vectors(acts, user, row, users, index.vectors, index.half_life_days, unwanted)
        return _Tastes(taste, nothing, nothing)
    shown = index.is_product & ~index.is_hidden
    kept = acts[acts["liked_key"].notna().to_numpy() & shown[acts["row"].to_numpy()]]
    history = Acts(
        shoppers=users,
        shown=shown,
        user=kept["user"].to_numpy(np.int32),
        item=kept["row"].to_numpy(np.int32),
        when=kept["liked_ts"].to_numpy("datetime64[us]"),
        event=pd.Categorical(kept["liked_event"], categories=[str(event) for event in EVENTS]).codes.astype(np.int8),
        quantity=np.ones(len(kept), np.float32),
        rating=kept[Col.RATING].to_numpy(np.float32),
    )
    tastes = index.model.tastes(history)
    tastes[np.diff(history.starts) == 0] = 0
    tastes = turned_away(tastes, disliked_sums(user, row, unwanted, users, index.model.vectors))
    return _Tastes(tastes, index.model.together(history), index.model.revisited(history))


def _bucket(store: Store, index: Index, basis: Basis, bucket: int) -> pa.Table:
    acts = store.df(_ACTS, {"buckets": basis.buckets, "bucket": bucket, "now": index.now})
    codes, ids = pd.factorize(acts[Col.USER])  # ascending: the rows come by shopper
    row = acts[Col.ITEM].map(index.rows)
    known = row.notna()
    acts = acts.assign(user=codes)[known].assign(row=row[known].astype(int))
    found, has_taste = lists_of(index, acts, len(ids), alpha=basis.alpha, top=basis.top)
    told = pd.concat([_frame(index, ids, found, has_taste), *_fallbacks(store, index, basis, ids[~has_taste])], ignore_index=True)
    return pa.Table.from_pandas(told.sort_values([Col.USER, Col.RANK]), preserve_index=False)


def _frame(index: Index, ids: pd.Index, found: Lists, has_taste: np.ndarray) -> pd.DataFrame:
    shopper, place = np.nonzero((found.item >= 0) & has_taste[:, None])
    parts = dict(zip(PARTS, found.parts[shopper, place].T, strict=True))
    item = index.ids[found.item[shopper, place]]
    return pd.DataFrame({Col.USER: ids.to_numpy(object)[shopper], Col.RANK: place + 1, Col.ITEM: item, **parts})


def _fallbacks(store: Store, index: Index, basis: Basis, users: pd.Index) -> Iterator[pd.DataFrame]:
    """Yield the lists of shoppers without a taste, one at a time: they are few."""
    for user in users:
        picks = recommend(store, index, user, alpha=basis.alpha, k=basis.top).picks
        lines = [(user, one.rank, one.item_id, *(getattr(one, name) for name in PARTS)) for one in picks]
        yield pd.DataFrame(lines, columns=[Col.USER, Col.RANK, Col.ITEM, *PARTS])


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
    pq.write_table(table, draft)
    draft.replace(path)


_ACTS = f"""
SELECT user_id, item_id, views, clicks, carts, wishes, purchases, returns, rating, last_ts, liked_ts, liked_event, liked_key,
       verdict
FROM ({histories("hash(user_id) % $buckets = $bucket")}) ORDER BY user_id, liked_key NULLS FIRST
"""
