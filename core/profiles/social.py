"""Who a shopper is close to: friends where the shop knows edges, and, where it knows none, buyers of the same things."""

from dataclasses import dataclass

import pandas as pd

from core.base.db import Store

LEAST_SHARED = 2
"""Products that two shoppers must have in common to be neighbours."""


@dataclass(frozen=True)
class Relations:
    """A shopper's relations. by_edges: true = friends from the social file; false = co-purchase neighbours, no friends.

    degree: distinct friends, or neighbours with at least two products in common. people: user_id, name, segment, shared
    (items both had to do with), overlap (shared ÷ items of either, 0..1), weight (of the edge, NULL for neighbours), best
    first. categories: category, theirs (of the people listed) and own: shares of the items bought (or looked at, where nothing
    is sold), 0..1.
    """

    by_edges: bool
    degree: int
    people: pd.DataFrame
    categories: pd.DataFrame


def relations(store: Store, user_id: str, limit: int = 50) -> Relations:
    """Return the shopper's friends where a social file names any, else their co-purchase neighbours; ties by id."""
    by_edges = bool(store.value("SELECT count(*) FROM social WHERE user_id = $user OR friend_id = $user", {"user": user_id}))
    with store.cursor() as cursor:
        cursor.execute(_FRIENDS if by_edges else _NEIGHBOURS, {"user": user_id})
        degree = int((cursor.execute("SELECT count(*) FROM near").fetchone() or (0,))[0])
        people = cursor.execute(_PEOPLE, {"limit": limit}).df()
        categories = cursor.execute(_CATEGORIES, {"user": user_id, "limit": limit}).df()
        cursor.execute("DROP TABLE near")
    return Relations(by_edges, degree, people, categories)


_TAKEN = "(SELECT * FROM interactions WHERE purchases > 0 OR NOT EXISTS (SELECT 1 FROM interactions WHERE purchases > 0))"
"""SQL: the interactions that count: purchases, or anything where the shop sells nothing."""

_FRIENDS = f"""
    CREATE OR REPLACE TEMP TABLE near AS
    WITH edges AS (
        SELECT friend_id AS user_id, weight FROM social WHERE user_id = $user
        UNION ALL SELECT user_id, weight FROM social WHERE friend_id = $user
    ), friends AS (
        SELECT user_id, max(weight) AS weight FROM edges WHERE user_id <> $user GROUP BY user_id
    ), mine AS (
        SELECT item_id FROM {_TAKEN} WHERE user_id = $user
    ), theirs AS (
        SELECT user_id, count(*) AS items, count(mine.item_id) AS shared
        FROM {_TAKEN} SEMI JOIN friends USING (user_id) LEFT JOIN mine USING (item_id) GROUP BY user_id
    )
    SELECT user_id, weight, coalesce(shared, 0) AS shared,
           coalesce(shared / nullif(items + (SELECT count(*) FROM mine) - shared, 0), 0) AS overlap
    FROM friends LEFT JOIN theirs USING (user_id)
"""

_NEIGHBOURS = f"""
    CREATE OR REPLACE TEMP TABLE near AS
    WITH taken AS (
        SELECT user_id, item_id FROM {_TAKEN} SEMI JOIN (SELECT item_id FROM catalogue WHERE hidden IS NULL) USING (item_id)
    ), mine AS (
        SELECT item_id FROM taken WHERE user_id = $user
    ), counted AS (
        SELECT user_id, count(*) AS items, count(mine.item_id) AS shared
        FROM taken LEFT JOIN mine USING (item_id) GROUP BY user_id HAVING count(mine.item_id) >= {LEAST_SHARED}
    )
    SELECT user_id, NULL::DOUBLE AS weight, shared, shared / (items + (SELECT count(*) FROM mine) - shared) AS overlap
    FROM counted ANTI JOIN robots USING (user_id) WHERE user_id <> $user
"""

_PEOPLE = """
    SELECT user_id, u.name, g.name AS segment, shared, overlap, weight
    FROM near LEFT JOIN (SELECT user_id, arg_max(name, import_id) AS name FROM users GROUP BY user_id) u USING (user_id)
    LEFT JOIN members USING (user_id) LEFT JOIN segments g USING (segment_id)
    ORDER BY weight DESC NULLS LAST, overlap DESC, user_id LIMIT $limit
"""

_CATEGORIES = f"""
    WITH nearest AS (
        SELECT user_id FROM near ORDER BY weight DESC NULLS LAST, overlap DESC, user_id LIMIT $limit
    ), told AS (
        SELECT user_id = $user AS mine, top_category AS category, count(*) AS n
        FROM (SELECT user_id, item_id FROM {_TAKEN} WHERE user_id = $user OR user_id IN (SELECT user_id FROM nearest))
        JOIN catalogue c USING (item_id) WHERE c.hidden IS NULL AND top_category IS NOT NULL GROUP BY ALL
    ), shares AS (
        SELECT mine, category, n / sum(n) OVER (PARTITION BY mine) AS share FROM told
    )
    SELECT category, coalesce(max(share) FILTER (NOT mine), 0) AS theirs, coalesce(max(share) FILTER (mine), 0) AS own
    FROM shares GROUP BY category ORDER BY sum(share) DESC, category LIMIT 10
"""
