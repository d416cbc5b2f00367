"""Robots are told by a pace that nobody keeps; a wholesaler's long invoice is not one."""

from core.base.db import Store
from core.ingest.robots import robots

INSERT = """
    INSERT INTO events (event_key, user_id, item_id, ts, event_type, import_id)
    SELECT hash($user, i), $user, 'item' || i, TIMESTAMP '2026-03-01 08:00:00' + to_milliseconds(i * $gap_ms), $event, 1
    FROM range($events) t(i)
"""


def act(store: Store, user: str, events: int, gap_ms: int, event: str = "view") -> None:
    """Log ``events`` of one kind on one day, ``gap_ms`` milliseconds apart."""
    with store.transaction() as cursor:
        cursor.execute(INSERT, {"user": user, "events": events, "gap_ms": gap_ms, "event": event})


def test_each_part_of_the_rule(store: Store) -> None:
    act(store, "crawler", 1000, 20_000, "purchase")
    act(store, "looker", 300, 60_000)
    act(store, "fast", 100, 500)
    act(store, "person", 299, 60_000)
    act(store, "wholesaler", 500, 0, "purchase")
    act(store, "buyer", 400, 60_000)
    act(store, "buyer", 1, 0, "purchase")
    assert robots(store).to_dict("records") == [
        {"user_id": "crawler", "events": 1000, "why": "1000 events on one day"},
        {"user_id": "looker", "events": 300, "why": "300 events on one day and no purchase"},
        {"user_id": "fast", "events": 100, "why": "less than 1 s between events"},
    ]
