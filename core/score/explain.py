"""Why an item is not in a shopper's list: the stage at which it fell out."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.base.db import Store
from core.score.blend import rank_of
from core.score.candidates import Excluded
from core.score.index import Index
from core.score.plan import plain
from core.score.recommend import Scored, score_shopper


class Stage(StrEnum):
    """Where an item stands on its way into a list."""

    EXCLUDED = "excluded"
    BELOW = "ranked below"
    SHOWN = "shown"


@dataclass(frozen=True)
class WhyNot:
    """Where an item fell out. excluded: why it could not be ranked; rank (from 1) and score: None where it was not."""

    item_id: str
    stage: Stage
    sentence: str
    excluded: Excluded | None = None
    rank: int | None = None
    score: float | None = None


def why_not(
    store: Store,
    index: Index,
    user_id: str,
    item_id: str,
    *,
    alpha: float,
    k: int = 10,
    keep_bought: bool = False,
) -> WhyNot:
    """Return why an item is not in the shopper's top ``k``. Raises BadInput on an unknown item, a bad α or a bad k."""
    scored = score_shopper(store, index, user_id, keep_bought=keep_bought)
    return why_not_in(scored, item_id, alpha=alpha, k=k)


def why_not_in(scored: Scored, item_id: str, *, alpha: float, k: int = 10) -> WhyNot:
    """Return the same for a shopper already scored."""
    index = scored.index
    row = index.row(item_id)
    best = scored.arrange(plain(alpha), k)
    if reason := scored.candidates.why(row):
        return WhyNot(item_id, Stage.EXCLUDED, _excluded(index, row, reason), reason)
    at = int(np.searchsorted(scored.candidates.rows, row))
    rank = int(rank_of(scored.appeal, scored.quality, alpha, np.array([at]))[0])
    from_taste, from_quality = alpha * scored.appeal[at], (1 - alpha) * scored.quality[at]
    score = float(from_taste + from_quality)
    if rank <= k:
        return WhyNot(item_id, Stage.SHOWN, f"It is in the list, at rank {rank}.", None, rank, score)
    last = best.places[-1]
    gaps = (best.from_taste[last] - from_taste, best.from_quality[last] - from_quality)
    return WhyNot(item_id, Stage.BELOW, _below(rank, len(scored.appeal), score, float(best.score[last]), gaps), None, rank, score)


def _excluded(index: Index, row: int, reason: Excluded) -> str:
    return {
        Excluded.NOT_A_PRODUCT: "It is not a product, and this list shows products only.",
        Excluded.HIDDEN: f"It is hidden: {index.hidden[row]}.",
        Excluded.OUT_OF_STOCK: "It is out of stock.",
        Excluded.DISLIKED: "The shopper disliked it. Take that feedback back to see it again.",
        Excluded.NOT_INTERESTED: "The shopper is not interested in it. Take that feedback back to see it again.",
        Excluded.OWNED: "The shopper has already bought or rated it.",
        Excluded.NO_TEXT: "It has no title or description, so it cannot be compared with the shopper's taste.",
    }[reason]


def _below(rank: int, of: int, score: float, needed: float, gaps: tuple[float, float]) -> str:
    """gaps: how far its taste and quality parts lie below those of the last item shown; negative = above."""
    told = [
        f"{name} {'lower' if gap > 0 else 'higher'} by {abs(gap):.3f}"
        for name, gap in zip(("taste", "quality"), gaps, strict=True)
    ]
    return f"Rank {rank:,} of {of:,}: its score {score:.3f} is below the {needed:.3f} of the last one shown ({', '.join(told)})."
