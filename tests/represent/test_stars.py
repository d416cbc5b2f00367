"""An item's stars, worked by hand."""

from datetime import date
from statistics import stdev

import pytest

from core.base.db import Store
from core.represent.ratings import PRIOR
from core.represent.stars import over_time, rebuild_stars, stars
from tests.profiles.shop import load, review

ROWS = (
    review("ann", "cup", "2024-01-01", 1),
    review("ann", "cup", "2024-02-10", 5),  # ann changed her mind: the last one counts
    review("bob", "cup", "2024-02-20", 4),
    review(None, "cup", None, 3),
    review(None, "pot", "2024-03-01", 2),
)


def test_count_mean_spread_shrunk_and_histogram(store: Store) -> None:
    load(store, *ROWS)
    rebuild_stars(store)
    cup = stars(store, "cup")
    assert cup is not None
    assert (cup.ratings, cup.mean) == (3, 4.0)
    assert cup.spread == pytest.approx(stdev([5, 4, 3]))
    assert cup.prior_mean == pytest.approx((5 + 4 + 3 + 2) / 4)
    assert cup.shrunk == pytest.approx((12 + PRIOR * 3.5) / (3 + PRIOR))
    assert cup.histogram == (0, 0, 1, 1, 1)
    pot = stars(store, "pot")
    assert pot is not None
    assert (pot.ratings, pot.spread, pot.histogram) == (1, None, (0, 1, 0, 0, 0))
    assert stars(store, "tin") is None


def test_by_month(store: Store) -> None:
    load(store, *ROWS)
    frame = over_time(store, "cup")
    assert [month.date() for month in frame["month"]] == [date(2024, 2, 1)]
    assert frame[["ratings", "mean"]].values.tolist() == [[2, 4.5]]


@pytest.mark.realdata
def test_the_clothing_shop_agrees_with_plain_sql(store: Store, realdata) -> None:  # type: ignore[no-untyped-def]
    path = realdata("clothing_reviews/Womens Clothing E-Commerce Reviews.csv")
    with store.transaction() as cursor:
        cursor.execute(
            """INSERT INTO reviews BY NAME SELECT hash(column00) AS review_key, CAST("Clothing ID" AS VARCHAR) AS item_id,
               Rating AS rating, 1 AS import_id FROM read_csv(?)""",
            [str(path)],
        )
    rebuild_stars(store)
    rows = store.rows(
        """SELECT item_id FROM item_ratings r JOIN (
               SELECT CAST("Clothing ID" AS VARCHAR) AS item_id, count(*) AS n, avg(Rating) AS mean, stddev_samp(Rating) AS spread
               FROM read_csv(?) GROUP BY ALL) USING (item_id)
           WHERE n = ratings AND abs(r.mean - x.mean) < 1e-12""".replace("GROUP BY ALL)", "GROUP BY ALL) AS x"),
        [str(path)],
    )
    assert len(rows) == 1206
