"""Expected dwell learns from the past, and is judged on what came after."""

import numpy as np
import pytest

from core.base.db import Store
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.represent.encoder import encoder_name
from core.represent.item_vectors import embed
from core.score.dwell import LONGEST_S, PRIOR, dwell_report, expected, known, read_visits
from core.score.index import load_index
from core.score.reading import content
from core.train.dwell_fit import concordance, rebuild_dwell
from tests.profiles.shop import Row, act, item, load
from tests.represent.words import WordEncoder

PIECES = {"brewing": "how to brew tea", "digging": "how to dig a garden"}


def reader(number: int, day: int, piece: str, seconds: float) -> Row:
    """One visit of a piece."""
    stamp = f"2024-{1 + day // 28:02d}-{1 + day % 28:02d} {8 + number % 12:02d}:{number % 60:02d}"
    return act(f"u{number}", piece, stamp, "click", dwell_s=seconds, session_id=f"s{number}{piece}{day}")


@pytest.fixture
def reading(store: Store, settings: Settings) -> Store:
    """Tea drinkers stay 80 s with brewing and 20 s with digging; gardeners the other way round. 400 visits."""
    load(store, item("cup", title="red tea cup"), item("spade", title="steel garden spade"))
    load(store, *[item(name, title=title, kind="content") for name, title in PIECES.items()])
    rows = [act(f"u{n}", "cup" if n % 2 == 0 else "spade", "2023-12-01", "purchase") for n in range(50)]
    rng = np.random.default_rng(7)
    for day in range(4):
        for number in range(50):
            for piece in PIECES:
                mine = (piece == "brewing") == (number % 2 == 0)
                rows.append(reader(number, 10 * day, piece, (80 if mine else 20) * float(rng.lognormal(0, 0.3))))
    load(store, *rows)
    rebuild_rollups(store)
    embed(store, WordEncoder(encoder_name(settings)))
    rebuild_dwell(store, settings)
    return store


def test_taste_orders_what_popularity_cannot(reading: Store, settings: Settings) -> None:
    report = dwell_report(reading)
    assert report is not None
    assert (report.pieces, report.visits, report.readers) == (2, 400, 50)
    assert report.weights is not None
    assert report.judged is not None
    assert report.judged.visits == 80
    assert report.judged.concordance > 0.7
    assert report.judged.popularity == pytest.approx(0.5, abs=0.05)
    assert report.judged.low > 0
    assert report.judged.ratio == pytest.approx(1, abs=0.2)
    assert "surely better than popularity" in report.sentence


def test_each_shopper_gets_the_piece_they_stay_with(reading: Store, settings: Settings) -> None:
    load(reading, act("tea", "cup", "2023-12-01", "purchase"), act("green", "spade", "2023-12-01", "purchase"))
    rebuild_rollups(reading)
    index = load_index(reading, settings)
    for user, first in (("tea", "brewing"), ("green", "digging")):
        found = content(reading, index, user)
        assert found.offers[0].item_id == first
        assert (found.offers[0].expected_s or 0) > (found.offers[1].expected_s or 0)
    opened = content(reading, index, "u0")
    assert opened.offers == ()
    assert "2 that they have opened are left out" in opened.sentence


def test_what_describes_a_visit_lies_before_it(reading: Store, settings: Settings) -> None:
    index = load_index(reading, settings)
    visits = read_visits(reading, index)
    assert (np.diff(visits.when.astype("int64")) >= 0).all()
    first_day = known(reading, index, visits, visits.users, visits.moment(0.25))
    assert first_day.visits.sum() == 100
    mean = visits.seconds[:100].mean()
    row = index.row("brewing")
    mine = visits.seconds[:100][visits.row[:100] == row]
    assert np.exp(first_day.level[row]) * mean == pytest.approx((mine.sum() + PRIOR * mean) / (len(mine) + PRIOR))


def test_a_visit_adds_up_and_a_window_left_open_is_capped(store: Store, settings: Settings) -> None:
    load(store, item("brewing", title="tea", kind="content"))
    seen = act("u", "brewing", "2024-01-01 10:00", "view", dwell_s=3, session_id="s")
    load(store, seen, act("u", "brewing", "2024-01-01 10:01", "click", dwell_s=40, session_id="s"))
    load(store, act("u", "brewing", "2024-01-02 10:00", "click", dwell_s=90_000, session_id="t"))
    rebuild_rollups(store)
    assert read_visits(store, load_index(store, settings)).seconds.tolist() == [43, LONGEST_S]


def test_expected_seconds_by_hand() -> None:
    weights = np.array([0.0, 1.0, 2.0, 0.5])
    assert expected(weights, np.array([[np.log(2), 0.0, 0.0]]), 10.0) == pytest.approx([20])
    assert concordance(np.zeros(3), np.array([1.0, 2.0, 3.0])) == 0.5
