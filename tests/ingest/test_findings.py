"""Findings with answers worked by hand."""

from collections.abc import Callable

import pytest

from core.base.db import Store
from core.ingest import service_lines
from core.ingest.findings import Finding, findings, readiness
from core.ingest.load import ImportResult
from tests.ingest.conftest import HEADER

Load = Callable[..., ImportResult]


def by_check(store: Store) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings(store)}


def test_an_empty_store_has_no_findings(store: Store) -> None:
    assert findings(store) == []
    assert readiness(store).level == "too little"


def test_a_price_a_thousand_times_the_usual_is_an_outlier(load: Load, store: Store) -> None:
    rows = [f"u{i},i{i % 5},2024-01-{1 + i % 28:02d} 10:{i % 60:02d}:00,purchase,{10 + i % 3},1" for i in range(200)]
    load("\n".join([HEADER, *rows, "u1,odd,2024-01-03,purchase,12000,1"]))
    found = by_check(store)["Outliers: price"]
    assert (found.rows, found.of, found.severity, found.examples) == (1, 201, "note", ("odd: 12000",))
    assert "6 scaled median deviations" in found.rule
    assert by_check(store)["Outliers: quantity"].severity == "good"


def test_a_three_among_ones_is_no_outlier_and_a_thirty_is(load: Load, store: Store) -> None:
    rows = [f"u{i},i{i % 5},2024-01-{1 + i % 28:02d} 10:{i % 60:02d}:00,purchase,10,{3 if i == 7 else 1}" for i in range(100)]
    load("\n".join([HEADER, *rows, "u1,bulk,2024-01-03,purchase,10,30"]))
    found = by_check(store)["Outliers: quantity"]
    assert (found.rows, found.of, found.examples) == (1, 101, ("bulk: 30",))


def test_bots_by_a_thousand_events_a_day_or_under_a_second_apart(load: Load, store: Store) -> None:
    many = [f"crawler,i{i},2024-01-01 {i // 60:02d}:{i % 60:02d}:00,view,1,1" for i in range(1000)]
    quick = [f"script,i{i},2024-01-02 10:00:{i / 4:06.3f},view,1,1" for i in range(120)]
    calm = [f"person,i{i},2024-01-02 {i // 60:02d}:{i % 60:02d}:00,view,1,1" for i in range(120)]
    load("\n".join([HEADER, *many, *quick, *calm]))
    assert by_check(store)["Bots"].examples == ("crawler: 1,000", "script: 120")


def test_unknown_products_and_shoppers(load: Load, store: Store) -> None:
    load(f"{HEADER}\nu1,i1,2024-01-01,view,1,1\nu2,i9,2024-01-01,view,1,1\n", name="events.csv")
    load("item_id,title,brand\ni1,Cup,Ven\ni2,Pot,Ven\n", name="items.csv")
    load("user_id,item_id,rating,review_text\nu1,i1,5,Good\nstranger,i1,1,Bad\n", name="reviews.csv")
    found = by_check(store)
    assert (found["Events of unknown products"].rows, found["Events of unknown products"].examples) == (1, ("i9",))
    assert found["Reviews of unknown shoppers"].rows == 1
    assert (found["Products without a title"].rows, found["Products without a title"].of) == (1, 2)


def test_silent_days_single_events_and_the_quarantine(load: Load, store: Store) -> None:
    load(f"{HEADER}\nu1,i1,2024-01-01,view,1,1\nu1,i2,2024-01-10,view,1,1\nu2,i1,2024-01-10,view,1,1\n,i1,2024-01-10,view,1,1\n")
    found = by_check(store)
    assert (found["Days without events"].rows, found["Days without events"].of) == (8, 10)
    assert (found["Shoppers seen once"].rows, found["Shoppers seen once"].of) == (1, 2)
    assert (found["Missing values"].rows, found["Missing values"].of, found["Missing values"].severity) == (1, 4, "warn")
    assert found["Duplicates"].severity == "good"
    assert [finding.severity for finding in findings(store)] == sorted(
        (finding.severity for finding in findings(store)), key=["warn", "note", "good"].index
    )


def test_readiness_at_its_thresholds(load: Load, store: Store) -> None:
    rows = [f"u{i % 25},i{i},2024-01-{1 + i % 28:02d},view,1,1" for i in range(1000)]
    load("\n".join([HEADER, *rows[:999]]), name="a.csv")
    assert readiness(store).level == "too little"
    load("\n".join([HEADER, rows[999]]), name="b.csv")
    ready = readiness(store)
    assert (ready.level, ready.interactions, ready.shoppers_with_two) == ("usable", 1000, 25)


@pytest.mark.parametrize(
    ("item", "title", "service"),
    [
        ("POST", "POSTAGE", True),
        ("M", "Manual", True),
        ("C2", "CARRIAGE", True),
        ("x", "Bank Charges", True),
        ("x", "Versandkosten", True),
        ("x", "运费", True),
        ("post", None, True),
        ("85123A", "POSTAGE STAMP BOX", False),
        ("22139", "MANUAL COFFEE GRINDER", False),
        ("D", None, False),
        (None, None, False),
    ],
)
def test_service_lines(store: Store, item: str | None, title: str | None, service: bool) -> None:
    assert store.value(f"SELECT {service_lines.predicate('$1', '$2')}", [item, title]) is service
