"""Bring behaviour features onto one scale, so that a distance between two shoppers means something.

In this order: logarithm for heavy tails; a share seen in few events is drawn towards the shop's median, as if ``PRIOR``
more events had shown that median; what is not known takes the median; the ends are capped at the 1st and 99th
percentile; mean 0 and standard deviation 1. The caps keep a few extreme shoppers from stretching the scale.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

PRIOR = 2.0
"""Pieces of evidence that the shop's median weighs against a shopper's own share."""
CAPS = (1, 99)
"""Percentiles at which a feature is capped."""
LEAST_KNOWN = 0.3
"""Share of shoppers that must have a value for a feature to be used."""


@dataclass(frozen=True)
class Ingredient:
    """How one column of ``shoppers`` enters. concept: features of one concept share its vote.

    log: heavy-tailed, so log(1 + x). evidence: the column that counts what a share was seen in. clustered: false for a
    feature that describes a group but would only repeat another one's vote in finding it.
    """

    column: str
    concept: str
    log: bool = False
    evidence: str | None = None
    clustered: bool = True


INGREDIENTS: tuple[Ingredient, ...] = (
    Ingredient("recency_days", "activity", log=True),
    Ingredient("span_days", "activity", log=True),
    Ingredient("sessions", "activity", log=True),
    Ingredient("orders", "activity", log=True),
    Ingredient("session_events", "style", log=True),
    Ingredient("event_dwell_s", "style", log=True),
    Ingredient("order_value", "money", log=True),
    Ingredient("price_tier", "money", evidence="items"),
    Ingredient("discount_share", "money", evidence="purchases"),
    Ingredient("weekend_share", "rhythm", evidence="sessions"),
    Ingredient("hour_sin", "rhythm", evidence="sessions"),
    Ingredient("hour_cos", "rhythm", evidence="sessions"),
    Ingredient("web_share", "platform", evidence="sessions"),
    Ingredient("app_share", "platform", evidence="sessions"),
    Ingredient("buy_share", "buying", evidence="sessions"),
    Ingredient("abandon_rate", "buying", evidence="carts"),
    Ingredient("wish_share", "buying", evidence="sessions"),
    Ingredient("return_rate", "buying", evidence="purchases"),
    Ingredient("breadth", "breadth", evidence="items"),
    Ingredient("mean_rating", "rating", evidence="ratings"),
    Ingredient("tenure_days", "activity", log=True, clustered=False),
    Ingredient("active_days", "activity", log=True, clustered=False),
    Ingredient("events", "activity", log=True, clustered=False),
    Ingredient("dwell_s", "style", log=True, clustered=False),
    Ingredient("monetary", "money", log=True, clustered=False),
    Ingredient("order_gap_days", "activity", log=True, clustered=False),
    Ingredient("evening_share", "rhythm", evidence="sessions", clustered=False),
    Ingredient("views_per_purchase", "buying", log=True, clustered=False),
)


@dataclass(frozen=True)
class Scale:
    """How one feature was scaled. median, low, high, mean, deviation: after the logarithm where there is one.

    unknown, capped: shares of shoppers, 0..1. weight: n^(-1/4) for a concept of n features in use; 0 = described only.
    """

    column: str
    log: bool
    evidence: str | None
    median: float
    low: float
    high: float
    mean: float
    deviation: float
    weight: float
    unknown: float
    capped: float


def fit_scales(frame: pd.DataFrame) -> tuple[Scale, ...]:
    """Return the scale of every ingredient that tells shoppers apart: known for enough of them, and not the same for all.

    frame: rows of ``shoppers``.
    """
    scales = [scale for one in INGREDIENTS if (scale := _fit(frame, one)) is not None]
    concept = {one.column: one.concept for one in INGREDIENTS if one.clustered}
    used = [concept.get(scale.column) for scale in scales]
    return tuple(
        Scale(**{**vars(scale), "weight": used.count(name) ** -0.25 if name else 0.0})
        for scale, name in zip(scales, used, strict=True)
    )


def standardise(frame: pd.DataFrame, scales: tuple[Scale, ...]) -> np.ndarray:
    """Return the (shoppers, scales) matrix of standardised values, weights left out."""
    columns = [(np.clip(_drawn(frame, s), s.low, s.high) - s.mean) / s.deviation for s in scales]
    return np.column_stack(columns) if columns else np.empty((len(frame), 0))


def weigh(matrix: np.ndarray, scales: tuple[Scale, ...]) -> np.ndarray:
    """Return the columns that take part in clustering, times their weights: (shoppers, clustered scales)."""
    weights = np.array([scale.weight for scale in scales])
    return matrix[:, weights > 0] * weights[weights > 0]


def _fit(frame: pd.DataFrame, one: Ingredient) -> Scale | None:
    """Return the scale before its weight is known; None where the feature says nothing here."""
    raw = _raw(frame, one.column, one.log)
    unknown = float(np.isnan(raw).mean())
    if 1 - unknown < LEAST_KNOWN:
        return None
    scale = Scale(one.column, one.log, one.evidence, float(np.nanmedian(raw)), -np.inf, np.inf, 0.0, 1.0, 0.0, unknown, 0.0)
    values = _drawn(frame, scale)
    low, high = np.percentile(values, CAPS)
    kept = np.clip(values, low, high)
    if kept.std() < 1e-9:
        return None
    capped = float((kept != values).mean())
    ends = {"low": float(low), "high": float(high), "mean": float(kept.mean()), "deviation": float(kept.std())}
    return Scale(**{**vars(scale), **ends, "capped": capped})


def _raw(frame: pd.DataFrame, column: str, log: bool) -> np.ndarray:
    values = frame[column].to_numpy(dtype=float, na_value=np.nan)
    return np.log1p(np.maximum(values, 0)) if log else values


def _drawn(frame: pd.DataFrame, scale: Scale) -> np.ndarray:
    """Return the (shoppers,) values with the unknown at the median and thin shares drawn towards it."""
    values = _raw(frame, scale.column, scale.log)
    known = np.where(np.isnan(values), scale.median, values)
    if scale.evidence is None:
        return known
    seen = frame[scale.evidence].to_numpy(dtype=float)
    return np.asarray((known * seen + scale.median * PRIOR) / (seen + PRIOR))
