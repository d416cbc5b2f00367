"""Plain-language names for segments, from what stands out in each; a name is only given where it is true.

A name is a noun with, where something else stands out as well, an adjective: "Weekend bargain hunters". Every candidate
says what it claims: how far the segment's mean must lie from the shop's, in standard deviations and with which sign,
and for some an absolute level ("Evening" needs evenings, not merely later than others).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.profiles.scaling import INGREDIENTS

FAINT, CLEAR = 0.2, 0.55
"""Standard deviations: below the first a claim is not true, from the second an adjective is worth saying."""
PLAIN = "Everyday shoppers"


@dataclass(frozen=True)
class Claim:
    """A word and what it claims. signs: {feature: +1 or -1}; levels: {feature: (least, most) of the segment's mean}.

    weight: above 1 for what a merchandiser acts on (loyalty, price, leaving), below for mere habits.
    """

    word: str
    signs: dict[str, int]
    levels: dict[str, tuple[float, float]] = field(default_factory=dict)
    weight: float = 1.0


@dataclass(frozen=True)
class Character:
    """What naming needs of one segment. effects: (segment's mean − shop's mean) in standard deviations; means: as they are."""

    effects: Mapping[str, float]
    means: Mapping[str, float]


CONCEPT = {one.column: one.concept for one in INGREDIENTS}
ANY = float("inf")
NOUNS = (
    Claim(
        "Loyal regulars",
        {"orders": 1, "sessions": 1, "recency_days": -1},
        {"orders": (3, ANY), "active_days": (3, ANY)},
        weight=1.4,
    ),
    Claim("Faithful visitors", {"sessions": 1, "span_days": 1, "recency_days": -1}, {"sessions": (4, ANY)}),
    Claim("Window shoppers", {"buy_share": -1, "orders": -1}, weight=1.4),
    Claim("Bargain hunters", {"discount_share": 1}, {"discount_share": (0.25, 1)}, weight=1.5),
    Claim("Premium buyers", {"price_tier": 1}, {"price_tier": (0.52, 1)}, weight=1.4),
    Claim("Thrifty buyers", {"price_tier": -1}, {"price_tier": (0, 0.48)}),
    Claim("Big spenders", {"order_value": 1, "monetary": 1}, weight=1.3),
    Claim("One-time visitors", {"span_days": -1, "sessions": -1}, {"sessions": (0, 1.4), "orders": (0, 0.5)}, weight=1.1),
    Claim("One-time buyers", {"orders": -1, "span_days": -1}, {"orders": (0.6, 1.4)}, weight=1.1),
    Claim("Occasional buyers", {"orders": -1, "active_days": -1}, {"orders": (1, 2.5)}, weight=1.1),
    Claim("Passing visitors", {"span_days": -1, "sessions": -1}, {"sessions": (0, 3)}),
    Claim("Lapsed shoppers", {"recency_days": 1, "sessions": -1}, {"recency_days": (30, ANY)}, weight=1.2),
    Claim("Newcomers", {"tenure_days": -1, "recency_days": -1}, {"tenure_days": (0, 60)}),
    Claim("Returning shoppers", {"orders": 1, "span_days": 1}, {"orders": (2, ANY)}),
    Claim("All-round explorers", {"breadth": 1}, weight=0.9),
    Claim("Specialists", {"breadth": -1}),
    Claim("Decided buyers", {"buy_share": 1, "orders": 1}),
    Claim("Wish-list keepers", {"wish_share": 1}, weight=0.9),
    Claim("Cart abandoners", {"abandon_rate": 1}, {"abandon_rate": (0.5, 1)}),
    Claim("Frequent returners", {"return_rate": 1}, {"return_rate": (0.08, 1)}),
    Claim("Careful readers", {"event_dwell_s": 1}, weight=0.8),
    Claim("Quick browsers", {"event_dwell_s": -1}, weight=0.7),
    Claim("Big-basket shoppers", {"session_events": 1}, weight=0.8),
    Claim("Small-basket shoppers", {"session_events": -1}, weight=0.8),
    Claim("Generous raters", {"mean_rating": 1}, {"mean_rating": (4, 5)}),
    Claim("Critical raters", {"mean_rating": -1}, {"mean_rating": (1, 3.8)}),
)
ADJECTIVES = (
    Claim("Weekend", {"weekend_share": 1}, {"weekend_share": (0.3, 1)}, weight=1.4),
    Claim("Weekday", {"weekend_share": -1}, {"weekend_share": (0, 0.2)}),
    Claim("Evening", {"evening_share": 1}, {"evening_share": (0.4, 1)}),
    Claim("Late-day", {"evening_share": 1}, {"evening_share": (0.05, 0.4)}),
    Claim("Daytime", {"evening_share": -1}, {"evening_share": (0, 0.35)}, weight=0.8),
    Claim("App-first", {"app_share": 1}, {"app_share": (0.5, 1)}, weight=0.8),
    Claim("Website", {"web_share": 1}, {"web_share": (0.5, 1)}, weight=0.7),
    Claim("Premium", {"price_tier": 1}, {"price_tier": (0.52, 1)}, weight=1.3),
    Claim("Thrifty", {"price_tier": -1}, {"price_tier": (0, 0.48)}, weight=1.2),
    Claim("Discount", {"discount_share": 1}, {"discount_share": (0.25, 1)}, weight=1.2),
    Claim("High-spending", {"order_value": 1}),
    Claim("Low-spending", {"order_value": -1}),
    Claim("Big-basket", {"session_events": 1}),
    Claim("Small-basket", {"session_events": -1}),
    Claim("Frequent", {"orders": 1}, {"orders": (3, ANY)}),
    Claim("Occasional", {"orders": -1}),
    Claim("Lapsed", {"recency_days": 1}, {"recency_days": (30, ANY)}),
    Claim("Recent", {"recency_days": -1}),
    Claim("Long-standing", {"tenure_days": 1}, {"tenure_days": (90, ANY)}),
    Claim("New", {"tenure_days": -1}, {"tenure_days": (0, 60)}),
    Claim("Wide-ranging", {"breadth": 1}),
    Claim("Focused", {"breadth": -1}),
    Claim("Attentive", {"event_dwell_s": 1}, weight=0.8),
    Claim("Often-returning", {"return_rate": 1}, {"return_rate": (0.08, 1)}),
)


def name_all(characters: list[Character], kept: Mapping[int, str] | None = None) -> list[str]:
    """Return one distinct name a segment, in the order given.

    kept: place → the name that a segment has already. The strongest claims choose their noun first; ties go to the earlier
    segment and the earlier noun. Names that would be equal are told apart by further adjectives, and at last by a number.
    """
    kept = kept or {}
    unnamed = [place for place in range(len(characters)) if place not in kept]
    nouns = _choose_nouns([characters[place] for place in unnamed])
    names = dict(kept)
    for place, noun in zip(unnamed, nouns, strict=True):
        names[place] = next(name for name in _spellings(characters[place], noun) if name not in names.values())
    return [names[place] for place in range(len(characters))]


def strength(claim: Claim, character: Character) -> float:
    """Return the claim's weight times the mean of its effects in its direction; 0 where any part of it is untrue or not known."""
    effects = [sign * character.effects.get(feature, 0.0) for feature, sign in claim.signs.items()]
    for feature, (least, most) in claim.levels.items():
        if not least <= character.means.get(feature, float("nan")) <= most:
            return 0.0
    return claim.weight * sum(effects) / len(effects) if min(effects) > FAINT else 0.0


def _choose_nouns(characters: list[Character]) -> list[Claim]:
    """Return a noun a segment, no noun twice except the plain one."""
    plain = Claim(PLAIN, {})
    chosen: dict[int, Claim] = {}
    pairs = [
        (-strength(noun, character), place, order)
        for place, character in enumerate(characters)
        for order, noun in enumerate(NOUNS)
        if strength(noun, character) > 0
    ]
    for _, place, order in sorted(pairs):
        if place not in chosen and NOUNS[order] not in chosen.values():
            chosen[place] = NOUNS[order]
    return [chosen.get(place, plain) for place in range(len(characters))]


def _spellings(character: Character, noun: Claim) -> Iterator[str]:
    """Yield names for the segment, the best first, without end."""
    adjectives = sorted(
        (word for word in ADJECTIVES if strength(word, character) > 0 and not _concepts(word) & _concepts(noun)),
        key=lambda word: -strength(word, character),
    )
    fitting = [word for word in adjectives if word.word.split("-")[0].lower() not in noun.word.lower()]
    if fitting and strength(fitting[0], character) >= CLEAR:
        yield _spell(noun, fitting[0])
    yield noun.word
    for word in fitting:
        yield _spell(noun, word)
    number = 2
    while True:
        yield f"{noun.word} ({number})"
        number += 1


def _concepts(claim: Claim) -> set[str]:
    return {CONCEPT[feature] for feature in claim.signs}


def _spell(noun: Claim, adjective: Claim) -> str:
    return f"{adjective.word} {noun.word[0].lower()}{noun.word[1:]}"
