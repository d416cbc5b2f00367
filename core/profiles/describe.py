"""Put a group of shoppers into words: a name, a portrait, and the features that set it apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.profiles.behaviour import FEATURES
from core.profiles.naming import Character, name_all
from core.profiles.portrait import BASICS, Standout, portrait
from core.profiles.scaling import INGREDIENTS, Scale

STANDOUTS, LEAST_EFFECT = 5, 0.3
"""Features named at most, and the standard deviations from which a difference counts."""
OF_ONE_CONCEPT = 2

Means = Mapping[str, float]


@dataclass(frozen=True)
class Described:
    """One group in words. share: of all grouped shoppers; standouts: strongest first."""

    name: str
    size: int
    share: float
    portrait: str
    standouts: tuple[Standout, ...]


def name_groups(
    frame: pd.DataFrame, matrix: np.ndarray, scales: tuple[Scale, ...], labels: np.ndarray, kept: Mapping[int, str]
) -> list[str]:
    """Return a name for every group, in the order of its label; kept: label → the name it has already."""
    means, effects = _of_groups(frame, matrix, scales, labels)
    return name_all([Character(effect, mean) for effect, mean in zip(effects, means, strict=True)], kept)


def describe(
    frame: pd.DataFrame, matrix: np.ndarray, scales: tuple[Scale, ...], labels: np.ndarray, names: list[str]
) -> list[Described]:
    """Return every group in words, in the order of its label.

    frame: (n) rows of ``shoppers``; matrix: (n, scales) standardised; labels: (n,) 0..k-1, none empty; names: one a group.
    """
    shop = _means(frame[_NAMES].astype(float))
    means, effects = _of_groups(frame, matrix, scales, labels)
    revenue = _revenue(frame["monetary"].astype(float), labels)
    groups = []
    for place, (name, size) in enumerate(zip(names, np.bincount(labels).tolist(), strict=True)):
        standouts = _strongest(effects[place], means[place], shop)
        basics = [_standout(basic, effects[place], means[place], shop) for basic in BASICS if basic in effects[place]]
        text = portrait(size, size / len(frame), revenue[place], basics, standouts)
        groups.append(Described(name, size, size / len(frame), text, tuple(standouts)))
    return groups


_NAMES = [feature.name for feature in FEATURES]


def _of_groups(
    frame: pd.DataFrame, matrix: np.ndarray, scales: tuple[Scale, ...], labels: np.ndarray
) -> tuple[list[Means], list[Means]]:
    """Return each group's means in units, and in standard deviations of the shop."""
    scaled = pd.DataFrame(matrix, columns=[scale.column for scale in scales])
    raw = frame[_NAMES].astype(float).reset_index(drop=True)
    return [_means(part) for _, part in raw.groupby(labels)], [_means(part) for _, part in scaled.groupby(labels)]


def _means(frame: pd.DataFrame) -> Means:
    return {str(column): float(mean) for column, mean in frame.mean().items()}


def _revenue(money: pd.Series, labels: np.ndarray) -> list[float | None]:
    """Return each group's share of the money; None for all where there is none."""
    sums, total = money.groupby(labels).sum(), money.sum()
    return [float(part / total) if total > 0 else None for part in sums]


def _strongest(effects: Means, means: Means, shop: Means) -> list[Standout]:
    """Return the features that differ most, ties in FEATURES' order."""
    concept = {one.column: one.concept for one in INGREDIENTS}
    chosen: list[str] = []
    for column in sorted((one.name for one in FEATURES if one.name in effects), key=lambda name: -abs(effects[name])):
        crowded = sum(concept[other] == concept[column] for other in chosen) >= OF_ONE_CONCEPT
        if not crowded and abs(effects[column]) >= LEAST_EFFECT and not np.isnan(means[column]):
            chosen.append(column)
    return [_standout(column, effects, means, shop) for column in chosen[:STANDOUTS]]


def _standout(column: str, effects: Means, means: Means, shop: Means) -> Standout:
    feature = next(one for one in FEATURES if one.name == column)
    return Standout(feature, means[column], shop[column], effects[column])
