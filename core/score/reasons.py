"""Why an item is in a list: exact shares of the shopper's history, shared words, and short true sentences."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.schema import Col
from core.represent.ratings import Basis
from core.score.fallback import Rung
from core.score.index import Index
from core.score.taste import Taste

CAUSES = 5
NEAR = 0.25
"""Cosine from which two items are called alike: on two real shops, of random pairs 95 % lie below 0.09, 99 % below 0.19."""
ENOUGH_VOTES = 5
NOTABLE = 0.75
"""Quality is worth a sentence when it is above this share of the items."""
SHOWN_WORDS = 3
COMMON_WORD, COMMON_ITEMS = 0.03, 5
"""A keyword of more than this share of the items, and of more items than that ('set', 'pack'), explains nothing."""


@dataclass(frozen=True)
class Cause:
    """One history item's part in a pick.

    contribution: its term of the taste's cosine; all of the history's add up to it, exactly. share: its part, in (0, 1],
    of everything in the history that speaks for the item.
    """

    item_id: str
    title: str
    did: str
    cosine: float
    contribution: float
    share: float


def contributions(index: Index, taste: Taste, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (h,) cosines of the history items with an item, and (h,) contributions, which sum to its taste cosine."""
    cosines = np.vecdot(index.vectors[taste.rows].astype(float), index.vectors[row].astype(float))
    return cosines, taste.weights * cosines


def causes(index: Index, taste: Taste, history: pd.DataFrame, row: int, limit: int = CAUSES) -> tuple[Cause, ...]:
    """Return the history items that speak most for an item, strongest first; only those that speak for it."""
    cosines, parts = contributions(index, taste, row)
    total = parts[parts > 0].sum()
    strongest = np.argsort(-parts, kind="stable")[:limit]
    did = history[Col.DID].to_numpy(object)
    return tuple(
        Cause(
            item_id=index.ids[taste.rows[at]],
            title=index.titles[taste.rows[at]],
            did=did[taste.places[at]],
            cosine=float(cosines[at]),
            contribution=float(parts[at]),
            share=float(parts[at] / total),
        )
        for at in strongest
        if parts[at] > 0 and taste.weights[at] > 0
    )


def shared_keywords(index: Index, row: int, found: tuple[Cause, ...]) -> tuple[str, ...]:
    """Return the item's keywords, strongest first, that another causing item has too, without the shop's commonest words."""
    mine = index.keyword_codes[row]
    others = [index.rows[cause.item_id] for cause in found if cause.item_id != index.ids[row]]
    theirs = index.keyword_codes[others]
    shared = mine[(mine >= 0) & np.isin(mine, theirs)]
    shared = shared[index.keyword_items[shared] <= max(COMMON_WORD * len(index), COMMON_ITEMS)]
    return tuple(index.keyword_names[shared].tolist())


def reasons(
    index: Index, row: int, rung: Rung, found: tuple[Cause, ...], words: tuple[str, ...], own: np.ndarray
) -> tuple[str, ...]:
    """Return the sentences for one pick, most telling first. own: index rows of what the shopper liked."""
    itself = next((cause for cause in found if cause.item_id == index.ids[row]), None)
    others = tuple(cause for cause in found if cause is not itself)
    own = own[own != row]
    told = [
        f"Already in their history: {itself.did}" if itself else "",
        _alike(others, always=itself is None) or rung.because(row),
        _words(words),
        _same(index.brands, row, own, "Same brand as {count} of their items: {value}"),
        _same(index.categories, row, own, "Same category as {count} of their items: {value}"),
        _quality(index, row),
    ]
    return tuple(sentence for sentence in told if sentence)


def _alike(found: tuple[Cause, ...], always: bool) -> str:
    """Name the history items it is like; where none is, the nearest one if ``always``."""
    nearest = sorted(found, key=lambda cause: -cause.cosine)[:2]
    near = [f"{cause.title} ({cause.did})" for cause in nearest if cause.cosine >= NEAR]
    if near:
        return "Like " + " and ".join(near)
    return f"Nearest to {nearest[0].title} ({nearest[0].did})" if nearest and always else ""


def _words(words: tuple[str, ...]) -> str:
    pairs = [word for word in words if " " in word]
    told = [word for word in words if not any(word in pair.split() for pair in pairs)]  # a pair says its words too
    return "Shares the words " + ", ".join(told[:SHOWN_WORDS]) if told else ""


def _same(values: np.ndarray, row: int, own: np.ndarray, sentence: str) -> str:
    count = int((values[own] == values[row]).sum()) if values[row] is not None else 0
    return sentence.format(count=count, value=values[row]) if count else ""


def _quality(index: Index, row: int) -> str:
    if index.votes[row] < ENOUGH_VOTES:
        return ""
    above = float((index.quality < index.quality[row]).mean())
    if above < NOTABLE:
        return ""
    if index.basis is Basis.RATINGS:
        return f"Rated {index.mean_rating[row]:.1f} of 5 by {index.votes[row]:,} shoppers"
    if index.basis is Basis.POPULARITY:
        return f"Chosen by {index.votes[row]:,} shoppers"
    return f"Bought, kept and bought again more often than {int(above * 100)}% of the items"
