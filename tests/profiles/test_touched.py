"""Measuring only whom a change concerns gives the numbers of measuring everyone, whatever was imported and undone before."""

from collections.abc import Callable
from datetime import datetime, timedelta

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.db import Store, bump_version, memory_store
from core.ingest import history
from core.profiles import behaviour
from core.profiles.behaviour import measure_everyone, rebuild_shoppers
from core.profiles.rollups import rebuild_rollups
from tests.profiles.shop import Row, act, item, review

START = datetime(2024, 1, 1)


def bring(store: Store, *rows: Row) -> int:
    """Load rows as one import that is in the books, and return its id."""
    with store.transaction() as cursor:
        version = bump_version(cursor)
        (number,) = cursor.execute("SELECT coalesce(max(import_id), 0) + 1 FROM imports").fetchone() or (1,)
        cursor.execute(
            "INSERT INTO imports VALUES (?, 'f', 'h', 0, 'events', '{}', 0, 0, 0, '{}', ?, ?, 'loaded', ?)",
            [number, START, START, version],
        )
        for row in rows:
            values = {**row.values, "import_id": number}
            marks = ", ".join("?" * len(values))
            cursor.execute(f"INSERT INTO {row.table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))
    return int(number)


def refresh(store: Store) -> None:
    rebuild_rollups(store)
    rebuild_shoppers(store)


def measured(store: Store) -> pd.DataFrame:
    return store.df("SELECT * EXCLUDE (platforms), CAST(platforms AS VARCHAR) AS platforms FROM shoppers ORDER BY user_id")


def assert_as_if_everyone_was_measured(store: Store) -> None:
    some, norms = measured(store), store.rows("SELECT * FROM norms ORDER BY feature")
    measure_everyone(store)
    pd.testing.assert_frame_equal(some, measured(store), rtol=1e-12)
    assert [row[0] for row in norms] == [row[0] for row in store.rows("SELECT * FROM norms ORDER BY feature")]


who, what = st.sampled_from("abcdefghijkl"), st.sampled_from("xyz")
when = st.integers(0, 40_000).map(lambda minutes: (START + timedelta(minutes=minutes)).isoformat(" "))
event = st.builds(
    lambda user, thing, at, kind, price, platform, discount: act(
        user, thing, at, kind, price=price, quantity=2.0, platform=platform, discount=discount
    ),
    who,
    what,
    when,
    st.sampled_from(["view", "cart", "purchase", "purchase", "return"]),
    st.sampled_from([None, 1.0, 4.0]),
    st.sampled_from([None, "web", "app"]),
    st.sampled_from([None, 0.5]),
)
rating = st.builds(review, who, what, when, st.sampled_from([1.0, 3.0, 5.0]))
shelf = st.builds(
    lambda thing, price, category: item(thing, price=price, category=category),
    what,
    st.sampled_from([None, 2.0, 9.0]),
    st.sampled_from([None, "home", "toys"]),
)
step = st.one_of(
    st.lists(st.one_of(event, event, event, rating, shelf), min_size=1, max_size=8).map(lambda rows: ("bring", rows)),
    st.integers(1, 6).map(lambda number: ("undo", number)),
    st.just(("look", None)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(event, min_size=6, max_size=30), st.lists(step, min_size=1, max_size=7))
def test_any_sequence_of_imports_and_undos_leaves_the_numbers_of_measuring_everyone(
    first: list[Row], steps: list[tuple[str, object]]
) -> None:
    store = memory_store()
    bring(store, *first)
    refresh(store)
    for kind, value in steps:
        if kind == "bring":
            bring(store, *value)  # type: ignore[misc]
        elif kind == "undo":
            loaded = [number for (number,) in store.rows("SELECT import_id FROM imports WHERE status = 'loaded' ORDER BY 1")]
            if loaded:
                history.undo(store, loaded[value % len(loaded)])  # type: ignore[operator]
        else:
            refresh(store)
    refresh(store)
    assert_as_if_everyone_was_measured(store)
    store.close()


def spread_out(store: Store) -> None:
    """Twenty shoppers who each have an item of their own, so that no change of one concerns another."""
    shelf = [item(f"i{n}", price=5.0, category="home") for n in range(20)]
    bring(store, *shelf, *(act(f"u{n}", f"i{n}", "2024-01-01 10:00", "purchase", price=5.0) for n in range(20)))
    refresh(store)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[list[str] | None]:
    """Note for each measuring whom it measured, by id; None = everyone."""
    asked: list[list[str] | None] = []
    insert: Callable[..., None] = behaviour._insert

    def noting(cursor: duckdb.DuckDBPyConnection, shop: object, version: int, subset: str | None = None) -> None:
        asked.append(
            [user for (user,) in cursor.execute(f"SELECT user_id FROM {subset} ORDER BY 1").fetchall()] if subset else None
        )
        insert(cursor, shop, version, subset)

    monkeypatch.setattr(behaviour, "_insert", noting)
    return asked


def test_an_import_measures_only_whom_it_concerns_and_counts_back_for_the_others(
    store: Store, counted: list[list[str] | None]
) -> None:
    spread_out(store)
    bring(store, act("u3", "i3", "2024-01-05 10:00", "purchase", price=5.0))
    refresh(store)
    assert counted == [None, ["u3"]]
    assert store.rows("SELECT recency_days, orders FROM shoppers WHERE user_id = 'u4'") == [(4.0, 1)]
    assert store.rows("SELECT recency_days, orders FROM shoppers WHERE user_id = 'u3'") == [(0.0, 2)]


def test_an_undo_measures_only_whom_it_concerned(store: Store, counted: list[list[str] | None]) -> None:
    spread_out(store)
    number = bring(
        store, act("u3", "i3", "2024-01-05 10:00", "purchase", price=5.0), act("new", "i3", "2024-01-05", "purchase", price=5.0)
    )
    refresh(store)
    history.undo(store, number)
    refresh(store)
    assert counted[-1] == ["new", "u3"]
    assert store.value("SELECT count(*) FROM shoppers WHERE user_id = 'new'") == 0
    assert_as_if_everyone_was_measured(store)


def test_a_new_price_concerns_whoever_had_to_do_with_an_item_whose_place_it_changes(
    store: Store, counted: list[list[str] | None]
) -> None:
    spread_out(store)
    bring(store, item("i7", price=50.0, category="toys"))
    refresh(store)
    assert_as_if_everyone_was_measured(store)


def test_a_new_category_or_price_reaches_those_who_paid_the_catalogue_price(
    store: Store, counted: list[list[str] | None]
) -> None:
    shelf = [
        item("alone", price=5.0, category="only"),
        item("free", category="toys"),
        item("other", category="home"),
        item("stays", category="toys"),
    ]
    spread_out(store)
    buys = [
        act("p", "alone", "2024-01-01", "purchase"),
        act("q", "free", "2024-01-01", "purchase"),
        act("q", "other", "2024-01-01", "purchase"),
    ]
    bring(store, *shelf, *buys)
    refresh(store)
    bring(store, item("alone", price=9.0, category="only"), item("free", category="home"))
    refresh(store)
    assert counted[-1] == ["p", "q"]
    assert store.rows("SELECT monetary FROM shoppers WHERE user_id = 'p'") == [(9.0,)]
    assert store.value("SELECT breadth FROM shoppers WHERE user_id = 'q'") == 0
    assert_as_if_everyone_was_measured(store)


def test_a_change_outside_the_books_measures_everyone(store: Store, counted: list[list[str] | None]) -> None:
    spread_out(store)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM events WHERE user_id = 'u3'")
        bump_version(cursor)
    refresh(store)
    assert counted == [None, None]
    assert store.value("SELECT count(*) FROM shoppers") == 19


def test_what_the_shop_can_tell_changing_measures_everyone(store: Store, counted: list[list[str] | None]) -> None:
    spread_out(store)
    bring(store, act("u3", "i3", "2024-01-05 10:00", "view"))
    refresh(store)
    assert counted == [None, None], "the first view makes views per purchase known for all"
