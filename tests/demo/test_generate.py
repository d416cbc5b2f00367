"""The demo shop as a whole: same seed, same bytes; files that agree with each other; people who behave like people."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.demo.files import DemoFiles
from tests.demo.conftest import small_shop
from tests.demo.shop_measures import clean_log


@pytest.fixture(scope="session")
def log(shop: DemoFiles) -> pd.DataFrame:
    return clean_log(shop)


@pytest.fixture(scope="session")
def reviews(shop: DemoFiles) -> pd.DataFrame:
    return pd.DataFrame(json.loads(line) for line in shop.reviews.read_text(encoding="utf-8").splitlines())


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


def test_nearly_every_shopper_shops_and_every_product_sold_is_in_the_catalogue(shop: DemoFiles, log: pd.DataFrame) -> None:
    assert len(pd.read_csv(shop.users)) == 300
    assert log["customer_id"].nunique() >= 297
    assert log["sku"].isin(pd.read_csv(shop.items)["sku"]).all()


def test_every_purchase_has_an_order_of_the_same_shopper_and_total(shop: DemoFiles, log: pd.DataFrame) -> None:
    bought = log[log["event"] == "purchase"]
    bought = bought.assign(paid=bought["qty"] * (bought["unit_price"] - bought["discount"]))
    sums = bought.groupby("order_no").agg(customer_id=("customer_id", "first"), paid=("paid", "sum"))
    both = sums.join(pd.read_csv(shop.orders).set_index("order_no"), rsuffix="_order", how="left")
    assert (both["customer_id"] == both["customer_id_order"]).all()
    assert np.mean(np.abs(both["paid"] - both["order_total"]) < 0.02 * both["lines"] + 0.05) > 0.95
