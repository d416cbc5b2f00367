"""The items: products on 44 shelves, then content, then ads, each with the latent traits that drive behaviour."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.schema import ItemKind
from core.demo.vocabulary import Brand, Leaf, Vocabulary
from core.demo.wording import Wording, describe, one_of, title

PRICE_SPREAD = 0.28
FOREVER = 10**6
NEW_SHARE = 0.1  # of the items come out while the log runs
STYLE_MAIN = 0.75  # weight of a product's first style; the rest goes to its second


@dataclass(frozen=True)
class Catalogue:
    """n items, products first.

    frame: the columns a shop exports, clean, one row an item: sku, name, description, brand, category, price,
    image_url, item_type, stock_qty, colour, option, released.
    leaf, noun, brand: (n,) indices into the vocabulary, -1 where the item has none (content and ads have no leaf).
    style: (n, styles) weights that sum to 1. tier: (n,) price level within the leaf, about -2 to 2.
    quality, popularity: (n,) standard normal. price: (n,) money, 0 for content and ads.
    released, withdrawn: (n,) first day of the log on which the item is shown and the first on which it no longer is;
    products and content stay, ads run as long as their campaign.
    """

    frame: pd.DataFrame
    leaf: np.ndarray
    noun: np.ndarray
    brand: np.ndarray
    style: np.ndarray
    tier: np.ndarray
    quality: np.ndarray
    popularity: np.ndarray
    price: np.ndarray
    released: np.ndarray
    withdrawn: np.ndarray

    def on_offer(self, item: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Whether each item is shown on that day; the arrays broadcast."""
        return (self.released[item] <= day) & (day < self.withdrawn[item])

    @property
    def kind(self) -> np.ndarray:
        """(n,) item kinds as text."""
        return self.frame["item_type"].to_numpy(dtype=object)


def build_catalogue(words: Vocabulary, products: int, days: int, rng: np.random.Generator) -> Catalogue:
    """Return ``products`` products, all content items and all ads."""
    shelves = _shelves(words, products, rng)
    noun_price = dict(zip(words.nouns, np.exp(rng.normal(0, 0.22, len(words.nouns))), strict=True))
    noun_index = {pair: i for i, pair in enumerate(words.nouns)}
    rows = []
    for number, leaf in enumerate(shelves):
        rows.append(_product(words, int(leaf), number, noun_price, noun_index, rng))
    rows += _content(words) + _ads(words)
    return _assemble(words, pd.DataFrame(rows), products, days, rng)


def _shelves(words: Vocabulary, products: int, rng: np.random.Generator) -> np.ndarray:
    """(products,) leaf index of each product: shelves differ in width by about a factor of three."""
    width = rng.gamma(8.0, 1.0, len(words.leaves))
    return np.sort(rng.choice(len(words.leaves), products, p=width / width.sum()))


def _product(
    words: Vocabulary,
    at: int,
    number: int,
    noun_price: dict[tuple[int, str], float],
    noun_index: dict[tuple[int, str], int],
    rng: np.random.Generator,
) -> dict[str, object]:
    leaf = words.leaves[at]
    brand_at = _pick_brand(words, leaf, rng)
    brand = words.brands[brand_at]
    first, second = _pick_styles(words, brand, rng)
    noun = one_of(leaf.nouns, rng)
    option, choices = words.options.get(noun, (leaf.option, leaf.choices))
    parts = Wording(
        leaf=leaf,
        brand=brand,
        style=words.styles[first],
        second=words.styles[second],
        noun=noun,
        features=words.features[noun],
        line=one_of(brand.lines, rng),
        colour=_colour(leaf, words.styles[first].colours, rng),
        option=option,
        choice=one_of(choices, rng),
    )
    level = 0.5 * brand.level + rng.normal(0, PRICE_SPREAD)
    return {
        "sku": f"{leaf.category[:2].upper()}-{10_000 + 7 * number}",
        "name": title(parts, rng),
        "description": describe(parts, rng),
        "brand": brand.name,
        "category": leaf.path,
        "price": _shelf_price(leaf.price * noun_price[at, noun] * np.exp(level)),
        "item_type": ItemKind.PRODUCT.value,
        "colour": parts.colour,
        "option": parts.choice,
        "_leaf": at,
        "_noun": noun_index[at, noun],
        "_brand": brand_at,
        "_style": first,
        "_second": second,
        "_tier": level / 0.45,
    }


def _pick_brand(words: Vocabulary, leaf: Leaf, rng: np.random.Generator) -> int:
    fitting = [i for i, brand in enumerate(words.brands) if leaf.category in brand.focus]
    weight = np.array([1.0 / (1 + words.brands[i].focus.index(leaf.category)) for i in fitting])
    return int(rng.choice(fitting, p=weight / weight.sum()))


def _pick_styles(words: Vocabulary, brand: Brand, rng: np.random.Generator) -> tuple[int, int]:
    """A first and a second style, four times in five from the brand's own."""
    names = [style.name for style in words.styles]
    own = [names.index(style) for style in brand.styles]
    first = int(rng.choice(own)) if rng.random() < 0.8 else int(rng.integers(len(names)))
    second = int(rng.choice([i for i in range(len(names)) if i != first]))
    return first, second


def _colour(leaf: Leaf, colours: tuple[str, ...], rng: np.random.Generator) -> str:
    return one_of(colours, rng) if leaf.coloured else ""


def _shelf_price(price: float) -> float:
    """Round as shops do: x.90 below 20, x.95 below 100, whole multiples of 5 less one above."""
    if price < 20:
        return float(np.floor(price) + 0.90)
    if price < 100:
        return float(np.floor(price) + 0.95)
    return float(np.round(price / 5) * 5 - 1)


def _content(words: Vocabulary) -> list[dict[str, object]]:
    styles = [style.name for style in words.styles]
    return [
        {
            "sku": f"READ-{100 + i}",
            "name": row.title,
            "description": row.description,
            "brand": "",
            "category": f"{row.category} > Magazine",
            "item_type": ItemKind.CONTENT.value,
            "option": row.format,
            "_style": styles.index(str(row.style)),
            "_second": styles.index(str(row.style)),
        }
        for i, row in enumerate(words.content.itertuples())
    ]


def _ads(words: Vocabulary) -> list[dict[str, object]]:
    styles = [style.name for style in words.styles]
    brands = [brand.name for brand in words.brands]
    return [
        {
            "sku": f"AD-{100 + i}",
            "name": row.title,
            "description": row.description,
            "brand": row.brand,
            "category": str(row.category),
            "item_type": ItemKind.AD.value,
            "_brand": brands.index(str(row.brand)),
            "_style": styles.index(str(row.style)),
            "_second": styles.index(str(row.style)),
        }
        for i, row in enumerate(words.ads.itertuples())
    ]


def _assemble(words: Vocabulary, table: pd.DataFrame, products: int, days: int, rng: np.random.Generator) -> Catalogue:
    count = len(table)
    stock = rng.negative_binomial(2, 0.03, count).astype(float)
    stock[rng.random(count) < 0.04] = 0
    stock[products:] = np.nan
    released, withdrawn = _lifetimes(table["item_type"].to_numpy() == ItemKind.AD.value, days, rng)
    style = np.zeros((count, len(words.styles)))
    np.add.at(style, (np.arange(count), table["_style"].to_numpy(dtype=int)), STYLE_MAIN)
    np.add.at(style, (np.arange(count), table["_second"].to_numpy(dtype=int)), 1 - STYLE_MAIN)
    frame = table[[name for name in table.columns if not name.startswith("_")]].fillna(
        {"colour": "", "option": "", "description": ""}
    )
    return Catalogue(
        frame=frame.assign(image_url="", stock_qty=stock),
        leaf=table["_leaf"].fillna(-1).to_numpy(dtype=int),
        noun=table["_noun"].fillna(-1).to_numpy(dtype=int),
        brand=table["_brand"].fillna(-1).to_numpy(dtype=int),
        style=style,
        tier=table["_tier"].fillna(0).to_numpy(dtype=float),
        quality=rng.normal(0, 1, count),
        popularity=rng.normal(0, 1, count),
        price=table["price"].fillna(0).to_numpy(dtype=float),
        released=released,
        withdrawn=withdrawn,
    )


def _lifetimes(ad: np.ndarray, days: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(n,) released and withdrawn. A tenth of the goods come out during the log; two campaigns in three outlast it."""
    count = len(ad)
    released = np.where(rng.random(count) < NEW_SHARE, rng.integers(1, days, count), -rng.integers(30, 900, count))
    start = rng.integers(0, max(1, days - 30), count)
    outlasts = rng.random(count) < 0.66
    stop = np.where(outlasts, days + rng.integers(5, 60, count), start + rng.integers(21, 60, count))
    return np.where(ad, start, released), np.where(ad, stop, FOREVER)
