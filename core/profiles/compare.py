"""Two groups of shoppers side by side: how far their means lie apart, on each feature and in what they buy."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.db import Store
from core.profiles.audience import choose
from core.profiles.behaviour import FEATURES
from core.profiles.fits import fit_report
from core.profiles.scaling import standardise


@dataclass(frozen=True)
class Side:
    """One of the two. share: of all shoppers; revenue: share of the shop's money, None where there is none."""

    key: str
    size: int
    share: float
    revenue: float | None


@dataclass(frozen=True)
class Comparison:
    """features: feature, label, unit, left, right, shop (means in the unit), effect; categories: category, left, right.

    effect: (left − right) in standard deviations of the shop on the feature's own scale (log where heavy-tailed), NaN where
    the feature has no scale; largest difference first. Categories: shares of each side's spend (or items), the eight largest.
    both: shoppers who are in both groups.
    """

    left: Side
    right: Side
    both: int
    features: pd.DataFrame
    categories: pd.DataFrame


def compare(store: Store, left: str, right: str) -> Comparison:
    """Return two groups side by side. Raises BadInput where one is no longer there."""
    shoppers = store.df("SELECT * FROM shoppers ORDER BY user_id")
    masks = [shoppers["user_id"].isin(_ids(store, key)).to_numpy() for key in (left, right)]
    sides = [_side(shoppers, key, mask) for key, mask in zip((left, right), masks, strict=True)]
    both = int((masks[0] & masks[1]).sum())
    features = _features(store, shoppers, *masks)
    return Comparison(sides[0], sides[1], both, features, _categories(store, left, right))


def _ids(store: Store, key: str) -> list[str]:
    chosen = choose(store, key)
    return [user for (user,) in store.rows(f"SELECT user_id FROM shoppers WHERE {chosen.where}", chosen.parameters)]


def _side(shoppers: pd.DataFrame, key: str, mask: np.ndarray) -> Side:
    money = shoppers["monetary"].astype(float)
    total = float(money.sum())
    return Side(
        key, int(mask.sum()), float(mask.mean()) if len(mask) else 0.0, float(money[mask].sum() / total) if total > 0 else None
    )


def _features(store: Store, shoppers: pd.DataFrame, left: np.ndarray, right: np.ndarray) -> pd.DataFrame:
    scales = fit_report(store).scales
    scaled = pd.DataFrame(standardise(shoppers, scales), columns=[one.column for one in scales])
    rows = []
    for feature in FEATURES:
        raw = shoppers[feature.name].astype(float)
        apart = scaled[feature.name][left].mean() - scaled[feature.name][right].mean() if feature.name in scaled else np.nan
        rows.append((feature.name, feature.label, feature.unit, raw[left].mean(), raw[right].mean(), raw.mean(), apart))
    frame = pd.DataFrame(rows, columns=["feature", "label", "unit", "left", "right", "shop", "effect"])
    frame = frame[frame["left"].notna() | frame["right"].notna()]
    return frame.sort_values("effect", key=lambda effect: -effect.abs(), kind="stable", ignore_index=True)


def _categories(store: Store, left: str, right: str, limit: int = 8) -> pd.DataFrame:
    one, other = choose(store, left), choose(store, right)
    return store.df(
        f"""
        WITH sides AS (
            SELECT user_id, 'left' AS side FROM shoppers WHERE {one.where}
            UNION ALL SELECT user_id, 'right' FROM shoppers WHERE {other.where}
        ), told AS (
            SELECT side, c.top_category AS category, if(sum(sum(spend)) OVER () > 0, greatest(sum(spend), 0), count(*)) AS amount
            FROM sides JOIN interactions USING (user_id) JOIN catalogue c USING (item_id)
            WHERE c.top_category IS NOT NULL AND c.hidden IS NULL GROUP BY side, c.top_category
        ), shares AS (
            SELECT side, category, amount / nullif(sum(amount) OVER (PARTITION BY side), 0) AS share FROM told
        )
        SELECT category, coalesce(max(share) FILTER (side = 'left'), 0) AS "left",
               coalesce(max(share) FILTER (side = 'right'), 0) AS "right"
        FROM shares GROUP BY category ORDER BY "left" + "right" DESC, category LIMIT {limit}
        """,
        [*one.parameters, *other.parameters],
    )
