"""The order of a list by score r = α · s + (1 − α) · q: a shopper's own taste against an item's general quality."""

import numpy as np

from core.base.errors import BadInput


def check_alpha(alpha: float) -> None:
    """Raise BadInput unless α is in [0, 1]."""
    if not 0 <= alpha <= 1:
        raise BadInput(f"α={alpha:g} is not usable: it must lie between 0 (quality only) and 1 (taste only).")


def check_k(k: int) -> None:
    """Raise BadInput on a list without places."""
    if k < 1:
        raise BadInput(f"A list needs at least one place; k={k} was asked for. Give a k of 1 or more.")


def best(score: np.ndarray, k: int) -> np.ndarray:
    """Return the positions of the k highest scores, highest first, ties by position; linear in the number of scores.

    >>> best(np.array([0.7, 0.6, 0.7]), k=2)
    array([0, 2])
    """
    if k < len(score):
        threshold = np.partition(score, len(score) - k)[len(score) - k]
        places = np.flatnonzero(score >= threshold)
    else:
        places = np.arange(len(score))
    return places[np.argsort(-score[places], kind="stable")][:k]


def rank_of(score: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return (len(places),) the rank, from 1, of the given positions among all m scores, ties by position."""
    mine = score[places][:, None]
    above = score[None, :] > mine
    tied_before = (score[None, :] == mine) & (np.arange(len(score))[None, :] < places[:, None])
    return (above | tied_before).sum(axis=1) + 1
