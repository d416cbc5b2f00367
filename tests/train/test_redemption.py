"""Who redeems coupons: parts in time, nothing of a campaign's own time in its features, and a model that learns who redeems."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.base.db import Store
from core.base.settings import Settings
from core.profiles.coupons import coupon_campaigns, coupon_report, likeliest
from core.profiles.rollups import rebuild_rollups
from core.represent.encoder import encoder_name
from core.represent.item_vectors import embed
from core.score.index import load_index
from core.train.redemption import POPULARITY, RFM_ONLY, rebuild_coupons, split
from core.train.redemption_data import FIT, HISTORY_DAYS, PAST, RFM, Sent, read_sent
from tests.profiles.shop import Row, act, item, load
from tests.represent.words import WordEncoder

HOUSES, CAMPAIGNS = 80, 14
DAY_ONE = date(2024, 1, 1)


def mailing(number: int) -> tuple[date, date]:
    """First and last day of a campaign: one every 20 days, 15 days long."""
    start = DAY_ONE + timedelta(days=HISTORY_DAYS + 20 * number)
    return start, start + timedelta(days=14)


def coupon(campaign: str, **told: object) -> Row:
    """A row of ``coupons``."""
    return Row("coupons", {"campaign_id": campaign, "import_id": 1, **told})


@pytest.fixture
def houses(store: Store, settings: Settings) -> Store:
    """Even houses buy tea, odd ones tools, weekly. Campaigns are for tea or tools; who buys that redeems in 60 %, else in 4 %."""
    load(store, item("cup", title="red tea cup", category="tea"), item("spade", title="steel garden spade", category="garden"))
    rng = np.random.default_rng(7)
    rows = []
    for house in range(HOUSES):
        for week in range(48):
            day = DAY_ONE + timedelta(days=7 * week + house % 7)
            rows.append(act(f"h{house}", "cup" if house % 2 == 0 else "spade", f"{day} 10:00", "purchase", price=4.0, quantity=1))
    for number in range(CAMPAIGNS):
        name, (start, end), good = f"k{number:02d}", mailing(number), ("cup", "spade")[number % 2]
        rows.append(Row("campaigns", {"campaign_id": name, "name": "mail", "starts_at": start, "ends_at": end, "import_id": 1}))
        rows.append(coupon(name, item_id=good, coupon_id=f"c{number}"))
        for house in range(HOUSES):
            rows.append(coupon(name, user_id=f"h{house}"))
            if rng.random() < (0.6 if house % 2 == number % 2 else 0.04):
                rows.append(coupon(name, user_id=f"h{house}", coupon_id=f"c{number}", redeemed_at=start + timedelta(days=3)))
    load(store, *rows)
    rebuild_rollups(store)
    embed(store, WordEncoder(encoder_name(settings)))
    return store


def test_who_buys_the_products_is_foretold_beyond_popularity(houses: Store, settings: Settings) -> None:
    assert rebuild_coupons(houses, settings)
    assert not rebuild_coupons(houses, settings)
    report = coupon_report(houses)
    assert report.fitted
    assert sum(report.campaigns) == CAMPAIGNS
    ours = report.rated[0]
    rivals = {one.name: one for one in report.rated[1:]}
    assert ours.judged.auc > 0.75
    for name in (POPULARITY, RFM_ONLY):
        gain = rivals[name].gain
        assert gain is not None
        assert gain[0] > 0
    assert ours.auc[0] < ours.judged.auc < ours.auc[1]
    assert "it had not seen" in report.sentence


def test_chances_are_told_for_campaigns_that_are_not_over(houses: Store, settings: Settings) -> None:
    last = DAY_ONE + timedelta(days=7 * 47 + 6)
    told = {"campaign_id": "open", "name": "mail", "starts_at": last, "ends_at": last + timedelta(days=9), "import_id": 1}
    load(houses, Row("campaigns", told), coupon("open", item_id="cup"), *[coupon("open", user_id=f"h{n}") for n in range(10)])
    rebuild_coupons(houses, settings)
    frame = likeliest(houses, "open")
    assert len(frame) == 10
    assert frame["chance"].is_monotonic_decreasing
    assert {int(user[1:]) % 2 for user in frame["user_id"][:5]} == {0}  # the tea drinkers
    first = coupon_campaigns(houses).iloc[0]
    assert (first["campaign_id"], first["sent"], first["redeemed"]) == ("open", 10, 0)
    assert first["expected"] == pytest.approx(frame["chance"].sum())


def test_nothing_of_the_campaigns_own_time_enters_a_feature(houses: Store, settings: Settings) -> None:
    def described() -> Sent:
        return read_sent(houses, load_index(houses, settings))

    before, start = described(), mailing(5)[0]
    load(
        houses,
        act("h1", "cup", f"{start} 00:00", "purchase", price=900.0, quantity=5),
        coupon("k01", user_id="h1", coupon_id="late", redeemed_at=start),
        coupon("k02", user_id="stranger", item_id="spade", redeemed_at=start),
    )
    rebuild_rollups(houses)
    after = described()
    early = after.campaign <= 5
    np.testing.assert_array_equal(before.features[early], after.features[early])
    assert not np.array_equal(before.features[~early], after.features[~early], equal_nan=True)


def test_features_of_one_house_by_hand(houses: Store, settings: Settings) -> None:
    """House 0 has bought a cup for 4 on each of the first four Mondays when the first campaign, for cups, starts on day 28."""
    sent = read_sent(houses, load_index(houses, settings))
    row = int(np.flatnonzero((sent.campaign == 0) & (sent.user == "h0"))[0])
    told = dict(zip(sent.names, sent.features[row], strict=True))
    assert told[RFM[0]] == 7
    assert np.expm1(told[RFM[1]]) == pytest.approx(1)
    assert np.expm1(told[RFM[2]]) == pytest.approx(4)
    assert [told[name] for name in PAST[1:]] == [0, 0, 0, 0]
    assert told[FIT[0]] == 1
    assert np.expm1(told[FIT[1]]) == pytest.approx(16)
    assert told[FIT[5]] == pytest.approx(1, abs=1e-5)


def test_few_campaigns_and_none_are_said_so(store: Store, settings: Settings) -> None:
    rebuild_coupons(store, settings)
    assert "No redemption of a coupon was imported" in coupon_report(store).sentence
    load(store, act("u", "cup", "2024-01-01", "purchase"), item("cup"), coupon("k", user_id="u", redeemed_at="2024-03-01"))
    rebuild_rollups(store)
    rebuild_coupons(store, settings)
    assert "Too few campaigns" in coupon_report(store).sentence


@given(some.lists(some.tuples(some.integers(0, 300), some.integers(1, 60), some.integers(1, 500)), min_size=1, max_size=12))
def test_no_part_begins_before_the_one_before_has_ended(told: list[tuple[int, int, int]]) -> None:
    starts = np.array([DAY_ONE + timedelta(days=start) for start, _, _ in told])
    over = np.array([DAY_ONE + timedelta(days=start + long) for start, long, _ in told])
    now = DAY_ONE + timedelta(days=250)
    parts = split(starts, over, np.array([pairs for *_, pairs in told]), now)
    if parts is None:
        return
    calibrated, judged = parts.days
    assert (over[parts.train] < calibrated).all()
    assert ((starts[parts.middle] >= calibrated) & (over[parts.middle] < judged)).all()
    assert ((starts[parts.test] >= judged) & (over[parts.test] < now)).all()
    assert not (parts.train & parts.middle | parts.middle & parts.test | parts.train & parts.test).any()
