"""Split texts into terms: words without the stop words of their language, and pairs of them; Chinese is segmented."""

import re
import warnings
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from core.represent.languages import Languages, chinese_stop_words

_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\W_]+(?:['’\-][^\W_]+)*")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


class Words:
    """Splits the texts of one shop, whose languages it learns from them.

    >>> Words([]).terms("Set of 3 Red Retrospot mugs")
    ['set', 'red', 'red retrospot', 'retrospot', 'retrospot mugs', 'mugs']
    >>> Words([]).terms("红色茶杯")
    ['红色', '茶杯']
    """

    def __init__(self, texts: Iterable[str]):
        self.languages = Languages(texts)

    def split(self, text: str) -> list[str | None]:
        """Return the words of content in their order, lower case; None stands where neighbours are parted.

        Parted by a stop word, a bare number, a single letter, or anything but space.
        """
        return [word if content else None for word, content in self.tokens(text)]

    def tokens(self, text: str) -> list[tuple[str, bool]]:
        """Return every word in order, lower case, with whether it is one of content, not a stop word; ('.', False) for marks."""
        runs = [(match.group().casefold(), *match.span()) for match in _RUN.finditer(text)]
        stop = self.languages.stop_words([word for word, _, _ in runs])
        found: list[tuple[str, bool]] = []
        end = 0
        for word, start, stops_at in runs:
            if start != end and not text[end:start].isspace():
                found.append((".", False))
            end = stops_at
            if _EAST_ASIAN.match(word):
                found += [(".", False), *self._pieces(word)]
            else:
                found.append((word, self._has_content(word, stop)))
        return found

    def terms(self, text: str) -> list[str]:
        """Return the words of a text, and before each the pair it makes with its left neighbour.

        Chinese words come without pairs; a run with Japanese or Korean characters gives its character pairs.
        """
        found: list[str] = []
        previous: str | None = None
        for word in self.split(text):
            if word and previous and not _EAST_ASIAN.match(word):
                found.append(f"{previous} {word}")
            if word:
                found.append(word)
            previous = word
        return found

    @staticmethod
    def _has_content(word: str, stop: frozenset[str]) -> bool:
        return word.replace("’", "'") not in stop and len(word) > 1 and any(map(str.isalpha, word))

    def _pieces(self, run: str) -> list[tuple[str, bool]]:
        """Return the words of a run of East Asian characters, parted from each other by marks."""
        if _KANA_OR_HANGUL.search(run):
            pieces = [run[at : at + 2] for at in range(max(len(run) - 1, 1))]
        else:
            pieces = [word for word in self._segmenter.lcut(run) if word not in self._chinese_stop]
        return [part for piece in pieces for part in ((piece, any(map(str.isalpha, piece))), (".", False))]

    @cached_property
    def _chinese_stop(self) -> frozenset[str]:
        return chinese_stop_words()

    @cached_property
    def _segmenter(self) -> Any:
        """Load the Chinese dictionary, about a second; by hand, as jieba's own start writes a cache outside the workspace."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # jieba 0.42 imports pkg_resources and has unescaped patterns
            import jieba
        segmenter = jieba.Tokenizer()
        segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
        segmenter.initialized = True
        return segmenter
