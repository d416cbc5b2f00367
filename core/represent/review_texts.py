"""The written reviews of a shop, and their clauses: the smallest pieces that praise or blame one thing."""

import re

import pandas as pd

from core.base.db import Store

WORDS_READ = 60
"""Words of a review that the encoder reads, about 75 tokens; what is cut costs little (docs/log.md)."""
CHARS_READ = 500
"""The same for languages written without spaces."""
_ENDS = re.compile(
    r"(?<=[.!?…])\s+|(?<=[。！？；])|[\n;]+|"
    r"[,.]?\s+(?:but|however|although|though|yet|aber|obwohl|jedoch|mais|cependant|pero|aunque|sino)\b[,\s]*|"
    r"[，,]?(?:但是|但|不过|然而|可是)",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


def written(store: Store) -> pd.DataFrame:
    """Return review_key, item_id, ts, rating, text (title and body as one), body of the reviews with words, by review_key."""
    return store.df(
        """SELECT review_key, item_id, ts, rating, concat_ws('. ', nullif(trim(title), ''), trim(text)) AS text, text AS body
           FROM reviews WHERE coalesce(trim(text), '') <> '' ORDER BY review_key"""
    )


def beginning(text: str) -> str:
    """Return what the encoder reads of a review: its first words.

    >>> beginning("a " * 100) == ("a " * 60).strip()
    True
    """
    return " ".join(text.split(None, WORDS_READ)[:WORDS_READ])[:CHARS_READ]


def clauses(text: str) -> list[str]:
    """Return the pieces of a review, parted at the ends of sentences and at words that turn ('but', 'although').

    >>> clauses("Lovely fabric, but the zip broke. Sent it back!")
    ['Lovely fabric', 'the zip broke.', 'Sent it back!']
    """
    pieces = (_SPACE.sub(" ", piece).strip(" ,") for piece in _ENDS.split(text))
    return [piece for piece in pieces if any(map(str.isalpha, piece))]
