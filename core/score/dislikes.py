"""Turn a taste away from what a shopper disliked, by Rocchio's negative feedback (1971); the same before and after training."""

import numpy as np

AWAY, MOST_AWAY = 0.25, 0.75
"""A dislike is a step of AWAY from the taste, whose length is 1; several together at most MOST_AWAY: likes prevail."""


def step(disliked: np.ndarray) -> np.ndarray:
    """Return (m, 1), in (0, AWAY]: how much each dislike weighs. disliked: (m, d) sums of the unit vectors of disliked items.

    >>> step(np.array([[1.0, 0.0], [6.0, 0.0]]))
    array([[0.25 ],
           [0.125]])
    """
    length = AWAY * np.linalg.norm(disliked, axis=1, keepdims=True)
    return np.asarray(AWAY * np.minimum(1, MOST_AWAY / np.maximum(length, MOST_AWAY)))


def turned_away(taste: np.ndarray, disliked: np.ndarray) -> np.ndarray:
    """Return float32 (m, d): tastes of length 1, turned away from the disliked; where a taste is 0 (not known), it stays 0.

    >>> turned_away(np.array([[0.6, 0.8], [0.0, 0.0]]), np.array([[0.0, 1.2], [1.0, 0.0]]))
    array([[0.76822126, 0.6401844 ],
           [0.        , 0.        ]], dtype=float32)
    """
    if not disliked.any():
        return taste.astype(np.float32)
    known = taste.any(axis=1, keepdims=True)
    turned = taste - known * step(disliked) * disliked
    length = np.linalg.norm(turned, axis=1, keepdims=True)
    return np.divide(turned, length, out=np.zeros_like(turned), where=known).astype(np.float32)
