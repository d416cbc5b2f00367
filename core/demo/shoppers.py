"""The shoppers: their type, personas and taste for styles and prices, and when each of them comes and goes."""

from dataclasses import dataclass

import numpy as np

from core.demo.shopper_types import GIFT, TRIER, TYPES, trait
from core.demo.vocabulary import Vocabulary

COUNTRIES = ("DE", "FR", "GB", "NL", "AT", "ES", "IT", "SE")
COUNTRY_SHARE = (0.34, 0.17, 0.15, 0.10, 0.08, 0.06, 0.06, 0.04)
KNOWN = 0.68  # share of the shoppers who joined before the log starts
LEAST_STAY = 70  # days, of anyone but a trier


@dataclass(frozen=True)
class Population:
    """n shoppers.

    ids: (n,) customer ids. type: (n,) index into TYPES. persona: (n, 2) indices into the vocabulary.
    early, late: (n, leaves) interest shares that sum to 1, before and after ``drift`` (n,) days, -1 = no drift.
    style: (n, styles) weights that sum to 1. tier: (n,) preferred price level. joined: (n,) day of joining, negative
    before the log starts. arrive, leave: (n,) first and one past the last active day. pause: (n, 2) a dormant
    stretch of days, empty where both are equal. rate: (n,) sessions in 30 days. platforms: (n, 3) shares.
    hour: (n,) centre of the day's rhythm. dwell: (n,) median seconds on a product page.
    """

    ids: np.ndarray
    type: np.ndarray
    persona: np.ndarray
    early: np.ndarray
    late: np.ndarray
    drift: np.ndarray
    style: np.ndarray
    tier: np.ndarray
    joined: np.ndarray
    arrive: np.ndarray
    leave: np.ndarray
    pause: np.ndarray
    rate: np.ndarray
    platforms: np.ndarray
    hour: np.ndarray
    dwell: np.ndarray


def build_population(words: Vocabulary, shoppers: int, days: int, rng: np.random.Generator) -> Population:
    """Return ``shoppers`` shoppers over a log of ``days`` days."""
    types = rng.choice(len(TYPES), shoppers, p=[one.share for one in TYPES])
    persona = rng.integers(0, len(words.personas), (shoppers, 2))
    early, late, drift = _interests(words, types, persona, days, rng)
    joined, arrive, leave, pause = _presence(types, days, rng)
    return Population(
        ids=np.array(
            [f"C{number:06d}" for number in np.sort(rng.choice(900_000, shoppers, replace=False)) + 100_000], dtype=object
        ),
        type=types,
        persona=persona,
        early=early,
        late=late,
        drift=drift,
        style=_styles(words, persona, rng),
        tier=trait(types, "tier") + rng.normal(0, 0.35, shoppers),
        joined=joined,
        arrive=arrive,
        leave=leave,
        pause=pause,
        rate=trait(types, "rate") * rng.lognormal(-0.05, 0.3, shoppers),
        platforms=_platforms(types, rng),
        hour=trait(types, "hour") + rng.normal(0, 0.9, shoppers),
        dwell=trait(types, "dwell") * rng.lognormal(0, 0.25, shoppers),
    )


def _interests(
    words: Vocabulary, types: np.ndarray, persona: np.ndarray, days: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Interest shares before and after the drift: a third of the shoppers swap their second persona for another."""
    profile = persona_profiles(words)
    gift = np.array([leaf.gift**1.5 for leaf in words.leaves])
    noise = rng.gamma(1.2, 1.0, (len(types), len(words.leaves)))
    drifts = rng.random(len(types)) < 0.33
    other = np.where(drifts, rng.integers(0, len(profile), len(types)), persona[:, 1])
    early = _shares(0.65 * profile[persona[:, 0]] + 0.35 * profile[persona[:, 1]], gift, noise, types)
    late = _shares(0.45 * profile[persona[:, 0]] + 0.55 * profile[other], gift, noise, types)
    late[~drifts] = early[~drifts]
    drift = np.where(drifts, rng.integers(days // 3, max(days // 3 + 1, days * 3 // 4), len(types)), -1)
    return early, late, drift


def persona_profiles(words: Vocabulary) -> np.ndarray:
    """(personas, leaves) interest shares; rows sum to 1."""
    paths = [leaf.path for leaf in words.leaves]
    profile = np.array([[persona.leaves.get(path, 0.0) for path in paths] for persona in words.personas])
    return profile / profile.sum(axis=1, keepdims=True)


def _shares(profile: np.ndarray, gift: np.ndarray, noise: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Sharpen a persona mix to as many leaves as the type has interests; gift givers shop the gift shelves."""
    giver = (types == GIFT)[:, None]
    weight = np.where(giver, 0.25 * profile + 0.75 * gift / gift.sum(), profile + 0.002) * noise
    ranks = (-weight).argsort(axis=1).argsort(axis=1)
    weight = np.where(ranks < trait(types, "interests")[:, None], weight, weight * 0.08)
    return weight / weight.sum(axis=1, keepdims=True)


def _styles(words: Vocabulary, persona: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Style weights: mostly those of the personas, with a personal turn."""
    names = [style.name for style in words.styles]
    lean = np.array([[name in one.styles for name in names] for one in words.personas], dtype=float)
    weight = rng.gamma(0.15 + 0.9 * lean[persona[:, 0]] + 0.4 * lean[persona[:, 1]])
    return weight / weight.sum(axis=1, keepdims=True)


def _presence(types: np.ndarray, days: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """When each shopper joined, becomes active, leaves, and pauses. Triers come on any day and stay a fortnight at most."""
    count, trier = len(types), types == TRIER
    known = (rng.random(count) < KNOWN) & ~trier
    latest = np.where(trier, days - 3, max(1, days * 3 // 5))
    arrive = np.where(known, 0, rng.integers(0, latest))
    joined = np.where(known, -rng.geometric(1 / 300, count), arrive)
    stay = np.maximum(rng.exponential(30 / trait(types, "leave")), LEAST_STAY).astype(int)
    leave = np.minimum(days, arrive + np.where(trier, rng.integers(2, 15, count), stay) + 1)
    pauses = (rng.random(count) < 0.15) & (leave - arrive > 90)
    begin = arrive + rng.integers(20, 45, count)
    length = np.where(pauses, rng.integers(21, 46, count), 0)
    return joined, arrive, leave, np.stack([begin, begin + length], axis=1)


def _platforms(types: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    weight = rng.gamma(6 * trait(types, "platforms") + 0.05)
    return weight / weight.sum(axis=1, keepdims=True)
