"""Mix one shopper's taste with an item's general quality: r = α · s + (1 − α) · q."""

from dataclasses import dataclass

import numpy as np

from core.base.errors import BadInput


@dataclass(frozen=True)
class Blended:
    """The best k, best first. places: (k,) positions in the arrays given; score = from_taste + from_quality, exactly."""

    places: np.ndarray
    score: np.ndarray
    from_taste: np.ndarray
    from_quality: np.ndarray


def blend(taste: np.ndarray, quality: np.ndarray, alpha: float, k: int) -> Blended:
    """Return the best ``k`` by α · taste + (1 − α) · quality, ties by position (which is by item id).

    taste, quality: (m,) in [0, 1]. Raises BadInput on α outside [0, 1] or k below 1.

    >>> blend(np.array([0.9, 0.2, 0.9]), np.array([0.5, 1.0, 0.5]), alpha=0.5, k=2).places
    array([0, 2])
    """
    check_alpha(alpha)
    check_k(k)
    from_taste, from_quality = alpha * taste, (1 - alpha) * quality
    score = from_taste + from_quality
    places = best(score, k)
    return Blended(places, score[places], from_taste[places], from_quality[places])


def rank_of(taste: np.ndarray, quality: np.ndarray, alpha: float, places: np.ndarray) -> np.ndarray:
    """Return (len(places),) the rank, from 1, of the given positions among all m."""
    check_alpha(alpha)
    score = alpha * taste + (1 - alpha) * quality
    mine = score[places][:, None]
    above = score[None, :] > mine
    tied_before = (score[None, :] == mine) & (np.arange(len(score))[None, :] < places[:, None])
    return (above | tied_before).sum(axis=1) + 1


def check_alpha(alpha: float) -> None:
    """Raise BadInput unless α is in [0, 1]."""
    if not 0 <= alpha <= 1:
        raise BadInput(f"α={alpha:g} is not usable: it must lie between 0 (quality only) and 1 (taste only).")


def check_k(k: int) -> None:
    """Raise BadInput on a list without places."""
    if k < 1:
        raise BadInput(f"A list needs at least one place; k={k} was asked for. Give a k of 1 or more.")


def best(score: np.ndarray, k: int) -> np.ndarray:
    """Return the positions of the k highest scores, highest first, ties by position; linear in the number of scores."""
    if k < len(score):
        threshold = np.partition(score, len(score) - k)[len(score) - k]
        places = np.flatnonzero(score >= threshold)
    else:
        places = np.arange(len(score))
    return places[np.argsort(-score[places], kind="stable")][:k]
