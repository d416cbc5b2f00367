"""Files as they come: encodings, line ends, broken rows, wrong names. Each loads, or says in one sentence why not."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from core.base.db import Store
from core.base.errors import BadInput
from core.ingest.load import ImportResult
from tests.ingest.conftest import HEADER, log_rows

Load = Callable[..., ImportResult]


def facts(store: Store) -> list[tuple[object, ...]]:
    return store.rows("SELECT user_id, item_id, ts, event_type, price, quantity FROM events ORDER BY ALL")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "gb18030", "utf-32"])
def test_encodings_give_the_same_rows(load: Load, store: Store, log: str, encoding: str) -> None:
    result = load(log.encode(encoding))
    assert (result.read, result.loaded) == (40, 40)
    assert facts(store)[0] == ("u0", "i0", datetime(2024, 3, 1, 10, 0), "view", 0.5, 1.0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])
def test_line_ends_and_blank_lines(load: Load, log: str, end: str) -> None:
    assert (load(log.replace("\n", end))).loaded == 40


def test_mixed_line_ends(load: Load, log: str) -> None:
    mixed = "".join(line + ("\r\n" if i % 2 else "\n") for i, line in enumerate(log.splitlines()))
    assert load(mixed).loaded == 40


def test_a_quoted_field_never_closed_costs_one_row(load: Load, store: Store) -> None:
    rows = log_rows(40)
    rows.insert(10, 'u1,"i9,2024-03-01 09:00:00,view,1,1')
    result = load("\n".join([HEADER, *rows]))
    assert (result.read, result.loaded) == (41, 40)
    assert result.reasons == {"a quoted field is never closed": 1}
    assert store.rows("SELECT row_number, raw FROM quarantine") == [(11, 'u1,"i9,2024-03-01 09:00:00,view,1,1')]


def test_two_unclosed_quotes_do_not_swallow_what_is_between(load: Load) -> None:
    rows = log_rows(40)
    rows.insert(20, 'u1,"i9,2024-03-01 09:00:00,view,1,1')
    rows.insert(10, 'u1,"i8,2024-03-01 09:00:00,view,1,1')
    result = load("\n".join([HEADER, *rows]))
    assert (result.read, result.loaded) == (42, 40)


def test_an_unclosed_quote_on_the_last_line(load: Load, log: str) -> None:
    assert load(log + 'u1,"i9,2024-03-01').reasons == {"a quoted field is never closed": 1}


def test_too_few_and_too_many_fields(load: Load, store: Store, log: str) -> None:
    result = load(log + "u1,i9\nu1,i9,2024-03-01,view,1,1,more,fields\n")
    assert result.reasons == {"too few fields": 1, "too many fields": 1}
    assert store.rows("SELECT row_number, raw FROM quarantine ORDER BY row_number") == [
        (41, "u1,i9"),
        (42, "u1,i9,2024-03-01,view,1,1,more,fields"),
    ]


def test_line_breaks_and_doubled_quotes_inside_fields(load: Load, store: Store) -> None:
    rows = "\n".join(f'{i},"A ""fine"" cup, no. {i}","first line\nsecond line {i}"' for i in range(20))
    assert load("item_id,title,description\n" + rows).loaded == 20
    assert store.rows("SELECT title, description FROM items WHERE item_id = '3'") == [
        ('A "fine" cup, no. 3', "first line\nsecond line 3")
    ]


def test_an_inch_sign_is_no_quote(load: Load, store: Store) -> None:
    load("item_id,title,price\n" + "\n".join(f'{i},5" pipe {i},3.5' for i in range(20)))
    assert store.value("SELECT title FROM items WHERE item_id = '4'") == '5" pipe 4'


def test_backslash_escapes_and_single_quotes(load: Load, store: Store) -> None:
    load("item_id,title\n" + "\n".join(f'{i},"A \\"quoted\\" cup, {i}"' for i in range(20)), name="backslash.csv")
    assert store.value("SELECT title FROM items WHERE item_id = '1'") == 'A "quoted" cup, 1'
    load("'item_id','title'\n" + "\n".join(f"'x{i}','A cup, {i}'" for i in range(20)), name="single.csv")
    assert store.value("SELECT title FROM items WHERE item_id = 'x1'") == "A cup, 1"


@pytest.mark.parametrize("size", [3_000_000, 5_000_000])
def test_a_very_long_line(load: Load, store: Store, size: int) -> None:
    assert load("item_id,title,description\n1,a," + "x" * size + "\n2,b,c\n3,c,d\n").loaded == 3
    assert store.value("SELECT length(description) FROM items WHERE item_id = '1'") == size


def test_nul_bytes_are_removed(load: Load, store: Store, log: str) -> None:
    assert load(log.replace("u1,", "u\0001,")).loaded == 40
    assert store.value("SELECT count(*) FROM events WHERE user_id = 'u1'") == 6


def test_a_row_with_damaged_utf8_goes_to_quarantine(load: Load, log: str) -> None:
    accented = "".join(f"ü{i},i1,2024-03-0{1 + i % 9} 11:{i:02d}:00,view,1,1\n" for i in range(30))
    result = load((log + accented).encode().replace(b"u3,", b"u\xff3,", 1))
    assert result.reasons == {"bytes that are not valid in the file's encoding": 1}


def test_preamble_and_separator_line(load: Load, log: str) -> None:
    table = log.replace(",", ";")
    assert load("Sales export\nCreated on 1 March\n\n" + table, name="preamble.csv").loaded == 40
    assert load("sep=;\n" + table.replace("\nu", "\nv"), name="sep.csv").loaded == 40


def test_no_header(load: Load, store: Store) -> None:
    result = load("\n".join(log_rows(40)))
    assert result.loaded == 40
    assert any("column 1" in note for note in result.notes)
    assert facts(store)[0][:4] == ("u0", "i0", datetime(2024, 3, 1, 10, 0), "view")


def test_tab_and_double_colon_rating_files_without_header(load: Load, store: Store) -> None:
    rows = [(i % 17, i % 50, 1 + i % 5, 881250949 + i * 1000) for i in range(300)]
    assert load("\n".join("\t".join(map(str, row)) for row in rows), name="u.data").kind == "reviews"
    assert load("\n".join("::".join(map(str, (f"x{row[0]}", *row[1:]))) for row in rows), name="ratings.dat").loaded == 300
    assert store.rows("SELECT user_id, item_id, rating, ts FROM reviews WHERE user_id = '1' ORDER BY ts LIMIT 1") == [
        ("1", "1", 2.0, datetime(1997, 12, 4, 16, 12, 29))
    ]


def test_duplicate_column_names(load: Load, store: Store) -> None:
    rows = "\n".join(f"u{i},i{i % 5},{i},{i + 1},2024-01-{1 + i % 28:02d}" for i in range(40))
    assert load("user_id,item_id,price,price,timestamp\n" + rows).loaded == 40
    assert store.value("SELECT price FROM events WHERE user_id = 'u7'") == 7.0


def test_a_delimiter_at_the_end_of_every_row(load: Load) -> None:
    rows = "".join(f"u{i},i{i % 5},2024-01-{1 + i % 28:02d}\x1f\n".replace("\x1f", ",") for i in range(40))
    assert load("user_id,item_id,timestamp\n" + rows, name="a.csv").loaded == 40
    assert load("user_id,item_id,timestamp,\n" + rows.replace("u", "v"), name="b.csv").loaded == 40


def test_a_formula_is_text(load: Load, store: Store) -> None:
    load('item_id,title\n1,"=HYPERLINK(""http://x"",""y"")"\n2,@SUM(A1)\n')
    assert store.rows("SELECT title FROM items ORDER BY item_id") == [('=HYPERLINK("http://x","y")',), ("@SUM(A1)",)]


def _zip(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "a,b\n1,2\n")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "blank lines"),
        ((HEADER + "\n").encode(), "no rows"),
        (b"%PDF-1.4\n%\xe2\xe3", "PDF"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"<?xml version='1.0'?><a><b>1</b></a>", "XML"),
        (_zip("a.csv"), "zip archive (holding a.csv)"),
        (_zip("xl/other.xml"), "workbook"),
        (b"PK\x03\x04 cut off", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"SQLite format 3\0", "SQLite"),
        (b"PAR1 nothing behind", "Parquet"),
        (bytes(range(256)) * 16, "not text"),
        (gzip.compress(b"user_id,item_id\n" * 4000)[:60], "damaged gzip"),
        (gzip.compress(b""), "empty once unpacked"),
        (b"Dear Sir,\nthis is a letter.\nYours, me\n", "too little speaks for it"),
        (b"[{\"user_id\": 1, \"item_id\": 2, \"ts\": \"2024-01-01\"}, {\"user", "breaks off"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_one_sentence(load: Load, store: Store, content: bytes, word: str) -> None:
    with pytest.raises(BadInput, match="file") as refused:
        load(content)
    assert word in str(refused.value)
    assert store.value("SELECT count(*) FROM imports") == 0


def test_a_missing_file(load: Load, store: Store, workspace: object) -> None:
    from core.ingest.load import import_file

    with pytest.raises(BadInput, match="no file"):
        import_file(store, workspace, Path("/nowhere/x.csv"))  # type: ignore[arg-type]


def _sheet(preamble: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["only a title"])
    sheet = book.create_sheet("Sales")
    for row in preamble:
        sheet.append(row)
    sheet.append(["Customer ID", "SKU", "Order Date", "Qty", "Unit Price"])
    for i in range(40):
        sheet.append([float(1000 + i % 7), f"s{i % 5}", datetime(2024, 3, 1 + i % 28, 8, i % 60), 1 + i % 3, i + 0.5])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["book.xlsx", "book.csv"])
@pytest.mark.parametrize("preamble", [[], [["Sales report"], [], ["Period", 2024]]])
def test_a_workbook_whatever_its_name(load: Load, store: Store, name: str, preamble: list[list[object]]) -> None:
    result = load(_sheet(preamble), name=name)
    assert result.loaded == 40
    assert any("'Sales'" in note for note in result.notes)
    assert facts(store)[0] == ("1000", "s0", datetime(2024, 3, 1, 8, 0), "purchase", 0.5, 1.0)


def test_parquet_and_gzip_whatever_their_name(load: Load, store: Store, log: str, tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text(log)
    duckdb.execute(f"COPY (FROM read_csv('{tmp_path}/plain.csv')) TO '{tmp_path}/p.parquet' (FORMAT parquet)")
    parquet = (tmp_path / "p.parquet").read_bytes()
    assert load(parquet, name="parquet.csv").loaded == 40
    wanted = facts(store)
    for name, content in {
        "a.gz": gzip.compress(log.encode()),
        "b.csv": gzip.compress(parquet),
        "c.csv": gzip.compress(_sheet([])),
    }.items():
        assert load(content, name=name).read == 40
    assert facts(store)[: len(wanted)] is not None


def test_json_lines_nested_with_broken_lines(load: Load, store: Store) -> None:
    lines = [
        json.dumps(
            {"user": {"id": i % 7}, "product": {"sku": f"s{i % 5}"}, "ts": 1709280000000 + i * 60000, "event": "page_view"}
        )
        for i in range(40)
    ]
    result = load("\n".join([*lines, "{broken", "[1, 2]"]), name="events.jsonl")
    assert result.reasons == {"not a JSON object": 2}
    assert facts(store)[0][:4] == ("0", "s0", datetime(2024, 3, 1, 8, 0), "view")


@pytest.mark.parametrize("wrap", ["{}", '{{"data": {}}}'])
def test_json_arrays(load: Load, store: Store, wrap: str) -> None:
    events = [
        {"userId": i % 7, "productId": f"s{i % 5}", "eventTime": f"2024-03-01T10:{i:02d}:00+02:00", "eventType": "AddToCart"}
        for i in range(40)
    ]
    assert load(wrap.format(json.dumps(events)), name="events.json").loaded == 40
    assert facts(store)[0][:4] == ("0", "s0", datetime(2024, 3, 1, 8, 0), "cart")


def test_a_lone_carriage_return_inside_a_field_ends_no_line(load: Load, store: Store, log: str) -> None:
    assert load(log + "u9,i\r9,2024-03-01 10:00:00,view,1,1\n").loaded == 41
    assert store.value("SELECT item_id FROM events WHERE user_id = 'u9'") == "i\r9"


def test_line_separators_of_other_alphabets_end_no_line(load: Load, store: Store) -> None:
    rows = "\n".join(f'{i},"Cup\u2028no. {i}\nblue","a\x0bb"' for i in range(20))
    assert load("item_id,title,description\n" + rows).loaded == 20
    assert store.value("SELECT title FROM items WHERE item_id = '3'") == "Cup\u2028no. 3\nblue"
