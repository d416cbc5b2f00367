"""Titles and descriptions of products."""

from dataclasses import dataclass

import numpy as np

from core.demo.vocabulary import Brand, Leaf, Style

COLOURLESS = ("volume", "weight", "flavour", "shade", "burn time")


@dataclass(frozen=True)
class Wording:
    """What a product's text is made of."""

    leaf: Leaf
    brand: Brand
    style: Style
    second: Style
    noun: str
    line: str
    colour: str
    choice: str


def has_colour(leaf: Leaf) -> bool:
    """Whether a shelf's goods come in colours: not food, care or anything sold by weight or volume.

    A consumable sold by size is clothing or nappies; only clothing comes in colours.
    """
    if leaf.option in COLOURLESS:
        return False
    return leaf.role != "consumable" or leaf.category == "Fashion"


def title(parts: Wording, rng: np.random.Generator) -> str:
    """One of six shapes, so that a shelf does not read like a table."""
    noun, adjective = capitalised(parts.noun), parts.style.adjectives[rng.integers(len(parts.style.adjectives))]
    tail = parts.colour or parts.choice
    shapes = (
        f"{parts.brand.name} {parts.line} {noun}, {tail}",
        f"{parts.brand.name} {parts.line} {adjective} {noun}",
        f"{parts.brand.name} {noun} {parts.line} – {parts.choice}",
        f"{adjective} {noun} by {parts.brand.name}, {tail}",
        f"{parts.brand.name} {adjective} {noun} ({parts.choice})",
        f"{noun} {parts.brand.name} {parts.line} {tail}",
    )
    return shapes[rng.integers(len(shapes))]


def capitalised(text: str) -> str:
    """Upper-case the first letter of every word and leave the rest.

    >>> capitalised("GPS running watch")
    'GPS Running Watch'
    """
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def describe(parts: Wording, rng: np.random.Generator) -> str:
    """One to three sentences: what it does, how it looks, sometimes its size, colour or line."""
    features = [parts.leaf.features[i] for i in rng.permutation(len(parts.leaf.features))[:2]]
    look = parts.style.phrases[rng.integers(len(parts.style.phrases))]
    second = parts.second.phrases[rng.integers(len(parts.second.phrases))]
    detail = _detail(parts, rng)
    shapes = (
        (features[0], look),
        (look, features[0], detail),
        (features[0], features[1], look),
        (detail, features[0], look),
        (look, features[1], second),
        (f"{features[0]}: {look[0].lower()}{look[1:]}",),
        (features[0], look, detail),
    )
    return " ".join(f"{sentence}." for sentence in shapes[rng.integers(len(shapes))])


def _detail(parts: Wording, rng: np.random.Generator) -> str:
    tint = f" in {parts.colour}" if parts.colour else ""
    article = "An" if parts.noun[0].lower() in "aeio" else "A"
    details = (
        f"From the {parts.line} range by {parts.brand.name}",
        f"{capitalised(parts.noun)[0]}{parts.noun[1:]}{tint}, {parts.leaf.option} {parts.choice}",
        f"{parts.brand.name} makes this {parts.noun}{tint} in small series"
        if not parts.noun.endswith("s")
        else f"{parts.brand.name} makes these {parts.noun}{tint} in small series",
        f"{article} {parts.noun}{tint} for every day"
        if not parts.noun.endswith("s")
        else f"{capitalised(parts.noun)}{tint} for every day",
    )
    return details[rng.integers(len(details))]
