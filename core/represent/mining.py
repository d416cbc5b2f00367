"""Mine the clauses of reviews: what each item, each category and the shop is praised and blamed for, and names mentioned."""

import json
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from core.base.db import Store
from core.base.derived import Progress
from core.base.schema import Col, Table
from core.represent import entities, lexicon
from core.represent.aspects import EXAMPLE_CHARS, EXAMPLES, Found, Mentions, mentions, of_groups
from core.represent.review_texts import clauses
from core.represent.tone_head import Head
from core.represent.words import Words

CLEAR = 0.7
"""How far the log odds of praise against blame must lie from the shop's usual ones for a clause to count as either."""
CLEAR_SCORE = 0.2
"""The same on VADER's scale, where no head was trained."""
MOST_MINED = 100_000
"""Reviews whose clauses are read, drawn with the seed where there are more."""
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Said:
    """n clauses. review: (n,) row of each one's review; polarity: (n,) > 0 praise; tone: (n,) 1, −1, or 0 = neither clearly."""

    texts: list[str]
    review: np.ndarray
    polarity: np.ndarray
    tone: np.ndarray


def mine(store: Store, reviews: pd.DataFrame, head: Head | None, seed: int, progress: Progress) -> dict[Table, pa.Table]:
    """Return rows of ``aspects`` and ``entities`` for reviews as ``review_texts.written`` gives them.

    head: reads the clauses by its words half; without one VADER does.
    """
    if len(reviews) > MOST_MINED:
        drawn = np.sort(np.random.default_rng(seed).choice(len(reviews), MOST_MINED, replace=False))
        reviews = reviews.iloc[drawn].reset_index(drop=True)
    said = read_clauses(reviews["body"].tolist(), head)
    progress(0.4, f"Read {len(said.texts):,} clauses")
    barred = lexicon.opinions() | _what_goods_are_called(store)
    named = mentions(Words(reviews["body"]), said.texts, said.review, said.tone, barred)
    progress(0.6, f"Weighing {len(named.names):,} aspects")
    return {
        Table.ASPECTS: _aspects(store, reviews, named, said),
        Table.ENTITIES: _entities(store, reviews, said),
    }


def read_clauses(texts: list[str], head: Head | None) -> Said:
    """Return the clauses of reviews with the tone of each."""
    pieces = [clauses(text) for text in texts]
    said = [clause for piece in pieces for clause in piece]
    review = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
    polarity = head.polarity(said) if head and said else lexicon.read(said)
    border = CLEAR if head else CLEAR_SCORE
    return Said(said, review, polarity, np.where(polarity >= border, 1, np.where(polarity <= -border, -1, 0)))


def _what_goods_are_called(store: Store) -> frozenset[str]:
    """Return the words of the categories' names, in singular and plural: 'love this dress' tells nothing of the dress."""
    names = store.rows("SELECT DISTINCT category FROM catalogue WHERE category IS NOT NULL")
    words = {word for (name,) in names for word in _LETTERS.findall(name.casefold())}
    return frozenset(words | {word.removesuffix("s") for word in words} | {word.removesuffix("es") for word in words})


def _aspects(store: Store, reviews: pd.DataFrame, named: Mentions, said: Said) -> pa.Table:
    """Return the aspects of each item, each category (a path, and the first level of one) and the shop."""
    catalogue = store.df("SELECT item_id, category, top_category FROM catalogue").set_index(Col.ITEM)
    items = reviews[Col.ITEM]
    paths, tops = items.map(catalogue[Col.CATEGORY]), items.map(catalogue[Col.TOP_CATEGORY])
    scopes = {
        "item": items,
        "category": paths.mask(paths.isin(tops)),
        "top": tops,
        "shop": pd.Series("", index=items.index),
    }
    rows: list[tuple[object, ...]] = []
    for scope, keys in scopes.items():
        codes, names = pd.factorize(keys, sort=True)
        here = codes[said.review]
        for found in of_groups(named, codes, len(names)):
            side = "liked" if found.z > 0 else "disliked"
            quoted = json.dumps(_examples(reviews, named, said, here, found), ensure_ascii=False)
            key = ("category" if scope == "top" else scope, names[found.group], side, found.rank)
            rows.append((*key, named.names[found.term], found.praised, found.blamed, found.z, quoted))
    columns = ("scope", "name", "side", "rank", "aspect", "praised", "blamed", "z", "examples")
    return pa.Table.from_pandas(pd.DataFrame(rows, columns=columns), preserve_index=False)


def _examples(reviews: pd.DataFrame, named: Mentions, said: Said, group: np.ndarray, found: Found) -> list[tuple[str, str]]:
    """Return (review_key, clause) of the clearest clauses that name the aspect on its side, one a review, ties by order."""
    start, end = named.clauses.indptr[found.term : found.term + 2]
    rows = named.clauses.indices[start:end]
    sign = 1 if found.z > 0 else -1
    rows = rows[(group[rows] == found.group) & (said.tone[rows] == sign)]
    rows = rows[np.lexsort((rows, -sign * said.polarity[rows]))]
    quoted: dict[int, str] = {}
    for row in rows.tolist():
        text = said.texts[row]
        if len(text) <= EXAMPLE_CHARS and _letters(text) not in map(_letters, quoted.values()):
            quoted.setdefault(int(said.review[row]), text)
        if len(quoted) == EXAMPLES:
            break
    return [(str(reviews[Col.REVIEW].iloc[review]), text) for review, text in quoted.items()]


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(text.casefold()))


def _entities(store: Store, reviews: pd.DataFrame, said: Said) -> pa.Table:
    """Return the names each item's reviews mention, with the number of those reviews and the first clause."""
    names = entities.names(store)
    items = reviews[Col.ITEM].tolist()
    seen: dict[tuple[str, str, str], dict[int, str]] = {}
    for review, clause in zip(said.review.tolist(), said.texts, strict=True):
        for kind, name in names.mentioned(clause):
            seen.setdefault((items[review], name, kind), {}).setdefault(review, clause)
    return pa.table(
        {
            Col.ITEM: pa.array([item for item, _, _ in seen], pa.string()),
            "entity": pa.array([name for _, name, _ in seen], pa.string()),
            "kind": pa.array([kind for _, _, kind in seen], pa.string()),
            "reviews": pa.array([len(clauses) for clauses in seen.values()], pa.int64()),
            "example": pa.array([next(iter(clauses.values())) for clauses in seen.values()], pa.string()),
        }
    )
