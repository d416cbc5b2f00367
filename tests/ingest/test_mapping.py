"""What a file holds and how it writes it: headers in many languages, dates, numbers, ratings, events, kinds."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from core.base.db import Store
from core.base.errors import BadInput
from core.base.schema import FileKind
from core.base.workspace import Workspace
from core.ingest.load import ImportResult
from core.ingest.mapping import FIELDS, parse_map, propose, remap
from core.ingest.source import inspect

Load = Callable[..., ImportResult]

HEADERS = {
    "kunden.csv": ("Kundennummer;Artikelnummer;Bestelldatum;Menge;Einzelpreis;Bestellnr;Bezeichnung", "de"),
    "clients.csv": ("Numéro client;Référence produit;Date commande;Quantité;Prix unitaire;N° commande;Libellé", "fr"),
    "pedidos.csv": ("ID cliente;Código producto;Fecha pedido;Cantidad;Precio unitario;Número pedido;Nombre producto", "es"),
    "ordini.csv": ("Codice cliente;Codice prodotto;Data ordine;Quantità;Prezzo unitario;Numero ordine;Nome prodotto", "it"),
    "dingdan.csv": ("会员编号;商品编码;下单时间;购买数量;单价;订单编号;商品名称", "zh"),
    "bestellingen.csv": ("Klantnummer;Artikelnummer;Besteldatum;Aantal;Prijs;Bestelnummer;Productnaam", "nl"),
    "orders.csv": ("CustomerID;StockCode;InvoiceDate;Qty;UnitPrice;InvoiceNo;Description", "en"),
    "log.csv": ("buyer;sku;purchased_at;units;price_each;receipt_no;product_name", "en"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_in_many_languages(load: Load, store: Store, name: str) -> None:
    header, _ = HEADERS[name]
    rows = [
        f"K{i % 7};A{i % 5};{1 + i % 28:02d}.03.2024 08:{i % 60:02d};{1 + i % 4};1.{i % 10}00,50 €;B{i // 3};Tasse {i % 5}"
        for i in range(60)
    ]
    assert load("\n".join([header, *rows]), name=name).loaded == 60
    assert store.rows(
        "SELECT user_id, item_id, ts, event_type, quantity, price, order_id FROM events ORDER BY ts, user_id LIMIT 1"
    ) == [("K0", "A0", datetime(2024, 3, 1, 8, 0), "purchase", 1.0, 1000.5, "B0")]
    assert store.rows("SELECT title, price, explicit FROM items WHERE item_id = 'A3'")[0][0] == "Tasse 3"


TIMES = {
    "2024-03-05 14:07:09": datetime(2024, 3, 5, 14, 7, 9),
    "2024-03-05T14:07:09Z": datetime(2024, 3, 5, 14, 7, 9),
    "2024-03-05 14:07:09 UTC": datetime(2024, 3, 5, 14, 7, 9),
    "2024-03-05T14:07:09+02:00": datetime(2024, 3, 5, 12, 7, 9),
    "2024-03-05 14:07:09.250 -0530": datetime(2024, 3, 5, 19, 37, 9, 250000),
    "2024-03-05": datetime(2024, 3, 5),
    "2024/3/5 4:07": datetime(2024, 3, 5, 4, 7),
    "2024.03.05 14:07": datetime(2024, 3, 5, 14, 7),
    "2024年3月5日 14:07": datetime(2024, 3, 5, 14, 7),
    "2024-03-05 02:07:09 PM": datetime(2024, 3, 5, 14, 7, 9),
    "2024-03-05 02:07 PM": datetime(2024, 3, 5, 14, 7),
    "25/03/2024 14:07": datetime(2024, 3, 25, 14, 7),
    "25.03.24": datetime(2024, 3, 25),
    "25-03-2024 14:07:09": datetime(2024, 3, 25, 14, 7, 9),
    "3/25/2024 2:07 PM": datetime(2024, 3, 25, 14, 7),
    "3/25/24 2:07:09 p.m.": datetime(2024, 3, 25, 14, 7, 9),
    "25/03/2024T14:07:09+01:00": datetime(2024, 3, 25, 13, 7, 9),
    "25 Mar 2024 14:07": datetime(2024, 3, 25, 14, 7),
    "March 25, 2024": datetime(2024, 3, 25),
    "25-Mar-24": datetime(2024, 3, 25),
    "Mon, 25 Mar 2024 14:07:09 +0100": datetime(2024, 3, 25, 13, 7, 9),
    "20240305": datetime(2024, 3, 5),
    "20240305140709": datetime(2024, 3, 5, 14, 7, 9),
    "1709647629": datetime(2024, 3, 5, 14, 7, 9),
    "1709647629.5": datetime(2024, 3, 5, 14, 7, 9, 500000),
    "1709647629250": datetime(2024, 3, 5, 14, 7, 9, 250000),
    "1709647629250000": datetime(2024, 3, 5, 14, 7, 9, 250000),
    "45356.588298611": datetime(2024, 3, 5, 14, 7, 9),
}


@pytest.mark.parametrize("text", TIMES)
def test_times(load: Load, store: Store, text: str) -> None:
    load(f'user,sku,date,qty\nu1,s1,"{text}",1\nu2,s1,"{text}",1\n')
    assert store.rows("SELECT DISTINCT ts FROM events") == [(TIMES[text],)]


def test_day_or_month_first_is_decided_on_the_whole_column(load: Load, store: Store) -> None:
    rows = [f"u{i},s{i % 5},{1 + i % 9:02d}/{1 + i % 11:02d}/2024,1" for i in range(3000)]
    result = load("\n".join(["user,sku,date,qty", *rows, "u9,s1,05/25/2024,2"]))
    assert result.loaded == 3001
    assert any("month first: 1 values show it" in note for note in result.notes)
    assert store.value("SELECT ts FROM events WHERE user_id = 'u1'") == datetime(2024, 2, 2)
    assert store.value("SELECT ts FROM events WHERE quantity = 2") == datetime(2024, 5, 25)


def test_an_ambiguous_date_is_said_to_be_one(tmp_path: Path, workspace: Workspace, store: Store) -> None:
    (tmp_path / "a.csv").write_text(
        "user,sku,date,qty\n" + "\n".join(f"u{i},s1,{1 + i % 12:02d}/{1 + i % 12:02d}/2024,1" for i in range(40))
    )
    mapping = propose(inspect(tmp_path / "a.csv", workspace), store)
    assert mapping.format("date").confidence < 1  # type: ignore[union-attr]
    assert any("cannot be told apart" in note for note in mapping.notes)


NUMBERS = {
    "1234.5": 1234.5, "1,234.50": 1234.5, "$1,234.50": 1234.5, "1234,50": 1234.5, "1.234,50 €": 1234.5, "1 234,50": 1234.5,
    "1'234.50": 1234.5, "EUR 1234,50": 1234.5, "¥1234.50": 1234.5, "1.2345e3": 1234.5,
    "1\u00a0234,50 €": 1234.5, "12.345.678,5": 12345678.5,
}  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(load: Load, store: Store, text: str) -> None:
    load(f"user;sku;date;price\nu1;s1;2024-01-01;{text}\nu2;s1;2024-01-01;{text}\n")
    assert store.rows("SELECT DISTINCT price FROM events") == [(NUMBERS[text],)]


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        (["1", "5", "3"], [1, 3, 5]),
        (["2", "10", "6"], [1 + 4 / 9, 1 + 20 / 9, 5]),
        (["0", "1", "1"], [1, 5, 5]),
        (["-1", "1", "1"], [1, 5, 5]),
        (["20", "100", "60"], [1.8, 3.4, 5]),
        (["4,5", "1,0", "3,5"], [1, 3.5, 4.5]),
    ],
)
def test_rating_scales(load: Load, store: Store, values: list[str], stored: list[float]) -> None:
    load("user;movie_id;rating\n" + "\n".join(f"u{i};m{i};{value}" for i, value in enumerate(values)))
    assert [row[0] for row in store.rows("SELECT rating FROM reviews ORDER BY rating")] == pytest.approx(sorted(stored))


def test_a_rating_out_of_range_is_quarantined(load: Load) -> None:
    result = load("user,item,rating\n" + "\n".join(f"u{i},i{i},{1 + i % 5}" for i in range(100)) + "\nu1,i2,11\nu1,i3,0\n")
    assert result.reasons == {"rating is out of range": 2}


def test_event_names_and_those_the_user_explains(load: Load, store: Store) -> None:
    words = ["page_view", "Add-to-Cart", "购买", "favourite", "Refunded", "hovered"]
    rows = "\n".join(f"u{i},i{i},2024-01-01,{words[i % 6]}" for i in range(60))
    result = load("user,item,time,event\n" + rows)
    assert result.reasons == {"unknown event 'hovered'": 10}
    assert dict(store.rows("SELECT event_type, count(*) FROM events GROUP BY 1")) == {
        "view": 10, "cart": 10, "purchase": 10, "wishlist": 10, "return": 10,
    }  # fmt: skip
    columns, constants = parse_map("event_type:hovered==view")
    again = load("user,item,time,event\n" + rows.replace("\nu", "\nv"), columns=columns, constants=constants)
    assert (again.loaded, again.reasons) == (59, {"duplicate of an earlier import": 1})


def test_invoice_lines_become_purchases_and_returns(load: Load, store: Store) -> None:
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    rows = [
        "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
        "C536379,85123A,HOLDER,-1,2010-12-01 09:41:00,2.55,17850.0,United Kingdom",
        "536370,22728,CLOCK,24,2010-12-01 08:45:00,3.75,12583.0,France",
        "536371,22728,CLOCK,1,2010-12-01 09:45:00,4.75,12583.0,France",
        "536372,22728,CLOCK,0,2010-12-01 09:45:00,4.75,12583.0,France",
        "536373,22728,CLOCK,1,2010-12-01 09:45:00,-4.75,12583.0,France",
        "536374,22728,CLOCK,1,2010-12-01 09:45:00,4.75,,France",
        "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    ]
    result = load(header + "\n".join(rows))
    assert result.reasons == {
        "duplicate of an earlier row": 1, "no shopper id": 1, "price is negative": 1, "quantity is zero": 1,
    }  # fmt: skip
    assert store.rows("SELECT user_id, event_type, quantity, order_id FROM events ORDER BY ts LIMIT 2") == [
        ("17850", "purchase", 6.0, "536365"),
        ("12583", "purchase", 24.0, "536370"),
    ]
    assert store.rows("SELECT quantity FROM events WHERE event_type = 'return'") == [(1.0,)]
    assert store.rows("SELECT title, price, explicit FROM items WHERE item_id = '22728'") == [("CLOCK", 4.25, False)]
    assert store.rows("SELECT user_id, country FROM users ORDER BY user_id") == [("12583", "France"), ("17850", "United Kingdom")]


def test_line_totals_discounts_and_shares(load: Load, store: Store) -> None:
    rows = "\n".join(f"o{i},c{i},p{i % 5},2024-01-{1 + i:02d},2,18,2" for i in range(20))
    load("order_id,customer_id,product_id,order_date,qty,total,discount\n" + rows, name="a.csv")
    assert store.rows("SELECT DISTINCT price, discount, quantity FROM events") == [(10.0, 1.0, 2.0)]
    rows = "\n".join(f"x{i},c{i},p{i % 5},2024-01-{1 + i:02d},2,16,0.2" for i in range(20))
    load("order_id,customer_id,product_id,order_date,qty,total,discount\n" + rows, name="b.csv")
    assert store.rows("SELECT DISTINCT price, discount FROM events WHERE order_id LIKE 'x%'") == [(10.0, 2.0)]


KINDS = {
    FileKind.EVENTS: "visitorid,itemid,timestamp,event\n1,2,1433221332117,view\n2,3,1433221332118,addtocart\n",
    FileKind.ITEMS: "id,name,price,brand,category\n1,Cup,2.5,Ven,Mugs\n2,Pot,3.5,Ven,Pots\n",
    FileKind.REVIEWS: "reviewerID,asin,overall,reviewText,summary,unixReviewTime\n"
    "A,B1,5,I like it a lot,Good,1400000000\nC,B2,1,Not at all,Bad,1400000001\n",
    FileKind.USERS: "customer_id,name,email,signup_date,country\n1,Ann,a@b.c,2024-01-01,DE\n2,Bob,b@b.c,2024-01-02,FR\n",
    FileKind.SOCIAL: "follower,followee\n1,2\n2,3\n",
    FileKind.ORDERS: "order_id,customer_id,order_date,status,total_amount\n1,7,2024-01-01,shipped,10\n2,8,2024-01-02,paid,12\n",
    FileKind.CAMPAIGNS: "campaign_id,name,bid,budget,start_date,end_date\n"
    "1,Spring,0.4,100,2024-03-01,2024-04-01\n2,May,0.5,50,2024-05-01,2024-06-01\n",
    FileKind.COUPONS: "customer_id,coupon_code,campaign_id,redemption_date\n7,A1,1,2024-03-05\n8,A2,1,2024-03-06\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_recognised_and_loads(load: Load, store: Store, kind: FileKind) -> None:
    result = load(KINDS[kind])
    assert (result.kind, result.loaded) == (kind, 2)
    assert store.value(f"SELECT count(*) FROM {kind} WHERE import_id = {result.import_id}") == 2


def test_a_coupon_row_says_whom_what_or_when(load: Load, store: Store) -> None:
    load("campaign_id,household_id\n1,7\n1,8\n2,7\n", name="sent.csv")
    load("coupon_upc,product_id,campaign_id\nA1,p1,1\nA1,,1\n", name="good_for.csv")
    assert store.rows("SELECT user_id, item_id, coupon_id, redeemed_at FROM coupons ORDER BY ALL") == [
        ("7", None, None, None), ("7", None, None, None), ("8", None, None, None), (None, "p1", "A1", None),
    ]  # fmt: skip
    assert store.rows("SELECT reason FROM quarantine") == [("neither a shopper nor a product",)]


def test_required_fields_are_asked_for(load: Load) -> None:
    with pytest.raises(BadInput, match="user_id"):
        load("order_id,product_id,shipping_date,price\no1,p1,2024-01-01,3\no2,p2,2024-01-01,3\n")


def test_category_levels_run_from_coarse_to_fine_and_unused_columns_become_attributes(load: Load, store: Store) -> None:
    rows = "\n".join(f"{i},Tops,Class{i % 4},Wear,red,Shirt {i}" for i in range(40))
    load("id,department,class,division,colour,title\n" + rows, name="items.csv")
    assert store.rows("SELECT category, attributes FROM items WHERE item_id = '1'") == [
        ("Tops > Wear > Class1", '{"colour":"red"}')
    ]


def test_dotted_categories_and_listed_ones(load: Load, store: Store) -> None:
    load("item_id,title,category\n1,a,appliances.kitchen.water_heater\n2,b,\"['Beauty', 'Skin Care']\"\n3,c,Home>>Kitchen\n")
    assert store.rows("SELECT category FROM items ORDER BY item_id") == [
        ("appliances > kitchen > water heater",), ("Beauty > Skin Care",), ("Home > Kitchen",),
    ]  # fmt: skip


def test_a_title_is_composed_where_there_is_none(load: Load, store: Store) -> None:
    load(
        "product_id,department,brand,product_category,product_type,package_size\n"
        "1,GROCERY,National,ICE,CRUSHED ICE,22 LB\n2,GROCERY,Own,ICE,CUBES,\n"
    )
    assert store.rows("SELECT title FROM items ORDER BY item_id") == [("CRUSHED ICE National 22 LB",), ("CUBES Own",)]


def test_the_users_corrections_win_and_are_remembered(load: Load, store: Store, workspace: Workspace, tmp_path: Path) -> None:
    content = "a,b,c\n" + "\n".join(f"u{i},s{i},2024-01-{1 + i:02d}" for i in range(20))
    load(content, columns={"user_id": "a", "item_id": "b", "timestamp": "c"}, constants={"event_type": "view"}, kind="events")
    assert store.value("SELECT count(*) FROM events WHERE event_type = 'view'") == 20
    (tmp_path / "next.csv").write_text(content.replace("u", "v"))
    mapping = propose(inspect(tmp_path / "next.csv", workspace), store)
    assert mapping.remembered
    assert mapping.columns("item_id") == ("b",)
    assert load(content.replace("u", "v")).loaded == 20


def test_remap_moves_a_column_and_refuses_what_is_not_there(workspace: Workspace, store: Store, tmp_path: Path, log: str) -> None:
    (tmp_path / "a.csv").write_text(log)
    source = inspect(tmp_path / "a.csv", workspace)
    mapping = remap(propose(source, store), source, columns={"user_id": "item_id"})
    assert mapping.columns("user_id") == ("item_id",)
    assert [field.name for field in mapping.missing()] == ["item_id"]
    assert "user_id" in mapping.unused
    with pytest.raises(BadInput, match="no column 'nope'"):
        remap(mapping, source, columns={"user_id": "nope"})
    with pytest.raises(BadInput, match="no field 'colour'"):
        remap(mapping, source, columns={"colour": "price"})
    with pytest.raises(BadInput, match="not an event"):
        remap(mapping, source, constants={"event_type": "bought-ish"})


def test_a_column_is_used_once_and_every_other_is_listed(workspace: Workspace, store: Store, tmp_path: Path, log: str) -> None:
    (tmp_path / "a.csv").write_text(log)
    source = inspect(tmp_path / "a.csv", workspace)
    for kind in FileKind:
        mapping = propose(source, store, kind)
        used = [choice.column for choice in mapping.choices]
        assert len(used) == len(set(used))
        assert set(used) | set(mapping.unused) == set(source.columns)
        assert all(choice.field in {field.name for field in FIELDS[kind]} for choice in mapping.choices)


def test_parse_map_refuses_nonsense() -> None:
    with pytest.raises(BadInput, match="field=column"):
        parse_map("user_id")


def test_a_date_and_a_clock_column_make_one_time(load: Load, store: Store) -> None:
    rows = "\n".join(f"2024-01-{1 + i:02d},10:{i:02d}:00,c{i},p{i % 5},1" for i in range(20))
    load("date,time,customer_id,product_id,qty\n" + rows + "\n,10:00:00,c1,p1,1\n")
    assert store.value("SELECT ts FROM events WHERE user_id = 'c3'") == datetime(2024, 1, 4, 10, 3)
    assert store.rows("SELECT reason FROM quarantine") == [("no time",)]


def test_lists_in_json_become_text_paths_and_addresses(load: Load, store: Store) -> None:
    lines = "\n".join(
        f'{{"parent_asin": "B{i}", "title": "Cup {i}", "description": ["Fine.", "Blue."], "categories": ["Home", "Cups"], '
        f'"images": [{{"large": "https://x.org/{i}.jpg"}}]}}'
        for i in range(20)
    )
    load(lines, name="meta.jsonl")
    assert store.rows("SELECT description, category, image FROM items WHERE item_id = 'B3'") == [
        ("Fine. Blue.", "Home > Cups", "https://x.org/3.jpg")
    ]


def test_a_status_is_no_event(workspace: Workspace, store: Store, tmp_path: Path) -> None:
    rows = "\n".join(
        f"#{i // 2},c{i}@x.de,SK{i % 5},2,1.5,2024-03-{1 + i:02d} 10:00:00 +0100,{['paid', 'refunded'][i % 2]}" for i in range(20)
    )
    header = "Order Number,Customer Email,Lineitem sku,Lineitem quantity,Lineitem price,Created at,Financial Status\n"
    (tmp_path / "orders.csv").write_text(header + rows)
    mapping = propose(inspect(tmp_path / "orders.csv", workspace), store)
    assert mapping.kind is FileKind.EVENTS
    assert mapping.columns("item_id") == ("Lineitem sku",)
    assert mapping.unused == ("Financial Status",)
