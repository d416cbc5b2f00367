"""The product before any training, for many shoppers at once: the same taste, the same quality, the same blend."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa

from core.base.db import Store, memory_store
from core.base.derived import Progress, no_progress
from core.base.schema import Col, Event, ItemKind
from core.profiles.rollups import INTERACTIONS
from core.represent.acts import EVENTS, Acts
from core.represent.ratings import rebuild_quality
from core.score.taste import taste_vectors
from core.train.judge import BATCH, hide, ranks_of, tuning_sample
from core.train.metrics import ndcg
from core.train.protocol import Examples
from core.train.scorer import blended
from core.train.snapshot import Snapshot

DEFAULT_ALPHA = 0.7
ALPHAS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


class ZeroShot:
    """r(u, i) = α · (1 + cos(taste_u, v_i)) / 2 + (1 − α) · q(i), every piece made by the code that serves shoppers.

    α is given, or, where it is None, chosen by NDCG@10 on the validation part.
    Quality is counted from what is learned from alone. A shopper without a taste is ranked by popularity, as the ladder
    of fall-backs ends in most shops. Items without a vector have no taste term: they come after all others.
    """

    name = "zero-shot"

    def __init__(self, snapshot: Snapshot, alpha: float | None):
        self._vectors = snapshot.vectors
        self._anonymous = snapshot.anonymous
        self._half_life_days = snapshot.meta.half_life_days
        self.alpha = DEFAULT_ALPHA if alpha is None else alpha
        self._choose = alpha is None

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Count quality and popularity; nothing is learned but α, where it was not given."""
        worth, popularity = quality(train, unsigned_until(self._anonymous, train))
        self.worth = worth.astype(np.float32)
        logs = np.log1p(popularity)
        self._popular = (logs / max(float(logs.max()), 1e-12)).astype(np.float32)
        if self._choose and valid is not None:
            self.alpha = self._best_alpha(valid, progress)

    def score(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, items) in [0, 1]."""
        return blended(self.appeal(history), self.worth, self.alpha)

    def appeal(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, items) in [0, 1], what stands for taste; −1 for an item that cannot be compared."""
        tastes = tastes_of(history, self._vectors, self._half_life_days)
        known, comparable = np.asarray(tastes.any(axis=1)), np.asarray(self._vectors.any(axis=1))
        appeal = np.where(known[:, None], (1 + np.clip(tastes @ self._vectors.T, -1, 1)) / 2, self._popular)
        appeal[np.ix_(known, ~comparable)] = -1
        return np.asarray(appeal, np.float32)

    def _best_alpha(self, valid: Examples, progress: Progress) -> float:
        """Return the α of the grid with the highest NDCG@10 on the usual sample; the appeal is worked out once."""
        sample = tuning_sample(valid)
        gained = dict.fromkeys(ALPHAS, 0.0)
        for number, batch in enumerate(sample.batches(BATCH)):
            progress(number * BATCH / len(sample), "zero-shot: weighing taste and quality")
            appeal = self.appeal(batch.history)
            for alpha in ALPHAS:
                rank = ranks_of(hide(blended(appeal, self.worth, alpha), batch), batch.target_row, batch.target_item)
                gained[alpha] += float(ndcg(batch.target_row, rank, len(batch), 10).sum())
        return max(ALPHAS, key=lambda alpha: gained[alpha])


def tastes_of(history: Acts, vectors: np.ndarray, half_life_days: float) -> np.ndarray:
    """Return float32 (shoppers, d), length 1, or 0 where a shopper's taste is not known, as the product makes it."""
    frame = rollup(history)
    user, item = frame[Col.USER].to_numpy(int), frame[Col.ITEM].to_numpy(int)
    return taste_vectors(frame, user, item, history.shoppers, vectors, half_life_days)


def rollup(acts: Acts) -> pd.DataFrame:
    """Return what table ``interactions`` would hold for these acts, by shopper and item; ids are the codes."""
    with closing(memory_store()) as store:
        _fill(store, acts)
        frame = store.df("SELECT * FROM interactions")
    codes = {Col.USER: frame[Col.USER].astype(int), Col.ITEM: frame[Col.ITEM].astype(int)}
    return frame.assign(**codes).sort_values([Col.USER, Col.ITEM], ignore_index=True)


def unsigned_until(anonymous: pd.DataFrame, train: Acts) -> pd.DataFrame:
    """Return the ratings without a shopper (item, ts, rating) that are not later than everything learned from."""
    until = train.when[~np.isnat(train.when)].max(initial=np.datetime64(0, "us"))
    return anonymous[~np.asarray(anonymous[Col.TIMESTAMP] > until)]


def quality(acts: Acts, unsigned: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return (items,) q in (0, 1] and (items,) distinct shoppers, as the product would count them on these acts alone.

    unsigned: item (code), ts, rating of ratings without a shopper.
    """
    with TemporaryDirectory(prefix="kindred-") as spill, closing(memory_store(Path(spill))) as store:
        _fill(store, acts, unsigned)
        rebuild_quality(store)
        frame = store.df("SELECT quality, popularity FROM quality ORDER BY CAST(item_id AS INTEGER)")
    return frame[Col.QUALITY].to_numpy(float), frame[Col.POPULARITY].to_numpy(float)


def _fill(store: Store, acts: Acts, unsigned: pd.DataFrame | None = None) -> None:
    """Put the acts into a store's tables, codes for ids, and roll them up."""
    rated = acts.did(Event.RATING)
    given = {
        "given_events": _table(acts.where(~rated)),
        "given_ratings": _table(acts.where(rated)),
        "given_unsigned": pa.table({"item": [], "ts": [], "rating": []}) if unsigned is None else pa.Table.from_pandas(unsigned),
        "given_items": pa.table({"item": np.arange(acts.items)}),
    }
    with store.transaction() as cursor:
        for name, table in given.items():
            cursor.register(name, table)
        for statement in _LOAD:
            cursor.execute(statement, {"kind": ItemKind.PRODUCT} if "$kind" in statement else None)
        cursor.execute(f"INSERT INTO interactions BY NAME {INTERACTIONS}", {"version": 0})
        for name in given:
            cursor.unregister(name)


def _table(acts: Acts) -> pa.Table:
    return pa.table(
        {
            "user": acts.user,
            "item": acts.item,
            "ts": acts.when.astype("datetime64[us]"),
            "event": np.array([str(event) for event in EVENTS], object)[acts.event],
            "quantity": acts.quantity,
            "rating": acts.rating,
            "line": np.arange(len(acts)),
        }
    )


_LOAD = (
    """INSERT INTO catalogue BY NAME
       SELECT CAST(item AS VARCHAR) AS item_id, $kind AS kind, 0 AS data_version FROM given_items""",
    """INSERT INTO events BY NAME
       SELECT line AS event_key, CAST("user" AS VARCHAR) AS user_id, CAST(item AS VARCHAR) AS item_id, ts, event AS event_type,
              quantity, line AS position, 0 AS import_id
       FROM given_events""",
    """INSERT INTO reviews BY NAME
       SELECT line AS review_key, CAST("user" AS VARCHAR) AS user_id, CAST(item AS VARCHAR) AS item_id, ts, rating, 0 AS import_id
       FROM given_ratings""",
    """INSERT INTO reviews BY NAME
       SELECT row_number() OVER () AS review_key, CAST(item AS VARCHAR) AS item_id, ts, rating, 0 AS import_id
       FROM given_unsigned""",
)
