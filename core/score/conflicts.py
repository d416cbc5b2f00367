"""Rules that stand in each other's way, or that can do nothing."""

from itertools import combinations

import numpy as np

from core.score.effects import hides, touched
from core.score.index import Index
from core.score.rules import SCORED, Kind, On, Rule

HIDING = (Kind.HIDE, Kind.IN_STOCK)


def conflicts(rules: tuple[Rule, ...], index: Index) -> tuple[str, ...]:
    """Return, in sentences, what of these rules does not work as it is meant: each alone, then in pairs, oldest first."""
    ordered = sorted(rules, key=lambda rule: rule.rule_id)
    touches = {rule.rule_id: hides(rule, index) if rule.kind in HIDING else touched(rule, index) for rule in ordered}
    alone = [_alone(rule, touches[rule.rule_id], index) for rule in ordered]
    pairs = [
        _pair(one, other, touches[one.rule_id], touches[other.rule_id])
        for one, other in combinations(ordered, 2)
        if one.meets(other)
    ]
    return tuple(said for said in (*alone, *pairs) if said)


def _alone(rule: Rule, on: np.ndarray, index: Index) -> str:
    if rule.kind in HIDING:
        return ""
    may = index.is_product & ~index.is_hidden & ~index.out_of_stock
    if not on.any():
        return f"Rule {rule.rule_id} is on {rule.target}, which no item has any more."
    if not (on & may).any():
        state = "out of stock" if (on & index.out_of_stock).any() else "hidden or no product"
        return f"Rule {rule.rule_id} is on {rule.target}, which is {state}: it is not shown, whatever the rule says."
    return ""


def _pair(one: Rule, other: Rule, on_one: np.ndarray, on_other: np.ndarray) -> str:
    """Return what two rules that can meet in one list do to each other; '' = nothing. one: the older."""
    both = int((on_one & on_other).sum())
    if one.kind is Kind.PIN and other.kind is Kind.PIN:
        return _pins(one, other)
    for rule, on, hider in ((one, on_one, other), (other, on_other, one)):
        if rule.kind not in HIDING and rule.on is not On.EVERYTHING and hider.kind in HIDING and both and both == int(on.sum()):
            verb = {Kind.PIN: "pins", Kind.BOOST: "boosts", Kind.BURY: "buries"}[rule.kind]
            return f"Rule {rule.rule_id} {verb} {rule.target}, which rule {hider.rule_id} takes out of the list: hiding wins."
    if {one.kind, other.kind} == set(SCORED) and both:
        return (
            f"Rules {one.rule_id} and {other.rule_id} pull {both:,} {'item' if both == 1 else 'items'} in opposite directions: "
            f"together they add {one.added + other.added:+.2f}."
        )
    return ""


def _pins(one: Rule, other: Rule) -> str:
    if one.on is On.ITEM and other.on is On.ITEM and one.value == other.value:
        first, second = sorted((one, other), key=lambda pin: (pin.position or 1, pin.rule_id))
        return (
            f"Rules {one.rule_id} and {other.rule_id} both pin {one.target}: rule {first.rule_id} holds it at place "
            f"{first.position}, rule {second.rule_id} does nothing."
        )
    if one.position == other.position:
        return (
            f"Rules {one.rule_id} and {other.rule_id} both pin to place {one.position}: the older rule {one.rule_id} keeps it, "
            "the other comes right after."
        )
    return ""
