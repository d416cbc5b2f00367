"""The SQL that measures shoppers: one row each, for all of them or only for those named in a table.

With a date given, as they were on that date: the log up to it, counted back from it, with today's catalogue.

Five stages, joined at the end: when they came (the log), their orders (its purchases), their sessions (its gaps), what they
took and paid (interactions), and the spread over categories. Only ``Shop`` and the catalogue cross from one shopper to
another, so measuring some of the shoppers gives the numbers of measuring them all.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from core.base.db import Store
from core.profiles.rollups import INTERACTIONS

SESSION_GAP_S = 1800
"""Seconds of silence that end a session where the log names none."""

DWELL_CAP_S = 300
"""Seconds that a gap within a session counts at most as time spent, where the log has no dwell."""

RECENCY = "date_diff('second', last_ts, $now) / 86400"
TENURE = "date_diff('second', first_ts, $now) / 86400"
"""SQL: days from the shopper's last and first event up to now."""


@dataclass(frozen=True)
class Shop:
    """What a shop's data can tell.

    now: its latest event; categories: top-level ones of shown items; platforms: at most 20, the most used first.
    """

    now: datetime | None
    logs_events: bool
    logs_dwell: bool
    logs_times: bool
    browses: bool
    carts: bool
    wishes: bool
    sells: bool
    discounts: bool
    returns: bool
    prices: bool
    categories: int
    platforms: tuple[str, ...]


def read_shop(store: Store) -> Shop:
    """Return the facts that decide which features are known, from the raw log and the catalogue."""
    ((now, logs, dwell, times, browses, carts, wishes, sells, discounts, returns),) = store.rows(
        """
        SELECT greatest(max(ts), (SELECT max(ts) FROM reviews WHERE user_id IS NOT NULL)), count(*) > 0, bool_or(dwell_s > 0),
               bool_or(epoch_us(ts) % 86400000000 <> 0), bool_or(event_type IN ('view', 'click')),
               bool_or(event_type = 'cart'), bool_or(event_type = 'wishlist'), bool_or(event_type = 'purchase'),
               bool_or(discount > 0), bool_or(event_type = 'return')
        FROM events
        """
    )
    ((prices, categories),) = store.rows(
        "SELECT bool_or(price > 0), count(DISTINCT top_category) FROM catalogue WHERE hidden IS NULL"
    )
    platforms = store.rows(
        "SELECT platform FROM daily WHERE platform IS NOT NULL GROUP BY platform ORDER BY sum(events) DESC, platform LIMIT 20"
    )
    return Shop(
        now=now,
        logs_events=logs,
        logs_dwell=bool(dwell),
        logs_times=bool(times),
        browses=bool(browses),
        carts=bool(carts),
        wishes=bool(wishes),
        sells=bool(sells),
        discounts=bool(discounts),
        returns=bool(returns),
        prices=bool(prices),
        categories=categories,
        platforms=tuple(name for (name,) in platforms),
    )


def measure_sql(shop: Shop, subset: str | None = None, as_of: bool = False) -> str:
    """Return a SELECT of one row a shopper with the columns of ``shoppers``; parameters: $now, $categories, $version.

    subset: name of a table with a column user_id: only these shoppers are measured. as_of: only what happened up to $now
    counts, whoever came later has no row; which features are known is still decided by the whole log.
    """
    only = f"AND user_id IN (SELECT user_id FROM {subset})" if subset else ""
    until = "AND ts <= $now" if as_of else ""
    taken = INTERACTIONS.replace("FROM acts", "FROM acts WHERE ts <= $now") if as_of else "SELECT * FROM interactions"
    return f"""
    WITH moments AS NOT MATERIALIZED ({_moments(shop, f"{only} {until}")}),
    log AS ({_log(shop)}),
    bought AS ({_BOUGHT}),
    visits AS ({_visits(shop)}),
    taken AS NOT MATERIALIZED (
        SELECT i.*, c.top_category, c.price_tier, c.hidden IS NULL AS shown
        FROM ({taken}) i JOIN catalogue c USING (item_id) WHERE true {only}
    ),
    baskets AS ({_BASKETS}),
    spread AS ({_SPREAD})
    SELECT {_columns(shop)}, $version AS data_version
    FROM log LEFT JOIN bought USING (user_id) LEFT JOIN visits USING (user_id)
         LEFT JOIN baskets USING (user_id) LEFT JOIN spread USING (user_id)
    ORDER BY user_id
    """


def _moments(shop: Shop, only: str) -> str:
    """SQL: the log with ratings. visit: the shopper was on the site; a return or, where there is a log, a review is no visit."""
    return f"""
    SELECT user_id, ts, event_type, event_type <> 'return' AS visit, dwell_s, session_id, platform, order_id, discount,
           NULL::DOUBLE AS rating
    FROM events WHERE true {only}
    UNION ALL BY NAME
    SELECT user_id, ts, 'rating' AS event_type, {not shop.logs_events} AS visit, rating
    FROM reviews WHERE user_id IS NOT NULL {only}
    """


def _log(shop: Shop) -> str:
    """SQL: when they came, by which platform, and how they rated. Platforms one by one: a histogram costs three times as much."""
    return f"""
    SELECT user_id, min(ts) AS first_ts, max(ts) AS last_ts, count(*) AS events, count(DISTINCT CAST(ts AS DATE)) AS active_days,
           count_if(visit AND isodow(ts) >= 6) / nullif(count(ts) FILTER (visit), 0) AS weekend_share,
           count_if(visit AND hour(ts) >= 18) / nullif(count(ts) FILTER (visit), 0) AS evening_share,
           avg(sin((epoch(ts) % 86400) * pi() / 43200)) FILTER (visit) AS hour_sin,
           avg(cos((epoch(ts) % 86400) * pi() / 43200)) FILTER (visit) AS hour_cos,
           count_if({_one_of(shop.platforms, _WEB)}) / nullif(count(platform), 0) AS web_share,
           count_if({_one_of(shop.platforms, _APP)}) / nullif(count(platform), 0) AS app_share,
           {_platform_counts(shop.platforms)} AS platforms,
           count(rating) AS ratings, avg(rating) AS mean_rating
    FROM moments GROUP BY user_id
    """


_WEB = re.compile(r"(web|www|desktop|browser|site|pc)", re.IGNORECASE)
_APP = re.compile(r"(.*\W)?(ios|iphone|ipad|android|app)", re.IGNORECASE)


def _one_of(platforms: tuple[str, ...], kind: re.Pattern[str]) -> str:
    """SQL: the event's platform is one of those whose name is of the kind; web names may go on ('web shop')."""
    match = kind.match if kind is _WEB else kind.fullmatch
    names = [_quoted(name) for name in platforms if match(name)]
    return f"platform IN ({', '.join(names)})" if names else "false"


def _platform_counts(platforms: tuple[str, ...]) -> str:
    """SQL: a map of platform to events, platforms never used left out; NULL where the shop names none."""
    if not platforms:
        return "NULL"
    counts = ", ".join(f"{{key: {_quoted(name)}, value: count_if(platform = {_quoted(name)})}}" for name in platforms)
    return f"map_from_entries(list_filter([{counts}], lambda one: one.value > 0))"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_BOUGHT = """
    SELECT user_id, count(DISTINCT order_id) + count(DISTINCT CAST(ts AS DATE)) FILTER (order_id IS NULL) AS orders,
           date_diff('second', min(ts), max(ts)) / 86400 AS buying_days, count_if(discount > 0) / count(*) AS discount_share
    FROM moments WHERE event_type = 'purchase' GROUP BY user_id
"""

_BASKETS = """
    SELECT user_id, count_if(shown) AS items, sum(views + clicks) FILTER (shown) AS views, sum(carts) FILTER (shown) AS carts,
           sum(wishes) FILTER (shown) AS wishes, sum(purchases) FILTER (shown) AS purchases,
           sum(returns) FILTER (shown) AS returns,
           sum(spend) AS monetary, avg(price_tier) AS price_tier,
           count_if(shown AND carts > 0 AND purchases = 0) / nullif(count_if(shown AND carts > 0), 0) AS abandon_rate
    FROM taken GROUP BY user_id
"""

# Entropy from the counts n of the categories: ln(N) - sum(n ln n) / N with N = sum(n).
_SPREAD = """
    SELECT user_id, greatest(0, ln(sum(n)) - sum(n * ln(n)) / sum(n)) / nullif(ln(greatest($categories, 1)), 0) AS breadth
    FROM (SELECT user_id, top_category, sum(greatest(1, views + clicks + carts + wishes + purchases + returns)) AS n
          FROM taken WHERE shown AND top_category IS NOT NULL GROUP BY user_id, top_category)
    GROUP BY user_id
"""


def _visits(shop: Shop) -> str:
    """SQL: sessions and time spent. Time is what the log says; else, in a shop with browsing, the capped gaps of a session."""
    gap = f"CASE WHEN session_id IS NOT NULL OR gap <= {SESSION_GAP_S} THEN if(gap > {DWELL_CAP_S}, {DWELL_CAP_S}, gap) END"
    dwell = "dwell_s" if shop.logs_dwell else gap if shop.browses and shop.logs_times else "NULL::DOUBLE"
    return f"""
    SELECT user_id, count_if(gap IS NULL OR (session_id IS NULL AND gap > {SESSION_GAP_S})) AS sessions,
           sum({dwell}) AS dwell_s, avg({dwell}) AS event_dwell_s, count(*) AS steps
    FROM (SELECT user_id, session_id, dwell_s,
                 epoch(ts) - lag(epoch(ts)) OVER (PARTITION BY user_id, session_id ORDER BY ts) AS gap
          FROM moments WHERE visit AND ts IS NOT NULL)
    GROUP BY user_id
    """


def _columns(shop: Shop) -> str:
    """SQL: the columns of ``shoppers`` from the stages; what the shop cannot tell is NULL."""

    def known(fact: bool, sql: str) -> str:
        return sql if fact else "NULL"

    acts = "(purchases + views + carts + wishes)"
    columns = {
        "recency_days": RECENCY,
        "tenure_days": TENURE,
        "span_days": "date_diff('second', first_ts, last_ts) / 86400",
        "sessions": "coalesce(sessions, 0)",
        "session_events": "steps / nullif(sessions, 0)",
        "monetary": known(shop.prices and shop.sells, "monetary"),
        "order_value": known(shop.prices, "monetary / nullif(orders, 0)"),
        "order_gap_days": "if(orders > 1, buying_days / (orders - 1), NULL)",
        "evening_share": known(shop.logs_times, "evening_share"),
        "main_hour": known(shop.logs_times, "(atan2(hour_sin, hour_cos) * 12 / pi() + 24) % 24"),
        "hour_sin": known(shop.logs_times, "hour_sin"),
        "hour_cos": known(shop.logs_times, "hour_cos"),
        "discount_share": known(shop.discounts, "discount_share"),
        "return_rate": known(shop.returns, "if(returns > purchases, 1, returns / nullif(purchases, 0))"),
        "views_per_purchase": known(shop.browses, "views / nullif(purchases, 0)"),
        "buy_share": known(shop.browses and shop.sells, f"purchases / nullif({acts}, 0)"),
        "wish_share": known(shop.wishes, "wishes / nullif(views + carts + wishes, 0)"),
        "abandon_rate": known(shop.carts and shop.sells, "abandon_rate"),
    }
    counts = {name: f"coalesce({name}, 0)" for name in ("items", "views", "carts", "wishes", "purchases", "returns", "orders")}
    plain = "user_id first_ts last_ts events ratings platforms active_days dwell_s event_dwell_s weekend_share"
    plain += " breadth price_tier mean_rating web_share app_share"
    return ", ".join([*plain.split(), *(f"{sql} AS {name}" for name, sql in {**counts, **columns}.items())])
