"""What the loaded data is good for, and what is odd about it: each finding states its rule and gives advice."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.base.db import Store
from core.base.schema import ImportStatus
from core.ingest import robots, service_lines
from core.ingest.reason_checks import REASON_CHECKS

MAD_LIMIT, LEAST_FACTOR = 6.0, 10
SAMPLE_ROWS = 200_000
GOOD_INTERACTIONS, GOOD_SHOPPERS = 50_000, 1_000
LEAST_INTERACTIONS, LEAST_SHOPPERS = 1_000, 25


@dataclass(frozen=True)
class Finding:
    """One check. rows of ``of`` are concerned; rule: how it was judged; examples: at most five values."""

    check: str
    severity: Literal["good", "note", "warn"]
    rows: int
    of: int
    rule: str
    advice: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Readiness:
    """Whether there is enough to learn from. shoppers_with_two: shoppers with at least two interactions."""

    interactions: int
    shoppers: int
    shoppers_with_two: int
    level: Literal["good", "usable", "too little"]
    sentence: str


def readiness(store: Store) -> Readiness:
    """Return the readiness of the loaded events and reviews: good at 50,000 interactions and 1,000 shoppers with two."""
    interactions, shoppers, with_two = store.rows(
        "SELECT COALESCE(sum(n), 0)::BIGINT, count(*), count(*) FILTER (n > 1) FROM (SELECT user_id, count(*) AS n FROM "
        "(SELECT user_id FROM events UNION ALL SELECT user_id FROM reviews WHERE user_id IS NOT NULL) GROUP BY user_id)"
    )[0]
    have = f"{interactions:,} interactions and {with_two:,} shoppers with two or more"
    if interactions >= GOOD_INTERACTIONS and with_two >= GOOD_SHOPPERS:
        return Readiness(interactions, shoppers, with_two, "good", f"Ready: {have}.")
    if interactions >= LEAST_INTERACTIONS and with_two >= LEAST_SHOPPERS:
        sentence = (
            f"Usable: {have}. Results get steadier from {GOOD_INTERACTIONS:,} interactions and {GOOD_SHOPPERS:,} shoppers on."
        )
        return Readiness(interactions, shoppers, with_two, "usable", sentence)
    sentence = (
        f"Too little to rely on: {have}, where {LEAST_INTERACTIONS:,} and {LEAST_SHOPPERS} are the least. "
        "Everything works, but mostly by popularity and text; load a longer log."
    )
    return Readiness(interactions, shoppers, with_two, "too little", sentence)


def findings(store: Store) -> list[Finding]:
    """Return all checks that apply to what is loaded, warnings first."""
    events = int(store.value("SELECT count(*) FROM events"))
    found: list[Finding] = [*_quarantined(store)]
    if events:
        checks: tuple[Callable[[Store, int], Finding | None], ...] = (
            _price_outliers,
            _quantity_outliers,
            _dwell_outliers,
            _untitled,
            _not_in_catalogue,
            _bots,
            _service,
            _silent_days,
            _single_event,
        )
        found += [finding for check in checks if (finding := check(store, events)) is not None]
    found += [finding for check in (_unknown_reviewers, _unknown_buyers) if (finding := check(store)) is not None]
    order = {"warn": 0, "note": 1, "good": 2}
    return sorted(found, key=lambda finding: order[finding.severity])


def _quarantined(store: Store) -> list[Finding]:
    """Sum the reasons of all imports into one finding a sort."""
    read, reasons = 0, Counter[str]()
    for rows_read, books in store.rows("SELECT rows_read, reasons FROM imports WHERE status = ?", [ImportStatus.LOADED]):
        read += rows_read
        reasons.update(json.loads(books))
    if not read:
        return []
    found = []
    for one in REASON_CHECKS:
        own = {reason: rows for reason, rows in reasons.items() if reason.startswith(one.starts)}
        examples = tuple(f"{reason}: {rows:,}" for reason, rows in sorted(own.items(), key=lambda item: -item[1])[:5])
        found.append(_judge(one.check, sum(own.values()), read, one.rule, one.advice, examples))
    return found


def _judge(
    check: str, rows: int, of: int, rule: str, advice: str, examples: tuple[str, ...] = (), warn_at: float = 0.05
) -> Finding:
    """Good where no row is concerned, a warning from ``warn_at`` of the rows on, else a note."""
    share = rows / of if of else 0.0
    severity: Literal["good", "note", "warn"] = "good" if rows == 0 else "warn" if share >= warn_at else "note"
    return Finding(check, severity, rows, of, f"{rule[0].upper()}{rule[1:]}.", advice if rows else "Nothing to do.", examples)


def _outliers(store: Store, column: str, label: str, advice: str) -> Finding | None:
    """Count values further than 6 scaled median deviations and than a factor of 10 from the median, on a log scale.

    The median and the deviation come from a sample. The factor keeps a column of mostly ones from calling a three odd.
    """
    middle = store.rows(
        f"SELECT median(v), greatest({MAD_LIMIT} * 1.4826 * mad(v), ln({LEAST_FACTOR})), count(*) FROM "
        f"(SELECT ln({column}) AS v FROM events WHERE {column} > 0 USING SAMPLE {SAMPLE_ROWS} ROWS (reservoir, 7))"
    )[0]
    if not middle[2]:
        return None
    low, high = middle[0] - middle[1], middle[0] + middle[1]
    beyond = f"{column} > 0 AND NOT ln({column}) BETWEEN {low!r} AND {high!r}"
    rows, of = store.rows(f"SELECT count(*) FILTER ({beyond}), count(*) FILTER ({column} > 0) FROM events")[0]
    shown = store.rows(
        f"SELECT item_id, max({column}) AS v FROM events WHERE {beyond} GROUP BY item_id "
        f"ORDER BY abs(ln(v) - {middle[0]!r}) DESC LIMIT 5"
    )
    rule = (
        f"beyond median ± {MAD_LIMIT:g} scaled median deviations on a log scale, at least {LEAST_FACTOR} times more or less; "
        f"here outside {_e(low):g} to {_e(high):g}"
    )
    return _judge(
        f"Outliers: {label}", rows, of, rule, advice, tuple(f"{item}: {value:g}" for item, value in shown), warn_at=0.02
    )


def _e(log: float) -> float:
    return float(f"{2.718281828459045**log:.3g}")


def _price_outliers(store: Store, events: int) -> Finding | None:
    return _outliers(
        store, "price", "price", "Check the unit: cents for money, or a line total for a unit price. Money sums follow them."
    )


def _quantity_outliers(store: Store, events: int) -> Finding | None:
    return _outliers(store, "quantity", "quantity", "Wholesale orders look like this; a typing error and its correction too.")


def _dwell_outliers(store: Store, events: int) -> Finding | None:
    return _outliers(store, "dwell_s", "dwell time", "Check the unit (milliseconds?); a tab left open gives hours.")


def _untitled(store: Store, events: int) -> Finding:
    rows, of = store.rows(
        "SELECT count(*) FILTER (NOT titled), count(*) FROM (SELECT e.item_id, bool_or(i.item_id IS NOT NULL) AS titled FROM "
        "(SELECT DISTINCT item_id FROM events) e LEFT JOIN (SELECT DISTINCT item_id FROM items WHERE title IS NOT NULL) i "
        "USING (item_id) GROUP BY e.item_id)"
    )[0]
    advice = "Import a catalogue with titles: text is what new and rare products are recommended by."
    return _judge("Products without a title", rows, of, "products in the log that no file gives a title", advice)


def _not_in_catalogue(store: Store, events: int) -> Finding | None:
    if not store.value("SELECT count(*) FROM items WHERE explicit"):
        return None
    missing = "FROM events e ANTI JOIN (SELECT item_id FROM items WHERE explicit) i USING (item_id)"
    rows = int(store.value(f"SELECT count(*) {missing}"))
    shown = store.rows(f"SELECT item_id, count(*) AS n {missing} GROUP BY item_id ORDER BY n DESC, item_id LIMIT 5")
    advice = "Import the missing products, or check that both files write the id in the same way."
    return _judge(
        "Events of unknown products", rows, events, "the product is in no catalogue file", advice, tuple(str(i) for i, _ in shown)
    )


def _unknown_reviewers(store: Store) -> Finding | None:
    return _unknown_users(store, "reviews", "Reviews of unknown shoppers")


def _unknown_buyers(store: Store) -> Finding | None:
    return _unknown_users(store, "orders", "Orders of unknown shoppers")


def _unknown_users(store: Store, table: str, check: str) -> Finding | None:
    of = int(store.value(f"SELECT count(user_id) FROM {table}"))
    if not of or not store.value("SELECT count(*) FROM events"):
        return None
    rows = int(
        store.value(
            f"SELECT count(*) FROM {table} t WHERE user_id IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM events e WHERE e.user_id = t.user_id) "
            "AND NOT EXISTS (SELECT 1 FROM users u WHERE u.user_id = t.user_id)"
        )
    )
    advice = "Check that both files write the shopper's id in the same way."
    return _judge(check, rows, of, "the shopper is in no log and no user file", advice)


def _bots(store: Store, events: int) -> Finding:
    found = robots.robots(store)
    advice = "They are left out of the segments. Leave them out of the export too if they are crawlers, tills or test accounts."
    shown = tuple(f"{row.user_id}: {row.events:,}" for row in found.head(5).itertuples())
    return _judge("Bots", int(found["events"].sum()), events, robots.RULE, advice, shown, warn_at=0.01)


def _service(store: Store, events: int) -> Finding:
    predicate = service_lines.predicate("e.item_id", "i.title")
    rows = store.rows(
        "WITH titles AS (SELECT item_id, any_value(title) AS title FROM items GROUP BY item_id) "
        "SELECT e.item_id, any_value(i.title), sum(n)::BIGINT "
        "FROM (SELECT item_id, count(*) AS n FROM events GROUP BY item_id) e "
        f"LEFT JOIN titles i USING (item_id) WHERE {predicate} GROUP BY e.item_id ORDER BY 3 DESC, 1"
    )
    advice = "They count as money spent and are never recommended."
    shown = tuple(f"{item} ({title})" if title else str(item) for item, title, _ in rows[:5])
    return _judge("Service lines", sum(row[2] for row in rows), events, "postage, fees, discounts and corrections", advice, shown)


def _silent_days(store: Store, events: int) -> Finding:
    days, span, first, last = store.rows(
        "SELECT count(DISTINCT ts::DATE), date_diff('day', min(ts)::DATE, max(ts)::DATE) + 1, min(ts)::DATE, max(ts)::DATE "
        "FROM events"
    )[0]
    advice = "A shop that closes on Sundays is fine; a hole of weeks is a lost export."
    return _judge("Days without events", span - days, span, f"days from {first} to {last} with no event", advice, warn_at=0.3)


def _single_event(store: Store, events: int) -> Finding:
    counts = "SELECT count(*) AS n FROM events GROUP BY user_id"
    rows, of = store.rows(f"SELECT count(*) FILTER (n = 1), count(*) FROM ({counts})")[0]
    advice = "They are recommended to by popularity and text. Check that the id is a customer's, not a visit's."
    return _judge("Shoppers seen once", rows, of, "shoppers with a single event", advice, warn_at=0.5)
