"""The best items of many shoppers at once: a matrix product for each block of them, and compiled loops on every core."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch

from core.base.schema import Col
from core.represent.acts import EVENTS, Acts
from core.represent.model import UNCHANGED, Model
from core.represent.neighbours import GAIN, REVISIT, latest_items
from core.represent.traits import Traits
from core.score.candidates import candidates
from core.score.compiled import Best, Rows, Tables, keep_best, nothing_kept
from core.score.dislikes import turned_away
from core.score.index import Index
from core.score.taste import disliked, disliked_sums, refused, taste_vectors

CELLS = 25_000_000
"""Scores held at once: 100 MB."""
AT_ONCE = 128
"""Shoppers that a thread takes at once."""
PARTS = (Col.SCORE, Col.FROM_TASTE, "from_together", "from_revisit", "from_trend", Col.FROM_QUALITY)


@dataclass(frozen=True)
class Lists:
    """Lists of m shoppers. item: (m, k) index rows, best first, −1 = there are no more; parts: float32 (m, k) each, by PARTS."""

    item: np.ndarray
    parts: dict[str, np.ndarray]


def lists_of(index: Index, acts: pd.DataFrame, traits: Traits, *, alpha: float, top: int) -> tuple[Lists, np.ndarray]:
    """Return the lists of shoppers, and (users,) bool: whether the shopper has a taste to make one from.

    acts: their rows of ``histories`` with ``user`` (0 … users − 1, ascending), ``row`` (of the index) and, within a
    shopper, the oldest first; traits: of each of the users.
    """
    users = len(traits.codes)
    tastes, history = _tastes(index, acts, traits)
    scorer = _Scorer(index, alpha)
    owned = acts[(acts["purchases"] > 0) | acts[Col.RATING].notna() | refused(acts)]
    gone = scorer.columns_of(owned["user"].to_numpy(), owned["row"].to_numpy(), users)
    best = scorer.best(tastes, history, gone, min(top, scorer.width))
    known = tastes.any(axis=1) if index.model is None else np.diff(history.starts) > 0
    return scorer.lists(best), np.asarray(known)


class _Scorer:
    """r of the shoppers for the items that may be shown, and their best."""

    def __init__(self, index: Index, alpha: float):
        self._allowed = candidates(index, np.zeros(0, int), need_vector=True).rows
        model = index.model
        cosine, pairs, gamma = (1.0, 0.0, 0.0) if model is None else model.shares
        vectors = index.vectors if model is None else model.vectors
        self._vectors = torch.from_numpy(np.float32(alpha * cosine / 2) * vectors[self._allowed])
        change = np.zeros(len(index), np.float32) if model is None else model.trend - np.float32(UNCHANGED)
        self._trend = np.float32(alpha * gamma) * change
        self._quality = ((1 - alpha) * index.quality).astype(np.float32)
        self._everyone = (np.float32(alpha * (cosine / 2 + gamma * UNCHANGED)) + self._trend + self._quality)[self._allowed]
        self._tables = _stacked(model, self._allowed, alpha * pairs)
        self._looked = np.array([table.name == REVISIT for table in model.tables] if model else [], bool)
        self._column = np.full(len(index), -1)
        self._column[self._allowed] = np.arange(self.width)

    @property
    def width(self) -> int:
        """Number of items that may be shown."""
        return len(self._allowed)

    def columns_of(self, user: np.ndarray, row: np.ndarray, users: int) -> Rows:
        """Return the columns of index rows (a,) by shopper; user: (a,) ascending."""
        column = self._column[row]
        return _by_shopper(user[column >= 0], column[column >= 0], users)

    def best(self, tastes: np.ndarray, history: Rows, gone: Rows, k: int) -> Best:
        """Return the k best of every shopper. tastes: float32 (m, D); history: index rows; gone: columns."""
        best = nothing_kept(len(tastes), k, len(self._tables.weights))
        size = max(1, min(len(tastes), CELLS // max(self.width, 1)))
        room = torch.empty(size, self.width)
        with ThreadPoolExecutor(torch.get_num_threads()) as threads:
            for start in range(0, len(tastes), size):
                asked = torch.from_numpy(tastes[start : start + size])
                scores = torch.mm(asked, self._vectors.T, out=room[: len(asked)]).numpy()

                def keep(at: int, scores: np.ndarray = scores, start: int = start) -> None:
                    part = scores[at : at + AT_ONCE]
                    keep_best(part, self._everyone, history, self._tables, gone, start + at, best)

                list(threads.map(keep, range(0, len(asked), AT_ONCE)))
        return best

    def lists(self, best: Best) -> Lists:
        """Return the lists with the parts of their scores."""
        item = self._allowed[best.column]
        looked = best.told[:, :, self._looked].sum(axis=2)
        together = best.told[:, :, ~self._looked].sum(axis=2)
        quality = self._quality[item]
        parts = (best.score, best.score - quality, together, looked, self._trend[item], quality)
        return Lists(np.where(np.isfinite(best.score), item, -1), dict(zip(PARTS, parts, strict=True)))


def _stacked(model: Model | None, columns: np.ndarray, share: float) -> Tables:
    """Return the model's tables over the columns (n,) of the index rows; share: what c counts in the score."""
    tables = model.tables if model else ()
    stacked = sp.csr_matrix((0, len(columns)), dtype=np.float32)
    for table in tables:
        shown = table.table if len(columns) == table.table.shape[1] else table.table[:, columns]
        stacked = sp.vstack([stacked, shown], "csr")
    return Tables(
        stacked.indptr.astype(np.int64),
        stacked.indices.astype(np.int32),
        stacked.data.astype(np.float32),
        np.array([table.decay for table in tables], np.float32),
        np.float32(share) * np.array(model.table_weights if model else [], np.float32),
        np.float32(GAIN),
    )


def _by_shopper(user: np.ndarray, items: np.ndarray, users: int) -> Rows:
    return Rows(np.searchsorted(user, np.arange(users + 1)), items.astype(np.int32))


def appeals(index: Index, acts: pd.DataFrame, traits: Traits) -> np.ndarray:
    """Return float32 (users, n): s of every item for each shopper. acts, traits: as in ``lists_of``."""
    if index.model is not None:
        history = _history(index, acts, traits)
        return index.model.appeal(_learned_tastes(index, acts, history), index.model.together(history))
    tastes, _ = _tastes(index, acts, traits)
    return np.asarray((1 + np.clip(tastes @ index.vectors.T, -1, 1)) / 2, np.float32)


def _tastes(index: Index, acts: pd.DataFrame, traits: Traits) -> tuple[np.ndarray, Rows]:
    """Return float32 (users, D) of length 1, 0 = no taste, and the items that the tables are asked about."""
    if index.model is None:
        users = len(traits.codes)
        user, row, unwanted = acts["user"].to_numpy(int), acts["row"].to_numpy(int), disliked(acts)
        taste = taste_vectors(acts, user, row, users, index.vectors, index.half_life_days, unwanted)
        return taste, _by_shopper(np.zeros(0, int), np.zeros(0, int), users)
    history = _history(index, acts, traits)
    latest = latest_items(history)
    return _learned_tastes(index, acts, history), Rows(latest.starts, latest.item)


def _history(index: Index, acts: pd.DataFrame, traits: Traits) -> Acts:
    """Return what the model reads of the shoppers' acts."""
    shown = index.is_product & ~index.is_hidden
    kept = acts[acts["liked_key"].notna().to_numpy() & shown[acts["row"].to_numpy()]]
    return Acts(
        shoppers=len(traits.codes),
        shown=shown,
        user=kept["user"].to_numpy(np.int32),
        item=kept["row"].to_numpy(np.int32),
        when=kept["liked_ts"].to_numpy("datetime64[us]"),
        event=pd.Categorical(kept["liked_event"], categories=[str(event) for event in EVENTS]).codes.astype(np.int8),
        quantity=np.ones(len(kept), np.float32),
        rating=kept[Col.RATING].to_numpy(np.float32),
        dwell=kept[Col.DWELL].to_numpy(np.float32),
        traits=traits,
    )


def _learned_tastes(index: Index, acts: pd.DataFrame, history: Acts) -> np.ndarray:
    """Return float32 (users, D): the live model's tastes of the history, turned away from what the shoppers disliked."""
    assert index.model is not None
    tastes = index.model.tastes(history)
    tastes[np.diff(history.starts) == 0] = 0
    unwanted = disliked(acts)
    if unwanted.any():
        user, row = acts["user"].to_numpy(int), acts["row"].to_numpy(int)
        tastes = turned_away(tastes, disliked_sums(user, row, unwanted, history.shoppers, index.model.vectors))
    return tastes
