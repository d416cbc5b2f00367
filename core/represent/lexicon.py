"""Read a review's tone by rule, with no training: VADER for English, SnowNLP for Chinese.

The baseline that a shop's own head must beat, and the reader of shops with too few rated reviews.
VADER: Hutto and Gilbert 2014, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text".
"""

import re
from collections.abc import Sequence

import numpy as np

from core.base.derived import Progress, no_progress

TURN = 0.05
"""VADER's own borders: a compound score of at least this is positive, of at most minus this negative."""
STRONG = 1.5
"""Up to here VADER also rates things that goods have: fit 1.5, value 1.4, fun 2.3 is beyond."""
TEXTS_PER_STEP = 500
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def read(texts: Sequence[str], progress: Progress = no_progress) -> np.ndarray:
    """Return (n,) scores in [-1, 1]: VADER's compound; for texts with Chinese, 2p − 1 of SnowNLP's chance of praise."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    vader = SentimentIntensityAnalyzer()
    scores = np.zeros(len(texts))
    for place, text in enumerate(texts):
        scores[place] = _chinese(text) if _CHINESE.search(text) else vader.polarity_scores(text)["compound"]
        if place % TEXTS_PER_STEP == 0:
            progress(place / len(texts), f"Read {place:,} of {len(texts):,} reviews by rule")
    return scores


def opinions() -> frozenset[str]:
    """Return the words VADER takes for plain praise or blame: rated beyond STRONG on its scale from −4 to 4."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return frozenset(word for word, rating in SentimentIntensityAnalyzer().lexicon.items() if abs(rating) > STRONG)


def classes(scores: np.ndarray) -> np.ndarray:
    """Return (n,) 0 = negative, 1 = neutral, 2 = positive, at VADER's own borders.

    >>> classes(np.array([-0.3, 0.0, 0.05])).tolist()
    [0, 1, 2]
    """
    return np.where(scores >= TURN, 2, np.where(scores <= -TURN, 0, 1))


def _chinese(text: str) -> float:
    from snownlp import SnowNLP

    return float(2 * SnowNLP(text).sentiments - 1)
