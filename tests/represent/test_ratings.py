"""Quality against figures worked by hand."""

import numpy as np
import pandas as pd
import pytest

from core.base.db import Store
from core.profiles.rollups import rebuild_rollups
from core.represent.ratings import Basis, quality_report, rebuild_quality
from tests.profiles.shop import Row, act, item, load, review


def built(store: Store, *rows: Row) -> pd.DataFrame:
    """Load the rows and return the quality table by item id."""
    load(store, *rows)
    rebuild_rollups(store)
    rebuild_quality(store)
    return store.df("SELECT * FROM quality").set_index("item_id")


def test_ratings_are_shrunk_to_the_shops_mean_and_divided_by_the_best(store: Store) -> None:
    reviews = [review("u1", "one", None, 5), *[review(f"v{number}", "many", None, 4.5) for number in range(20)]]
    quality = built(store, *reviews, review("u2", "bad", None, 1), item("none"))
    mean = (5 + 20 * 4.5 + 1) / 22  # 4.364
    shrunk = {"one": (5 + 10 * mean) / 11, "many": (90 + 10 * mean) / 30, "bad": (1 + 10 * mean) / 11, "none": mean}
    best = max(shrunk.values())
    assert best == shrunk["many"]  # twenty good ratings beat a single five
    for name, stars in shrunk.items():
        assert quality.loc[name, "shrunk"] == pytest.approx(stars)
        assert quality.loc[name, "quality"] == pytest.approx(stars / best)
    assert quality.loc["many", "ratings"] == 20
    assert np.isnan(quality.loc["none", "mean_rating"])
    assert set(quality["basis"]) == {Basis.RATINGS}


def test_a_shoppers_last_rating_counts_and_every_anonymous_one(store: Store) -> None:
    changed = [review("u", "a", "2024-01-01", 1), review("u", "a", "2024-02-01", 5)]
    quality = built(store, *changed, review(None, "b", None, 2), review(None, "b", None, 4))
    assert quality.loc["a", ["ratings", "mean_rating"]].tolist() == [1, 5.0]
    assert quality.loc["b", ["ratings", "mean_rating"]].tolist() == [2, 3.0]


def test_without_ratings_stars_are_read_from_behaviour_and_labelled(store: Store) -> None:
    quality = built(
        store,
        act("u", "again", "2024-01-01", "purchase"),
        act("u", "again", "2024-01-09", "purchase"),
        act("u", "twice in a day", "2024-01-01 10:00", "purchase"),
        act("u", "twice in a day", "2024-01-01 11:00", "purchase"),
        act("u", "basket", "2024-01-01", "view"),
        act("u", "basket", "2024-01-01", "cart"),
        act("u", "looked", "2024-01-01", "view"),
        act("u", "back", "2024-01-01", "purchase", quantity=2),
        act("u", "back", "2024-01-05", "return", quantity=2),
    )
    assert quality["mean_rating"].to_dict() == {"again": 5, "twice in a day": 3, "basket": 2, "looked": 1, "back": 1}
    assert set(quality["basis"]) == {Basis.BEHAVIOUR}
    assert quality.loc["again", "quality"] == 1.0
    report = quality_report(store)
    assert report is not None
    assert "too few ratings" in report.sentence
    assert report.shop_mean == pytest.approx(12 / 5)


def test_a_log_in_which_all_ends_alike_falls_back_to_popularity(store: Store) -> None:
    acts = [act(f"u{number}", "hit", "2024-01-01", "purchase") for number in range(3)]
    quality = built(store, *acts, act("u0", "other", "2024-01-01", "purchase"), item("never"))
    assert set(quality["basis"]) == {Basis.POPULARITY}
    assert quality.loc["hit", "quality"] == 1.0
    assert quality.loc["other", "shrunk"] == pytest.approx(1 + 4 * np.log(2) / np.log(4))  # 3 stars
    assert quality.loc["never", "quality"] == pytest.approx(1 / 5)


def test_popularity_counts_shoppers_and_trend_halves_with_age(store: Store) -> None:
    quality = built(
        store,
        act("u", "old", "2024-01-01", "purchase"),
        act("u", "old", "2024-01-01", "purchase"),
        act("v", "old", "2024-01-01", "view"),
        act("u", "new", "2024-01-31", "purchase"),
    )
    assert quality["popularity"].to_dict() == {"old": 2, "new": 1}
    assert quality.loc["old", "trend"] == pytest.approx(2.2 * 0.5)
    assert quality.loc["new", "trend"] == pytest.approx(1.0)


def test_it_is_built_again_for_new_data_or_another_half_life(store: Store) -> None:
    load(store, act("u", "a", "2024-01-01", "purchase"))
    rebuild_rollups(store)
    assert rebuild_quality(store)
    assert not rebuild_quality(store)
    assert rebuild_quality(store, half_life_days=7)


def test_an_empty_store_has_no_quality(store: Store) -> None:
    rebuild_rollups(store)
    rebuild_quality(store)
    assert quality_report(store) is None
