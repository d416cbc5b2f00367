"""What is taken together, against figures worked by hand; and the guard against accident."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from core.base.db import Store
from core.profiles.rollups import rebuild_rollups
from core.represent import baskets as baskets_module
from core.represent import pairs as pairs_module
from core.represent.baskets import Baskets, Taken, Unit, basket_unit, read_baskets
from core.represent.pairs import count_pairs, pair_reports, rebuild_pairs, wilson_low
from tests.profiles.shop import Row, act, item, load


def bought(order: int, *items: str) -> list[Row]:
    """One order of these items."""
    return [act(f"u{order}", one, "2024-01-01", "purchase", order_id=f"o{order}") for one in items]


def counted(matrix: list[list[int]], least: int = 1) -> dict[tuple[int, int], dict[str, float]]:
    """Return the kept pairs of a dense table of baskets."""
    table = sp.csr_matrix(np.array(matrix, np.float32))
    frame = count_pairs(Baskets(Unit.ORDER, np.arange(table.shape[1]), table, 0, 0), least)
    return {(line["item"], line["other"]): line for line in frame.to_dict("records")}


def test_support_confidence_and_lift_by_hand() -> None:
    """Fifty baskets: cup in 4, pot in 5, both in 4."""
    found = counted([[1, 1]] * 4 + [[0, 1]] + [[0, 0]] * 45)
    line = found[0, 1]
    assert (line["baskets"], line["support"], line["confidence"]) == (4, pytest.approx(0.08), pytest.approx(1.0))
    assert line["lift"] == pytest.approx(1.0 / 0.1)
    low = 4 / (4 + 1.96**2)  # Wilson's lower end where every trial is a hit: n / (n + z²)
    assert line["strength"] == pytest.approx(low / np.sqrt(0.1))
    back = float(wilson_low(np.array([4.0]), np.array([5.0]))[0])
    assert line["lift_low"] == pytest.approx(min(low / 0.1, back / 0.08))
    assert found[1, 0]["confidence"] == pytest.approx(0.8)
    assert found[1, 0]["lift"] == pytest.approx(line["lift"])  # lift has no direction


def test_one_accidental_basket_makes_no_pair() -> None:
    """Two items bought once, in the same one of 400 baskets: a lift of 400 that means nothing."""
    baskets = [[1, 1]] + [[0, 0]] * 399
    assert counted(baskets, least=1)[0, 1]["lift"] == pytest.approx(400)
    assert counted(baskets, least=pairs_module.LEAST) == {}


def test_items_that_meet_as_often_as_chance_would_have_it_are_no_pair() -> None:
    rows = [[1, 1]] * 25 + [[1, 0]] * 25 + [[0, 1]] * 25 + [[0, 0]] * 25
    assert counted(rows) == {}


def test_partners_are_the_strongest_first_and_no_more_than_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[1, 1, 0]] * 5 + [[1, 0, 1]] * 3 + [[0, 0, 0]] * 40
    table = Baskets(Unit.ORDER, np.arange(3), sp.csr_matrix(np.array(rows, np.float32)), 0, 0)
    assert count_pairs(table, 1)["other"].tolist()[:2] == [1, 2]
    assert count_pairs(table, 1, kept=1).groupby("item").size().max() == 1
    monkeypatch.setattr(pairs_module, "CELLS", 3)  # one item at a time: blocks change nothing
    assert count_pairs(table, 1)["other"].tolist()[:2] == [1, 2]


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=30))
def test_what_is_counted_is_what_a_loop_counts(rows: list[list[bool]]) -> None:
    found = counted([[int(cell) for cell in row] for row in rows])
    for (one, other), line in found.items():
        assert line["baskets"] == sum(row[one] and row[other] for row in rows)
        assert (other, one) in found
        assert line["lift_low"] <= line["lift"] + 1e-9


@given(st.integers(1, 500), st.integers(0, 500))
def test_wilson_stays_below_the_share(trials: int, hits: int) -> None:
    hits = min(hits, trials)
    low = float(wilson_low(np.array([hits]), np.array([trials]))[0])
    assert -1e-9 <= low <= hits / trials + 1e-9


def test_a_basket_is_an_order_else_a_visit_else_a_day(store: Store) -> None:
    assert basket_unit(store) is Unit.DAY
    load(store, act("u", "a", "2024-01-01", "purchase", session_id="s"))
    assert basket_unit(store) is Unit.VISIT
    load(store, *[act("u", "a", "2024-01-01", "purchase", order_id=str(n), session_id="s") for n in range(20)])
    assert basket_unit(store) is Unit.ORDER
    assert basket_unit(store, Taken.CHOSEN) is Unit.VISIT  # an order knows nothing of what was left behind


def test_baskets_hold_shown_products_once_and_leave_out_the_wholesaler(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baskets_module, "LARGEST", 2)
    twice = act("u1", "cup", "2024-01-01", "purchase", order_id="o1")
    load(store, *bought(1, "cup", "pot"), twice, *bought(2, "cup", "pot", "tin"), *bought(3, "cup", "guide", "post"))
    load(store, item("guide", kind="content"), item("post", title="postage"))
    rebuild_rollups(store)
    found = read_baskets(store)
    assert found.items.tolist() == ["cup", "pot"]
    assert sorted(map(tuple, found.matrix.toarray().tolist())) == [(1.0, 0.0), (1.0, 1.0)]
    assert (len(found), found.too_large, found.too_old) == (2, 1, 0)
    monkeypatch.setattr(baskets_module, "LINES", 2)
    assert read_baskets(store).too_old == 1


def test_the_table_says_what_it_was_counted_in(store: Store) -> None:
    load(
        store,
        *[row for order in range(4) for row in bought(order, "cup", "pot")],
        *[row for order in range(10, 40) for row in bought(order, "tin")],
    )
    load(store, act("u", "cup", "2024-01-02", "cart", session_id="s"), act("u", "tin", "2024-01-02", "cart", session_id="s"))
    rebuild_rollups(store)
    assert rebuild_pairs(store)
    assert not rebuild_pairs(store)
    reports = pair_reports(store)
    assert (reports[Taken.BOUGHT].unit, reports[Taken.CHOSEN].unit) == (Unit.ORDER, Unit.DAY)
    assert (reports[Taken.BOUGHT].baskets, reports[Taken.BOUGHT].several) == (34, 4)
    assert "34 orders" in reports[Taken.BOUGHT].sentence
    assert store.rows("SELECT item_id, other_id, baskets FROM pairs WHERE taken = 'bought'") == [
        ("cup", "pot", 4),
        ("pot", "cup", 4),
    ]


def test_a_shop_without_purchases_has_no_pairs(store: Store) -> None:
    load(store, act("u", "cup", "2024-01-01", "view"))
    rebuild_rollups(store)
    assert rebuild_pairs(store)
    assert store.value("SELECT count(*) FROM pairs") == 0
    assert pair_reports(store)[Taken.BOUGHT].baskets == 0
