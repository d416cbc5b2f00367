"""What another α would bring and cost, in words; and the α that each segment does best with, where that is more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.train.alpha_curve import ALPHAS, AlphaCurve, Curve, Line, place

LEAST = 50
"""Questions below which a segment gets no suggestion of its own."""
_SAME = 0.0005
"""NDCG that is not told apart."""


@dataclass(frozen=True)
class Advice:
    """What to do with one group's α. now: what it has; suggested: the same where nothing better is sure; sentence: why."""

    segment_id: int | None
    name: str
    questions: int
    now: float
    suggested: float
    sentence: str


def advise(curve: Curve, now: float) -> Advice:
    """Return the best α on the validation part, or ``now`` where the best is not better than it by more than chance."""

    def say(suggested: float, sentence: str) -> Advice:
        return Advice(curve.segment_id, curve.name, curve.questions, now, suggested, sentence)

    if curve.segment_id is not None and curve.questions < LEAST:
        return say(now, f"Too few questions for a suggestion of its own: {LEAST} are needed.")
    at, top = place(now), max(range(len(ALPHAS)), key=curve.ndcg.value.__getitem__)
    gain, margin = curve.ndcg.value[top] - curve.ndcg.value[at], curve.margin[top][at]
    if top == at:
        return say(now, f"No other α does better than {now:.2f}.")
    if gain <= margin:
        spread = f"{gain - margin:+.3f} to {gain + margin:+.3f}"
        return say(now, f"Kept at {now:.2f}: the best, {ALPHAS[top]:.2f}, may be luck (NDCG {gain:+.3f}, {spread}).")
    return say(ALPHAS[top], f"{ALPHAS[top]:.2f} instead of {now:.2f}: {trade(curve, now, ALPHAS[top])}")


def advice(found: AlphaCurve, now: float, names: Sequence[tuple[int, str]]) -> tuple[Advice, tuple[Advice, ...]]:
    """Return the advice for the whole shop, and for each of its segments beside the α suggested to the shop.

    now: the shop's α; names: (segment id, name) of every segment, in the order to tell them in.
    """
    shop = advise(found.everyone, now)
    curves = {curve.segment_id: curve for curve in found.segments}
    silent = "None of the shoppers asked is in it."
    return shop, tuple(
        advise(curves[number], shop.suggested)
        if number in curves
        else Advice(number, name, 0, shop.suggested, shop.suggested, silent)
        for number, name in names
    )


def trade(curve: Curve, now: float, then: float) -> str:
    """Say what ``then`` brings and costs beside ``now``: "0.050 less NDCG buys 12 % more of the catalogue shown"."""
    was, new = place(now), place(then)
    if was == new:
        return "What there is now."
    gain = curve.ndcg.value[new] - curve.ndcg.value[was]
    sure = abs(gain) > curve.margin[new][was]
    told = f"{abs(gain):.3f} {'more' if gain > 0 else 'less'} NDCG" if abs(gain) >= _SAME else "the same NDCG"
    if not sure and abs(gain) >= _SAME:
        told += " (may be chance)"
    wider = _change(curve.coverage, was, new)
    breadth = f"{abs(wider):.0%} {'more' if wider > 0 else 'less'} of the catalogue shown"
    if abs(wider) < 0.005:
        told += " and as much of the catalogue shown"
    elif gain <= -_SAME:
        told += f" buys {breadth}" if wider > 0 else f" and {breadth}"
    elif gain >= _SAME:
        told += f", and {breadth}" if wider > 0 else f" costs breadth: {breadth}"
    else:
        told += f", and {breadth}"
    return told[0].upper() + told[1:] + _price(curve, was, new) + "."


def _price(curve: Curve, was: int, new: int) -> str:
    if curve.price is None:
        return ""
    change = _change(curve.price, was, new)
    return f"; the mean price is {abs(change):.0%} {'higher' if change > 0 else 'lower'}" if abs(change) >= 0.005 else ""


def _change(line: Line, was: int, new: int) -> float:
    """Return the change as a part of what it was."""
    return line.value[new] / line.value[was] - 1 if line.value[was] else 0.0


def as_json(found: AlphaCurve, now: float, names: Sequence[tuple[int, str]]) -> dict[str, Any]:
    """Return ``{"alpha", "ndcg", "intervals", "coverage", "novelty", "price", "segments", "suggested", "model", …}``."""
    shop, own = advice(found, now, names)
    curves = {curve.segment_id: curve for curve in found.segments}
    return {
        "alpha": list(ALPHAS),
        **_lines(found.everyone),
        "segments": [{**_advised(one), **(_lines(curves[one.segment_id]) if one.segment_id in curves else {})} for one in own],
        "now": now,
        "suggested": shop.suggested,
        "sentence": shop.sentence,
        "model": found.run or "zero-shot",
        "asked_as": found.model,
        "data_version": found.data_version,
        "k": found.k,
        "questions": found.asked,
        "notes": [] if found.everyone.price else ["The shop's prices are not known, so the mean price is left out."],
    }


def lines(found: AlphaCurve, now: float, names: Sequence[tuple[int, str]]) -> list[str]:
    """Return the curve and the advice as lines for a terminal."""
    shop, own = advice(found, now, names)
    whole = found.everyone
    told = [f"{found.model}: {found.asked:,} shoppers of {found.of:,} asked, lists of {found.k}", _HEADING]
    for at, alpha in enumerate(ALPHAS):
        price = f"{whole.price.value[at]:10.2f}" if whole.price else ""
        mark = " <- now" if at == place(now) else ""
        band = f"({whole.ndcg.low[at]:.4f} to {whole.ndcg.high[at]:.4f})"
        rest = f"{whole.coverage.value[at]:>9.1%}{whole.novelty.value[at]:9.2f}{price}{mark}"
        told.append(f"{alpha:6.2f}  {whole.ndcg.value[at]:.4f} {band}{rest}")
    return [*told, f"Everyone: {shop.sentence}", *(f"{one.name} ({one.questions:,} asked): {one.sentence}" for one in own)]


_HEADING = "     α    NDCG (95 % interval)     coverage  novelty     price"


def _advised(one: Advice) -> dict[str, Any]:
    told = {"segment": one.segment_id, "name": one.name, "questions": one.questions}
    return {**told, "suggested": one.suggested, "sentence": one.sentence}


def _lines(curve: Curve) -> dict[str, Any]:
    lines = {"ndcg": curve.ndcg, "coverage": curve.coverage, "novelty": curve.novelty, "price": curve.price}
    values = {name: [round(value, 6) for value in line.value] if line else None for name, line in lines.items()}
    bands = {
        name: [[round(low, 6), round(high, 6)] for low, high in zip(line.low, line.high, strict=True)]
        for name, line in lines.items()
        if line
    }
    return {**values, "intervals": bands}
