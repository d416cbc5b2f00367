"""The tables every other module reads instead of the raw log: catalogue, interactions, daily, activity.

Each is one set-based statement over the raw tables, replaced as a whole inside one transaction, so a reader sees the
old table or the new one and never a mixture.
"""

from functools import partial

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.schema import Table
from core.ingest import service_lines

RECIPE = 3
"""Raised when a statement below changes its meaning, so that tables built by an older one are rebuilt."""

_TOP_LEVEL = r"""nullif(trim(CASE WHEN regexp_full_match(category, '\w+(\.\w+)+')
    THEN split_part(category, '.', 1) ELSE split_part(category, '>', 1) END), '')"""
"""SQL: the first level of a category path, 'home > kitchen' or 'home.kitchen'; NULL where there is none."""

_SPELLED_PATH = "CASE WHEN cardinality(levels) = 0 THEN d.category WHEN d.category LIKE '%>%' THEN {} ELSE {} END".format(
    *(
        f"array_to_string(list_transform(string_split(d.category, '{cut}'), lambda name: coalesce(levels[name], name)), '{cut}')"
        for cut in (" > ", ".")
    )
)
"""SQL: a category path with every level under the name that a user merged it into."""

_CATALOGUE = f"""
WITH stated AS (
    SELECT *, (explicit::BIGINT << 62) + (import_id::BIGINT << 40) + rowid AS priority FROM items
), described AS (
    SELECT item_id,
           arg_max(title, priority) AS title, arg_max(description, priority) AS description,
           arg_max(brand, priority) AS brand, arg_max(category, priority) AS category,
           arg_max(price, priority) AS price, arg_max(image, priority) AS image,
           arg_max(kind, priority) AS kind, arg_max(stock, priority) AS stock,
           arg_max(url, priority) AS url, arg_max(attributes, priority) AS attributes
    FROM stated GROUP BY item_id
), spelled AS (
    SELECT d.* REPLACE (coalesce(b.canonical, d.brand) AS brand, {_SPELLED_PATH} AS category)
    FROM described d LEFT JOIN final_merges b ON b.field = 'brand' AND b.spelling = d.brand
    CROSS JOIN (SELECT coalesce(map_from_entries(list((spelling, canonical))), MAP {{}}) AS levels
                FROM final_merges WHERE field = 'category')
), sold AS (
    SELECT item_id, min(ts) AS first_seen,
           coalesce(median(price) FILTER (event_type = 'purchase' AND price > 0), median(price) FILTER (price > 0)) AS price
    FROM events GROUP BY item_id
), named AS (
    SELECT item_id FROM items UNION SELECT item_id FROM events UNION SELECT item_id FROM reviews
), known AS (
    SELECT item_id, title, description, brand, category, coalesce(d.price, s.price) AS price, image,
           coalesce(kind, 'product') AS kind, stock, url, attributes,
           if({service_lines.predicate()}, 'service line', NULL) AS hidden, first_seen, {_TOP_LEVEL} AS top_category
    FROM named LEFT JOIN spelled d USING (item_id) LEFT JOIN sold s USING (item_id)
)
SELECT *, if(hidden IS NULL AND price > 0,
             (cume_dist() OVER cheaper + (rank() OVER cheaper - 1) / count(*) OVER alike) / 2, NULL) AS price_tier,
       $version AS data_version
FROM known
WINDOW alike AS (PARTITION BY top_category, hidden IS NULL AND price > 0), cheaper AS (alike ORDER BY price)
ORDER BY item_id
"""

INTERACTIONS = """
SELECT user_id, item_id,
       count(*) FILTER (event_type = 'view') AS views,
       count(*) FILTER (event_type = 'click') AS clicks,
       count(*) FILTER (event_type = 'cart') AS carts,
       count(*) FILTER (event_type = 'wishlist') AS wishes,
       count(*) FILTER (event_type = 'purchase') AS purchases,
       count(*) FILTER (event_type = 'return') AS returns,
       coalesce(sum(CASE event_type WHEN 'purchase' THEN quantity WHEN 'return' THEN -quantity END), 0) AS units,
       sum(money) AS spend,
       coalesce(sum(dwell_s), 0) AS dwell_s,
       arg_max(rating, coalesce(ts, TIMESTAMP '-infinity')) AS rating,
       min(ts) AS first_ts, max(ts) AS last_ts, max(ts) FILTER (event_type <> 'return') AS liked_ts,
       arg_max(position, (epoch_us(ts)::HUGEINT << 32) + position) AS last_position,
       arg_max(event_type, place) FILTER (event_type <> 'return') AS liked_event,
       max(place) FILTER (event_type <> 'return') AS liked_key,
       $version AS data_version
FROM (SELECT *, (coalesce(epoch_us(ts), -(1::BIGINT << 52))::HUGEINT * (1::BIGINT << 33)
                 + coalesce(position::BIGINT + (1::BIGINT << 31) + 1, 0))
                * (1::BIGINT << 40) + line AS place FROM acts)
GROUP BY user_id, item_id
"""
"""SQL: one row a shopper and item, from the view ``acts``."""

_DAILY = """
SELECT CAST(ts AS DATE) AS day, platform, count(*) AS events,
       count(*) FILTER (event_type = 'view') AS views,
       count(*) FILTER (event_type = 'purchase') AS purchases,
       sum(money) AS revenue, count(DISTINCT user_id) AS shoppers,
       nullif(count(DISTINCT session_id), 0) AS sessions, $version AS data_version
FROM acts WHERE ts IS NOT NULL GROUP BY day, platform ORDER BY day, platform
"""

# A shopper active on day d counts in the w days from d on, or until the day they are active again: adding the +1 and -1
# at both ends over the days gives the exact distinct count of every window, from one pass over (day, shopper).
_ACTIVITY = """
WITH seen AS (
    SELECT DISTINCT user_id, CAST(ts AS DATE) AS day FROM acts WHERE ts IS NOT NULL
), spells AS (
    SELECT day, lead(day) OVER (PARTITION BY user_id ORDER BY day) AS again FROM seen
), steps AS (
    SELECT day, 1 AS dau, 1 AS wau, 1 AS mau FROM spells
    UNION ALL SELECT day + 1, -1, 0, 0 FROM spells
    UNION ALL SELECT least(day + 7, again), 0, -1, 0 FROM spells
    UNION ALL SELECT least(day + 30, again), 0, 0, -1 FROM spells
), calendar AS (
    SELECT CAST(unnest(generate_series(min(day), max(day), INTERVAL 1 DAY)) AS DATE) AS day FROM seen
), change AS (
    SELECT day, sum(dau) AS dau, sum(wau) AS wau, sum(mau) AS mau FROM steps GROUP BY day
), trade AS (
    SELECT day, sum(events) AS events, sum(purchases) AS purchases, sum(revenue) AS revenue FROM daily GROUP BY day
)
SELECT day, sum(coalesce(dau, 0)) OVER so_far AS dau, sum(coalesce(wau, 0)) OVER so_far AS wau,
       sum(coalesce(mau, 0)) OVER so_far AS mau, coalesce(events, 0) AS events, coalesce(purchases, 0) AS purchases,
       coalesce(revenue, 0) AS revenue, $version AS data_version
FROM calendar LEFT JOIN change USING (day) LEFT JOIN trade USING (day)
WINDOW so_far AS (ORDER BY day) ORDER BY day
"""

_ROLLUPS = (
    (Table.CATALOGUE, _CATALOGUE, "Gathering what is known of each item"),
    (Table.INTERACTIONS, f"{INTERACTIONS} ORDER BY user_id", "Adding up each shopper and item"),
    (Table.DAILY, _DAILY, "Adding up each day"),
    (Table.ACTIVITY, _ACTIVITY, "Counting active shoppers"),
)


def rebuild_rollups(store: Store, progress: Progress = no_progress) -> list[str]:
    """Rebuild the tables that are behind the data, in an order in which each may read the ones before; return their names.

    catalogue: each field is the last known value: a catalogue file goes before values gathered from other files, a
    later import before an earlier one; brands and levels of categories carry the name a user merged them into; a price
    nobody stated is the median of the prices paid (else of those seen), in money a unit. interactions: counts are events,
    ``spend`` is money and ``units`` are pieces, bought less returned; a line without a price counts at the catalogue's.
    daily, activity: see the schema.
    """
    built = []
    for place, (table, select, message) in enumerate(_ROLLUPS):
        progress(place / len(_ROLLUPS), message)
        if rebuild(store, table, {"recipe": RECIPE}, partial(_replace, store, table, select)):
            built.append(str(table))
    progress(1.0, "Totals are up to date")
    return built


def _replace(store: Store, table: Table, select: str, version: int) -> None:
    """Replace every row of ``table`` by the result of ``select`` in one transaction."""
    with store.transaction() as cursor:
        cursor.execute(f"TRUNCATE {table}")
        cursor.execute(f"INSERT INTO {table} BY NAME {select}", {"version": version})
