"""A shopper's taste against weights worked by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.db import Store
from core.base.settings import Settings
from core.profiles.rollups import rebuild_rollups
from core.score.index import Index, load_index
from core.score.taste import COUNTS, decay, history, strength, taste
from tests.profiles.shop import act, load


def acts(**given: float) -> pd.DataFrame:
    """One history row: the counts named, no others, and a rating where given."""
    return pd.DataFrame([{**dict.fromkeys(COUNTS, 0), "rating": np.nan, **given}])


@pytest.mark.parametrize(
    ("did", "expected"),
    [
        ({"purchases": 1}, 1.0),
        ({"purchases": 3}, 2.0),  # log2(1 + 3)
        ({"views": 1}, 0.2),
        ({"views": 1, "carts": 1, "purchases": 1}, 1.8),
        ({"purchases": 1, "rating": 5}, 2.0),  # (1 + 1) · 1
        ({"purchases": 1, "rating": 3}, 0.4),  # (1 + 1) · 0.2
        ({"purchases": 1, "rating": 1}, -1.2),  # (1 + 1) · −0.6
        ({"rating": 4}, 0.6),
        ({"purchases": 1, "returns": 1}, -0.25),  # 1 − 1.25
        ({"returns": 1}, -1.25),  # bought before the log began
        ({"purchases": 1, "returns": 3, "rating": 1}, -0.5),  # 1 + 1 − 2.5: disliked twice is not liked
    ],
)
def test_strength_by_hand(did: dict[str, float], expected: float) -> None:
    assert strength(acts(**did)).tolist() == pytest.approx([expected])


def test_age_counts_from_the_shoppers_own_last_event(shop: Store, index: Index) -> None:
    bob = history(shop, index, "bob").set_index("item_id")
    assert bob.loc["rake", "weight"] == pytest.approx(1.0)
    assert bob.loc["spade", "weight"] == pytest.approx(-1.2 * 0.5 ** (29 / 30))  # rated 1 on 2 March, 29 days before
    assert bob.loc["spade", "did"] == "bought, rated 1"


def test_undated_acts_count_as_the_oldest() -> None:
    times = np.array(["2024-01-01", "2024-01-31", "NaT"], "datetime64[us]")
    assert decay(times, 30.0).tolist() == pytest.approx([0.5, 1.0, 0.5])
    assert decay(times[2:], 30.0).tolist() == [1.0]


def test_a_liked_item_draws_and_a_disliked_one_repels(shop: Store, index: Index) -> None:
    bob = taste(index, history(shop, index, "bob"))
    assert bob is not None
    cosines = bob.cosine(index.vectors)
    assert cosines[index.rows["rake"]] > 0.5
    assert cosines[index.rows["spade"]] < 0


@given(st.lists(st.floats(-2, 2).filter(lambda weight: abs(weight) > 0.01), min_size=1, max_size=6), st.integers(0, 99))
def test_the_cosine_is_the_sum_of_the_historys_parts(weights: list[float], seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(len(weights), 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    total = np.array(weights) @ vectors
    length = np.linalg.norm(total)
    direct = vectors @ (total / length)
    parts = (np.array(weights) / length)[:, None] * (vectors @ vectors.T)
    assert parts.sum(axis=0) == pytest.approx(direct, abs=1e-9)


def test_no_taste_without_a_vector_in_the_history(shop: Store, index: Index) -> None:
    assert taste(index, history(shop, index, "dan")) is None
    assert taste(index, history(shop, index, "nobody")) is None


def test_likes_and_dislikes_that_cancel_leave_no_taste(index: Index) -> None:
    frame = pd.DataFrame({"item_id": ["cup", "cup"], "weight": [1.0, -1.0], "verdict": None})
    assert taste(index, frame) is None


def test_a_return_does_not_make_a_purchase_recent(store: Store, settings: Settings) -> None:
    load(
        store,
        act("zoe", "kept", "2024-01-31", "purchase", quantity=1),
        act("zoe", "sent back", "2024-01-01", "purchase", quantity=3),
        act("zoe", "sent back", "2024-04-30", "return", quantity=1),
    )
    rebuild_rollups(store)
    zoe = history(store, load_index(store, settings), "zoe").set_index("item_id")
    assert zoe.loc["kept", "weight"] == pytest.approx(1.0)  # the last thing she liked
    assert zoe.loc["sent back", "weight"] == pytest.approx(-0.25 * 0.5)  # 30 days before it
    assert zoe.loc["sent back", "did"] == "bought, returned"
