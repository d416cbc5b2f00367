"""What the log says of clicks before anything was learned: items seen in it, and what was done with them.

A view is an item that was seen, once a visit; it counts as clicked where the shopper did more with the item in that visit than
look at it. Expected of it is what is usual at its place in the list, times how often the shopper clicks compared with others
(which counts half at FEW clicks). A log without views says nothing, nor does a single view in a category of its shopper. What
shoppers said to lists of this program is left out.
"""

import duckdb
import pandas as pd

from core.base.db import Store
from core.base.schema import Event, ItemKind
from core.score.learning import Kind
from core.score.ranker import POSITIONS
from core.update.feedback import FILE_NAME

FEW = 3.0
"""Expected clicks at which how often a shopper clicks counts half."""


def log_counts(store: Store) -> pd.DataFrame:
    """Return a row a kind, whose, what: views, clicks and the clicks expected, as ``learned_counts`` keeps them, sorted."""
    return store.df(_COUNTS, _ASKED)


def count_log(cursor: duckdb.DuckDBPyConnection, epoch: int) -> tuple[int, int]:
    """Begin the counts of an epoch with those of the log, inside the caller's transaction; return its views and clicks."""
    cursor.execute(f"CREATE TEMP TABLE log_counts AS {_COUNTS}", _ASKED)
    cursor.execute("INSERT INTO learned_counts SELECT ?, kind, whose, what, clicks, expected FROM log_counts", [epoch])
    told = "SELECT coalesce(sum(views), 0), coalesce(sum(clicks), 0) FROM log_counts WHERE kind = ?"
    ((views, clicks),) = cursor.execute(told, [str(Kind.ITEM)]).fetchall()
    cursor.execute("DROP TABLE log_counts")
    return int(views), int(clicks)


_ASKED = {"places": POSITIONS, "few": FEW, "file": FILE_NAME}
_CHOICES = ", ".join(f"'{event}'" for event in (Event.CLICK, Event.CART, Event.WISHLIST, Event.PURCHASE))
_COUNTS = f"""
WITH log AS (
    SELECT user_id, item_id, coalesce(session_id, CAST(CAST(ts AS DATE) AS VARCHAR)) AS visit, event_type, position FROM events
    WHERE import_id NOT IN (SELECT import_id FROM imports WHERE file_name = $file) AND user_id NOT IN (SELECT user_id FROM robots)
), seen AS (
    SELECT user_id, item_id, category, bool_or(event_type IN ({_CHOICES})) AS clicked,
           least(coalesce(min(position) FILTER (event_type = '{Event.VIEW}'), 0), $places) AS place
    FROM log JOIN catalogue USING (item_id) WHERE kind = '{ItemKind.PRODUCT}'
    GROUP BY user_id, item_id, category, visit HAVING bool_or(event_type = '{Event.VIEW}')
), usual AS (
    SELECT place, (count(*) FILTER (clicked) + 1) / (count(*) + 2) AS share FROM seen GROUP BY place
), keen AS (
    SELECT user_id, (count(*) FILTER (clicked) + $few) / (sum(share) + $few) AS times
    FROM seen JOIN usual USING (place) GROUP BY user_id
), told AS (
    SELECT user_id, item_id, category, clicked::INTEGER AS clicked, times * share / (1 - share + times * share) AS expected
    FROM seen JOIN usual USING (place) JOIN keen USING (user_id)
), counted AS (
    SELECT '{Kind.ITEM}' AS kind, '' AS whose, item_id AS what, clicked, expected FROM told
    UNION ALL
    SELECT '{Kind.GROUP}', segment_id::VARCHAR, item_id, clicked, expected
    FROM told JOIN (SELECT user_id, min(segment_id) AS segment_id FROM members GROUP BY user_id) USING (user_id)
    UNION ALL
    SELECT '{Kind.OWN}', user_id, category, clicked, expected FROM told WHERE category IS NOT NULL
)
SELECT kind, whose, what, count(*) AS views, sum(clicked)::DOUBLE AS clicks, sum(expected) AS expected FROM counted
GROUP BY kind, whose, what HAVING kind <> '{Kind.OWN}' OR count(*) > 1 ORDER BY kind, whose, what
"""
