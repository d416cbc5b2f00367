"""Why an item is not in a shopper's list: the stage at which it fell out."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.base.db import Store
from core.score.arrange import Arranged
from core.score.blend import best as by_score
from core.score.candidates import Excluded
from core.score.index import Index
from core.score.plan import Plan
from core.score.recommend import Scored, score_shopper
from core.score.rules import Kind, Rule


class Stage(StrEnum):
    """Where an item stands on its way into a list."""

    EXCLUDED = "excluded"
    HIDDEN = "hidden by a rule"
    BELOW = "ranked below"
    VARIED = "displaced by diversity"
    PINNED = "displaced by a pin"
    SHOWN = "shown"


@dataclass(frozen=True)
class WhyNot:
    """Where an item fell out. excluded: why it could not be ranked; rank by score (from 1) and score: None where it was not."""

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
    alpha: float | None = None,
    k: int = 10,
    plan: Plan | None = None,
    keep_bought: bool = False,
) -> WhyNot:
    """Return why an item is not in the shopper's top ``k``; the list is that of ``recommend`` with the same arguments.

    Raises BadInput on an unknown item, a bad α or a bad k.
    """
    scored = score_shopper(store, index, user_id, keep_bought=keep_bought)
    return why_not_in(scored, item_id, alpha=alpha, k=k, plan=plan)


def why_not_in(scored: Scored, item_id: str, *, alpha: float | None = None, k: int = 10, plan: Plan | None = None) -> WhyNot:
    """Return the same for a shopper already scored."""
    row = scored.index.row(item_id)
    chosen = scored.plan(alpha, plan)
    best = scored.arrange(chosen, k)
    if reason := scored.candidates.why(row):
        return WhyNot(item_id, Stage.EXCLUDED, _excluded(scored.index, row, reason), reason)
    at = int(np.searchsorted(scored.candidates.rows, row))
    if best.effects.hidden_by[at] >= 0:
        return WhyNot(item_id, Stage.HIDDEN, _hidden(best.effects.rules[best.effects.hidden_by[at]]))
    rank = int(best.rank(np.array([at]))[0])
    stage, sentence = _placed(best, chosen, at, rank, k)
    return WhyNot(item_id, stage, sentence, None, rank, float(best.score[at]))


def _placed(best: Arranged, plan: Plan, at: int, rank: int, k: int) -> tuple[Stage, str]:
    """Return at which stage after the sort a candidate fell out, and say so; rank: by score."""
    places, turn = best.places.tolist(), np.flatnonzero(best.spread == at)
    if at in places:
        return Stage.SHOWN, f"It is in the list, at rank {places.index(at) + 1}."
    if pin := best.pinned.get(at):
        return Stage.PINNED, f"Rule {pin.rule_id} pins it to place {pin.position}, which is after the {k} that are shown."
    if len(turn) and turn[0] < k:
        pins = [pin for place, pin in best.pinned.items() if place in places]
        return Stage.PINNED, f"It would be at rank {turn[0] + 1}, but {_named(pins)} put other items before it."
    if rank <= k:
        return Stage.VARIED, _crowded(best, plan, at, rank)
    return Stage.BELOW, _below(best, at, rank, k)


def _named(pins: list[Rule]) -> str:
    numbers = ", ".join(str(pin.rule_id) for pin in pins)
    return f"the pins of rules {numbers}" if len(pins) > 1 else f"the pin of rule {numbers}"


def _hidden(rule: Rule) -> str:
    if rule.kind is Kind.HIDE:
        return f"Rule {rule.rule_id} hides {rule.target}."
    return f"Rule {rule.rule_id} shows {rule.target} only with {rule.strength:g} or more in stock; it is not known to have that."


def _crowded(best: Arranged, plan: Plan, at: int, rank: int) -> str:
    """Say what took the place of an item that its score would have put into the list."""
    shelves, shown = best.index.shelves[0][best.rows], best.spread[: len(best.places)]
    if plan.category_cap is not None and shelves[at] >= 0 and (shelves[shown] == shelves[at]).sum() >= plan.category_cap:
        return f"Rank {rank} by score, but the list holds {plan.category_cap} of its category already, which is the most it may."
    vectors = best.index.vectors[best.rows]
    nearest = shown[np.vecdot(vectors[shown], vectors[at]).argmax()]
    title = best.index.titles[best.rows[nearest]]
    return f"Rank {rank} by score, but too much like {title}, which is shown: the list is kept varied."


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


def _below(best: Arranged, at: int, rank: int, k: int) -> str:
    """Say how far the score and its parts lie below those of rank k by score."""
    last = by_score(best.standing, k)[-1]
    gaps = {
        "taste": best.from_taste[last] - best.from_taste[at],
        "quality": best.from_quality[last] - best.from_quality[at],
        "learned from clicks": best.from_learning[last] - best.from_learning[at],
        "rules": best.from_rules[last] - best.from_rules[at],
    }
    told = [
        f"{name} {'lower' if gap > 0 else 'higher'} by {abs(gap):.3f}"
        for name, gap in gaps.items()
        if gap or name in ("taste", "quality")
    ]
    return (
        f"Rank {rank:,} of {np.isfinite(best.standing).sum():,}: its score {best.score[at]:.3f} is below the "
        f"{best.score[last]:.3f} of rank {k} ({', '.join(told)})."
    )
