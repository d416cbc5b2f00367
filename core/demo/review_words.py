"""Written reviews: headlines and bodies composed from many phrases, in agreement with the stars."""

import numpy as np

from core.demo.catalogue import Catalogue
from core.demo.vocabulary import Leaf, Vocabulary
from core.demo.wording import sentence, this

TONES = {1: "bad", 2: "poor", 3: "mixed", 4: "fine", 5: "good"}
WRITTEN = 0.72  # share of ratings that come with text
OFF_TOPIC = ("delivery", "service")  # say nothing about the product and are mentioned less often
ANY, COLOURED = "*", "coloured"  # scopes that are no leaf path

Clauses = list[tuple[str, tuple[str, ...]]]


class Writer:
    """Composes reviews. Every product is good or bad at certain aspects, so its reviews agree with each other."""

    def __init__(self, words: Vocabulary, catalogue: Catalogue, rng: np.random.Generator) -> None:
        self.words, self.catalogue, self.rng = words, catalogue, rng
        self.parts = {(str(row.tone), str(row.part)): str(row.text).split("|") for row in words.phrases.itertuples()}
        self.clauses = {
            (at, tone): _clauses_of(words, leaf, tone) for at, leaf in enumerate(words.leaves) for tone in ("good", "bad")
        }
        names = sorted(set(words.aspects["aspect"]))
        self.strength = {name: rng.normal(0, 1, len(catalogue.leaf)) - 1.5 * (name in OFF_TOPIC) for name in names}

    def write(self, item: int, stars: int) -> tuple[str, str]:
        """A headline and a body that agree with the stars; both '' for a rating without words."""
        if self.rng.random() > WRITTEN:
            return "", ""
        tone = TONES[stars]
        pieces = [self._say(tone, "opening", 0.55), self._say("any", "story", 0.3)]
        if self.rng.random() < 0.3:
            pieces.reverse()
        pieces += [*self._argue(item, stars), self._say(tone, "closing", 0.35)]
        mark = "!" if stars in (1, 5) and self.rng.random() < 0.2 else "."
        body = " ".join(sentence(piece, mark if at == 0 else ".") for at, piece in enumerate(piece for piece in pieces if piece))
        return self._fill(item, self._say(tone, "headline", 1.0)), self._fill(item, body)

    def _say(self, tone: str, part: str, chance: float) -> str:
        texts = self.parts[tone, part]
        return texts[self.rng.integers(len(texts))] if self.rng.random() < chance else ""

    def _argue(self, item: int, stars: int) -> list[str]:
        """What speaks for the product and what against it, as many points of each as the stars allow."""
        praise, blame = self._points(stars)
        good, bad = self._pick(item, "good", praise), self._pick(item, "bad", blame)
        if good and bad:
            first, second = (good, bad) if stars >= 3 else (bad, good)
            return [*first[1:], self._contrast(first[0], second[0]), *second[1:]]
        points = good or bad
        if len(points) == 2 and self.rng.random() < 0.6:
            return [(" and ", ", and what is more, ", "; also, ")[self.rng.choice(3, p=[0.74, 0.13, 0.13])].join(points)]
        return points

    def _points(self, stars: int) -> tuple[int, int]:
        """How many aspects are praised and how many blamed."""
        one, two = int(self.rng.random() < 0.5), 1 + int(self.rng.random() < 0.6)
        return {1: (0, two), 2: (int(self.rng.random() < 0.35), two), 3: (1, 1), 4: (two, one), 5: (two, 0)}[stars]

    def _contrast(self, first: str, second: str) -> str:
        shapes = (f"{first}, but {second}", f"{first} but {second}", f"{first}. Still, {second}", f"{first}, although {second}")
        return shapes[self.rng.choice(4, p=[0.4, 0.25, 0.15, 0.2])]

    def _pick(self, item: int, tone: str, most: int) -> list[str]:
        """Up to ``most`` clauses on different aspects, mostly the product's strongest (or weakest) ones."""
        known = self.clauses[int(self.catalogue.leaf[item]), tone]
        sign = 1 if tone == "good" else -1
        drawn = [self._lean(name, item, sign) for name, _ in known]
        best = [known[at] for at in np.argsort(drawn)[::-1][:most]]
        return [texts[self.rng.integers(len(texts))] for _, texts in best]

    def _lean(self, aspect: str, item: int, sign: int) -> float:
        strength = self.strength[aspect][item]
        return float((strength if aspect in OFF_TOPIC else sign * strength) + self.rng.gumbel(0, 0.9))

    def _fill(self, item: int, text: str) -> str:
        noun = self.words.nouns[self.catalogue.noun[item]][1]
        colour = str(self.catalogue.frame["colour"].iat[item])
        brand = self.words.brands[self.catalogue.brand[item]].name
        return text.format(noun=noun, this=this(noun), This=sentence(this(noun), ""), colour=colour, brand=brand)


def _clauses_of(words: Vocabulary, leaf: Leaf, tone: str) -> Clauses:
    """(aspect, clauses) that can be said of a leaf's goods; an aspect found in several scopes is one."""
    found: dict[str, tuple[str, ...]] = {}
    for row in words.aspects.itertuples():
        scope = str(row.scope)
        fits = scope == ANY or (scope == COLOURED and leaf.coloured) or leaf.path.startswith(scope)
        if fits and row.tone == tone:
            found[str(row.aspect)] = found.get(str(row.aspect), ()) + tuple(str(row.clauses).split("|"))
    return list(found.items())
