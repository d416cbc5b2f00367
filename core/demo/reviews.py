"""Ratings and written reviews: stars from the product's quality and the fit of tastes, words from the stars."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.schema import Event
from core.demo.behaviour import World
from core.demo.shopper_types import trait
from core.demo.timeline import DAY
from core.demo.vocabulary import Vocabulary
from core.demo.wording import capitalised

TONES = {1: "bad", 2: "poor", 3: "mixed", 4: "fine", 5: "good"}
ASPECTS = {1: (0, 2), 2: (1, 2), 3: (1, 1), 4: (2, 1), 5: (2, 0)}  # praised and blamed, at most
MISHAP = 0.12  # share of purchases that go wrong whatever the product
WRITTEN = 0.72  # share of ratings that come with text


def build_reviews(world: World, events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Columns: user, item, at (second), stars (1 to 5), headline, body ('' = stars only), helpful; in order of time."""
    bought = events[events["event"] == Event.PURCHASE].drop_duplicates(["user", "item"])
    shy = np.where(trait(world.people.type[bought["user"]], "interests") >= 6, 0.34, 0.42)
    rated = bought[rng.random(len(bought)) < shy]
    stars = _stars(world, rated, rng)
    at = rated["at"] + rng.integers(4 * DAY, 25 * DAY, len(rated))
    reviews = rated[["user", "item"]].assign(at=at, stars=stars)
    reviews = reviews[reviews["at"] < world.calendar.days * DAY].sort_values("at", kind="stable", ignore_index=True)
    writer = Writer(world, Phrases.of(world.words), rng)
    texts = [writer.write(item, star) for item, star in zip(reviews["item"], reviews["stars"], strict=True)]
    helpful = rng.negative_binomial(1, 0.45, len(reviews))
    return reviews.assign(headline=[head for head, _ in texts], body=[body for _, body in texts], helpful=helpful)


def _stars(world: World, rated: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """(n,) whole stars: 4.1 on average, moved by quality, by how well the product fits the shopper, and by mood."""
    user, item = rated["user"].to_numpy(), rated["item"].to_numpy()
    fit = world.utility(user, item, (rated["at"] // DAY).to_numpy())
    mishap = np.where(rng.random(len(rated)) < MISHAP, rng.uniform(1.5, 3.5, len(rated)), 0.0)
    felt = 4.3 + 0.6 * world.catalogue.quality[item] + 0.15 * (fit - 2).clip(-3, 3) + rng.normal(0, 0.7, len(rated)) - mishap
    return felt.round().clip(1, 5).astype(int)


@dataclass(frozen=True)
class Phrases:
    """The phrase tables by key. aspects: (category, tone) -> [(aspect, clauses)]; parts: (tone, part) -> texts."""

    aspects: dict[tuple[str, str], list[tuple[str, list[str]]]]
    parts: dict[tuple[str, str], list[str]]

    @staticmethod
    def of(words: Vocabulary) -> "Phrases":
        """Group the vocabulary's tables."""
        aspects: dict[tuple[str, str], list[tuple[str, list[str]]]] = {}
        for row in words.aspects.itertuples():
            aspects.setdefault((str(row.category), str(row.tone)), []).append((str(row.aspect), str(row.clauses).split("|")))
        parts = {(str(row.tone), str(row.part)): str(row.text).split("|") for row in words.phrases.itertuples()}
        return Phrases(aspects, parts)


class Writer:
    """Composes reviews. Every product has aspects it is good or bad at, so its reviews agree with each other."""

    def __init__(self, world: World, phrases: Phrases, rng: np.random.Generator) -> None:
        self.world, self.phrases, self.rng = world, phrases, rng
        names = sorted({str(name) for name in world.words.aspects["aspect"]})
        self.strength = pd.DataFrame(rng.normal(0, 1, (len(world.catalogue.leaf), len(names))), columns=names).to_dict("list")

    def write(self, item: int, stars: int) -> tuple[str, str]:
        """A headline and a body that agree with the stars; both '' for a rating without words."""
        if self.rng.random() > WRITTEN:
            return "", ""
        tone = TONES[stars]
        praise, blame = ASPECTS[stars]
        good = self._clauses(item, "good", praise)
        bad = self._clauses(item, "bad", blame)
        pieces = [self._say((tone, "opening"), 0.6), self._say(("any", "story"), 0.35), *self._argue(good, bad, stars)]
        if self.rng.random() < 0.3:
            pieces[0], pieces[1] = pieces[1], pieces[0]
        pieces.append(self._say((tone, "closing"), 0.4))
        body = " ".join(sentence(piece, self._mark(stars)) for piece in pieces if piece)
        return self._fill(item, self._say((tone, "headline"), 1.0)), self._fill(item, body)

    def _say(self, key: tuple[str, str], chance: float) -> str:
        texts = self.phrases.parts[key]
        return texts[self.rng.integers(len(texts))] if self.rng.random() < chance else ""

    def _clauses(self, item: int, tone: str, most: int) -> list[str]:
        """Up to ``most`` clauses on different aspects, the product's strongest (or weakest) ones first."""
        category = self.world.words.leaves[self.world.catalogue.leaf[item]].category
        known = self.phrases.aspects[category, tone] + self.phrases.aspects["*", tone]
        sign = 1 if tone == "good" else -1
        score = [sign * self.strength[name][item] + self.rng.gumbel(0, 0.8) for name, _ in known]
        best = np.argsort(score)[::-1][:most]
        return [clauses[self.rng.integers(len(clauses))] for _, clauses in (known[i] for i in best)]

    def _argue(self, good: list[str], bad: list[str], stars: int) -> list[str]:
        """Join the clauses as people do: a list, a 'but', or separate sentences."""
        if good and bad:
            first, second = (good[0], bad[0]) if stars >= 3 else (bad[0], good[0])
            turn = ("but", "although", "only that", "even if")[self.rng.integers(4)] if stars >= 4 else "but"
            return [f"{first}, {turn} {second}", *good[1:], *bad[1:]]
        clauses = good or bad
        if len(clauses) == 2 and self.rng.random() < 0.6:
            link = (" and ", ", and what is more, ", "; also, ")[self.rng.choice(3, p=[0.7, 0.15, 0.15])]
            return [link.join(clauses)]
        return clauses[: 1 + int(self.rng.random() < 0.7)]

    def _mark(self, stars: int) -> str:
        return "!" if stars in (1, 5) and self.rng.random() < 0.2 else "."

    def _fill(self, item: int, text: str) -> str:
        world = self.world
        _, noun = world.words.nouns[world.catalogue.noun[item]]
        colour = str(world.catalogue.frame["colour"].iat[item]) or "colour"
        brand = world.words.brands[world.catalogue.brand[item]].name
        return text.format(noun=noun, colour=colour, brand=brand)


def sentence(text: str, mark: str) -> str:
    """Begin with a capital and end with the mark.

    >>> sentence("it fits", "!")
    'It fits!'
    """
    return capitalised(text[:1]) + text[1:] + mark
