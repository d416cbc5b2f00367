"""The words that set an item apart: TF-IDF over the shop's own texts."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.sparse import csr_matrix

from core.base.db import Store
from core.base.derived import rebuild
from core.base.schema import Col, Table
from core.represent.item_text import item_texts, rebuild_item_texts

KEYWORDS_PER_ITEM = 8

_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\W_]+(?:['’\-][^\W_]+)*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def rebuild_keywords(store: Store, force: bool = False) -> bool:
    """Rebuild table ``keywords`` from the item texts where it is not current; return whether it was built."""
    rebuild_item_texts(store)
    return rebuild(store, Table.KEYWORDS, {"per_item": KEYWORDS_PER_ITEM}, lambda version: _build(store, version), force)


def keywords(store: Store, item_ids: Iterable[str]) -> pd.DataFrame:
    """Return item_id, keyword, weight in (0, 1], rank (1 = strongest) of the items, by item and rank."""
    return store.df(
        "SELECT item_id, keyword, weight, rank FROM keywords WHERE item_id IN (SELECT unnest(?)) ORDER BY item_id, rank",
        [list(item_ids)],
    )


def terms(text: str) -> list[str]:
    """Return the terms of a text: words and pairs of words with only a space between, lower case, no stop words or bare numbers.

    A run of Chinese, Japanese or Korean characters, which has no spaces, gives its character pairs instead.

    >>> terms("Set of 3 Red Retrospot mugs")
    ['set', 'red', 'red retrospot', 'retrospot', 'retrospot mugs', 'mugs']
    >>> terms("红色茶杯")
    ['红色', '色茶', '茶杯']
    """
    stop = _stop_words()
    found: list[str] = []
    previous, end = None, 0
    for match in _RUN.finditer(text):
        word = match.group().casefold()
        previous = previous if text[end : match.start()].isspace() else None
        end = match.end()
        if _CJK.match(word):
            found += [word[at : at + 2] for at in range(max(len(word) - 1, 1))]
            previous = None
        elif word in stop or len(word) < 2 or not any(letter.isalpha() for letter in word):
            previous = None
        else:
            found += [f"{previous} {word}", word] if previous else [word]
            previous = word
    return found


def tfidf(texts: list[str]) -> tuple[csr_matrix, np.ndarray]:
    """Return TF-IDF weights (n texts, n terms), rows of length 1, and the terms.

    A word pair must occur in two texts to count: below that it is an accident of one title, not a phrase of the shop.
    """
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    counter = CountVectorizer(analyzer=terms, dtype=np.float32)
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # scikit-learn's way of saying that no text holds a term
        return csr_matrix((len(texts), 0), dtype=np.float32), np.array([], dtype=object)
    names = counter.get_feature_names_out()
    is_pair = np.array([" " in name for name in names])
    keep = np.flatnonzero(~is_pair | (np.bincount(counts.indices, minlength=len(names)) >= 2))
    return TfidfTransformer(sublinear_tf=True).fit_transform(counts[:, keep]).tocsr(), names[keep]


def top_terms(weights: csr_matrix, per_row: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (row, column, weight, rank from 1) of the heaviest terms of each row, ties by column."""
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    order = np.lexsort((weights.indices, -weights.data, rows))
    rank = np.arange(len(rows)) - weights.indptr[rows] + 1
    kept = rank <= per_row
    chosen = order[kept]
    return rows[chosen], weights.indices[chosen], weights.data[chosen], rank[kept]


def _build(store: Store, version: int) -> None:
    texts = item_texts(store)
    weights, names = tfidf(texts[Col.TEXT].tolist())
    rows, columns, values, ranks = top_terms(weights, KEYWORDS_PER_ITEM)
    table = pa.table(
        {
            Col.ITEM: pa.array(texts[Col.ITEM].to_numpy()[rows], pa.string()),
            Col.KEYWORD: pa.array(names[columns], pa.string()),
            Col.WEIGHT: pa.array(values, pa.float64()),
            Col.RANK: pa.array(ranks, pa.int32()),
        }
    )
    with store.transaction() as cursor:
        cursor.register("fresh_keywords", table)
        cursor.execute("DELETE FROM keywords")
        cursor.execute("INSERT INTO keywords SELECT item_id, keyword, weight, rank, ? FROM fresh_keywords", [version])
        cursor.unregister("fresh_keywords")


def _stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return ENGLISH_STOP_WORDS
