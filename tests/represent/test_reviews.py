"""From reviews to tones, aspects and names: on a made-up shop, and on the demo shop against its stars."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.base.db import Store
from core.base.derived import Progress, no_progress
from core.base.jobs import Cancelled
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.represent import lexicon, tones
from core.represent.encoder import encoder_name
from core.represent.opinions import opinions, over_time
from core.represent.reviews import rebuild_reviews
from core.represent.tones import Reader, report
from tests.profiles.shop import Row, item, load
from tests.represent.words import WordEncoder

GOOD = (
    "The fabric is lovely",
    "Great, the colour is perfect",
    "The fit is as on me as on her",
    "Wonderful, and the Wildroot soap is great",
)
BAD = (
    "The zip is awful",
    "Terrible, the seam is gone",
    "It went to pieces, and the zip is gone",
    "The seam came apart in a week",
)
SO_SO = ("It is there", "The parcel came on a day", "As on the label", "It is one of two")


class SmallEncoder(WordEncoder):
    """The word encoder cut to 64 numbers: a softmax on 4,096 is slow."""

    def encode(self, texts: Sequence[str], progress: Progress = no_progress) -> np.ndarray:
        """Return float32 (n, 64), rows of length 1."""
        vectors = super().encode(texts, progress).reshape(len(texts), 64, 64).sum(axis=2)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def said(number: int, item_id: str, text: str, stars: float | None, ts: str | None = None) -> Row:
    """A written review."""
    values = {"review_key": number, "import_id": 1, "item_id": item_id, "text": text, "rating": stars, "ts": ts}
    return Row("reviews", values)


def shop(each: int) -> list[Row]:
    """Reviews of two items, ``each`` of each tone: the cup is praised, the pot blamed, both called neither by some."""
    rows = [item("cup", brand="Wildroot", category="kitchen > cups"), item("pot", category="kitchen > pots")]
    for value, (texts, stars, item_id) in enumerate(((GOOD, 5, "cup"), (BAD, 1, "pot"), (SO_SO, 3, "pot"))):
        for number in range(each):
            month = 1 + number % 3
            text = f"{texts[number % 4]}. {texts[(number // 4) % 4]}."
            rows.append(said(1 + value * each + number, item_id, text, stars, f"2024-{month:02d}-05"))
    return rows


def build(store: Store, settings: Settings, *rows: Row) -> SmallEncoder:
    """Load the rows, rebuild, and return the encoder with what it was asked for."""
    load(store, *rows)
    rebuild_rollups(store)
    encoder = SmallEncoder(encoder_name(settings))
    rebuild_reviews(store, settings, lambda: encoder)
    return encoder


def test_a_head_reads_where_there_are_stars_enough(store: Store, settings: Settings) -> None:
    build(store, settings, *shop(120))
    told = report(store)
    assert told is not None
    assert told.reader is Reader.HEAD
    assert (told.written, told.read, told.encoded, told.rated) == (360, 360, 360, 360)
    assert (told.trained_on, told.tested_on) == (288, 72)
    assert told.f1_head == 1
    assert told.f1_lexicon is not None
    assert "Read by a head trained on the shop's own stars: macro-F1 1.00" in told.sentence
    cup = opinions(store, "item", "cup")
    assert (cup.reviews, cup.positive, cup.neutral, cup.negative) == (120, 120, 0, 0)
    pot = opinions(store, "category", "kitchen > pots")
    assert (pot.positive, pot.neutral, pot.negative) == (0, 120, 120)
    assert opinions(store, "shop").reviews == opinions(store, "category", "kitchen").reviews == 360
    assert over_time(store, "item", "cup")["positive"].tolist() == [40, 40, 40]


def test_aspects_come_with_counts_and_clauses(store: Store, settings: Settings) -> None:
    build(store, settings, *shop(120))
    everywhere = opinions(store, "shop")
    liked = {one.aspect: one for one in everywhere.liked}
    disliked = {one.aspect: one for one in everywhere.disliked}
    assert {"fabric", "colour", "fit"} <= set(liked)
    assert {"zip", "seam"} <= set(disliked)
    assert (liked["fabric"].praised, liked["fabric"].blamed) == (plain(GOOD, "fabric", 120), 0)
    assert (disliked["zip"].praised, disliked["zip"].blamed) == (0, plain(BAD, "zip", 120))
    assert all("zip" in example for example in disliked["zip"].examples)


def plain(texts: tuple[str, ...], word: str, many: int) -> int:
    """Count the reviews of ``shop`` that hold a word."""
    return sum(word in texts[number % 4] + texts[(number // 4) % 4] for number in range(many))


def test_names_of_the_catalogue_are_found_in_reviews(store: Store, settings: Settings) -> None:
    build(store, settings, *shop(120))
    rows = store.rows("SELECT item_id, entity, kind, reviews FROM entities")
    assert rows == [("cup", "Wildroot", "brand", plain(GOOD, "Wildroot", 120))]


def test_too_few_reviews_are_read_by_vader_and_said_so(store: Store, settings: Settings) -> None:
    encoder = build(store, settings, *shop(20))
    told = report(store)
    assert told is not None
    assert told.reader is Reader.LEXICON
    assert told.f1_head is None
    assert "60 rated reviews are too few to train on" in told.sentence
    assert encoder.encoded == []
    assert opinions(store, "item", "cup").source == "VADER"
    assert opinions(store, "item", "cup").positive == 20


def test_a_language_no_reader_knows_is_left_unread(store: Store, settings: Settings) -> None:
    build(
        store, settings, *[said(number, "cup", "Die Tasse ist nicht für den Tisch und sie ist schön", 5) for number in range(9)]
    )
    told = report(store)
    assert told is not None
    assert (told.reader, told.read) == (None, 0)
    assert "look German" in told.sentence
    assert opinions(store, "item", "cup").reviews == 0


def test_nothing_is_read_again_until_reviews_or_categories_change(store: Store, settings: Settings) -> None:
    build(store, settings, *shop(120))
    before = store.value("SELECT built_at FROM derived WHERE name = 'tones'")
    again = build(store, settings, item("tin"))  # another item without reviews
    assert again.encoded == []
    assert store.value("SELECT built_at FROM derived WHERE name = 'tones'") > before
    assert store.value("SELECT count(*) FROM tones WHERE data_version = ?", [store.data_version()]) == 360
    more = build(store, settings, said(999, "tin", "The lid is lovely", 5))
    assert len(more.encoded) == 1
    assert opinions(store, "item", "tin").reviews == 1


def test_above_the_budget_a_sample_is_encoded_and_words_read_the_rest(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tones, "MOST_ENCODED", 310)
    build(store, settings, *shop(120))
    told = report(store)
    assert told is not None
    assert (told.written, told.read, told.encoded) == (360, 360, 310)
    assert "310 of 360 reviews were encoded" in told.sentence
    assert dict(store.rows("SELECT reader, count(*) FROM tones GROUP BY reader")) == {"head": 310, "words": 50}
    assert opinions(store, "item", "cup").positive == 120


def test_a_cancelled_reading_leaves_the_tables_as_they_were(store: Store, settings: Settings) -> None:
    build(store, settings, *shop(120))
    before = store.rows("SELECT * FROM tones ORDER BY review_key")

    def stop(done: float, message: str) -> None:
        if message.startswith("Comparing"):
            raise Cancelled

    load(store, said(999, "cup", "The lid is lovely", 5))
    rebuild_rollups(store)
    encoder = SmallEncoder(encoder_name(settings))
    with pytest.raises(Cancelled):
        rebuild_reviews(store, settings, lambda: encoder, stop)
    assert store.rows("SELECT * FROM tones ORDER BY review_key") == before


def test_without_written_reviews_there_is_nothing_to_say(store: Store, settings: Settings) -> None:
    build(store, settings, said(1, "cup", "  ", 5), replace(said(2, "cup", "", 4)))
    assert report(store) is None
    assert opinions(store, "item", "cup").reviews == 0
    assert opinions(store, "item", "cup").as_json()["sentiment"] == {"source": "no reviews", "reviews": 0}


def test_the_lexicon_reads_english_and_chinese() -> None:
    scores = lexicon.read(["I love it, great!", "Awful, it broke.", "很好，非常喜欢", "太差了，质量不好"])
    assert lexicon.classes(scores).tolist() == [2, 0, 2, 0]
