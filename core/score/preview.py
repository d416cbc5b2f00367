"""What another plan would change: the lists of some shoppers before and after."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.db import Store
from core.score.arrange import Arranged
from core.score.index import Index
from core.score.plan import Plan
from core.score.recommend import Scored, score_shopper

SAMPLE = 60
"""Shoppers whose lists are compared: below a second or two on a shop of 12,000 items."""


@dataclass(frozen=True)
class Difference:
    """What changes between two plans over some shoppers' lists.

    changed: shoppers whose list is another one; swapped: of these, those with at least one other item, not only another order;
    items: mean number of items that are new in a list, over all shoppers; entering, leaving: title -> in how many lists it is
    new, or gone, most first. overlap: mean share of a list that stays in it; shift: mean places by which what stays moves;
    price: mean of the items shown whose price is known, before and after, NaN where none is; spread: number of different items
    in all the lists, before and after.
    """

    shoppers: int
    changed: int
    swapped: int
    items: float
    entering: dict[str, int]
    leaving: dict[str, int]
    overlap: float
    shift: float
    price: tuple[float, float]
    spread: tuple[int, int]


@dataclass(frozen=True)
class Place:
    """One place of a list beside another list of the shopper. other: its rank there, None = it is not in it."""

    item_id: str
    title: str
    rank: int
    other: int | None
    moved: str | None


def beside(scored: Scored, before: Plan, after: Plan, k: int = 10) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Return a shopper's list of k before and after, each place with its rank in the other list."""
    was, now = scored.arrange(before, k), scored.arrange(after, k)
    return _places(was, now.places.tolist()), _places(now, was.places.tolist())


def _places(mine: Arranged, others: list[int]) -> tuple[Place, ...]:
    ranks = {place: rank for rank, place in enumerate(others, start=1)}
    rows = mine.rows[mine.places]
    told = zip(mine.places.tolist(), mine.index.ids[rows], mine.index.titles[rows], mine.moved, strict=True)
    return tuple(Place(item, title, rank, ranks.get(place), why) for rank, (place, item, title, why) in enumerate(told, start=1))


def sample(store: Store, many: int = SAMPLE) -> tuple[str, ...]:
    """Return the ids of shoppers drawn by the hash of their id: always the same ones of a shop."""
    rows = store.rows("SELECT DISTINCT user_id, hash(user_id) AS draw FROM interactions ORDER BY draw, user_id LIMIT ?", [many])
    return tuple(user for user, _ in rows)


def difference(store: Store, index: Index, users: Sequence[str], before: Plan, after: Plan, k: int = 10) -> Difference:
    """Return what changes in the lists of k of these shoppers; both plans are asked as they are, whatever is in force."""
    lists = []
    for user in users:
        scored = score_shopper(store, index, user)
        lists.append((shown(scored, before, k), shown(scored, after, k)))
    stay = [len(set(was) & set(now)) / len(was) for was, now in lists if was]
    shifts = [abs(was.index(item) - now.index(item)) for was, now in lists for item in set(was) & set(now)]
    entering = Counter(item for was, now in lists for item in set(now) - set(was))
    leaving = Counter(item for was, now in lists for item in set(was) - set(now))
    sides = [[index.rows[item] for side in one for item in side] for one in zip(*lists, strict=True)] or [[], []]
    return Difference(
        shoppers=len(users),
        changed=sum(was != now for was, now in lists),
        swapped=sum(set(was) != set(now) for was, now in lists),
        items=sum(entering.values()) / max(len(users), 1),
        entering=_by_title(index, entering),
        leaving=_by_title(index, leaving),
        overlap=_mean(stay),
        shift=_mean(shifts),
        price=(_mean(index.prices[sides[0]]), _mean(index.prices[sides[1]])),
        spread=(len(set(sides[0])), len(set(sides[1]))),
    )


def _by_title(index: Index, counted: Counter[str]) -> dict[str, int]:
    return {index.titles[index.rows[item]]: lists for item, lists in counted.most_common()}


def _mean(values: Sequence[float] | np.ndarray) -> float:
    """Return the mean of what is known; NaN of nothing."""
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan


def shown(scored: Scored, plan: Plan, k: int = 10) -> tuple[str, ...]:
    """Return the item ids of a shopper's list by a plan, without its explanations."""
    return tuple(scored.index.ids[scored.candidates.rows[scored.arrange(plan, k).places]].tolist())
