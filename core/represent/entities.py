"""Which of the catalogue's brands and categories reviews mention, by exact match: no guess, no name that is not the shop's."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.base.db import Store

LONGEST_NAME = 4
"""Words of a name; longer ones are not written out in reviews."""
SHORTEST_NAME = 3
"""Letters; below that a name is also a word."""
_TOKEN = re.compile(r"[^\W_]+(?:['’&.\-][^\W_]+)*|&")
_CUT = re.compile(r"\s*[>/|]\s*")


@dataclass(frozen=True)
class Names:
    """The shop's names: as written (brands, whose capitals tell them from words) and lower case (categories)."""

    brands: dict[str, str]  # words joined by single spaces -> the brand
    categories: dict[str, str]  # the same, lower case -> the last level of the path

    def mentioned(self, text: str) -> set[tuple[str, str]]:
        """Return (kind, name) of what a text mentions; a longer name hides the shorter ones inside it.

        >>> sorted(Names({"Potter & Finch": "Potter & Finch"}, {"tea pots": "Tea Pots"}).mentioned("My Potter & Finch tea pots"))
        [('brand', 'Potter & Finch'), ('category', 'Tea Pots')]
        """
        tokens = _TOKEN.findall(text)
        found: set[tuple[str, str]] = set()
        place = 0
        while place < len(tokens):
            place += self._match(tokens, place, found)
        return found

    def _match(self, tokens: Sequence[str], place: int, found: set[tuple[str, str]]) -> int:
        """Add the longest name that begins here; return the words to step on."""
        for size in range(min(LONGEST_NAME, len(tokens) - place), 0, -1):
            phrase = " ".join(tokens[place : place + size])
            if brand := self.brands.get(phrase):
                found.add(("brand", brand))
                return size
            if category := self.categories.get(phrase.casefold()):
                found.add(("category", category))
                return size
        return 1


def names(store: Store) -> Names:
    """Return the brands and the last levels of the categories of the catalogue that can be recognised in a text."""
    brands = [name for (name,) in store.rows("SELECT DISTINCT brand FROM catalogue WHERE brand IS NOT NULL ORDER BY brand")]
    paths = [
        name for (name,) in store.rows("SELECT DISTINCT category FROM catalogue WHERE category IS NOT NULL ORDER BY category")
    ]
    leaves = [_CUT.split(path)[-1].strip() for path in paths]
    return Names(
        {" ".join(_TOKEN.findall(name)): name for name in brands if _usable(name) and not name.islower()},
        {" ".join(_TOKEN.findall(name)).casefold(): name for name in leaves if _usable(name)},
    )


def _usable(name: str) -> bool:
    tokens = _TOKEN.findall(name)
    return 0 < len(tokens) <= LONGEST_NAME and sum(map(str.isalpha, name)) >= SHORTEST_NAME
