"""Read the tone of a shop's reviews, with whichever reader did best on reviews it had not seen, and say which that was."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.derived import Progress, no_progress
from core.base.schema import Col
from core.base.settings import Settings
from core.represent import lexicon
from core.represent.encoder import Encoder, encoder_name
from core.represent.item_text import content_hash
from core.represent.item_vectors import cached, encode_into_cache, not_cached
from core.represent.languages import Languages
from core.represent.review_texts import beginning
from core.represent.tone_head import Head, calibration_error, classes_of, f1_each, fit, macro_f1, split

FEWEST_REVIEWS = 300
"""Rated reviews with words from which a head of the shop's own is trained…"""
FEWEST_OF_A_TONE = 25
"""…with at least this many of each tone."""
MOST_ENCODED = 25_000
"""Reviews encoded at most, minutes of work on two cores; the words half of the head reads the others."""
READ_PER_STEP = 20_000


class Reader(StrEnum):
    """What read a review."""

    HEAD = "head"  # words and vectors
    WORDS = "words"  # the head's words half
    LEXICON = "lexicon"


@dataclass(frozen=True)
class ToneReport:
    """How the readers did, and what was read.

    trained_on, tested_on: reviews; f1_*: macro-F1 over negative, neutral, positive on the same held-out reviews, in [0, 1],
    None where not measured; vector_share: weight of the encoder in the head; calibration: expected error of the chance of
    'positive'; written: reviews with words, encoded and read of them.
    """

    reader: Reader | None
    written: int
    read: int
    encoded: int
    rated: int
    trained_on: int = 0
    tested_on: int = 0
    f1_head: float | None = None
    f1_words: float | None = None
    f1_lexicon: float | None = None
    f1_each: tuple[float, ...] = ()
    vector_share: float | None = None
    calibration: float | None = None
    languages: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def name(self) -> str:
        """What to call the reader on a screen."""
        return _NAMES[self.reader] if self.reader else "nothing"

    @property
    def sentence(self) -> str:
        """Which reader was used, why, and what it did not read."""
        return " ".join(part for part in (_why(self), _left(self)) if part)

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)


@dataclass(frozen=True)
class Reading:
    """The reviews' tones. chances: (n, 3) of negative, neutral, positive; classes: (n,); by: (n,) Reader values."""

    chances: np.ndarray
    classes: np.ndarray
    by: np.ndarray
    head: Head | None
    report: ToneReport


def read(
    store: Store,
    settings: Settings,
    load_encoder: Callable[[], Encoder],
    reviews: pd.DataFrame,
    progress: Progress = no_progress,
) -> Reading:
    """Return the tone of every review (as ``review_texts.written`` gives them), the seeded sample of them encoded.

    With too few rated reviews to train on, or where the head did worse than the lexicon on reviews neither had seen, the
    lexicon reads. Where the lexicon does not know the language either, ``report.reader`` is None and every tone neutral.
    """
    texts = reviews[Col.TEXT].tolist()
    languages = Languages(texts).names
    stars = reviews[Col.RATING].to_numpy(float)
    rated = np.flatnonzero(~np.isnan(stars))
    many = np.bincount(classes_of(stars[rated]), minlength=3)
    base = {"written": len(texts), "rated": len(rated), "languages": languages}
    if len(rated) < FEWEST_REVIEWS or many.min() < FEWEST_OF_A_TONE:
        return _by_lexicon(texts, {"encoded": 0, **base}, progress)
    chosen = _sample(len(texts), settings.seed)
    vectors = _vectors(store, settings, load_encoder, [texts[row] for row in chosen], _part(progress, 0.0, 0.75))
    return _by_head(texts, stars, chosen, vectors, settings.seed, base, _part(progress, 0.75, 1.0))


def report(store: Store) -> ToneReport | None:
    """Return how the reviews were read; None before the first time, or where there are none with words."""
    rows = store.rows("SELECT report FROM tone_report")
    if not rows:
        return None
    values = json.loads(rows[0][0])
    known = {field.name for field in fields(ToneReport)}
    listed = {name: tuple(values[name]) for name in ("f1_each", "languages")}
    reader = Reader(values["reader"]) if values["reader"] else None
    return ToneReport(**{name: value for name, value in values.items() if name in known} | listed | {"reader": reader})


_NAMES = {Reader.HEAD: "the shop's own head", Reader.WORDS: "the shop's own head, words only", Reader.LEXICON: "VADER"}


def _why(told: ToneReport) -> str:
    if told.reader is None:
        return (
            f"The reviews look {', '.join(told.languages).title()}, which VADER does not read, and there are too few to train on."
        )
    if told.f1_head is None or told.f1_lexicon is None:
        return (
            f"Read by VADER, a word list with rules: {told.rated:,} rated reviews are too few to train on "
            f"({FEWEST_REVIEWS} are needed, {FEWEST_OF_A_TONE} of each tone)."
        )
    measured = f"macro-F1 {told.f1_head:.2f} against VADER's {told.f1_lexicon:.2f} on {told.tested_on:,} reviews neither had seen"
    if told.reader is Reader.LEXICON:
        return f"Read by VADER: the shop's own head did no better ({measured})."
    return f"Read by a head trained on the shop's own stars: {measured}."


def _left(told: ToneReport) -> str:
    if told.reader in {Reader.HEAD, Reader.WORDS} and told.encoded < told.written:
        return f"{told.encoded:,} of {told.written:,} reviews were encoded; the head's words half read the others."
    return ""


def _by_lexicon(texts: list[str], base: dict[str, Any], progress: Progress, measured: dict[str, Any] | None = None) -> Reading:
    known = {"english", "chinese"} & {base["languages"][0], "chinese" if _mostly_chinese(texts) else ""}
    scores = lexicon.read(texts, progress) if known else np.zeros(len(texts))
    found = lexicon.classes(scores)
    chances = np.zeros((len(texts), 3))
    chances[:, 2], chances[:, 0] = np.maximum(scores, 0), np.maximum(-scores, 0)
    chances[:, 1] = 1 - chances[:, 0] - chances[:, 2]
    told = ToneReport(reader=Reader.LEXICON if known else None, read=len(texts) if known else 0, **base, **(measured or {}))
    return Reading(chances, found, np.full(len(texts), str(Reader.LEXICON), object), None, told)


def _by_head(
    texts: list[str],
    stars: np.ndarray,
    chosen: np.ndarray,
    vectors: np.ndarray,
    seed: int,
    base: dict[str, Any],
    progress: Progress,
) -> Reading:
    """Train on the encoded and rated reviews, measure both readers on the held-out part, and let the better one read."""
    progress(0.0, "Learning the tone of reviews from the stars")
    rated = ~np.isnan(stars[chosen])
    rows = chosen[rated]
    wanted = classes_of(stars[rows])
    parts = split(wanted, seed)
    head = fit([texts[row] for row in rows], vectors[rated], wanted, parts, _part(progress, 0.0, 0.4))
    progress(0.4, "Comparing with VADER")
    held = [texts[row] for row in rows[parts.test]]
    chances = head.probabilities(held, vectors[rated][parts.test])
    truth = wanted[parts.test]
    by_words = head.probabilities(held, None)
    measured: dict[str, Any] = {
        "trained_on": len(parts.train) + len(parts.choose),
        "tested_on": len(parts.test),
        "f1_head": macro_f1(truth, head.classes(chances)),
        "f1_words": macro_f1(truth, head.classes(by_words, by_words=True)),
        "f1_lexicon": macro_f1(truth, lexicon.classes(lexicon.read(held))),
        "f1_each": f1_each(truth, head.classes(chances)),
        "vector_share": head.vector_share,
        "calibration": calibration_error(truth, chances),
    }
    if measured["f1_head"] <= measured["f1_lexicon"]:
        return _by_lexicon(texts, {"encoded": len(chosen), **base}, progress, measured)
    told = ToneReport(Reader.HEAD, read=len(texts), encoded=len(chosen), **base, **measured)
    return _read_all(texts, chosen, vectors, head, told, progress)


def _read_all(
    texts: list[str], chosen: np.ndarray, vectors: np.ndarray, head: Head, told: ToneReport, progress: Progress
) -> Reading:
    """Let both halves of the head read the encoded reviews, and its words half the others."""
    chances = np.empty((len(texts), 3))
    found = np.empty(len(texts), int)
    by = np.full(len(texts), str(Reader.WORDS), object)
    others = np.setdiff1d(np.arange(len(texts)), chosen)
    for start in range(0, len(others), READ_PER_STEP):
        progress(0.5 + 0.4 * start / len(others), f"Read {start:,} of {len(others):,} reviews by words")
        rows = others[start : start + READ_PER_STEP]
        chances[rows] = head.probabilities([texts[row] for row in rows], None)
        found[rows] = head.classes(chances[rows], by_words=True)
    chances[chosen] = head.probabilities([texts[row] for row in chosen], vectors)
    found[chosen] = head.classes(chances[chosen])
    by[chosen] = str(Reader.HEAD)
    progress(1.0, f"Read {len(texts):,} reviews")
    return Reading(chances, found, by, head, told)


def _sample(many: int, seed: int) -> np.ndarray:
    """Return the rows to encode: all, or MOST_ENCODED of them drawn with the seed, in order."""
    if many <= MOST_ENCODED:
        return np.arange(many)
    return np.sort(np.random.default_rng(seed).choice(many, MOST_ENCODED, replace=False))


def _vectors(
    store: Store, settings: Settings, load_encoder: Callable[[], Encoder], texts: list[str], progress: Progress
) -> np.ndarray:
    """Return float32 (n, dim) of the reviews' beginnings, from the cache where they are in it; weights load only if needed."""
    begun = [beginning(text) for text in texts]
    hashes = [content_hash(text) for text in begun]
    name = encoder_name(settings)
    if pending := not_cached(store, name, dict(zip(hashes, begun, strict=True))):
        encode_into_cache(store, load_encoder(), pending, progress)
    return cached(store, name, hashes)


def _mostly_chinese(texts: list[str]) -> bool:
    sample = "".join(texts[:200])
    return sum("\u4e00" <= letter <= "\u9fff" for letter in sample) > 0.3 * len(sample)


def _part(progress: Progress, start: float, end: float) -> Progress:
    return lambda done, message: progress(start + done * (end - start), message)
