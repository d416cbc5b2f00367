"""What the reviews say: the tone of each, aspects liked and disliked, names mentioned. One rebuild, in three tables."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.schema import Col, Table
from core.base.settings import Settings
from core.represent.encoder import Encoder, encoder_name
from core.represent.mining import mine
from core.represent.review_texts import written
from core.represent.tone_head import CLASSES
from core.represent.tones import Reading, read

RECIPE = 4
"""Raised when a table below changes its meaning."""
TABLES = (Table.TONES, Table.TONE_REPORT, Table.ASPECTS, Table.ENTITIES)


def rebuild_reviews(
    store: Store,
    settings: Settings,
    load_encoder: Callable[[], Encoder],
    progress: Progress = no_progress,
    force: bool = False,
) -> bool:
    """Rebuild tones, aspects and entities where they are not current; return whether they were built.

    A new data version in which neither reviews nor categories changed keeps what was read.
    """
    stamp = {"recipe": RECIPE, "encoder": encoder_name(settings), "seed": settings.seed}
    if force:
        _replace(store, store.data_version(), {})
    return rebuild(
        store, Table.TONES, stamp, lambda version: _build(store, settings, load_encoder, stamp, version, progress), force
    )


def _build(
    store: Store,
    settings: Settings,
    load_encoder: Callable[[], Encoder],
    stamp: dict[str, Any],
    version: int,
    progress: Progress,
) -> None:
    fingerprint = _fingerprint(store, stamp)
    if _kept(store, fingerprint, version):
        return
    reviews = written(store)
    if reviews.empty:
        _replace(store, version, {})
        return
    reading = read(store, settings, load_encoder, reviews, _part(progress, 0.0, 0.7))
    told = replace(reading.report, fingerprint=fingerprint)
    fresh = {Table.TONE_REPORT: pa.table({"report": [json.dumps(told.as_json())]})}
    if told.reader:
        fresh[Table.TONES] = _tones(reviews, reading)
        progress(0.7, "Reading what is liked and disliked")
        fresh |= mine(store, reviews, reading.head, settings.seed, _part(progress, 0.7, 1.0))
    _replace(store, version, fresh)


def _tones(reviews: pd.DataFrame, reading: Reading) -> pa.Table:
    return pa.table(
        {
            Col.REVIEW: pa.array(reviews[Col.REVIEW], pa.uint64()),
            Col.ITEM: pa.array(reviews[Col.ITEM], pa.string()),
            Col.TIMESTAMP: pa.array(reviews[Col.TIMESTAMP], pa.timestamp("us"), from_pandas=True),
            Col.RATING: pa.array(reviews[Col.RATING], pa.float64(), from_pandas=True),
            Col.TONE: pa.array(np.array(CLASSES, object)[reading.classes], pa.string()),
            "positive": pa.array(reading.chances[:, 2]),
            "negative": pa.array(reading.chances[:, 0]),
            "reader": pa.array(reading.by, pa.string()),
        }
    )


def _replace(store: Store, version: int, fresh: dict[Table, pa.Table]) -> None:
    """Replace every table by its fresh rows, or by none, in one transaction."""
    with store.transaction() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")
            if table in fresh:
                cursor.register("fresh_rows", fresh[table].append_column(Col.VERSION, pa.array([version] * len(fresh[table]))))
                cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM fresh_rows")
                cursor.unregister("fresh_rows")


def _kept(store: Store, fingerprint: str, version: int) -> bool:
    """Return whether the tables hold just these reviews read this way; if so, stamp their rows with the present version."""
    rows = store.rows("SELECT report->>'fingerprint' FROM tone_report")
    if not rows or rows[0][0] != fingerprint:
        return False
    with store.transaction() as cursor:
        for table in TABLES:
            cursor.execute(f"UPDATE {table} SET data_version = ?", [version])
    return True


def _fingerprint(store: Store, stamp: dict[str, Any]) -> str:
    """Return a text that changes with the written reviews, what the catalogue says of the items, and how they are read."""
    held = store.rows(
        """SELECT (SELECT count(*) FROM reviews), (SELECT bit_xor(hash(review_key, item_id)) FROM reviews),
                  (SELECT bit_xor(hash(item_id, brand, category)) FROM catalogue)"""
    )
    return hashlib.sha256(json.dumps([stamp, held], default=str).encode()).hexdigest()


def _part(progress: Progress, start: float, end: float) -> Progress:
    return lambda done, message: progress(start + done * (end - start), message)
