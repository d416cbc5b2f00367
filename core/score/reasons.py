"""Why an item is in a list: what each item of the history does for it, shared words, and short true sentences."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.schema import Col
from core.represent.model import MOST
from core.represent.ratings import Basis
from core.score.attribution import Attribution
from core.score.fallback import Rung
from core.score.index import Index
from core.score.learned import LearnedTaste
from core.score.taste import Taste

CAUSES = 5
NEAR = 0.25
"""Cosine from which two items are called alike: on two real shops, of random pairs 95 % lie below 0.09, 99 % below 0.19."""
ENOUGH_VOTES = 5
ENOUGH_PRICES = 4
"""Items that a shopper must have paid for before it is said what they usually pay."""
NOTABLE = 0.75
"""Quality is worth a sentence when it is above this share of the items."""
SHOWN_WORDS = 3
RISEN = 1.25
"""Times its usual demand, from which on an item's rise is worth a sentence."""
COMMON_WORD, COMMON_ITEMS = 0.03, 5
"""A keyword of more than this share of the items, and of more items than that ('set', 'pack'), explains nothing."""


@dataclass(frozen=True)
class Cause:
    """One history item's part in a pick.

    contribution: its part of the item's s, see ``core.score.attribution``; share: its part, in (0, 1], of everything in the
    history that speaks for the item. cosine: of the two texts.
    """

    item_id: str
    title: str
    did: str
    cosine: float
    contribution: float
    share: float


def causes(index: Index, found: Attribution | None, history: pd.DataFrame, rows: np.ndarray) -> list[tuple[Cause, ...]]:
    """Return, for each item (index row), the history items that speak most for it, strongest first; only those that do."""
    if found is None:
        return [()] * len(rows)
    cosines = np.vecdot(index.vectors[found.rows].astype(float)[:, None], index.vectors[rows].astype(float)[None])
    did = history[Col.DID].to_numpy(object)[found.places]
    weights = history[Col.WEIGHT].to_numpy(float)[found.places]
    return [_causes(index, found.rows, did, weights, cosines[:, at], found.parts[:, at]) for at in range(len(rows))]


def companions(index: Index, taste: Taste | LearnedTaste | None, rows: np.ndarray) -> list[str | None]:
    """Return, for each item (index row), the title of the history item whose shoppers most often choose it too, or None."""
    if not isinstance(taste, LearnedTaste):
        return [None] * len(rows)
    paired = taste.paired(rows)
    strongest = paired.argmax(axis=0)
    own = [index.titles[taste.rows[place]] for place in strongest]
    return [title if paired[place, at] > 0 else None for at, (place, title) in enumerate(zip(strongest, own, strict=True))]


def _causes(
    index: Index, own: np.ndarray, did: np.ndarray, weights: np.ndarray, cosines: np.ndarray, parts: np.ndarray
) -> tuple[Cause, ...]:
    """own: (h,) index rows of the history; did: in words; weights: below 0 = disliked; cosines, parts: with one item."""
    total = parts[parts > 0].sum()
    strongest = np.argsort(-parts, kind="stable")[:CAUSES]
    return tuple(
        Cause(
            item_id=index.ids[own[at]],
            title=index.titles[own[at]],
            did=did[at],
            cosine=float(cosines[at]),
            contribution=float(parts[at]),
            share=float(parts[at] / total),
        )
        for at in strongest
        if parts[at] > 0 and weights[at] > 0
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
    index: Index,
    row: int,
    rung: Rung,
    found: tuple[Cause, ...],
    words: tuple[str, ...],
    own: np.ndarray,
    companion: str | None = None,
    paired_first: bool = False,
    revisited: bool = False,
    usual: tuple[float, float] | None = None,
    rise: float = 1.0,
) -> tuple[str, ...]:
    """Return the sentences for one pick, most telling first.

    own: index rows of what the shopper liked; companion: title of the history item whose shoppers choose this one too;
    paired_first: that is most of what speaks for the item; revisited: that it was looked at before speaks for it by itself;
    usual: what they usually pay, see ``usual_price``; rise: times its usual demand that the item is in of late.
    """
    itself = next((cause for cause in found if cause.item_id == index.ids[row]), None)
    others = tuple(cause for cause in found if cause is not itself)
    own = own[own != row]
    paired = f"Chosen by shoppers who also chose {companion}" if companion else ""
    told = [
        paired if paired_first else "",
        _before(itself.did, revisited) if itself else "",
        _alike(others, always=itself is None) or rung.because(row),
        "" if paired_first else paired,
        words_told(words),
        _risen(rise),
        _same(index.brands, row, own, "Same brand as {count} of their items: {value}"),
        _same(index.categories, row, own, "Same category as {count} of their items: {value}"),
        _price(float(index.prices[row]), usual),
        _quality(index, row),
    ]
    return tuple(sentence for sentence in told if sentence)


def usual_price(history: pd.DataFrame) -> tuple[float, float] | None:
    """Return between what the middle half of the prices lies that the shopper paid; None where too few are known.

    A price is what a history item cost them, over the units.
    """
    bought = history[(history["purchases"] > 0) & (history["units"] > 0) & (history["spend"] > 0)]
    if len(bought) < ENOUGH_PRICES:
        return None
    low, high = np.quantile(bought["spend"] / bought["units"], [0.25, 0.75]).tolist()
    return low, high


def _before(did: str, revisited: bool) -> str:
    """Say what the shopper did with the item itself; ``revisited``: that it speaks for it."""
    return f"{did[0].upper()}{did[1:]} before" if revisited else f"Already in their history: {did}"


def _alike(found: tuple[Cause, ...], always: bool) -> str:
    """Name the history items it is like; where none is, the nearest one if ``always``."""
    nearest = sorted(found, key=lambda cause: -cause.cosine)[:2]
    near = [f"{cause.title} ({cause.did})" for cause in nearest if cause.cosine >= NEAR]
    if near:
        return "Like " + " and ".join(near)
    return f"Nearest to {nearest[0].title} ({nearest[0].did})" if nearest and always else ""


def words_told(words: tuple[str, ...]) -> str:
    """Return the sentence about shared words, '' where there are none."""
    pairs = [word for word in words if " " in word]
    told = [word for word in words if not any(word in pair.split() for pair in pairs)]  # a pair says its words too
    return "Shares the words " + ", ".join(told[:SHOWN_WORDS]) if told else ""


def _risen(rise: float) -> str:
    """Say that it is chosen more often than it was, where it is; more than MOST times is not told apart."""
    if rise < RISEN:
        return ""
    return f"Chosen {'at least ' if rise >= MOST else ''}{rise:.1f} times as often of late as usual"


def _same(values: np.ndarray, row: int, own: np.ndarray, sentence: str) -> str:
    count = int((values[own] == values[row]).sum()) if values[row] is not None else 0
    return sentence.format(count=count, value=values[row]) if count else ""


def _price(price: float, usual: tuple[float, float] | None) -> str:
    """Say that it costs about what they usually pay, where it does."""
    if usual is None or not usual[0] <= price <= usual[1]:
        return ""
    return f"Costs about what they usually pay: {price:,.2f} against {usual[0]:,.2f}–{usual[1]:,.2f}"


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
