"""The demo shop as a whole: same seed, same bytes; files that agree with each other; people who behave like people."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.demo.files import DemoFiles
from core.demo.truth import click_probability, load_truth
from core.demo.vocabulary import load_vocabulary
from tests.demo.conftest import small_shop
from tests.demo.shop_measures import clean_log, next_item, planted_ari, stickiness


@pytest.fixture(scope="session")
def log(shop: DemoFiles) -> pd.DataFrame:
    return clean_log(shop)


@pytest.fixture(scope="session")
def reviews(shop: DemoFiles) -> pd.DataFrame:
    return pd.DataFrame([json.loads(line) for line in shop.reviews.read_text(encoding="utf-8").splitlines()])


@pytest.fixture(scope="session")
def orders(shop: DemoFiles) -> pd.DataFrame:
    return pd.read_csv(shop.orders, parse_dates=["ordered_at", "delivered_at"]).set_index("order_no")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(shop: DemoFiles, tmp_path: Path) -> None:
    again, other = small_shop(tmp_path / "again"), small_shop(tmp_path / "other", seed=8)
    written = sorted(path.relative_to(shop.events.parent) for path in shop.events.parent.rglob("*") if path.is_file())
    assert len(written) == 10
    for name in written:
        assert (again.events.parent / name).read_bytes() == (shop.events.parent / name).read_bytes(), name
    assert other.events.read_bytes() != shop.events.read_bytes()


def test_views_outnumber_clicks_outnumber_carts_outnumber_purchases_outnumber_returns(log: pd.DataFrame) -> None:
    count = log["event"].value_counts()
    assert count["view"] > 2 * count["click"]
    assert count["click"] > 1.5 * count["add_to_cart"]
    assert count["add_to_cart"] > 1.5 * count["purchase"]
    assert count["purchase"] > 4 * count["return"]


def test_nearly_every_shopper_shops_and_everything_seen_is_in_the_catalogue(shop: DemoFiles, log: pd.DataFrame) -> None:
    assert len(pd.read_csv(shop.users)) == 300
    assert log["customer_id"].nunique() >= 297
    assert log["sku"].isin(pd.read_csv(shop.items)["sku"]).all()


def test_the_catalogue_holds_products_content_and_ads_and_is_not_perfect(shop: DemoFiles) -> None:
    items = pd.read_csv(shop.items)
    kinds = items["item_type"].value_counts()
    assert kinds["product"] == 400
    assert kinds["content"] >= 36
    assert kinds["ad"] == len(pd.read_csv(shop.campaigns)) >= 20
    assert items["sku"].is_unique
    goods = items[items["item_type"] == "product"]
    assert 8 <= goods["category"].str.split(" > ").str[0].nunique() <= 10
    for flaw in (goods["description"].isna(), goods["price"].isna(), goods["stock_qty"] == 0):
        assert 0 < flaw.mean() < 0.1
    assert goods["name"].str.lower().str.replace(r"\W|new|2026", "", regex=True).duplicated().any()


def test_every_purchase_has_an_order_of_the_same_shopper(log: pd.DataFrame, orders: pd.DataFrame) -> None:
    bought = log[log["event"] == "purchase"]
    assert bought["order_no"].isin(orders.index).all()
    assert (orders.loc[bought["order_no"], "customer_id"].to_numpy() == bought["customer_id"].to_numpy()).all()


def test_order_totals_are_what_was_paid(log: pd.DataFrame, orders: pd.DataFrame) -> None:
    bought = log[log["event"] == "purchase"]
    paid = (bought["qty"] * (bought["unit_price"] - bought["discount"])).groupby(bought["order_no"]).agg(["sum", "size"])
    whole = paid[paid["size"] == orders.loc[paid.index, "lines"]]  # a dirty row may have cost the others a line
    assert len(whole) > 0.97 * len(orders)
    np.testing.assert_allclose(whole["sum"], orders.loc[whole.index, "order_total"], atol=0.006)


def test_order_status_agrees_with_the_returns_in_the_log(log: pd.DataFrame, orders: pd.DataFrame) -> None:
    assert set(orders["status"]) == {"delivered", "shipped", "processing", "returned", "cancelled"}
    back = log[log["event"] == "return"].groupby("order_no")["at"].min()
    undone = orders[orders["status"].isin(["returned", "cancelled"])]
    assert undone.index.isin(back.index).mean() > 0.98
    open_orders = orders[orders["status"].isin(["shipped", "processing"])]
    assert not open_orders.index.isin(back.index).any()
    assert (orders["ordered_at"].max() - open_orders["ordered_at"].min()).days <= 6
    returned = orders[(orders["status"] == "returned") & orders.index.isin(back.index)]
    assert (back[returned.index] > returned["delivered_at"]).all()


def test_reviews_come_from_buyers_after_the_purchase(log: pd.DataFrame, reviews: pd.DataFrame) -> None:
    first = log[log["event"] == "purchase"].groupby(["customer_id", "sku"])["at"].min()
    pairs = pd.MultiIndex.from_frame(reviews.loc[reviews["sku"] != "", ["customer_id", "sku"]])
    assert pairs.isin(first.index).mean() > 0.98
    known = reviews.set_index(["customer_id", "sku"]).join(first, how="inner")
    assert (pd.to_datetime(known["submitted_at"]) > known["at"]).all()


def test_the_tone_of_reviews_agrees_with_the_stars(reviews: pd.DataFrame) -> None:
    written = reviews[(reviews["review_text"] != "") & (reviews["stars"] <= 5)]
    text = written["review_text"].str.lower()
    praised, blamed = says(text, "good"), says(text, "bad")
    top, low = written["stars"] == 5, written["stars"] <= 2
    assert praised[top].mean() > 0.9
    assert not blamed[top].any()
    assert blamed[low].mean() > 0.85
    assert (praised & ~blamed)[low].sum() == 0
    assert (praised & blamed)[written["stars"] == 3].mean() > 0.85
    assert not text.str.contains(r"[{}]").any()
    assert text.nunique() > 0.95 * len(text)


def says(text: pd.Series, tone: str) -> pd.Series:
    """Which texts hold a clause of that tone; a clause that names a colour counts by its words around it."""
    aspects = load_vocabulary().aspects
    clauses = "|".join(aspects.loc[aspects["tone"] == tone, "clauses"]).split("|")
    patterns = [re.escape(clause.lower()).replace(r"\{colour\}", "[a-z ]+") for clause in clauses]
    return text.str.contains("|".join(patterns))


def test_better_products_get_better_ratings(shop: DemoFiles, reviews: pd.DataFrame) -> None:
    quality = load_truth(shop.events.parent).items.set_index("sku")["quality"]
    rated = reviews[(reviews["stars"] <= 5) & (reviews["sku"] != "")]
    assert np.corrcoef(rated["stars"], quality.loc[rated["sku"]])[0, 1] > 0.25


def test_the_truth_is_in_no_file_that_is_imported(shop: DemoFiles) -> None:
    types = set(load_truth(shop.events.parent).shoppers["type"])
    for path in shop.imports:
        assert path.parent == shop.events.parent
        assert path.is_file()
        if path.suffix != ".gz":
            text = path.read_text(encoding="utf-8")
            assert not any(name in text for name in (*types, "persona", "latent", "popularity"))


def test_the_log_has_dirt_and_robots_but_little_of_them(shop: DemoFiles, log: pd.DataFrame) -> None:
    raw = pd.read_csv(shop.events, dtype=str)
    at = pd.to_datetime(raw["occurred_at"], errors="coerce")
    flaws = [raw["customer_id"].isna(), at.isna(), at > "2030", raw["unit_price"].astype(float) < 0, raw.duplicated()]
    for flaw in flaws:
        assert 0.0003 < flaw.mean() < 0.0012
    robots = raw["customer_id"].str.startswith("C99000", na=False)
    assert raw.loc[robots, "customer_id"].nunique() == 5
    assert len(log) + sum(flaw.sum() for flaw in flaws) + robots.sum() == pytest.approx(len(raw), rel=0.002)


def test_days_weeks_and_sales_have_a_rhythm(log: pd.DataFrame) -> None:
    weekend = (log["at"].dt.day_of_week >= 5).mean()
    assert weekend > 0.29  # 2 days in 7 are 0.286
    hours = log["at"].dt.hour.value_counts(normalize=True)
    assert hours[hours.index.isin(range(2, 7))].sum() < 0.05
    bought = log[log["event"] == "purchase"]
    in_sale = bought["at"].between("2026-06-08", "2026-06-17")
    assert in_sale.sum() / 9 > 1.15 * (~in_sale).sum() / 111
    assert (bought["discount"] > 0)[in_sale].mean() > (bought["discount"] > 0)[~in_sale].mean()


def test_activity_is_that_of_a_shop(log: pd.DataFrame) -> None:
    assert 0.08 < stickiness(log) < 0.3
    orders = log[log["event"] == "purchase"].groupby("customer_id")["order_no"].nunique()
    assert 0.4 < (orders > 1).mean() < 0.9


def test_planted_types_can_be_found_and_taste_can_be_learned(tmp_path: Path) -> None:
    shop = small_shop(tmp_path, shoppers=1200)
    assert planted_ari(shop) > 0.75
    found = next_item(clean_log(shop))
    assert found.item_to_item > 1.5 * found.popularity  # four times in the full shop


def test_friends_share_interests(shop: DemoFiles) -> None:
    persona = load_truth(shop.events.parent).shoppers.set_index("customer_id")["persona"]
    edges = pd.read_csv(shop.social)
    alike = persona[edges["customer_id"]].to_numpy() == persona[edges["friend_id"]].to_numpy()
    assert alike.mean() > 0.5
    assert (edges["customer_id"] != edges["friend_id"]).all()


@pytest.fixture(scope="session")
def bought(shop: DemoFiles, log: pd.DataFrame) -> pd.DataFrame:
    """Purchases with the path and the role of the leaf."""
    path = pd.read_csv(shop.items).set_index("sku")["category"]
    role = {leaf.path: leaf.role for leaf in load_vocabulary().leaves}
    return log[log["event"] == "purchase"].assign(
        path=lambda rows: path[rows["sku"]].to_numpy(), role=lambda rows: rows["path"].map(role)
    )


def test_consumables_are_bought_again_and_durable_goods_are_not(bought: pd.DataFrame) -> None:
    again = bought.duplicated(["customer_id", "sku"]).groupby(bought["role"]).mean()
    assert again["consumable"] > 0.2
    assert again["main"] == again["accessory"] == 0


def test_accessories_are_bought_after_the_main_product_more_than_before(bought: pd.DataFrame) -> None:
    after = before = 0
    for leaf in load_vocabulary().leaves:
        if leaf.role != "accessory":
            continue
        main, extra = (bought[bought["path"] == path][["customer_id", "at"]] for path in (leaf.follows, leaf.path))
        gap = main.merge(extra, on="customer_id", suffixes=("_main", "_extra")).eval("at_extra - at_main").dt.days
        after, before = after + gap.between(0, 30).sum(), before + gap.between(-31, -1).sum()
    assert after > 1.5 * before > 0


def test_click_probability_is_calibrated_on_the_log(shop: DemoFiles, log: pd.DataFrame) -> None:
    truth = load_truth(shop.events.parent)
    stays = truth.shoppers.loc[truth.shoppers["drift_day"] < 0, "customer_id"]
    goods = truth.items.loc[truth.items["item_type"] == "product", "sku"]
    shown = log[(log["event"] == "view") & log["customer_id"].isin(stays) & log["sku"].isin(goods)]
    clicks = log.loc[log["event"] == "click", ["visit_id", "sku", "list_position"]].drop_duplicates().assign(clicked=1.0)
    shown = shown.merge(clicks, on=["visit_id", "sku", "list_position"], how="left").fillna({"clicked": 0.0})
    chance = click_probability(truth, shown["customer_id"], shown["sku"], shown["list_position"].to_numpy())
    assert ((chance > 0) & (chance < 1)).all()
    bands = pd.DataFrame({"chance": chance, "clicked": shown["clicked"]}).groupby(pd.qcut(chance, 5, labels=False)).mean()
    assert bands["clicked"].is_monotonic_increasing
    # Offers raise the chance and boosted visits (refills, accessories) too, so the log lies a little above.
    assert (bands["clicked"] - bands["chance"]).between(-0.03, 0.2).all()
