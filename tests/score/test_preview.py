"""What another plan would change, worked out by hand; lists explained together are the lists explained alone."""

import math

from core.base.db import Store
from core.score.index import Index
from core.score.plan import Plan, plain
from core.score.preview import difference
from core.score.recommend import score_shopper
from tests.score.conftest import with_quality


def test_figures_of_no_change_and_of_a_change(shop: Store, index: Index) -> None:
    """By quality alone ann is shown rake and hose; by taste alone, two of the tea things."""
    first = with_quality(index, rake=0.9, hose=0.8, spade=0.1, pot=0.0, tin=0.0, post=0.0)
    found = difference(shop, first, ["ann"], Plan(0.0), Plan(0.0), k=2)
    assert (found.changed, found.overlap, found.shift, found.spread) == (0, 1.0, 0.0, (2, 2))
    assert math.isnan(found.price[0])
    mixed = difference(shop, first, ["ann"], Plan(0.0), Plan(1.0), k=2)
    assert set(mixed.leaving) == {"wooden garden rake", "long garden hose"}
    assert (mixed.overlap, mixed.items, mixed.swapped) == (0.0, 2.0, 1)
    assert math.isnan(mixed.shift)


def test_two_that_change_places_move_one_place_each(shop: Store, index: Index) -> None:
    scored = score_shopper(shop, index, "ann")
    was, now = scored.arrange(plain(0.0), 5), scored.arrange(plain(1.0), 5)
    assert sum(now.moves(scored.arrange(plain(1.0), 200))) == 0
    assert len(now.moves(was)) == 5


def test_nobody_changes_nothing(shop: Store, index: Index) -> None:
    found = difference(shop, index, [], Plan(0.0), Plan(1.0))
    assert (found.shoppers, found.changed, found.items, found.spread) == (0, 0, 0.0, (0, 0))
    assert math.isnan(found.overlap)


def test_explained_together_is_explained_alone(shop: Store, index: Index) -> None:
    alphas = [0.0, 0.5, 1.0]
    for user in ("ann", "bob", "a stranger"):
        scored = score_shopper(shop, index, user)
        together = scored.explain([scored.arrange(plain(alpha), 4) for alpha in alphas])
        for alpha, best in zip(alphas, together, strict=True):
            alone = scored.rank(alpha, 4)
            assert (best.picks, best.alpha, best.excluded) == (alone.picks, alone.alpha, alone.excluded)
