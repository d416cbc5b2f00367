"""Next best action: every term worked by hand, who is left out, what is measured, what an audience holds."""

import csv
import io
import json
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.db import Store, memory_store
from core.base.errors import BadInput
from core.base.settings import Settings
from core.profiles.consent import consent, no_consent
from core.represent.encoder import encoder_name
from core.represent.item_vectors import embed
from core.score.action_reasons import nothing, reasons, unfit
from core.score.action_report import best_of_segments, choices, shop_json, shopper_json
from core.score.actions import TERMS, VALUE, Valued, per_action, per_segment, value
from core.score.assumptions import FIELDS, Assumptions, parse, state_anew, stated
from core.score.goods import goods
from core.score.index import Index, load_index
from core.score.lifts import Action, lifts
from core.score.outreach import HEADER, made, take_along
from core.score.situation import situation
from tests.profiles.shop import Row, act, item, load
from tests.profiles.test_stickiness import built
from tests.represent.words import WordEncoder

START = date(2024, 1, 1)
NOW = datetime(2026, 1, 1)
ITEMS = tuple(
    item(name, title=f"{name} tea cup", category="kitchen", price=price)
    for name, price in (("cheap", 10.0), ("plain", 20.0), ("good", 30.0), ("best", 40.0))
)
HORIZON = 10


def on(user: str, day: int, thing: str, kind: str = "purchase") -> Row:
    """One act at noon so many days after 1 January 2024; purchases at the catalogue's price."""
    prices = {"cheap": 10.0, "plain": 20.0, "good": 30.0, "best": 40.0}
    more = {"price": prices[thing], "quantity": 1} if kind == "purchase" else {}
    return act(user, thing, f"{START + timedelta(day)} 12:00", kind, **more)


ACTS = (
    *(on("ann", day, "cheap") for day in (0, 10, 20)),  # gone: last seen 40 days ago
    on("bob", 30, "plain"),
    on("bob", 40, "plain", "cart"),
    on("bob", 40, "good", "cart"),
    on("bob", 58, "plain"),  # takes 20 of the 50 in the basket
    on("cyd", 35, "good"),
    on("cyd", 55, "good"),
    on("dan", 58, "good", "view"),
    on("dan", 60, "good", "view"),
    on("eve", 45, "cheap", "cart"),
    on("eve", 59, "best", "cart"),
    on("eve", 59, "cheap", "cart"),
    on("rob", 40, "cheap", "view"),
    on("rob", 59, "cheap"),
)


@pytest.fixture
def shop(store: Store) -> Store:
    """Sixty days of five shoppers and a robot; bob may leave, ann has left, cyd stays."""
    built(store, *ITEMS, *ACTS)
    with store.transaction() as cursor:
        cursor.execute("INSERT INTO robots VALUES ('rob', 2, 'a till', 1)")
        cursor.execute("TRUNCATE churn_fits")
        told = {"state": "fitted", "horizon": HORIZON, "at_risk_from": 0.5, "judged": [], "cuts": [], "shoppers": []}
        cursor.execute("INSERT INTO churn_fits VALUES (?, 1)", [json.dumps({**told, "importance": []})])
        cursor.execute("TRUNCATE churn")
        cursor.execute("INSERT INTO churn VALUES ('ann', NULL, 'lapsed', 1), ('bob', 0.8, NULL, 1), ('cyd', 0.1, NULL, 1)")
        cursor.execute("INSERT INTO members VALUES ('bob', 1, 0, 0, 0, 1), ('ann', 1, 0, 0, 0, 1)")
        cursor.execute("INSERT INTO segments VALUES (1, 'Tea people', 2, 1, '', '[]', '[]', 1)")
    return store


@pytest.fixture
def index(shop: Store, settings: Settings) -> Index:
    """What lists of that shop are made from."""
    embed(shop, WordEncoder(encoder_name(settings)))
    return load_index(shop, settings)


def of(store: Store, assumptions: Assumptions | None = None) -> Valued:
    """The values of the shop."""
    found = value(store, assumptions or Assumptions())
    assert found is not None
    return found


def term(valued: Valued, user: str, action: Action) -> dict[str, float]:
    """The terms of one shopper and action."""
    rows = valued.terms[(valued.terms["user_id"] == user) & (valued.terms["action"] == action)]
    assert len(rows) == 1, f"{action} does not fit {user}"
    return {name: float(rows.iloc[0][name]) for name in (*TERMS, VALUE)}


def test_who_orders_anyway_is_counted_from_those_who_stood_there_one_horizon_ago(shop: Store) -> None:
    found = situation(shop, 14)
    assert found is not None
    assert found.horizon == HORIZON
    assert set(found.shoppers["user_id"]) == {"ann", "bob", "cyd", "dan", "eve"}  # no robot
    # Ann, Bob, Cyd and Eve were there on day 50; Bob and Cyd ordered by day 60. Too few to split, so all are alike.
    assert set(found.shoppers["alike"]) == {4}
    assert set(found.shoppers["chance_to_order"]) == {0.5}
    assert found.basket is not None
    assert (found.basket.left, found.basket.bought) == (2, 1)  # Bob's and Eve's of day 46
    assert found.basket.taken == pytest.approx(20 / 50)


def test_win_back_of_one_who_may_leave_and_of_one_long_gone(shop: Store) -> None:
    valued, order = of(shop), 130 / 7  # 30 + 40 + 60 in 3 + 2 + 2 orders
    bob = term(valued, "bob", Action.WIN_BACK)
    assert bob["chance"] == 0.8
    assert bob["effect"] == 0.05
    assert bob["gain"] == pytest.approx((40 + order) / 3 * 0.3)
    assert bob[VALUE] == pytest.approx(0.8 * 0.05 * (40 + order) / 3 * 0.3 - 0.1)
    ann = term(valued, "ann", Action.WIN_BACK)
    assert ann["chance"] == 0.5
    assert ann["effect"] == pytest.approx(0.05 / 8)  # three horizons beyond the first


def test_a_basket_left_an_upsell_a_coupon_and_a_welcome(shop: Store) -> None:
    valued = of(shop)
    eve = term(valued, "eve", Action.BASKET)
    assert eve["chance"] == 0.5
    assert eve["gain"] == pytest.approx((40 + 10) * 0.4 * 0.3)
    cyd = term(valued, "cyd", Action.UPSELL)
    # Cyd buys at (2 + 1/2) of 4 prices; a quarter further up the ladder 10, 20, 30, 40 is 7.50 more.
    assert cyd["gain"] == pytest.approx(7.5 * 0.3)
    assert cyd[VALUE] == pytest.approx(0.5 * 0.05 * 7.5 * 0.3 - 0.1)
    worth = (30 + 130 / 7) / 4
    ann = term(valued, "ann", Action.COUPON)  # the log has no discounts: who buys the cheapest third counts
    assert ann["gain"] == pytest.approx(worth * (0.3 - 0.1))
    assert ann["given_away"] == pytest.approx(0.5 * worth * 0.1)
    dan = term(valued, "dan", Action.WELCOME)
    assert dan["gain"] == pytest.approx(130 / 7 * 0.3)
    assert "dan" not in set(valued.terms.loc[valued.terms["action"] == Action.WIN_BACK, "user_id"])


def test_discounts_in_the_log_say_who_responds_to_coupons(shop: Store) -> None:
    with shop.transaction() as cursor:
        cursor.execute("UPDATE shoppers SET discount_share = if(user_id = 'bob', 0.5, 0)")
    valued = of(shop)
    assert term(valued, "bob", Action.COUPON)["chance"] == pytest.approx(0.5 * 0.5)
    assert list(valued.terms.loc[valued.terms["action"] == Action.COUPON, "user_id"]) == ["bob"]
    assert "0% of purchases at a discount" in unfit(valued, "ann")[Action.COUPON]


@settings(deadline=None, max_examples=25)
@given(
    st.builds(
        Assumptions,
        margin=st.floats(0, 1),
        contact_cost=st.floats(0, 5),
        coupon_depth=st.floats(0, 1),
        winback=st.floats(0, 1),
        coupon=st.floats(0, 1),
    )
)
def test_the_terms_always_make_the_value_and_the_best_always_pays(assumptions: Assumptions) -> None:
    valued = of(_SHARED, assumptions)
    terms = valued.terms
    sums = terms["chance"] * terms["effect"] * terms["gain"] - terms["given_away"] - terms["cost"]
    assert np.allclose(terms[VALUE], sums)
    best = valued.best
    assert (best[VALUE] > 0).all()
    assert best["user_id"].is_unique
    assert np.allclose(best[VALUE], terms.groupby("user_id")[VALUE].max()[best["user_id"]])


def _shared() -> Store:
    store = memory_store()
    built(store, *ITEMS, *ACTS)
    return store


_SHARED = _shared()


def test_a_shop_without_prices_counts_in_orders(store: Store) -> None:
    built(
        store, *(act(user, "cup", f"{START + timedelta(day)}", "purchase") for user, day in (("ann", 0), ("bob", 1), ("cyd", 60)))
    )
    valued = of(store)
    assert not valued.situation.has_prices
    assert set(valued.terms["gain"]) <= {1.0}
    assert set(valued.terms["cost"]) == {0.002}
    assert shop_json(valued)["unit"] == "orders"
    assert not set(valued.terms["action"]) & {Action.COUPON, Action.UPSELL}


def test_too_short_a_log_gives_nothing(store: Store) -> None:
    assert value(store, Assumptions()) is None
    built(store, on("ann", 0, "cheap"), on("ann", 1, "cheap"))
    assert value(store, Assumptions()) is None


@pytest.mark.parametrize(
    ("field", "left_out"),
    [
        ("newsletter", {"bob", "eve", "dan"}),  # no, nothing said, and not in the table at all
        ("Marketing consent", {"bob", "eve", "dan"}),
        ("opt_out", {"ann", "cyd"}),  # yes means no
        ("age", set()),
    ],
)
def test_who_did_not_agree_is_left_out_and_counted(shop: Store, field: str, left_out: set[str]) -> None:
    said = {"ann": "Yes", "bob": "no", "cyd": "1", "eve": ""}
    load(
        shop,
        *(Row("users", {"user_id": who, "attributes": json.dumps({field: word}), "import_id": 1}) for who, word in said.items()),
    )
    assert consent(shop).known == bool(left_out)
    assert no_consent(shop) - {"rob"} == left_out
    valued = of(shop)
    assert valued.no_consent == len(left_out)
    assert not set(valued.terms["user_id"]) & left_out
    if "bob" in left_out:
        assert "users table" in nothing(valued, "bob")
        assert unfit(valued, "bob") == {}


def test_segments_add_up_and_name_their_best(shop: Store) -> None:
    valued = of(shop)
    told = per_segment(valued)
    assert told["mine"].sum() == len(valued.best)
    assert told["total"].sum() == pytest.approx(valued.terms[VALUE].clip(lower=0).sum())
    assert per_action(valued)["total"].sum() == pytest.approx(told["total"].sum())
    first = best_of_segments(valued, 1).iloc[0]
    assert (first["segment"], first["shoppers"], first["action"]) == ("Tea people", 2, "win back")
    assert first["reason"] == "Leaving (risk 80%) or gone, last seen 2 days ago; an order: 19.52"
    assert shop_json(valued, 1)["segments"][0]["actions"][0]["reached"] == 1


def test_reasons_are_facts(shop: Store) -> None:
    valued = of(shop)
    told = dict(
        zip(zip(valued.terms["user_id"], valued.terms["action"], strict=True), reasons(valued, valued.terms), strict=True)
    )
    assert told["bob", "win back"].startswith(
        "Last seen 2 days ago; usually every 14 days; 80% chance of leaving by the churn model"
    )
    assert "gone by the shop's rule (10 days)" in told["ann", "win back"]
    assert told["eve", "remind of the basket"].startswith("Left 2 products worth 50.00 in the basket 1 day ago; 1 of 2 such")
    assert "2 of 4 who stood alike ordered within 10 days (15–85%)" in told["dan", "welcome"]
    assert told["cyd", "upsell"].endswith("buys at 62% of the price ladder of kitchen, a step up costs 7.50 more")


def test_a_shoppers_actions_with_products_and_why_others_do_not_fit(shop: Store, index: Index) -> None:
    valued = of(shop)
    told = shopper_json(shop, index, valued, "eve")
    assert told["best"] == "remind of the basket"
    basket = next(one for one in told["actions"] if one["action"] == "remind of the basket")
    assert [good["item_id"] for good in basket["products"]] == ["best", "cheap"]
    assert basket["effect_is"] == "assumed"
    assert told["unfit"]["win back"] == "Never bought."
    upsell = goods(shop, index, valued.situation, Action.UPSELL, "cyd", 14)
    assert [good.item_id for good in upsell] == ["best"]  # the only one above Cyd's tier
    alone = shopper_json(shop, index, valued, "cyd")
    assert alone["best"] == "nothing"
    assert "the nearest, upsell" in alone["reason"]
    assert choices(shop, index, valued, "cyd")[0].breaks_even == pytest.approx(0.1 / (0.5 * 7.5 * 0.3))
    with pytest.raises(BadInput, match="no shopper"):
        shopper_json(shop, index, valued, "rob")


def test_an_audience_is_written_recorded_and_holds_some_back(shop: Store, index: Index) -> None:
    valued = of(shop)
    audience = take_along(shop, index, valued, hold_back=0.0, author="me", now=NOW)
    rows = list(csv.reader(io.StringIO(audience.content.decode("utf-8-sig"))))
    assert rows[0] == [str(name) for name in HEADER]
    assert {row[0] for row in rows[1:]} == set(valued.best["user_id"])
    values = [float(row[5]) for row in rows[1:]]
    assert values == sorted(values, reverse=True)
    assert all(row[3] for row in rows[1:])  # products
    assert audience.contacted == len(values)
    assert {one.action for one in made(shop)} == set(valued.best["action"])
    assert not any(one.over for one in made(shop))  # the log ends on the day it was made


def test_who_is_held_back_stays_out_of_the_next_audience(shop: Store, index: Index) -> None:
    valued = of(shop)
    number = shop.value("SELECT coalesce(max(outreach_id), 0) + 1 FROM outreach")
    with shop.transaction() as cursor:
        cursor.execute("INSERT INTO outreach VALUES (?, 'win back', ?, 10, 'me', ?)", [number, valued.situation.now, NOW])
        cursor.execute("INSERT INTO outreach_members VALUES (?, 'bob', false, 0.8)", [number])
    with pytest.raises(BadInput, match="pays with nobody"):
        take_along(shop, index, valued, action=Action.WIN_BACK, author="me", now=NOW)
    rest = take_along(shop, index, valued, author="me", now=NOW)
    assert rest.busy == 1
    with pytest.raises(BadInput, match="held back"):
        take_along(shop, index, valued, hold_back=1.0, author="me", now=NOW)


def test_an_effect_is_measured_where_some_were_held_back(shop: Store) -> None:
    """30 of 100 contacted order, 20 of 100 held back, half of whom would not have: an effect of (0.3 − 0.2) ÷ 0.5."""
    day, members = START + timedelta(50), 100
    with shop.transaction() as cursor:
        cursor.execute("INSERT INTO outreach VALUES (1, 'win back', ?, 10, 'me', ?)", [day, NOW])
        for contacted, orders in ((True, 30), (False, 20)):
            rows = [[1, f"{contacted}{n}", contacted, 0.5] for n in range(members)]
            cursor.executemany("INSERT INTO outreach_members VALUES (?, ?, ?, ?)", rows)
            bought = [[f"{contacted}{n}", day + timedelta(5)] for n in range(orders)]
            cursor.executemany("INSERT INTO shopper_days VALUES (?, ?, 1, 1, 10, 1)", bought)
            early = [[f"{contacted}{n}", day] for n in range(members)]  # on the day itself: not counted
            cursor.executemany("INSERT INTO shopper_days VALUES (?, ?, 1, 1, 10, 1)", early)
    found = lifts(shop, Assumptions())
    lift = found[Action.WIN_BACK]
    assert lift.value == pytest.approx(0.2)
    wide = 1.96 * (0.3 * 0.7 / 100 + 0.2 * 0.8 / 100) ** 0.5
    assert (lift.low, lift.high) == (pytest.approx(max(0, (0.1 - wide) / 0.5)), pytest.approx((0.1 + wide) / 0.5))
    assert "30.0% of 100 contacted ordered, 20.0% of 100 held back" in lift.sentence
    assert not found[Action.WELCOME].measured
    assert found[Action.WELCOME].value == Assumptions().welcome


def test_coupons_sent_before_say_how_many_are_redeemed(store: Store) -> None:
    sent = [Row("coupons", {"campaign_id": "a", "user_id": f"u{n}", "import_id": 1}) for n in range(80)]
    used = [
        Row("coupons", {"campaign_id": "a", "user_id": f"u{n}", "coupon_id": "x", "redeemed_at": "2024-01-02", "import_id": 1})
        for n in (0, 0, 1, 2, 3)  # one of them twice
    ]
    load(store, *sent, *used)
    lift = lifts(store, Assumptions())[Action.COUPON]
    assert lift.value == pytest.approx(4 / 80)
    assert lift.low is not None
    assert lift.high is not None
    assert 0 < lift.low < 0.05 < lift.high
    assert "4 of 80" in lift.sentence


def test_assumptions_are_kept_checked_and_read_from_texts(store: Store) -> None:
    assert stated(store) == Assumptions()
    state_anew(store, Assumptions(margin=0.5), "me", NOW)
    state_anew(store, Assumptions(margin=0.6), "me", NOW)
    assert stated(store).margin == 0.6
    assert parse(["coupon=0.2", "basket_days = 7"], Assumptions()) == Assumptions(coupon=0.2, basket_days=7)
    for wrong in ("margin=2", "margin=much", "profit=1"):
        with pytest.raises(BadInput):
            parse([wrong], Assumptions())
    assert {field.name for field in FIELDS} == set(Assumptions.__dataclass_fields__)
