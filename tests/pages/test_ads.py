"""The Ads screen: campaigns, a shopper's places, reliability, coupons; and what to import where there are none."""

from pathlib import Path

import pytest

from core.base.db import open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.represent.encoder import encoder_name
from core.update.refresh import refresh
from tests.pages.conftest import Open, assert_sound, text_of
from tests.pages.shop import WordEncoder
from tests.profiles.shop import Row, act, item, load
from tests.score.test_sponsored import campaign
from tests.train.test_redemption import coupon

ADS = "recommend/ads.py"


@pytest.fixture
def advertising(shop: Path) -> Path:
    """The tiny shop with one running campaign whose ad was shown twelve times and clicked thrice, and one with coupons."""
    settings = load_settings(home=shop)
    store = open_store(open_workspace(shop), settings)
    rows: list[Row] = [item("ad", title="tea *sale*", kind="ad"), campaign("C1", "ad", "2025-03-01", "2025-04-30")]
    for number in range(12):
        rows += [
            act(f"c{number:02d}", "ad", f"2025-03-20 10:{number:02d}", kind) for kind in ("view", "click")[: 1 + (number < 3)]
        ]
    rows += [campaign("K1", None, "2025-03-10", "2025-04-30"), coupon("K1", user_id="c00"), coupon("K1", item_id="t1")]
    load(store, *rows, coupon("K1", user_id="c00", redeemed_at="2025-03-12"))
    encoder = WordEncoder(encoder_name(settings))
    refresh(store, settings, lambda: encoder)
    store.close()
    return shop


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(ADS).button(key="load_demo")


def test_a_shop_without_campaigns_is_told_what_to_import(shop: Path, screen: Open) -> None:
    said = text_of(screen(ADS))
    assert "No campaigns yet" in said
    assert "**Frequency cap**" in said


def test_campaigns_and_segments(advertising: Path, screen: Open) -> None:
    app = screen(ADS)
    assert [(one.label, one.value) for one in app.metric] == [
        ("Running campaigns", "1 of 1"),
        ("Showings", "12"),
        ("Click rate", "25.00%"),
        ("Simulated revenue", "1.50"),
    ]
    assert "no invoices" in text_of(app)
    app.selectbox(key="ads_campaign").set_value("C1").run()
    assert_sound(app)


def test_a_shopper_sees_why(advertising: Path, screen: Open) -> None:
    assert "Choose a shopper" in text_of(screen(ADS, ads_view="Shopper"))
    said = text_of(screen(ADS, ads_view="Shopper", user="c05"))
    assert "Sponsored" in said
    assert "25.00% chance of a click × 0.50 bid" in said
    assert "= 125.00 per 1,000 showings" in said
    assert "the same for every shopper" in said


def test_reliability_and_coupons_say_what_is_missing(advertising: Path, screen: Open) -> None:
    assert "nothing to judge yet" in text_of(screen(ADS, ads_view="Reliability"))
    assert "Too few campaigns to learn from" in text_of(screen(ADS, ads_view="Coupons"))
