"""One pick explained in full: its taste term over the history, where the model looked, and what it owes to single items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.base.schema import Col
from core.score.attribution import attribution
from core.score.counterfactual import Without, counterfactuals
from core.score.plan import Plan
from core.score.recommend import Pick, Scored

TOLD = 3
"""History items named in a line of text."""


@dataclass(frozen=True)
class Part:
    """What one history item puts into a pick. attention: how much the user towers look at it, None = there are none."""

    item_id: str
    title: str
    did: str
    part: float
    attention: float | None

    def as_json(self) -> dict[str, Any]:
        """Return the fields as they are."""
        return {
            "item_id": self.item_id,
            "title": self.title,
            "did": self.did,
            "part": self.part,
            "attention": self.attention,
        }


@dataclass(frozen=True)
class Explanation:
    """from_taste = everyone + traits + Σ history.part, up to sum_error.

    history: what speaks most for the pick first; everyone: what is there whoever asks; traits: what comes of what is known of
    the shopper besides, see ``core.represent.traits``; without: the history items without which
    it falls; path_error: by how much the sums of the gradients missed before the rest was spread over the history.
    """

    from_taste: float
    history: tuple[Part, ...]
    everyone: float
    traits: float
    without: tuple[Without, ...]
    keywords: tuple[str, ...]
    path_error: float

    @property
    def sum_error(self) -> float:
        """Return what the parts miss of from_taste."""
        return self.from_taste - self.everyone - self.traits - sum(part.part for part in self.history)

    @property
    def attended(self) -> tuple[Part, ...]:
        """Return the history items that the user towers look at most; empty where there are no towers."""
        seen = [part for part in self.history if part.attention]
        return tuple(sorted(seen, key=lambda part: -(part.attention or 0.0))[:TOLD])

    def as_json(self) -> dict[str, Any]:
        """Return the fields that the command line and the API give."""
        return {
            "history": [part.as_json() for part in self.history],
            "everyone": self.everyone,
            "traits": self.traits,
            "without": [{"item_id": one.item_id, "rank": one.rank, "leaves": one.leaves} for one in self.without],
            "keywords": list(self.keywords),
            "sum_error": self.sum_error,
            "path_error": self.path_error,
        }

    def lines(self) -> tuple[str, ...]:
        """Return the explanation in words, a line each."""
        most = sorted(self.history, key=lambda part: -abs(part.part))[:TOLD]
        others = sum(part.part for part in self.history) - sum(part.part for part in most)
        named = [f"{signed(self.traits)} for their profile"] if self.traits else []
        named += [f"{signed(part.part)} {part.title} ({part.did})" for part in most]
        if count := len(self.history) - len(most):
            named.append(f"{signed(others)} the {count} other{'s' if count > 1 else ''} of their history")
        looked = ", ".join(f"{part.title} ({part.attention:.0%})" for part in self.attended)
        return (
            " ".join([f"taste {self.from_taste:.3f} = {self.everyone:.3f} for everyone", *named]),
            *([f"attention, not a cause: {looked}"] if looked else []),
            *(one.sentence for one in self.without),
        )


def explanations(scored: Scored, picks: Sequence[Pick], plan: Plan, k: int, most: int = 1) -> tuple[Explanation, ...]:
    """Return each pick of the shopper's list by the plan explained; most: history items told without which it falls."""
    index, alpha = scored.index, plan.alpha_for(scored.segment)
    rows = [index.row(pick.item_id) for pick in picks]
    found = attribution(index, scored.taste, np.array(rows, int))
    if found is None:
        return tuple(Explanation(pick.from_taste, (), pick.from_taste, 0.0, (), pick.keywords, 0.0) for pick in picks)
    did = scored.history[Col.DID].to_numpy(object)[found.places]
    attention: list[float | None] = [None] * len(did) if found.attention is None else found.attention.tolist()
    own = list(zip(index.ids[found.rows], index.titles[found.rows], did, strict=True))
    fallen = counterfactuals(scored, plan, k, rows, most)
    told = zip(
        picks, alpha * found.parts.T, (alpha * found.everyone).tolist(), (alpha * found.traits).tolist(), fallen, strict=True
    )
    return tuple(
        Explanation(pick.from_taste, _parts(own, attention, parts), same, traits, without, pick.keywords, alpha * found.error)
        for pick, parts, same, traits, without in told
    )


def _parts(own: Sequence[tuple[str, str, str]], attention: Sequence[float | None], parts: np.ndarray) -> tuple[Part, ...]:
    """Return the parts (h,), those that speak most for the item first. own: item id, title and what was done, of each."""
    found = [Part(*item, part, seen) for item, part, seen in zip(own, parts.tolist(), attention, strict=True)]
    return tuple(sorted(found, key=lambda one: -one.part))


def signed(value: float) -> str:
    """Return a part as it is written in a sum.

    >>> signed(0.012), signed(-0.012)
    ('+ 0.012', '− 0.012')
    """
    return f"{'+' if value >= 0 else '−'} {abs(value):.3f}"
