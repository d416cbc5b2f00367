"""What reviews say of an item, a category, or the whole shop: tone, its course over time, aspects liked and disliked."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from core.base.db import Store
from core.represent.tones import Reader


@dataclass(frozen=True)
class Aspect:
    """What is liked or disliked. praised, blamed: reviews that name it so; z: standard errors from even; examples: clauses."""

    aspect: str
    praised: int
    blamed: int
    z: float
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Opinions:
    """reviews: read ones; negative, neutral, positive: how many of them; readers: what read how many."""

    reviews: int
    negative: int
    neutral: int
    positive: int
    readers: dict[str, int]
    liked: tuple[Aspect, ...]
    disliked: tuple[Aspect, ...]

    @property
    def source(self) -> str:
        """What read the reviews, in words."""
        return " and ".join(_SOURCES[Reader(reader)] for reader in self.readers) or "no reviews"

    def as_json(self) -> dict[str, Any]:
        """Return ``{"sentiment": {"source", "reviews", "negative", …}, "aspects": {"liked", "disliked"}}``; shares in [0, 1]."""
        many = max(self.reviews, 1)
        shares = {name: getattr(self, name) / many for name in ("negative", "neutral", "positive")}
        return {
            "sentiment": {"source": self.source, "reviews": self.reviews, **(shares if self.reviews else {})},
            "aspects": {
                "liked": [asdict(aspect) for aspect in self.liked],
                "disliked": [asdict(aspect) for aspect in self.disliked],
            },
        }


def opinions(store: Store, scope: str, name: str = "") -> Opinions:
    """Return what reviews say. scope: 'item', 'category' (a path, or the first level of one) or 'shop'; name: which."""
    counts = store.rows(f"SELECT tone, reader, count(*) FROM ({_SCOPED[scope]}) GROUP BY tone, reader", _params(scope, name))
    by_tone = {tone: sum(many for told, _, many in counts if told == tone) for tone in ("negative", "neutral", "positive")}
    readers = {
        reader: sum(many for _, read, many in counts if read == reader) for reader in sorted({read for _, read, _ in counts})
    }
    liked, disliked = (_aspects(store, scope, name, side) for side in ("liked", "disliked"))
    return Opinions(sum(by_tone.values()), **by_tone, readers=readers, liked=liked, disliked=disliked)


def over_time(store: Store, scope: str, name: str = "") -> pd.DataFrame:
    """Return month (its first day), negative, neutral, positive: reviews with a date, in order of time."""
    return store.df(
        f"""SELECT date_trunc('month', ts)::DATE AS month, count(*) FILTER (tone = 'negative') AS negative,
                   count(*) FILTER (tone = 'neutral') AS neutral, count(*) FILTER (tone = 'positive') AS positive
            FROM ({_SCOPED[scope]}) WHERE ts IS NOT NULL GROUP BY month ORDER BY month""",
        _params(scope, name),
    )


_SOURCES = {
    Reader.HEAD: "head trained on the shop's stars",
    Reader.WORDS: "words half of the head trained on the shop's stars",
    Reader.LEXICON: "VADER",
}
_SCOPED = {
    "item": "SELECT * FROM tones WHERE item_id = ?",
    "category": """SELECT t.* FROM tones t JOIN catalogue c USING (item_id) WHERE c.category = ? OR c.top_category = ?""",
    "shop": "SELECT * FROM tones",
}


def _params(scope: str, name: str) -> list[str]:
    return [name] * {"item": 1, "category": 2, "shop": 0}[scope]


def _aspects(store: Store, scope: str, name: str, side: str) -> tuple[Aspect, ...]:
    rows = store.rows(
        "SELECT aspect, praised, blamed, z, examples FROM aspects WHERE scope = ? AND name = ? AND side = ? ORDER BY rank",
        [scope, name, side],
    )
    return tuple(
        Aspect(aspect, praised, blamed, z, tuple(text for _, text in json.loads(quoted)))
        for aspect, praised, blamed, z, quoted in rows
    )
