"""The terms that set a category apart."""

import math

import pytest

from core.base.db import Store
from core.profiles.rollups import rebuild_rollups
from core.represent.keywords import category_keywords, count_terms, of_categories, rebuild_keywords
from tests.profiles.shop import item, load

TEXTS = ["tea cup", "tea pot", "tea cup", "rake", "rake"]
SHELVES = ["kitchen", "kitchen", "kitchen", "garden", None]


def test_weights_worked_by_hand() -> None:
    counts, names = count_terms(TEXTS)
    weights, categories = of_categories(counts, names, SHELVES)
    assert categories == ["garden", "kitchen"]
    row = dict(zip(names, weights.toarray()[1], strict=True))
    # Three items have tea, two have cup and the pair; 'pot' and 'rake' are in one item of a category, too few to count.
    idf = math.log(3 / 2) + 1
    tea, cup = (1 + math.log(3)) * idf, (1 + math.log(2)) * idf
    length = math.sqrt(tea**2 + 2 * cup**2)
    assert row == pytest.approx({"cup": cup / length, "pot": 0, "rake": 0, "tea": tea / length, "tea cup": cup / length})


def test_words_of_the_categorys_own_name_say_nothing(store: Store) -> None:
    load(
        store,
        item("a", title="garden rake steel", category="garden > tools"),
        item("b", title="garden rake wood", category="garden > tools"),
        item("c", title="tea cup", category="kitchen"),
        item("d", title="tea pot", category="kitchen"),
    )
    rebuild_rollups(store)
    rebuild_keywords(store)
    path = category_keywords(store, "garden > tools")
    assert set(path["keyword"]) == {"rake", "garden rake"}
    assert path["rank"].tolist() == [1, 2]
    assert set(category_keywords(store, "garden")["keyword"]) == {"rake", "garden rake", "tools"}
    assert category_keywords(store, "kitchen")["keyword"].tolist() == ["tea"]
    assert category_keywords(store, "attic").empty
