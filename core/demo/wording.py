"""Titles and descriptions of products."""

from dataclasses import dataclass

import numpy as np

from core.demo.vocabulary import Brand, Leaf, Style


@dataclass(frozen=True)
class Wording:
    """What a product's text is made of. colour: '' where the goods have none. features: sentences on such goods."""

    leaf: Leaf
    brand: Brand
    style: Style
    second: Style
    noun: str
    features: tuple[str, ...]
    line: str
    colour: str
    option: str
    choice: str


def one_of(options: tuple[str, ...], rng: np.random.Generator) -> str:
    """Any of the options, all equally likely."""
    return options[rng.integers(len(options))]


def title(parts: Wording, rng: np.random.Generator) -> str:
    """One of six shapes, so that a shelf does not read like a table."""
    noun, brand = capitalised(parts.noun), parts.brand.name
    adjective = one_of(parts.style.soft_adjectives if parts.leaf.soft else parts.style.adjectives, rng)
    tail = parts.colour or parts.choice
    shapes = (
        f"{brand} {parts.line} {noun}, {tail}",
        f"{brand} {parts.line} {adjective} {noun}",
        f"{brand} {noun} {parts.line} – {parts.choice}",
        f"{adjective} {noun} by {brand}, {tail}",
        f"{brand} {adjective} {noun} ({parts.choice})",
        f"{noun} {brand} {parts.line} {tail}",
    )
    return one_of(shapes, rng)


def capitalised(text: str) -> str:
    """Upper-case the first letter of every word and leave the rest.

    >>> capitalised("GPS running watch")
    'GPS Running Watch'
    """
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def plural(noun: str) -> bool:
    """Whether an English noun of the shop is a plural.

    >>> [plural(noun) for noun in ("chinos", "wrap dress", "French press", "matcha")]
    [True, False, False, False]
    """
    return noun.endswith("s") and not noun.endswith("ss")


def this(noun: str) -> str:
    """'this moka pot', 'these chinos'."""
    return f"these {noun}" if plural(noun) else f"this {noun}"


def sentence(text: str, mark: str = ".") -> str:
    """Begin with a capital and end with the mark.

    >>> sentence("it fits", "!")
    'It fits!'
    """
    return text[:1].upper() + text[1:] + mark


def describe(parts: Wording, rng: np.random.Generator) -> str:
    """One to three sentences: what it does, how it looks or is made, sometimes its size, colour or line."""
    features = [parts.features[i] for i in rng.permutation(len(parts.features))]
    look, other = (one_of(style.soft_phrases if parts.leaf.soft else style.phrases, rng) for style in (parts.style, parts.second))
    detail = _detail(parts, rng)
    shapes = (
        (features[0], look),
        (look, features[0], detail),
        (features[0], features[1], look),
        (detail, features[0], look),
        (look, features[1], other),
        (features[0], features[1], detail),
        (features[0], look, detail),
        (look, features[1], features[2]),
    )
    return " ".join(sentence(text) for text in shapes[rng.integers(len(shapes))])


def _detail(parts: Wording, rng: np.random.Generator) -> str:
    tint = f" in {parts.colour}" if parts.colour else ""
    details = (
        f"From the {parts.line} range by {parts.brand.name}",
        f"{parts.noun}{tint}, {parts.option} {parts.choice}",
        f"{parts.brand.name} offers {this(parts.noun)}{tint} in small series",
        f"part of {parts.brand.name}'s {parts.line} series, {parts.choice}",
    )
    return one_of(details, rng)
