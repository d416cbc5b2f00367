"""The words the shop is made of, read from the committed CSV templates in ``data/demo``.

A cell that holds several values separates them with ``|``.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

MEASURES = ("volume", "weight", "flavour", "shade", "burn time")  # options of goods that are used up
TEMPLATES = Path(__file__).parents[2] / "data" / "demo"


@dataclass(frozen=True)
class Leaf:
    """One shelf of the shop.

    role: main (bought once), accessory (follows the leaf named in ``follows``) or consumable (bought again
    about every ``cycle_days``). price: typical money. gift: how often it is given, 0 to 3.
    """

    path: str
    price: float
    role: str
    follows: str
    cycle_days: float
    gift: float
    option: str
    choices: tuple[str, ...]
    nouns: tuple[str, ...]

    @property
    def category(self) -> str:
        """The first step of the path."""
        return self.path.split(" > ")[0]

    @property
    def soft(self) -> bool:
        """Whether its goods are used up (food, care, scent): they have ingredients rather than a design."""
        return self.option in MEASURES and not self.path.endswith("Shoe Care")

    @property
    def coloured(self) -> bool:
        """Whether its goods come in colours."""
        if self.category in ("Pets", "Kids"):
            return self.path.endswith(("Dog Gear", "Toys"))
        return self.option not in MEASURES


@dataclass(frozen=True)
class Style:
    """A look that products have and shoppers like, with the words that give it away; ``soft_`` ones for soft leaves."""

    name: str
    adjectives: tuple[str, ...]
    soft_adjectives: tuple[str, ...]
    colours: tuple[str, ...]
    phrases: tuple[str, ...]
    soft_phrases: tuple[str, ...]


@dataclass(frozen=True)
class Brand:
    """An invented brand. level: log price level, 0 = average. variant: a misspelling found in the catalogue, or ''."""

    name: str
    level: float
    focus: tuple[str, ...]
    styles: tuple[str, ...]
    lines: tuple[str, ...]
    variant: str


@dataclass(frozen=True)
class Persona:
    """An interest shared by many shoppers: weights over leaf paths, and two styles that go with it."""

    name: str
    styles: tuple[str, ...]
    leaves: dict[str, float]


@dataclass(frozen=True)
class Vocabulary:
    """Everything in the templates.

    features: noun -> sentences about such goods. options: noun -> (option, choices) where its leaf's do not fit.
    content, ads, aspects and phrases stay tables.
    """

    leaves: tuple[Leaf, ...]
    styles: tuple[Style, ...]
    brands: tuple[Brand, ...]
    personas: tuple[Persona, ...]
    features: dict[str, tuple[str, ...]]
    options: dict[str, tuple[str, tuple[str, ...]]]
    content: pd.DataFrame
    ads: pd.DataFrame
    aspects: pd.DataFrame
    phrases: pd.DataFrame

    @property
    def nouns(self) -> tuple[tuple[int, str], ...]:
        """(leaf index, noun) for every noun, in leaf order: a noun's place here is its index everywhere."""
        return tuple((i, noun) for i, leaf in enumerate(self.leaves) for noun in leaf.nouns)


def load_vocabulary(folder: Path = TEMPLATES) -> Vocabulary:
    """Read the templates. Raises FileNotFoundError where one is missing."""
    return Vocabulary(
        leaves=tuple(_leaf(row) for row in _rows(folder / "leaves.csv")),
        styles=tuple(_style(row) for row in _rows(folder / "styles.csv")),
        brands=tuple(_brand(row) for row in _rows(folder / "brands.csv")),
        personas=tuple(_persona(row) for row in _rows(folder / "personas.csv")),
        features={row["noun"]: _split(row["features"]) for row in _rows(folder / "features.csv")},
        options={row["noun"]: _option(row["option"]) for row in _rows(folder / "options.csv")},
        content=_table(folder / "content.csv"),
        ads=_table(folder / "ads.csv"),
        aspects=_table(folder / "review_aspects.csv"),
        phrases=_table(folder / "review_phrases.csv"),
    )


def _table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _rows(path: Path) -> list[dict[str, str]]:
    return _table(path).to_dict("records")  # type: ignore[return-value]


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|"))


def _option(cell: str) -> tuple[str, tuple[str, ...]]:
    """'size:S|M' as ('size', ('S', 'M'))."""
    name, _, choices = cell.partition(":")
    return name, _split(choices)


def _leaf(row: dict[str, str]) -> Leaf:
    option, choices = _option(row["option"])
    return Leaf(
        path=row["path"],
        price=float(row["price"]),
        role=row["role"],
        follows=row["follows"],
        cycle_days=float(row["cycle_days"]),
        gift=float(row["gift"]),
        option=option,
        choices=choices,
        nouns=_split(row["nouns"]),
    )


def _style(row: dict[str, str]) -> Style:
    return Style(
        name=row["style"],
        adjectives=_split(row["adjectives"]),
        soft_adjectives=_split(row["soft_adjectives"]),
        colours=_split(row["colours"]),
        phrases=_split(row["phrases"]),
        soft_phrases=_split(row["soft_phrases"]),
    )


def _brand(row: dict[str, str]) -> Brand:
    focus, styles, lines = _split(row["focus"]), _split(row["styles"]), _split(row["lines"])
    return Brand(row["brand"], float(row["level"]), focus, styles, lines, row["variant"])


def _persona(row: dict[str, str]) -> Persona:
    pairs = (pair.rsplit(":", 1) for pair in _split(row["leaves"]))
    return Persona(row["persona"], _split(row["styles"]), {path: float(weight) for path, weight in pairs})
