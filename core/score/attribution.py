"""How the taste of a pick adds up: s = what everyone gets + what the profile adds + one part for each history item, exactly."""

from dataclasses import dataclass

import numpy as np

from core.represent.model import TEXT_DECAY
from core.represent.neighbours import GAIN
from core.represent.tower_path import TowerParts, tower_parts
from core.score.dislikes import step
from core.score.index import Index
from core.score.learned import LearnedTaste
from core.score.taste import Taste


@dataclass(frozen=True)
class Attribution:
    """s of m items over the h history items that the taste is made from.

    s(i) = everyone[i] + traits[i] + Σ_h parts[h, i]. rows: (h,) index rows of the history items; places: (h,) their positions
    in the history frame, ascending; parts: (h, m), below 0 where an item speaks against; everyone: (m,), what is there
    whoever asks: the middle of the scale, what is rising, what the towers read of no history; traits: (m,), what the towers
    read of the shopper's profile, beside the history; 0 where there is none; error: by how much the parts of the towers missed
    their sum before the rest was spread over them, on s; attention: (h,) how much the user towers look at each item, 1 in all;
    None where there are none. It is where they look, and not what it does.
    """

    rows: np.ndarray
    places: np.ndarray
    parts: np.ndarray
    everyone: np.ndarray
    traits: np.ndarray
    error: float
    attention: np.ndarray | None


def attribution(index: Index, taste: Taste | LearnedTaste | None, rows: np.ndarray) -> Attribution | None:
    """Return how s of items (m,), by index rows, comes about; None where there is no taste."""
    if taste is None:
        return None
    if isinstance(taste, LearnedTaste):
        return _learned(taste, rows)
    parts = taste.contributions(index, rows) / 2
    return Attribution(taste.rows, taste.places, parts, np.full(len(rows), 0.5), np.zeros(len(rows)), 0.0, None)


def shared_log(terms: np.ndarray) -> np.ndarray:
    """Return (h, m): log(1 + GAIN · max(Σ terms, 0)) of each column, shared out over its terms (h, m).

    In proportion to them. Where some speak against, those that speak for it share what they would give alone, and the others
    the loss: no part is larger than what the logarithm can say.

    >>> shared_log(np.array([[0.2], [0.1]])).round(3).T  # log(1 + 300 · 0.3) = 4.511
    array([[3.007, 1.504]])
    >>> shared_log(np.array([[0.2], [-0.1]])).round(3).T  # log(61) − (log(61) − log(31))
    array([[ 4.111, -0.677]])
    """
    good, bad = np.maximum(terms, 0), np.minimum(terms, 0)
    for_it, against = good.sum(axis=0), bad.sum(axis=0)
    most, told = np.log1p(GAIN * for_it), np.log1p(GAIN * np.maximum(for_it + against, 0))
    return good * _ratio(most, for_it) + bad * _ratio(told - most, against)


def _ratio(value: np.ndarray, over: np.ndarray) -> np.ndarray:
    return np.divide(value, over, out=np.zeros_like(value), where=over != 0)


def _learned(taste: LearnedTaste, rows: np.ndarray) -> Attribution:
    model = taste.model
    of_cosine, of_together, of_trend = model.shares
    told = _cosine(taste, rows)
    by, length = _turned(taste)
    share = of_cosine / 2 / length
    liked = share * told.parts
    for weight, table in zip(model.table_weights, model.tables, strict=True):
        liked = liked + of_together * weight * shared_log(taste.said(table, rows))
    unliked = -share * by * (model.vectors[taste.away_rows] @ model.vectors[rows].T).astype(float)
    everyone = of_cosine / 2 + share * told.nobody
    if of_trend:
        everyone = everyone + of_trend * model.trend[rows]
    places, at = np.unique(np.concatenate([taste.places, taste.away_places]), return_inverse=True)
    parts, looked, own = np.zeros((len(places), len(rows))), np.zeros(len(places)), np.zeros(len(places), int)
    np.add.at(parts, at, np.concatenate([liked, unliked]))
    own[at] = np.concatenate([taste.rows, taste.away_rows])
    looked[at[: len(told.attention)]] = told.attention
    attention = looked if model.towers else None
    return Attribution(own, places, parts, everyone, share * told.traits, share * told.error, attention)


def _cosine(taste: LearnedTaste, rows: np.ndarray) -> TowerParts:
    """Return how the cosine comes about that the taste has before dislikes turn it, of all the history.

    Each tower and the text have a slice of the vectors, whose length is √(its weight).
    """
    model, vectors, count = taste.model, taste.model.vectors[rows], len(taste.rows)
    parts, attention, error, begin = np.zeros((count, len(rows))), np.zeros(count), 0.0, 0
    nobody, traits = np.zeros((2, len(rows)))
    for weight, tower in zip(model.weights, model.towers, strict=False):
        end = begin + tower.shape.width
        told = tower_parts(tower, taste.acts, vectors[:, begin:end] * np.float32(np.sqrt(weight)))
        latest = slice(count - len(told.parts), count)
        parts[latest] += told.parts
        attention[latest] += told.attention * weight / model.weights[:-1].sum()
        nobody, traits, error, begin = nobody + told.nobody, traits + told.traits, error + told.error, end
    text = taste.fading(TEXT_DECAY)[:, None] * model.text[taste.rows]
    length = np.linalg.norm(text.sum(axis=0))
    if length > 1e-6:
        parts += text @ vectors[:, begin:].T.astype(float) * np.sqrt(model.weights[-1]) / length
    return TowerParts(parts, traits, nobody, error, attention)


def _turned(taste: LearnedTaste) -> tuple[float, float]:
    """Return what each dislike weighs, and the length of the taste that they turn, before it is made 1 again."""
    if not taste.away.any():
        return 0.0, 1.0
    by = float(step(taste.away)[0, 0])
    return by, float(np.linalg.norm(taste.model.tastes(taste.acts)[0] - by * taste.away[0]))
