"""What the log says of clicks, worked by hand: a view once a visit, clicked or not, against what is usual at its place."""

import pandas as pd
import pytest

from core.base.db import Store
from core.profiles.rollups import rebuild_rollups
from core.update.from_log import FEW, log_counts
from tests.profiles.shop import act, item, load

LOG = (
    act("ann", "cup", "2024-03-01 10:00", "view", session_id="1", position=1),
    act("ann", "cup", "2024-03-01 10:01", "click", session_id="1", position=1),
    act("ann", "cup", "2024-03-01 10:02", "view", session_id="1", position=3),
    act("ann", "pot", "2024-03-01 10:03", "view", session_id="1", position=2),
    act("bob", "cup", "2024-03-02 10:00", "view", position=1),
    act("bob", "cup", "2024-03-02 18:00", "cart"),
    act("bob", "cup", "2024-03-03 10:00", "view", position=1),
    act("bob", "rake", "2024-03-03 10:00", "purchase"),
    act("bob", "guide", "2024-03-03 10:00", "view", position=1),
)


@pytest.fixture
def counts(store: Store) -> pd.DataFrame:
    load(
        store,
        item("cup", title="cup", category="kitchen"),
        item("pot", title="pot"),
        item("rake", title="rake", category="garden"),
        item("guide", title="guide", kind="content"),
        *LOG,
    )
    rebuild_rollups(store)
    return log_counts(store).set_index(["kind", "whose", "what"])


def test_views_and_clicks_by_hand(counts: pd.DataFrame) -> None:
    told = {key: (row["views"], row["clicks"]) for key, row in counts.iterrows()}
    assert told == {
        ("item", "", "cup"): (3, 2),  # of three visits
        ("item", "", "pot"): (1, 0),
        ("own", "bob", "kitchen"): (2, 1),  # the rake was never seen in a list, the guide is no product; Ann saw one only
    }


def test_expected_by_hand(counts: pd.DataFrame) -> None:
    first, second = (2 + 1) / (3 + 2), (0 + 1) / (1 + 2)  # shares clicked at the places, one of each kind added
    keen = (1 + FEW) / (first + second + FEW)
    bob = (1 + FEW) / (2 * first + FEW)
    assert counts.loc[("own", "bob", "kitchen"), "expected"] == pytest.approx(2 * bob * first / (1 - first + bob * first))
    assert counts.loc[("item", "", "pot"), "expected"] == pytest.approx(keen * second / (1 - second + keen * second))


def test_a_log_without_views_says_nothing(store: Store) -> None:
    load(store, item("cup", title="cup"), act("ann", "cup", "2024-03-01", "purchase"))
    rebuild_rollups(store)
    assert log_counts(store).empty
