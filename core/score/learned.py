"""A shopper's taste by the trained model: their history read by the towers, and by the tables of what goes together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from core.base.schema import Col
from core.represent.acts import EVENTS, Acts
from core.represent.model import UNCHANGED, Model
from core.represent.neighbours import GAIN, LONGEST, REVISIT, Neighbours
from core.represent.traits import Traits
from core.score.dislikes import turned_away
from core.score.index import Index
from core.score.taste import disliked

FAR_BACK = 64
"""Of what is further back a taste in texts keeps nothing: the weight is TEXT_DECAY to this power, 6e-15."""


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
        """Return (n,) γ · (t − 1/2): what s gains as the item is on the rise of late, or loses (< 0) as it falls."""
        return self.model.shares[2] * (self.model.trend.astype(float) - UNCHANGED)

    def losses(self, index: Index, rows: np.ndarray) -> np.ndarray:
        """Return (h, len(rows)): how much lower s of these items would be had the shopper never met that history item.

        Exact, one by one: the model is asked again without it. They need not sum to s: what two history items say
        together is lost with either.
        """
        gone = np.arange(len(self.rows))
        without = self._parts(self._tastes_without(gone), self._pairs_without(gone, rows), rows)
        return self._parts(self.vector[None], self.pairs[:, rows].toarray(), rows) - without

    def appeal_without(self, index: Index, gone: np.ndarray) -> np.ndarray:
        """Return float64 (len(gone), n): s of every item had the shopper never met one history item, by its place in ``rows``.

        NaN where nothing of the history would be left to read.
        """
        if len(self.rows) < 2:
            return np.full((len(gone), len(index)), np.nan)
        pairs = sp.csr_matrix(self._pairs_without(gone, np.arange(len(index))))
        return self.model.appeal(self._tastes_without(gone), pairs).astype(float)

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

    def _tastes_without(self, gone: np.ndarray) -> np.ndarray:
        """Return float32 (g, D): the tastes of g shoppers, each lacking one item of the history.

        Of what lies so far back that neither towers nor text read it, the taste is the same with and without.
        """
        count, read = len(self.rows), max([FAR_BACK, *(tower.shape.longest for tower in self.model.towers)])
        tastes, begin = np.repeat(self.vector[None], len(gone), axis=0), max(count - read - 1, 0)
        near = np.flatnonzero(gone >= begin)
        kept = np.arange(begin, count)[None].repeat(len(near), axis=0)
        kept = kept[kept != gone[near, None]].reshape(len(near), count - begin - 1)
        number = np.repeat(np.arange(len(near), dtype=np.int32), kept.shape[1])
        others = self.acts.where(kept.ravel()).given_to(number, np.zeros(len(near), int))
        tastes[near] = turned_away(self.model.tastes(others), self.away)
        return tastes

    def _pairs_without(self, gone: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return float32 (g, len(rows)): c of these items for g shoppers, each lacking one item of the history."""
        total = np.zeros((len(gone), len(rows)), np.float32)
        for weight, table in zip(self.model.table_weights, self.model.tables, strict=True):
            said = self._fading_without(table.decay, gone) @ table.table[self.rows][:, rows]
            total += np.float32(weight) * np.log1p(GAIN * np.maximum(said, 0))
        return total

    def _fading_without(self, decay: float, gone: np.ndarray) -> np.ndarray:
        """Return (g, h): what each history item counts for g shoppers that each lack one: what is older is a step nearer."""
        back = np.arange(len(self.rows))[::-1]
        steps = back - (back > back[gone, None])
        counts = np.where(steps < LONGEST, decay ** steps.astype(float), 0.0)
        counts[np.arange(len(gone)), gone] = 0
        return counts

    def _parts(self, tastes: np.ndarray, pairs: np.ndarray, rows: np.ndarray) -> np.ndarray:
        cosine = np.clip(tastes @ self.model.vectors[rows].T, -1, 1).astype(float)
        of_cosine, of_pairs, _ = self.model.shares
        return np.asarray(of_cosine * (1 + cosine) / 2 + of_pairs * pairs)


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
