"""A shopper's taste by the trained model: their history read by the towers, and by the tables of what goes together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import scipy.sparse as sp

from core.base.schema import Col
from core.represent.acts import EVENTS, Acts
from core.represent.model import Model
from core.represent.neighbours import LONGEST, REVISIT, Neighbours
from core.represent.traits import Traits
from core.score.dislikes import turned_away
from core.score.index import Index
from core.score.taste import disliked


@dataclass(frozen=True)
class LearnedTaste:
    """What the model made of a history of h items, oldest first.

    rows: (h,) index rows; places: (h,) positions of the same items in the history frame; vector: float32 (D,);
    pairs: float32 (1, n) sparse, c of the model's formula; looked: the part of it that comes from having looked before;
    away: (1, D) sum of the vectors of what the shopper disliked by feedback, 0 = nothing; ``vector`` is turned away from it;
    away_rows, away_places: (g,) index rows of those items and their positions in the history frame.
    """

    model: Model
    acts: Acts
    rows: np.ndarray
    places: np.ndarray
    vector: np.ndarray
    pairs: sp.csr_matrix
    looked: sp.csr_matrix
    away: np.ndarray
    away_rows: np.ndarray
    away_places: np.ndarray

    def appeal(self, index: Index) -> np.ndarray:
        """Return float64 (n,): s of the model's formula for every item of the index."""
        return self.model.appeal(self.vector[None], self.pairs)[0].astype(float)

    def together(self, index: Index) -> np.ndarray:
        """Return (n,): the part of s, of its β · c, that comes from what the same shoppers choose."""
        return self.model.shares[1] * (self.pairs - self.looked).toarray()[0].astype(float)

    def revisit(self, index: Index) -> np.ndarray:
        """Return (n,): the part of s, of its β · c, that comes from the shopper having looked at the item before."""
        return self.model.shares[1] * self.looked.toarray()[0].astype(float)

    def trend(self, index: Index) -> np.ndarray:
        """Return (n,) γ · t: the part of s that comes from what is in demand of late, whoever asks."""
        return self.model.shares[2] * self.model.trend.astype(float)

    def losses(self, index: Index, rows: np.ndarray) -> np.ndarray:
        """Return (h, len(rows)): how much lower s of these items would be had the shopper never met that history item.

        Exact, one by one: the model is asked again without it. They need not sum to s: what two history items say
        together is lost with either.
        """
        return self._parts(self.vector[None], self.pairs, rows) - self._parts(*self._without, rows)

    def appeal_without(self, index: Index, gone: np.ndarray) -> np.ndarray:
        """Return float64 (len(gone), n): s of every item had the shopper never met one history item, by its place in ``rows``.

        NaN where nothing of the history would be left to read.
        """
        if len(self.rows) < 2:
            return np.full((len(gone), len(index)), np.nan)
        tastes, pairs = self._without
        return self.model.appeal(tastes[gone], pairs[gone]).astype(float)

    def paired(self, rows: np.ndarray) -> np.ndarray:
        """Return (h, len(rows)): how strongly each history item goes together with these other items; 0 for most.

        Σ over tables, but that of items with themselves, of weight · decay^(steps back) · table: the sums inside the logarithms
        of c.
        """
        tables = [table for table in self.model.tables if table.name != REVISIT]
        return np.maximum(sum((table.weight * self.said(table, rows) for table in tables), np.zeros((1, len(rows)))), 0)

    def said(self, table: Neighbours, rows: np.ndarray) -> np.ndarray:
        """Return (h, len(rows)): what each history item adds to the score of these items by a table, inside its logarithm."""
        return self.fading(table.decay)[:, None] * table.table[self.rows][:, rows].toarray().astype(float)

    def fading(self, decay: float) -> np.ndarray:
        """Return (h,): what each history item counts, decay^(steps back); 0 beyond the last LONGEST, which are not read."""
        back = np.arange(len(self.rows))[::-1]
        return np.where(back < LONGEST, decay**back, 0.0)

    @cached_property
    def _without(self) -> tuple[np.ndarray, sp.csr_matrix]:
        """Tastes (h, D) and pairs (h, n) of h shoppers, each lacking one item of the history."""
        count = len(self.rows)
        kept = np.array([[at for at in range(count) if at != gone] for gone in range(count)], int).reshape(count, -1)
        length = kept.shape[1]
        number = np.repeat(np.arange(count, dtype=np.int32), length)
        others = self.acts.where(kept.ravel()).given_to(number, np.zeros(count, int))
        return turned_away(self.model.tastes(others), self.away), self.model.together(others)

    def _parts(self, tastes: np.ndarray, pairs: sp.csr_matrix, rows: np.ndarray) -> np.ndarray:
        cosine = np.clip(tastes @ self.model.vectors[rows].T, -1, 1).astype(float)
        of_cosine, of_pairs, _ = self.model.shares
        return np.asarray(of_cosine * (1 + cosine) / 2 + of_pairs * pairs[:, rows].toarray())


def learned_taste(index: Index, history: pd.DataFrame, traits: Traits) -> LearnedTaste | None:
    """Return what the live model makes of a history; None where nothing in it can be read (only returns, or no product).

    traits: of this one shopper.
    """
    model = index.model
    if model is None:
        return None
    frame = history[history["liked_key"].notna() & history[Col.ITEM].isin(index.rows)].sort_values("liked_key", kind="stable")
    rows = np.array([index.rows[item] for item in frame[Col.ITEM]], int)
    shown = index.is_product & ~index.is_hidden
    frame, rows = frame[shown[rows]] if len(rows) else frame, rows[shown[rows]]
    if not len(rows):
        return None
    acts = Acts(
        shoppers=1,
        shown=shown,
        user=np.zeros(len(rows), np.int32),
        item=rows.astype(np.int32),
        when=frame["liked_ts"].to_numpy("datetime64[us]"),
        event=np.array([EVENTS.index(event) for event in frame["liked_event"]], np.int8),
        quantity=np.ones(len(rows), np.float32),
        rating=frame[Col.RATING].to_numpy(np.float32),
        dwell=frame[Col.DWELL].to_numpy(np.float32),
        traits=traits,
    )
    places = history.index.get_indexer(frame.index)
    away_places = np.flatnonzero(disliked(history) & history[Col.ITEM].isin(index.rows))
    away_rows = np.array([index.rows[item] for item in history[Col.ITEM].iloc[away_places]], int)
    away = model.vectors[away_rows].sum(axis=0, keepdims=True)
    vector = turned_away(model.tastes(acts), away)[0]
    pairs, looked = model.together(acts), model.revisited(acts)
    return LearnedTaste(model, acts, rows, places, vector, pairs, looked, away, away_rows, away_places)
