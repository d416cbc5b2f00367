"""Chances of a click are learned from the past, hold on later showings, and see nothing of what came after."""

import numpy as np
import pytest

from core.base.db import Store
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.represent.ad_shows import rebuild_ad_shows
from core.represent.encoder import encoder_name
from core.represent.item_vectors import embed
from core.score.ctr import AD_PRIOR, Basis, ctr_report, read_shows, so_far
from core.score.index import load_index
from core.score.sponsored import sponsored
from core.train.auc import auc, ends, resampled
from core.train.ctr_fit import rebuild_ads
from tests.profiles.shop import Row, act, item, load
from tests.represent.words import WordEncoder

ADS = {"tea-ad": "red tea cup sale", "garden-ad": "steel garden spade sale"}


@pytest.fixture
def clicking(store: Store, settings: Settings) -> Store:
    """3,000 showings: tea drinkers click the tea ad in 30 % and the garden ad in 3 %, gardeners the other way round."""
    load(store, item("cup", title="red tea cup"), item("spade", title="steel garden spade"))
    load(store, *[item(name, title=title, kind="ad") for name, title in ADS.items()])
    load(store, *[_campaign(name) for name in ADS])
    rows = [act(f"u{n}", "cup" if n % 2 == 0 else "spade", "2023-12-01", "purchase") for n in range(100)]
    rng = np.random.default_rng(7)
    for number in range(3_000):
        user, ad = number % 100, list(ADS)[int(rng.integers(2))]
        stamp = f"2024-{1 + number // 250:02d}-{1 + number % 250 // 10:02d} {number % 24:02d}:00"
        visit = {"session_id": f"s{number}", "platform": "app" if number % 3 else "web"}
        rows.append(act(f"u{user}", ad, stamp, "view", **visit))
        if rng.random() < (0.3 if (ad == "tea-ad") == (user % 2 == 0) else 0.03):
            rows.append(act(f"u{user}", ad, stamp, "click", **visit))
    load(store, *rows)
    rebuild_rollups(store)
    embed(store, WordEncoder(encoder_name(settings)))
    rebuild_ads(store, settings)
    return store


def _campaign(ad: str) -> Row:
    told = {"campaign_id": ad, "item_id": ad, "name": ad, "bid": 0.5, "starts_at": "2024-01-01", "ends_at": "2025-01-01"}
    return Row("campaigns", {**told, "import_id": 1})


def test_taste_tells_who_clicks_which_ad(clicking: Store, settings: Settings) -> None:
    report = ctr_report(clicking)
    assert report is not None
    assert (report.basis, report.shows) == (Basis.PERSONAL, 3_000)
    assert report.auc is not None
    assert report.gain is not None
    assert report.auc[0] > 0.7
    assert report.gain[0] > 0
    personal, alone = report.judged
    assert personal.brier < alone.brier
    assert personal.gap < 0.08
    assert "on web" in report.facts
    for user, first in (("u0", "tea-ad"), ("u1", "garden-ad")):
        place = sponsored(clicking, load_index(clicking, settings), user).offers[0]
        assert place.item_id == first
        assert place.chance == pytest.approx(0.3, abs=0.2)
        assert "close to what they buy" in place.reason


def test_what_describes_a_showing_lies_before_it(clicking: Store, settings: Settings) -> None:
    index = load_index(clicking, settings)
    shows = read_shows(clicking, index)
    assert (np.diff(shows.when.astype("int64")) >= 0).all()
    until = shows.when[1_000]
    then = so_far(shows, len(index), until)
    assert then.seen.sum() == (shows.when < until).sum()
    row = index.rows["tea-ad"]
    before = (shows.when < until) & (shows.row == row)
    mean = shows.clicked[shows.when < until].mean()
    level = (shows.clicked[before].sum() + AD_PRIOR * mean) / (before.sum() + AD_PRIOR) / mean
    assert then.level[row] == pytest.approx(np.log(level))
    assert then.times(shows.user[:5], shows.row[:5]).min() >= 1
    nobody = so_far(shows, len(index), shows.when[0])
    assert nobody.times(shows.user[:5], shows.row[:5]).max() == 0


def test_a_log_without_ads_is_said_so(store: Store, settings: Settings) -> None:
    load(store, item("cup", title="cup"), act("u", "cup", "2024-01-01", "purchase"))
    rebuild_rollups(store)
    assert rebuild_ads(store, settings)
    assert not rebuild_ads(store, settings)
    report = ctr_report(store)
    assert report is not None
    assert report.basis is Basis.NOTHING
    assert "no showing of an ad" in report.sentence
    assert rebuild_ad_shows(store, force=True)


def test_auc_counts_pairs_and_its_interval_holds_it(rng: np.random.Generator) -> None:
    chances, happened = rng.random(200), rng.random(200) < 0.3
    pairs = [(a > b) + (a == b) / 2 for a in chances[happened] for b in chances[~happened]]
    assert auc(chances, happened) == pytest.approx(np.mean(pairs))
    drawn = resampled({"a": chances, "b": chances}, happened, seed=7, resamples=50)
    low, high = ends(drawn["a"])
    assert low < auc(chances, happened) < high
    assert (drawn["a"] == drawn["b"]).all()
    assert np.isnan(auc(chances, np.zeros(200, bool)))


def test_groups_are_drawn_whole() -> None:
    """One group of each outcome: a draw has either both groups, and an AUC of 1, or none."""
    chances, happened, group = np.array([0.9, 0.9, 0.1]), np.array([True, True, False]), np.array([0, 0, 1])
    drawn = resampled({"a": chances}, happened, seed=7, resamples=40, group=group)["a"]
    assert set(drawn[~np.isnan(drawn)]) == {1.0}
    assert np.isnan(drawn).any()
