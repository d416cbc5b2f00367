"""Campaigns and sponsored places on a shop of two ads whose figures can be worked out by hand."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.base.db import Store
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.represent.ad_shows import rebuild_ad_shows
from core.score.campaigns import Campaign, State, by_segment, campaigns, elapsed, share_interval
from core.score.index import load_index
from core.score.sponsored import LABEL, draw, sponsored
from core.train.ctr_fit import rebuild_ads
from core.update import feedback
from tests.profiles.shop import Row, act, item, load
from tests.train.conftest import derive

NOW = datetime(2024, 3, 31, 12)


def campaign(name: str, ad: str | None, starts: str = "2024-03-01", ends: str = "2024-04-30", **more: object) -> Row:
    """A row of ``campaigns``: bid 0.5, budget 100, unless told."""
    values = {"bid": 0.5, "budget": 100.0, **more}
    ids = {"campaign_id": name, "item_id": ad, "name": f"the {name}", "starts_at": starts, "ends_at": ends, "import_id": 1}
    return Row("campaigns", {**ids, **values})


def shown(user: str, ad: str, day: int, clicked: bool = False) -> list[Row]:
    """An ad seen, and clicked a moment later, in one visit."""
    session = f"{user}{ad}{day}"
    rows = [act(user, ad, f"2024-03-{day:02d} 10:00", "view", session_id=session)]
    return rows + [act(user, ad, f"2024-03-{day:02d} 10:01", "click", session_id=session)] * clicked


@pytest.fixture
def ads(shop: Store) -> Store:
    """Two running campaigns: tea shown 4 times and clicked once, tools shown twice and clicked twice; one planned, one over."""
    load(
        shop,
        item("ad-tea", title="red tea sale", kind="ad"),
        item("ad-tools", title="garden tools sale", kind="ad"),
        campaign("tea", "ad-tea", bid=1.0),
        campaign("tools", "ad-tools", bid=0.2),
        campaign("later", "ad-tea", starts="2024-05-01", ends="2024-06-01"),
        campaign("gone", "ad-tools", starts="2024-01-01", ends="2024-02-01"),
        campaign("mailing", None),
        *shown("ann", "ad-tea", 2, clicked=True),
        *[row for day in (3, 4, 5) for row in shown("bob", "ad-tea", day)],
        *[row for day in (6, 7) for row in shown("bob", "ad-tools", day, clicked=True)],
    )
    return shop


@pytest.fixture
def built(ads: Store, settings: Settings) -> Store:
    """The same, with everything built."""
    derive(ads, settings)
    rebuild_ads(ads, settings)
    return ads


def by_id(store: Store) -> dict[str, Campaign]:
    """Every campaign at NOW."""
    return {one.campaign_id: one for one in campaigns(store, NOW)}


def test_showings_clicks_and_spending_are_counted_while_a_campaign_runs(built: Store) -> None:
    found = by_id(built)
    assert set(found) == {"tea", "tools", "later", "gone"}  # a mailing shows nothing
    tea, tools = found["tea"], found["tools"]
    assert (tea.shows, tea.clicks, tea.shoppers, tea.spent, tea.state) == (4, 1, 2, 1.0, State.RUNNING)
    assert (tools.shows, tools.clicks, tools.spent) == (2, 2, pytest.approx(0.4))
    assert (found["later"].state, found["gone"].state, found["gone"].shows) == (State.PLANNED, State.ENDED, 0)
    assert tea.elapsed == pytest.approx(30.5 / 61)
    assert tea.ahead == pytest.approx(1.0 - 100 * 30.5 / 61)
    assert tea.participation == 1.0


def test_clicks_beyond_the_budget_cost_nothing(ads: Store, settings: Settings) -> None:
    load(ads, Row("campaigns", {**campaign("dear", "ad-tools", bid=3.0, budget=5.0, starts="2024-03-05").values}))
    rebuild_rollups(ads)
    rebuild_ad_shows(ads, force=True)
    dear = by_id(ads)["dear"]
    assert (dear.clicks, dear.spent, dear.state) == (2, 3.0, State.SPENT)  # the second click would cost 6 in all


def test_robots_see_no_ads(ads: Store) -> None:
    load(ads, Row("robots", {"user_id": "bob", "events": 9, "why": "too many", "data_version": 1}))
    rebuild_rollups(ads)
    rebuild_ad_shows(ads, force=True)
    assert by_id(ads)["tea"].shows == 1


@pytest.mark.parametrize(("spent", "over", "share"), [(50.0, 0.5, 1.0), (75.0, 0.5, 0.5), (10.0, 0.5, 1.0), (90.0, 0.8, 0.5)])
def test_who_is_ahead_of_budget_takes_part_less(built: Store, spent: float, over: float, share: float) -> None:
    assert replace(by_id(built)["tea"], spent=spent, elapsed=over).participation == pytest.approx(share)


@given(spent=some.floats(0, 100), over=some.floats(0, 0.99))
def test_participation_is_a_share(spent: float, over: float) -> None:
    one = Campaign("c", "c", (), None, None, 1.0, 100.0, None, State.RUNNING, 1, 0, 1, spent, over)
    assert 0 <= one.participation <= 1
    assert (one.participation < 1) == (1 - spent / 100 < 1 - over)


@given(trials=some.integers(1, 500), part=some.floats(0, 1))
def test_an_interval_holds_the_share(trials: int, part: float) -> None:
    hits = int(part * trials)
    low, high = share_interval(hits, trials)
    assert -1e-9 <= low <= hits / trials + 1e-9 <= high + 2e-9 <= 1 + 3e-9


def test_time_over_is_between_the_ends() -> None:
    assert elapsed(date(2024, 2, 1), date(2024, 3, 1), date(2024, 3, 2)) == 0
    assert elapsed(date(2024, 4, 1), date(2024, 3, 1), date(2024, 3, 2)) == 1
    assert elapsed(date(2024, 4, 1), None, date(2024, 3, 2)) is None


def test_places_go_by_chance_times_bid(built: Store, settings: Settings) -> None:
    """Too few clicks to learn from: the ads' own rates, shrunk to the mean 0.5 as if 200 more had been shown."""
    found = sponsored(built, load_index(built, settings), "ann", now=NOW)
    first, second = found.offers
    assert [first.campaign_id, second.campaign_id] == ["tea", "tools"]
    assert first.chance == pytest.approx((1 + 100) / 204)
    assert second.chance == pytest.approx((2 + 100) / 202)
    for place in found.offers:
        assert place.label == LABEL
        assert place.value == pytest.approx(place.chance * place.bid)
    assert {one.campaign_id: one.why for one in found.left_out} == {"later": "planned", "gone": "ended"}


def test_nothing_is_told_of_chances_without_clicks(shop: Store, settings: Settings) -> None:
    load(shop, item("ad", title="an ad", kind="ad"), campaign("only", "ad"), campaign("more", "ad", bid=2.0))
    derive(shop, settings)
    rebuild_ads(shop, settings)
    found = sponsored(shop, load_index(shop, settings), "ann", now=NOW)
    assert [(place.campaign_id, place.chance) for place in found.offers] == [("more", None), ("only", None)]
    assert [place.value for place in found.offers] == [None, None]
    assert found.sentence.startswith("By bid alone. The log holds no showing of an ad")


def test_frequency_cap_and_refusal(built: Store, settings: Settings) -> None:
    load(built, campaign("tea", "ad-tea", bid=1.0, frequency_cap=1))
    index = load_index(built, settings)
    then = datetime(2024, 3, 3, 12)
    capped = sponsored(built, index, "bob", now=then)
    assert [place.campaign_id for place in capped.offers] == ["tools"]
    assert "seen 1 times today" in next(one.why for one in capped.left_out if one.campaign_id == "tea")
    assert "tea" in {place.campaign_id for place in sponsored(built, index, "ann", now=then).offers}
    feedback.give(built, "ann", "ad-tools", "not_interested", now=NOW)
    refused = sponsored(built, index, "ann", now=then)
    assert "tools" not in {place.campaign_id for place in refused.offers}


@given(user=some.text(max_size=8))
def test_a_draw_holds_for_a_day(user: str) -> None:
    morning, evening = draw("c", user, datetime(2024, 3, 1, 8)), draw("c", user, datetime(2024, 3, 1, 20))
    assert 0 <= morning < 1
    assert morning == evening


def test_few_shoppers_are_not_told_of(built: Store) -> None:
    assert [(one.shoppers, one.clicks, one.revenue) for one in by_segment(built)] == [(None, None, None)]
    many = [row for number in range(20) for row in shown(f"m{number}", "ad-tea", 8, clicked=number < 5)]
    load(built, *many)
    rebuild_ad_shows(built)
    (only,) = by_segment(built, "tea")
    assert (only.shoppers, only.shows, only.clicks, only.revenue) == (22, 24, 6, 6.0)


def test_the_shop_has_no_ads_without_campaigns(shop: Store, settings: Settings) -> None:
    rebuild_ads(shop, settings)
    found = sponsored(shop, load_index(shop, settings), "ann", now=NOW)
    assert (found.offers, found.left_out) == ((), ())
    assert "no campaigns" in found.sentence
