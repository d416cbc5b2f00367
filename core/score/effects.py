"""What rules do to one shopper's candidates: hidden, boosted, pinned."""

from dataclasses import dataclass

import numpy as np

from core.score.index import Index
from core.score.rules import SCORED, Kind, On, Rule, paths, within


@dataclass(frozen=True)
class Effects:
    """Of the rules that are for this shopper, on m candidates.

    rules: those that are for them; hidden_by: (m,) place in ``rules`` of the first one that hides the candidate, -1 = none;
    added: (m,) what boosts and buries add to the score, together.
    """

    rules: tuple[Rule, ...]
    hidden_by: np.ndarray
    added: np.ndarray

    @property
    def pins(self) -> tuple[Rule, ...]:
        """The pins by their place, the older one first."""
        return tuple(sorted((rule for rule in self.rules if rule.kind is Kind.PIN), key=lambda pin: (pin.position, pin.rule_id)))


def effects(rules: tuple[Rule, ...], index: Index, rows: np.ndarray, segment: int | None) -> Effects:
    """Return what the rules do to the candidates (m,) index rows of a shopper of this segment, None = in none."""
    mine = tuple(rule for rule in rules if rule.segment is None or rule.segment == segment)
    hidden_by, added = np.full(len(rows), -1), np.zeros(len(rows))
    for place, rule in reversed(list(enumerate(mine))):
        if rule.kind in (Kind.HIDE, Kind.IN_STOCK):
            hidden_by[hides(rule, index)[rows]] = place
    for rule in mine:
        if rule.kind in SCORED:
            added[touched(rule, index)[rows]] += rule.added
    return Effects(mine, hidden_by, added)


def touched(rule: Rule, index: Index) -> np.ndarray:
    """Return (n,) bool: the items the rule is on."""
    if rule.on is On.EVERYTHING:
        return np.ones(len(index), bool)
    if rule.on is On.BRAND:
        return np.asarray(index.brands == rule.value, bool)
    if rule.on is On.CATEGORY:
        codes, names = index.shelves
        below = np.array([within(name, rule.value) for name in names.tolist()] + [False], bool)
        return below[codes]  # -1, no category, is the last
    mask = np.zeros(len(index), bool)
    if rule.value in index.rows:
        mask[index.rows[rule.value]] = True
    return mask


def targets(on: On, index: Index) -> tuple[str, ...]:
    """Return every category, and every one above it, or every brand, that a rule can be on, ascending."""
    if on is On.BRAND:
        return tuple(sorted({brand for brand in index.brands.tolist() if brand is not None}))
    return tuple(sorted({path for name in index.shelves[1].tolist() for path in paths(name)}))


def hides(rule: Rule, index: Index) -> np.ndarray:
    """Return (n,) bool: what a rule takes out of lists; to require stock takes out what has less, or is not known to have it."""
    on = touched(rule, index)
    return on & ~(index.stock >= rule.strength) if rule.kind is Kind.IN_STOCK else on
