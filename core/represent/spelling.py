"""Two spellings of one brand or category: suggest, and let a user decide. Nothing is merged by itself.

A decision is data: it bumps the data version, and the next rebuild of the catalogue applies it, or no longer does.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import combinations

from core.base.db import Store, bump_version
from core.base.errors import BadInput

SWAPPED_LETTERS = 5
"""Two neighbouring letters swapped make a misspelling of names from this length on; in shorter ones often another name."""
DROPPED_LETTERS = 7
"""The same for a letter too few, too many or another: 'Skirts' is not a misspelt 'Shirts'."""
RARE = 0.2
"""…where the rarer spelling has at most this part of the items of the commoner one."""


class Field(StrEnum):
    """Where spellings are compared: brands as a whole, category paths level by level."""

    BRAND = "brand"
    CATEGORY = "category"


class Why(StrEnum):
    """Why two spellings may be one name."""

    SAME_LETTERS = "same letters, written differently"
    SWAPPED = "two neighbouring letters swapped"
    ONE_LETTER = "one letter apart, and much rarer"


@dataclass(frozen=True)
class Suggestion:
    """``spelling`` (in ``items`` items) may be a way to write ``canonical`` (in ``canonical_items``)."""

    field: Field
    spelling: str
    canonical: str
    why: Why
    items: int
    canonical_items: int


@dataclass(frozen=True)
class Decision:
    """What a user decided: merged, or kept apart; at: when, UTC."""

    field: Field
    spelling: str
    canonical: str
    merged: bool
    at: datetime


def suggestions(store: Store, field: Field) -> tuple[Suggestion, ...]:
    """Return the pairs a user has not decided about, those with the most items to mend first, ties by spelling.

    Proposed as the name is the spelling whose singular or plural is another name of the shop ('Intimate' speaks for
    'Intimates' against 'Initmates'), else the commoner one, else the one with fewer capitals, then by letters. Each
    spelling is proposed for one name only.
    """
    counts = _counts(store, field)
    decided = {frozenset(pair) for pair in store.rows("SELECT spelling, canonical FROM merges WHERE field = ?", [field])}
    stems = Counter(_stem(name) for name in counts)
    found: dict[str, Suggestion] = {}
    for first, second in _pairs(counts):
        if frozenset((first, second)) in decided:
            continue
        rare, common = sorted((first, second), key=lambda name: _order(name, counts, stems))
        why = _why(rare, common, counts[rare] <= RARE * counts[common])
        best = found.get(rare)
        if why and (best is None or counts[common] > best.canonical_items):
            found[rare] = Suggestion(field, rare, common, why, counts[rare], counts[common])
    return tuple(sorted(found.values(), key=lambda one: (-one.items, one.spelling)))


def merge(store: Store, field: Field, spelling: str, canonical: str, now: datetime | None = None) -> None:
    """Let ``spelling`` stand for ``canonical`` from the next rebuild on.

    Raises BadInput where the two are the same, or ``canonical`` itself is merged into ``spelling``.
    """
    ends_in = dict(store.rows("SELECT spelling, canonical FROM final_merges WHERE field = ?", [field]))
    if spelling == canonical or ends_in.get(canonical, canonical) == spelling:
        raise BadInput(f"'{canonical}' already stands for '{spelling}'. Take that back first.")
    _decide(store, field, spelling, canonical, "merged", now)


def keep_apart(store: Store, field: Field, spelling: str, canonical: str, now: datetime | None = None) -> None:
    """Remember that the two are different names, so that they are not suggested again."""
    _decide(store, field, spelling, canonical, "different", now)


def take_back(store: Store, field: Field, spelling: str, canonical: str) -> None:
    """Forget a decision: from the next rebuild on the spelling stands for itself, and may be suggested again."""
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM merges WHERE field = ? AND spelling = ? AND canonical = ?", [field, spelling, canonical])
        bump_version(cursor)


def decisions(store: Store) -> tuple[Decision, ...]:
    """Return what was decided, the latest first, ties by spelling."""
    rows = store.rows("SELECT field, spelling, canonical, verdict, decided_at FROM merges ORDER BY decided_at DESC, spelling")
    return tuple(
        Decision(Field(field), spelling, canonical, verdict == "merged", at) for field, spelling, canonical, verdict, at in rows
    )


def folded(name: str) -> str:
    """Return the letters and digits of a name, lower case, without accents, '&' as 'and'.

    >>> folded("Potter & Finch"), folded("Maison Orélle "), folded("NIKE")
    ('potterandfinch', 'maisonorelle', 'nike')
    """
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ")).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def _decide(store: Store, field: Field, spelling: str, canonical: str, verdict: str, now: datetime | None) -> None:
    at = now or datetime.now(UTC).replace(tzinfo=None)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM merges WHERE field = ? AND spelling = ? AND verdict = 'merged'", [field, spelling])
        cursor.execute("INSERT OR REPLACE INTO merges VALUES (?, ?, ?, ?, ?)", [field, spelling, canonical, verdict, at])
        if verdict == "merged":
            bump_version(cursor)


def _counts(store: Store, field: Field) -> dict[str, int]:
    """Return each brand, or each level of a category path, with the items that have it."""
    if field is Field.BRAND:
        return dict(store.rows("SELECT brand, count(*) FROM catalogue WHERE brand IS NOT NULL GROUP BY brand"))
    return dict(
        store.rows(
            r"""SELECT level, count(DISTINCT item_id) FROM (
                    SELECT item_id, unnest(string_split(category, if(category LIKE '% > %', ' > ', '.'))) AS level
                    FROM catalogue WHERE category IS NOT NULL
                ) WHERE trim(level) <> '' GROUP BY level"""
        )
    )


def _pairs(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs whose folded letters are equal, or become so by leaving one letter out of each or of one.

    Near spellings meet under a shared remainder (Garbe's symmetric delete), so no list is compared with itself.
    """
    shared: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        letters = folded(name)
        for rest in {letters, *(letters[:at] + letters[at + 1 :] for at in range(len(letters)))} if letters else ():
            shared[rest].append(name)
    yield from sorted({pair for group in shared.values() for pair in combinations(group, 2)})


def _why(rare: str, common: str, much_rarer: bool) -> Why | None:
    """Return why the two may be one name; None where they are more likely two."""
    first, second = folded(rare), folded(common)
    if first == second:
        return Why.SAME_LETTERS
    if _swapped(first, second) and len(first) >= SWAPPED_LETTERS:
        return Why.SWAPPED
    numbered = any(map(str.isdigit, first + second))
    plural = _stem(rare) == _stem(common)
    if (
        much_rarer
        and not numbered
        and not plural
        and min(len(first), len(second)) >= DROPPED_LETTERS
        and _one_letter(first, second)
    ):
        return Why.ONE_LETTER
    return None


def _swapped(first: str, second: str) -> bool:
    if len(first) != len(second):
        return False
    apart = [at for at in range(len(first)) if first[at] != second[at]]
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and first[apart[0]] == second[apart[1]]
        and first[apart[1]] == second[apart[0]]
    )


def _one_letter(first: str, second: str) -> bool:
    """Return whether one letter was left out, put in, or changed."""
    if len(first) == len(second):
        return sum(one != other for one, other in zip(first, second, strict=True)) == 1
    short, long = sorted((first, second), key=len)
    return len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _stem(name: str) -> str:
    return folded(name).rstrip("s")


def _order(name: str, counts: Mapping[str, int], stems: Mapping[str, int]) -> tuple[bool, int, int, str]:
    """Sort the spelling to be mended first: the one no other name speaks for, with fewer items, with more capitals."""
    return (stems[_stem(name)] > 1, counts[name], -sum(map(str.isupper, name)), name)
