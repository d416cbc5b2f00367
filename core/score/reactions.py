"""What shoppers said in reaction to lists, as a history reads it: at once, until an import takes it into the log.

Feedback counts here as long as ``interactions`` does not hold it, so that it is never counted twice and never lost: not
taken into the log; or taken, and ``interactions`` not yet rebuilt with it; or taken, and that import undone.
"""

from datetime import datetime

from core.base.db import Store
from core.base.engagement import COUNTS_AS
from core.base.schema import Event, Feedback, ImportStatus

VERDICTS = (Feedback.LIKE, Feedback.DISLIKE, Feedback.NOT_INTERESTED)
Stamp = tuple[int, datetime | None]
NOTHING_SAID: Stamp = (0, None)
SIMULATED = "simulated"
"""Surface of lists and reactions that a simulation made up: they count in the results of their experiment, and nowhere else."""
SAID = f"undone_at IS NULL AND surface <> '{SIMULATED}'"
"""SQL: feedback that somebody gave and did not take back."""

LATEST_ACT = "SELECT greatest((SELECT max(ts) FROM events), (SELECT max(ts) FROM reviews WHERE user_id IS NOT NULL))"
"""SQL: what counts as now in the shop; logs are often old."""

_COUNTS = {Event.CLICK: "clicks", Event.WISHLIST: "wishes", Event.CART: "carts", Event.PURCHASE: "purchases"}
_KIND = {event: kind for kind, event in COUNTS_AS.items()}
_NOT_COUNTS = ", ".join(f"'{kind}'" for kind in Feedback if kind not in COUNTS_AS)
_AFTER_ALL_EVENTS = 1 << 38
"""Place in the order of loading: after every event of the log, before its ratings."""

_TAKEN = f"""
SELECT import_id FROM imports m JOIN derived d ON d.name = 'interactions' AND m.data_version <= d.data_version
WHERE m.status = '{ImportStatus.LOADED}' OR d.data_version < (SELECT value::BIGINT FROM meta WHERE key = 'data_version')
"""
"""SQL: the imports that are in ``interactions``. One that was undone is in there until it is rebuilt."""


def histories(where: str) -> str:
    """Return SQL: what ``interactions`` holds of the shoppers that meet ``where`` (over user_id), with their feedback.

    Parameter $now: the latest event of the log, NULL where there is none; feedback given after it counts as given then, since
    a log of an earlier year would otherwise be all old at the first click. ``verdict``: the last of VERDICTS that the
    shopper gave on the item, or NULL; said: the latest feedback that counts. A disliked item has no ``liked_key``: nothing
    the shopper did with it counts for it.
    """
    counts = ", ".join(f"count(*) FILTER (live AND kind = '{_KIND[event]}') AS {column}" for event, column in _COUNTS.items())
    events = " ".join(f"WHEN '{kind}' THEN '{event}'" for kind, event in COUNTS_AS.items())
    verdicts = ", ".join(f"'{kind}'" for kind in VERDICTS)
    added = ", ".join(f"(coalesce(i.{column}, 0) + coalesce(s.{column}, 0))::INTEGER AS {column}" for column in _COUNTS.values())
    return f"""
    WITH mine AS (
        SELECT *, least(ts, $now::TIMESTAMP) AS moment, import_id IS NULL OR import_id NOT IN ({_TAKEN}) AS live
        FROM feedback WHERE {SAID} AND {where}
    ), heard AS (
        SELECT *, live AND kind NOT IN ({_NOT_COUNTS}) AS acts,
               (epoch_us(moment)::HUGEINT << 73) + {_AFTER_ALL_EVENTS} + feedback_id AS place
        FROM mine
    ), said AS (
        SELECT user_id, item_id, {counts}, max(moment) FILTER (live) AS last_ts, max(moment) FILTER (acts) AS liked_ts,
               max(place) FILTER (acts) AS liked_key,
               arg_max(CASE kind {events} END, place) FILTER (acts) AS liked_event,
               count(*) FILTER (live AND kind = '{Feedback.BUY}') AS units, max(feedback_id) FILTER (live) AS said,
               arg_max(kind, feedback_id) FILTER (kind IN ({verdicts})) AS verdict
        FROM heard GROUP BY user_id, item_id
        HAVING bool_or(live) OR verdict IS NOT NULL
    )
    SELECT user_id, item_id, coalesce(i.views, 0) AS views, {added}, coalesce(i.returns, 0) AS returns,
           coalesce(i.units, 0) + coalesce(s.units, 0) AS units, coalesce(i.spend, 0) AS spend,
           coalesce(i.dwell_s, 0) AS dwell_s, i.rating,
           greatest(i.last_ts, s.last_ts) AS last_ts, i.last_position, s.said, s.verdict,
           greatest(i.liked_ts, s.liked_ts) AS liked_ts,
           if(s.liked_key > coalesce(i.liked_key, s.liked_key - 1), s.liked_event, i.liked_event) AS liked_event,
           if(s.verdict = '{Feedback.DISLIKE}', NULL, greatest(i.liked_key, s.liked_key)) AS liked_key
    FROM (SELECT * FROM interactions WHERE {where}) i FULL JOIN said s USING (user_id, item_id)
    """


def stamp(store: Store, user_id: str) -> Stamp:
    """Return what changes with every feedback that the shopper gives or takes back: keep their list while it stays equal."""
    return store.rows(
        "SELECT coalesce(max(feedback_id), 0), max(undone_at) FROM feedback WHERE user_id = ? AND surface <> ?",
        [user_id, SIMULATED],
    )[0]


def known_by_feedback(store: Store, text: str, limit: int = 12) -> dict[str, int]:
    """Return {shopper id: how often they gave feedback} of those whom the log does not know and whose id contains the text.

    In any case of letters; the id itself first, then who gave most.
    """
    return dict(
        store.rows(
            f"""
            SELECT user_id, count(*) AS said FROM feedback
            WHERE {SAID} AND contains(lower(user_id), lower($text)) AND user_id NOT IN (SELECT user_id FROM shoppers)
            GROUP BY user_id ORDER BY user_id = $text DESC, said DESC, user_id LIMIT $limit
            """,
            {"text": text, "limit": limit},
        )
    )
