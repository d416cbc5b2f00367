"""The latent model: one taste vector a shopper, one trait vector an item, and the chance of a click between them.

The traits of an item are: leaf (one-hot), noun (one-hot), style weights, brand (one-hot), tier, tier squared, quality,
popularity, 1. A shopper's taste holds a weight for each, so the utility is the dot product and the price term
``-w (tier_user - tier_item)^2`` is bilinear too. Content and ads spread their leaf weight over the category.
"""

from dataclasses import dataclass

import numpy as np

from core.demo.catalogue import Catalogue
from core.demo.shopper_types import trait
from core.demo.shoppers import Population
from core.demo.vocabulary import Vocabulary

LEAF, NOUN, STYLE, BRAND, PRICE, QUALITY, POPULARITY = 0.55, 1.1, 2.6, 1.0, 0.6, 0.3, 0.25


@dataclass(frozen=True)
class ClickModel:
    """P(click) = sigmoid(intercept + utility - decay * ln(position) + bargain * discount)."""

    intercept: float = -3.0
    decay: float = 0.35

    def probability(self, utility: np.ndarray, position: np.ndarray, bargain: np.ndarray, discount: np.ndarray) -> np.ndarray:
        """Chance of a click, in (0, 1), of arrays that broadcast. position counts from 1; discount is a share of the price."""
        logit = self.intercept + utility - self.decay * np.log(position) + bargain * discount
        return 1.0 / (1.0 + np.exp(-logit))


def item_traits(words: Vocabulary, catalogue: Catalogue) -> np.ndarray:
    """(items, traits) float32."""
    count = len(catalogue.leaf)
    noun = np.zeros((count, len(words.nouns)))
    brand = np.zeros((count, len(words.brands)))
    for matrix, index in ((noun, catalogue.noun), (brand, catalogue.brand)):
        known = np.flatnonzero(index >= 0)
        matrix[known, index[known]] = 1.0
    tier = catalogue.tier[:, None]
    rest = np.column_stack([catalogue.quality, catalogue.popularity, np.ones(count)])
    return np.hstack([_leaf_traits(words, catalogue), noun, catalogue.style, brand, tier, tier**2, rest]).astype(np.float32)


def _leaf_traits(words: Vocabulary, catalogue: Catalogue) -> np.ndarray:
    of_leaf = np.array([leaf.category for leaf in words.leaves], dtype=object)
    of_item = catalogue.frame["category"].str.split(" > ").str[0].to_numpy(dtype=object)
    spread = (of_item[:, None] == of_leaf[None, :]).astype(float)
    spread /= np.maximum(1.0, spread.sum(axis=1, keepdims=True))
    known = np.flatnonzero(catalogue.leaf >= 0)
    spread[known] = np.eye(len(of_leaf))[catalogue.leaf[known]]
    return spread


def shopper_tastes(words: Vocabulary, people: Population, shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(shoppers, traits) float32 for the given (shoppers, leaves) interest shares."""
    count, leaves = shares.shape
    leaf = LEAF * np.log(np.clip(shares * leaves, 0.1, None))
    noun = _circles(people, rng.normal(0, NOUN, (len(words.personas), len(words.nouns)))) + rng.normal(
        0, 0.35, (count, len(words.nouns))
    )
    style = STYLE * (people.style - 1 / people.style.shape[1])
    brand = _circles(people, _loved(len(words.personas), len(words.brands), 12, rng)) + rng.normal(
        0, 0.3, (count, len(words.brands))
    )
    brand += _loved(count, len(words.brands), 3, rng)
    price = np.column_stack([2 * PRICE * people.tier, np.full(count, -PRICE)])
    appetite = trait(people.type, "appetite") - PRICE * people.tier**2 + rng.normal(0, 0.2, count)
    rest = np.column_stack([np.full(count, QUALITY), np.full(count, POPULARITY), appetite])
    return np.hstack([leaf, noun, style, brand, price, rest]).astype(np.float32)


def _circles(people: Population, by_persona: np.ndarray) -> np.ndarray:
    """(shoppers, ...) what a shopper takes over from the people with the same two personas."""
    return 0.65 * by_persona[people.persona[:, 0]] + 0.35 * by_persona[people.persona[:, 1]]


def _loved(rows: int, columns: int, each: int, rng: np.random.Generator) -> np.ndarray:
    """(rows, columns) BRAND for ``each`` random columns of every row, else 0."""
    return np.where(rng.random((rows, columns)).argsort(axis=1) < each, BRAND, 0.0)


def with_shares(tastes: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The same tastes after the interests moved to other leaf shares."""
    moved = tastes.copy()
    leaves = shares.shape[1]
    moved[:, :leaves] = LEAF * np.log(np.clip(shares * leaves, 0.1, None))
    return moved
