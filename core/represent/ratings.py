"""The second term of the score: how good an item is, whoever looks at it."""

from dataclasses import dataclass
from enum import StrEnum

from core.base.db import Store
from core.base.derived import rebuild
from core.base.engagement import STARS, STARS_BOUGHT_AGAIN, weight_case
from core.base.schema import Event, Table

PRIOR = 10.0
"""Shrinking adds this many votes at the shop's mean to every item, so that one five-star vote does not win."""
ENOUGH_RATED = 0.05
"""Share of the items that must carry a rating for quality to be read from ratings."""
TELLING = 0.01
"""Share of shopper-item pairs that must end otherwise than the usual way for behaviour to tell good from bad."""
HALF_LIFE_DAYS = 30.0


class Basis(StrEnum):
    """Where the stars come from."""

    RATINGS = "ratings"
    BEHAVIOUR = "behaviour"
    POPULARITY = "popularity"


@dataclass(frozen=True)
class QualityReport:
    """How quality was made. shop_mean: stars; votes: ratings, or pairs of shopper and item; prior: votes added to each item."""

    basis: Basis
    votes: int
    shop_mean: float
    prior: float
    sentence: str


def rebuild_quality(store: Store, half_life_days: float = HALF_LIFE_DAYS, force: bool = False) -> bool:
    """Rebuild table ``quality`` where it is not current; return whether it was built.

    q(i) = (a_i / b_i) / max_k (a_k / b_k) with a_i = sum of stars + PRIOR · shop mean, b_i = votes + PRIOR.
    Votes are ratings (the last one a shopper and item; every anonymous one), or, where fewer than 5 % of the
    items are rated, one for each shopper and item, with stars read from behaviour (``engagement.STARS``). A log in
    which all pairs end alike says nothing of that kind: there the stars are 1 + 4 · log(1 + shoppers) / log(1 + most).
    Popularity counts distinct shoppers; trend is the sum of event weights, halved every ``half_life_days``
    before the latest event.
    """
    settings = {"prior": PRIOR, "half_life_days": half_life_days}
    return rebuild(store, Table.QUALITY, settings, lambda version: _build(store, version, half_life_days), force)


def quality_report(store: Store) -> QualityReport | None:
    """Return how quality was made, for the screen; None before the first rebuild or with no items."""
    rows = store.rows("SELECT any_value(basis), sum(ratings), any_value(shop_mean) FROM quality")
    name, votes, mean = rows[0]
    if name is None:
        return None
    basis = Basis(name)
    return QualityReport(
        basis, int(votes), float(mean), PRIOR, _SENTENCES[basis].format(votes=int(votes), mean=mean, prior=PRIOR)
    )


_SENTENCES = {
    Basis.RATINGS: "Quality comes from {votes:,} ratings (shop mean {mean:.2f} of 5). "
    "Every item starts with {prior:.0f} votes at that mean, so that one vote cannot win.",
    Basis.BEHAVIOUR: "This shop has too few ratings, so quality is read from what {votes:,} pairs of shopper and item ended in: "
    "only looked at or returned 1 star, basket or wishlist 2, bought 3, bought again on another day 5 (mean {mean:.2f}). "
    "Every item starts with {prior:.0f} votes at that mean.",
    Basis.POPULARITY: "This log has no ratings and every purchase ends alike, so quality is how many shoppers chose an item.",
}


def _build(store: Store, version: int, half_life_days: float) -> None:
    basis = _basis(store)
    sql = _QUALITY.format(stars=_stars(basis), weight=weight_case())
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM quality")
        cursor.execute(sql, {"basis": basis, "half_life": half_life_days, "version": version})


def _basis(store: Store) -> Basis:
    rated, items = store.rows(
        "SELECT (SELECT count(DISTINCT item_id) FROM reviews WHERE rating IS NOT NULL), (SELECT count(*) FROM catalogue)"
    )[0]
    if rated and rated >= ENOUGH_RATED * items:
        return Basis.RATINGS
    usual = store.value(
        f"SELECT max(pairs) / sum(pairs) FROM (SELECT count(*) AS pairs FROM ({_behaviour_votes()}) GROUP BY stars)"
    )
    return Basis.BEHAVIOUR if usual is None or usual <= 1 - TELLING else Basis.POPULARITY


def _stars(basis: Basis) -> str:
    """Return SQL for item_id, b (votes), mean_rating, shop_mean, shrunk of every item of the catalogue."""
    if basis is Basis.POPULARITY:
        return _POPULARITY_STARS
    return _SHRUNK_STARS.format(votes=RATING_VOTES if basis is Basis.RATINGS else _behaviour_votes(), prior=PRIOR)


def _behaviour_votes() -> str:
    """Return SQL for one vote a shopper and item: stars by the furthest thing they did."""
    return f"""
        SELECT item_id, CASE
            WHEN returns > 0 AND units <= 0 THEN {STARS[Event.RETURN]}
            WHEN purchases > 1 AND last_ts::DATE > first_ts::DATE THEN {STARS_BOUGHT_AGAIN}
            WHEN purchases > 0 THEN {STARS[Event.PURCHASE]}
            WHEN carts + wishes > 0 THEN {STARS[Event.CART]}
            ELSE {STARS[Event.VIEW]} END AS stars
        FROM interactions"""


RATING_VOTES = """
        SELECT item_id, rating AS stars, ts FROM reviews WHERE rating IS NOT NULL
        QUALIFY user_id IS NULL
             OR row_number() OVER (PARTITION BY item_id, user_id ORDER BY ts DESC NULLS LAST, review_key) = 1"""
"""SQL: item_id, stars, ts of the last rating of each shopper and item, and of every anonymous one."""

_SHRUNK_STARS = """
    SELECT c.item_id, coalesce(b, 0) AS b, a / b AS mean_rating, shop.mean AS shop_mean,
           (coalesce(a, 0) + {prior} * shop.mean) / (coalesce(b, 0) + {prior}) AS shrunk
    FROM catalogue c
    LEFT JOIN (SELECT item_id, count(*) AS b, sum(stars) AS a FROM ({votes}) GROUP BY item_id) USING (item_id)
    CROSS JOIN (SELECT coalesce(avg(stars), 1) AS mean FROM ({votes})) AS shop"""

_POPULARITY_STARS = """
    SELECT item_id, b, NULL AS mean_rating, avg(shrunk) OVER () AS shop_mean, shrunk FROM (
        SELECT item_id, coalesce(popularity, 0) AS b, 1 + 4 * ln(1 + b) / ln(1 + max(b) OVER ()) AS shrunk
        FROM catalogue LEFT JOIN touched USING (item_id))"""

_QUALITY = """
INSERT INTO quality
WITH touched AS (SELECT item_id, count(DISTINCT user_id) AS popularity FROM interactions GROUP BY item_id),
stars AS ({stars}),
latest AS (SELECT max(ts) AS now FROM events),
moving AS (
    SELECT item_id, greatest(sum(({weight}) * 0.5 ** (epoch(now - ts) / 86400 / $half_life)), 0) AS trend
    FROM events CROSS JOIN latest GROUP BY item_id
)
SELECT item_id, $basis, b, mean_rating, shop_mean, shrunk, shrunk / max(shrunk) OVER (),
       coalesce(popularity, 0), coalesce(trend, 0), $version
FROM stars LEFT JOIN touched USING (item_id) LEFT JOIN moving USING (item_id)
ORDER BY item_id
"""
