"""Which tasks a shop's log has no answers to, asked of the store: what the form of a training says before it starts."""

from core.base.db import Store
from core.train.names import Task, left_out


def unanswered(store: Store) -> tuple[str, ...]:
    """Say, a sentence each, which tasks would be left out of a training, as ``core.train.multitask`` does of the log."""
    purchases, others = store.rows(
        "SELECT count(*) FILTER (event_type = 'purchase'), count(*) FILTER (event_type <> 'purchase') FROM events "
        "WHERE user_id IS NOT NULL"
    )[0]
    ratings, kinds = store.rows("SELECT count(rating), count(DISTINCT rating) FROM reviews WHERE user_id IS NOT NULL")[0]
    told = []
    if not purchases or not others + ratings:
        told.append(left_out(Task.PURCHASE, bool(purchases)))
    if kinds < 2:
        told.append(left_out(Task.RATING, bool(ratings)))
    return tuple(told)
