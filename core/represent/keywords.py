"""The words that set an item, or a category, apart: TF-IDF over the shop's own texts."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.sparse import csr_matrix

from core.base.db import Store
from core.base.derived import rebuild
from core.base.schema import Col, Table
from core.represent.item_text import item_texts, rebuild_item_texts
from core.represent.words import Words

KEYWORDS_PER_ITEM = 8
KEYWORDS_PER_CATEGORY = 12
FEWEST_ITEMS = 2
"""Items of a category that must have a term for it to be one of the category's keywords."""
RECIPE = 2
"""Raised when the terms or weights change their meaning."""

_LETTERS = re.compile(r"[^\W\d_]+")


def rebuild_keywords(store: Store, force: bool = False) -> bool:
    """Rebuild ``keywords`` and ``category_keywords`` from the item texts where not current; return whether they were built."""
    rebuild_item_texts(store)
    settings = {"recipe": RECIPE, "per_item": KEYWORDS_PER_ITEM, "per_category": KEYWORDS_PER_CATEGORY}
    return rebuild(store, Table.KEYWORDS, settings, lambda version: _build(store, version), force)


def keywords(store: Store, item_ids: Iterable[str]) -> pd.DataFrame:
    """Return item_id, keyword, weight in (0, 1], rank (1 = strongest) of the items, by item and rank."""
    return store.df(
        "SELECT item_id, keyword, weight, rank FROM keywords WHERE item_id IN (SELECT unnest(?)) ORDER BY item_id, rank",
        [list(item_ids)],
    )


def category_keywords(store: Store, category: str) -> pd.DataFrame:
    """Return keyword, weight in (0, 1], rank of a category (its path, or the first level of one), strongest first."""
    return store.df("SELECT keyword, weight, rank FROM category_keywords WHERE category = ? ORDER BY rank", [category])


def tfidf(texts: list[str]) -> tuple[csr_matrix, np.ndarray]:
    """Return TF-IDF weights (n texts, n terms), rows of length 1, and the terms.

    Weight = (1 + ln tf) · (1 + ln((1 + n) / (1 + df))), as scikit-learn has it, each row divided by its length.
    """
    counts, names = count_terms(texts)
    return _weighted(counts), names


def count_terms(texts: list[str]) -> tuple[csr_matrix, np.ndarray]:
    """Return how often each text has each term (n texts, n terms), and the terms in order.

    A word pair must occur in two texts to count: below that it is an accident of one title, not a phrase of the shop.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=Words(texts).terms, dtype=np.float32)
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # scikit-learn's way of saying that no text holds a term
        return csr_matrix((len(texts), 0), dtype=np.float32), np.array([], dtype=object)
    names = counter.get_feature_names_out()
    is_pair = np.array([" " in name for name in names])
    keep = np.flatnonzero(~is_pair | (np.bincount(counts.indices, minlength=len(names)) >= 2))
    return counts[:, keep].tocsr(), names[keep]


def of_categories(counts: csr_matrix, names: np.ndarray, categories: Sequence[str | None]) -> tuple[csr_matrix, list[str]]:
    """Return TF-IDF weights (n categories, n terms) and the categories in order.

    A category is one document: its tf of a term is the number of its items that have it, its idf counts categories.
    Left out are terms that fewer than FEWEST_ITEMS of its items have, and words of the category's own name.
    """
    codes, found = pd.factorize(pd.Series(list(categories), dtype=object), sort=True)
    rows = np.flatnonzero(codes >= 0)
    member = csr_matrix((np.ones(len(rows), np.float32), (codes[rows], rows)), shape=(len(found), counts.shape[0]))
    having = (member @ counts.sign()).tocsr()
    having.data[having.data < FEWEST_ITEMS] = 0
    having.eliminate_zeros()
    weights = _weighted(having)
    own = [set(_LETTERS.findall(str(name).casefold())) for name in found]
    at = np.repeat(np.arange(len(found)), np.diff(weights.indptr))
    said = [own[row].issuperset(_LETTERS.findall(names[term])) for row, term in zip(at, weights.indices, strict=True)]
    weights.data[np.array(said, bool)] = 0
    weights.eliminate_zeros()
    return weights, [str(name) for name in found]


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
    counts, names = count_terms(texts[Col.TEXT].tolist())
    of_items = _table(Col.ITEM, texts[Col.ITEM].to_numpy(), _weighted(counts), names, KEYWORDS_PER_ITEM)
    weights, paths = of_categories(counts, names, _categories(store, Col.CATEGORY))
    tops, firsts = of_categories(counts, names, _categories(store, Col.TOP_CATEGORY))
    deeper = [place for place, name in enumerate(paths) if name not in set(firsts)]
    of_paths = _table(Col.CATEGORY, np.array(paths, object)[deeper], weights[deeper], names, KEYWORDS_PER_CATEGORY)
    of_tops = _table(Col.CATEGORY, np.array(firsts, object), tops, names, KEYWORDS_PER_CATEGORY)
    with store.transaction() as cursor:
        for table, fresh in ((Table.KEYWORDS, of_items), (Table.CATEGORY_KEYWORDS, pa.concat_tables([of_paths, of_tops]))):
            cursor.register("fresh_keywords", fresh)
            cursor.execute(f"DELETE FROM {table}")
            cursor.execute(f"INSERT INTO {table} SELECT *, ? FROM fresh_keywords", [version])
            cursor.unregister("fresh_keywords")


def _categories(store: Store, level: Col) -> list[str | None]:
    """Return a category of every item, by item id."""
    return [name for (name,) in store.rows(f"SELECT {level} FROM item_texts JOIN catalogue USING (item_id) ORDER BY item_id")]


def _weighted(counts: csr_matrix) -> csr_matrix:
    from sklearn.feature_extraction.text import TfidfTransformer

    return TfidfTransformer(sublinear_tf=True).fit_transform(counts).tocsr() if counts.nnz else counts


def _table(key: Col, keys: np.ndarray, weights: csr_matrix, names: np.ndarray, per_row: int) -> pa.Table:
    """Return key, keyword, weight, rank of the heaviest terms of each row."""
    rows, columns, values, ranks = top_terms(weights, per_row)
    return pa.table(
        {
            key: pa.array(keys[rows], pa.string()),
            Col.KEYWORD: pa.array(names[columns], pa.string()),
            Col.WEIGHT: pa.array(values, pa.float64()),
            Col.RANK: pa.array(ranks, pa.int32()),
        }
    )
