"""Tell the languages of a shop's texts by their stop words, and give those."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import islice

SAMPLE = 2000
"""Texts looked at to tell a shop's languages."""
TELLING_HITS = 3
"""Different stop words a text must have, and more than of any other language, to be plainly of one language."""
LEAST_SHARE = 0.05
"""A language is one of the shop's from this part of the plain texts on."""
_NAMES = ("danish", "dutch", "french", "german", "italian", "norwegian", "portuguese", "russian", "spanish", "swedish", "turkish")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class Languages:
    """The languages of a shop's texts, the commonest first, and the words of each that say nothing by themselves.

    >>> Languages(["Die Tasse aus dem Haus ist für den König", "Tasse und Topf"]).names
    ('german',)
    """

    def __init__(self, texts: Iterable[str]):
        lists = _lists()
        hits: Counter[str] = Counter()
        plain: Counter[str] = Counter()
        for text in islice(texts, SAMPLE):
            found = _hits(set(_WORD.findall(text.casefold())), lists)
            hits.update(found)
            plain.update([name for name in [_plain(found)] if name])
        ranked = [name for name, count in plain.most_common() if count >= LEAST_SHARE * plain.total()]
        self.names: tuple[str, ...] = tuple(ranked) or tuple(name for name, _ in hits.most_common(1)) or ("english",)
        self._stop = {name: lists[name] for name in self.names}

    def stop_words(self, words: Collection[str]) -> frozenset[str]:
        """Return the stop words for a text of these casefolded words: its own language's where plain, else the shop's."""
        if len(self.names) > 1 and (own := _plain(_hits(words, self._stop))):
            return self._stop[own]
        return self._stop[self.names[0]]


def chinese_stop_words() -> frozenset[str]:
    """Return the words of Chinese that say nothing by themselves."""
    from bm25s import stopwords

    return frozenset(stopwords.STOPWORDS_CHINESE)


def _lists() -> dict[str, frozenset[str]]:
    from bm25s import stopwords

    lists = {name: getattr(stopwords, f"STOPWORDS_{name.upper()}") for name in _NAMES} | {"english": stopwords.STOPWORDS_EN_PLUS}
    return {name: frozenset(map(str.casefold, words)) for name, words in lists.items()}


def _hits(words: Collection[str], lists: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """Return how many different stop words of each language are among the words; languages without one are left out."""
    return {name: count for name, stop in lists.items() if (count := len(stop.intersection(words)))}


def _plain(hits: Mapping[str, int]) -> str | None:
    """Return the language with at least TELLING_HITS hits and more than every other; None where there is none."""
    ranked = sorted(hits.items(), key=lambda pair: -pair[1])[:2]
    if not ranked or ranked[0][1] < TELLING_HITS or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
