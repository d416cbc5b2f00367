"""The public data sets import with no help, to the counts that plain SQL over the file gives."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from core.base.db import Store
from core.base.schema import FileKind
from core.base.workspace import Workspace
from core.ingest.findings import findings, readiness
from core.ingest.load import ImportResult, import_file

pytestmark = pytest.mark.realdata
Find = Callable[[str], Path]


def load(store: Store, workspace: Workspace, path: Path) -> ImportResult:
    result = import_file(store, workspace, path)
    assert result.read == result.loaded + result.quarantined
    return result


def count(path: Path, sql: str) -> int:
    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    options = "" if reader == "read_parquet" else ", all_varchar=true, header=true, quote='\"', escape='\"', delim=','"
    return int(duckdb.execute(sql.format(file=f"{reader}('{path}'{options})")).fetchall()[0][0])


def test_online_retail(store: Store, workspace: Workspace, realdata: Find) -> None:
    path = realdata("online_retail/online_retail.csv.gz")
    result = load(store, workspace, path)
    known = "SELECT * FROM {file} WHERE CustomerID IS NOT NULL"
    fields = "InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice, CustomerID"
    distinct = f"SELECT count(*) FROM (SELECT DISTINCT {fields} FROM {{file}}) WHERE CustomerID IS NOT NULL"
    assert result.read == 541_909
    assert result.reasons["no shopper id"] == count(path, "SELECT count(*) FROM {file} WHERE CustomerID IS NULL") == 135_080
    assert result.loaded == count(path, distinct)
    assert result.reasons["duplicate of an earlier row"] == count(path, f"SELECT count(*) FROM ({known})") - result.loaded
    returns = count(
        path, f"SELECT count(*) FROM (SELECT DISTINCT * EXCLUDE (Description, Country) FROM ({known})) WHERE InvoiceNo LIKE 'C%'"
    )
    assert store.value("SELECT count(*) FROM events WHERE event_type = 'return'") == returns
    assert store.value("SELECT count(DISTINCT user_id) FROM events") == 4_372
    assert store.value("SELECT min(quantity) > 0 FROM events")
    assert store.value("SELECT count(*) FROM events WHERE user_id = '17850'") > 300
    assert store.value("SELECT title FROM items WHERE item_id = '85123A'") == "WHITE HANGING HEART T-LIGHT HOLDER"
    assert store.value("SELECT country FROM users WHERE user_id = '17850'") == "United Kingdom"
    assert readiness(store).level == "good"
    found = {finding.check: finding for finding in findings(store)}
    assert found["Service lines"].rows > 1000
    assert "POST (POSTAGE)" in found["Service lines"].examples


def test_clickstream(store: Store, workspace: Workspace, realdata: Find) -> None:
    result = load(store, workspace, realdata("clickstream/2019-Oct_first3h.csv"))
    assert (result.read, result.kind) == (17_435, FileKind.EVENTS)
    assert result.reasons["too few fields"] == 1
    assert store.value("SELECT count(DISTINCT session_id) FROM events") == pytest.approx(5_066, abs=2)
    assert store.value("SELECT category FROM items WHERE item_id = '3900821'") == "appliances > environment > water heater"


def test_complete_journey(store: Store, workspace: Workspace, realdata: Find) -> None:
    path = realdata("complete_journey/transactions.parquet")
    result = load(store, workspace, path)
    assert result.read == 1_469_307
    assert result.reasons == {"quantity is zero": count(path, "SELECT count(*) FROM {file} WHERE quantity <= 0")}
    paid = store.value("SELECT sum(quantity * (price - discount)) FROM events")
    assert paid == pytest.approx(duckdb.execute(f"SELECT sum(sales_value) FROM '{path}' WHERE quantity > 0").fetchall()[0][0])
    products = load(store, workspace, realdata("complete_journey/products.parquet"))
    assert (products.kind, products.loaded) == (FileKind.ITEMS, 92_331)
    assert store.rows("SELECT title, category FROM items WHERE item_id = '25671'") == [
        ("ICE - CRUSHED/CUBED National 22 LB", "GROCERY > FRZN ICE > ICE - CRUSHED/CUBED")
    ]
    households = load(store, workspace, realdata("complete_journey/demographics.parquet"))
    assert (households.kind, households.loaded) == (FileKind.USERS, 801)
    campaigns = load(store, workspace, realdata("complete_journey/campaign_descriptions.parquet"))
    assert (campaigns.kind, campaigns.loaded) == (FileKind.CAMPAIGNS, 27)
    for name, loaded in (("campaigns", 6_589), ("coupons", 111_332), ("coupon_redemptions", 2_102)):
        found = load(store, workspace, realdata(f"complete_journey/{name}.parquet"))
        assert (found.kind, found.loaded) == (FileKind.COUPONS, loaded)


def test_clothing_reviews(store: Store, workspace: Workspace, realdata: Find) -> None:
    path = realdata("clothing_reviews/Womens Clothing E-Commerce Reviews.csv")
    result = load(store, workspace, path)
    assert (result.read, result.kind) == (23_486, FileKind.REVIEWS)
    assert store.value("SELECT count(*) FROM reviews WHERE user_id IS NULL AND ts IS NULL") == result.loaded
    distinct = 'SELECT count(*) FROM (SELECT DISTINCT * EXCLUDE ("column00") FROM {file})'
    assert result.reasons == {"duplicate of an earlier row": 23_486 - count(path, distinct)}
    assert store.value("SELECT count(*) FROM items") == 1_206
    assert store.value("SELECT category FROM items WHERE item_id = '1080'") == "General > Dresses > Dresses"


def test_amazon_beauty(store: Store, workspace: Workspace, realdata: Find) -> None:
    result = load(store, workspace, realdata("amazon_beauty/interactions.csv"))
    assert (result.loaded, result.kind) == (198_502, FileKind.EVENTS)
    assert any("set event_type to change that" in note for note in result.notes)
    assert store.value("SELECT count(DISTINCT user_id) FROM events") == 22_363
    assert store.value("SELECT position FROM events WHERE user_id = 'A1YJEY40YUW4SE' AND item_id = '7806397051'") == 3
    items = load(store, workspace, realdata("amazon_beauty/items.csv"))
    assert (items.loaded, items.kind) == (12_101, FileKind.ITEMS)


def test_fashion(store: Store, workspace: Workspace, realdata: Find) -> None:
    result = load(store, workspace, realdata("fashion_images/styles.csv"))
    assert (result.loaded, result.kind) == (1_200, FileKind.ITEMS)
    assert store.rows("SELECT title, category, image FROM items WHERE item_id = '2306'") == [
        ("Nike Women Cuffed Black Capris", "Apparel > Bottomwear > Capris", "2306.jpg")
    ]
