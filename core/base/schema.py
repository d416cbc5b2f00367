"""Every table, column and event name, and the numbered migrations that create them.

Three layers. *Raw* tables hold what imports loaded; each row carries its ``import_id``, so an undo is a delete by
that id. *Derived* tables are rebuilt from the raw ones and carry the ``data_version`` they were built from.
*Book-keeping* tables hold imports, quarantine, remembered mappings and the embedding cache.
"""

from enum import StrEnum


class Table(StrEnum):
    """Table names, in the order the data flows."""

    META = "meta"
    IMPORTS = "imports"
    MAPPINGS = "mappings"
    QUARANTINE = "quarantine"
    EVENTS = "events"
    ITEMS = "items"
    REVIEWS = "reviews"
    USERS = "users"
    SOCIAL = "social"
    ORDERS = "orders"
    CAMPAIGNS = "campaigns"
    EMBEDDINGS = "embeddings"
    DERIVED = "derived"
    CATALOGUE = "catalogue"
    INTERACTIONS = "interactions"
    DAILY = "daily"
    ACTIVITY = "activity"
    ACTS = "acts"
    SHOPPERS = "shoppers"
    SEGMENTS = "segments"
    MEMBERS = "members"
    FITS = "fits"
    NORMS = "norms"
    ITEM_TEXTS = "item_texts"
    QUALITY = "quality"
    KEYWORDS = "keywords"
    MERGES = "merges"
    CATEGORY_KEYWORDS = "category_keywords"
    ITEM_RATINGS = "item_ratings"
    DUPLICATES = "duplicates"
    TONES = "tones"
    TONE_REPORT = "tone_report"
    ASPECTS = "aspects"
    ENTITIES = "entities"
    SHOPPER_DAYS = "shopper_days"
    SPLITS = "splits"
    GROUP_ACTIVITY = "group_activity"
    COHORTS = "cohorts"
    SESSION_WEEKS = "session_weeks"
    SPREADS = "spreads"
    REPEATS = "repeats"
    CHURN_FITS = "churn_fits"
    CHURN = "churn"
    CHURN_GROUPS = "churn_groups"
    UNDONE = "undone"
    MEASURED = "measured"
    MEASURED_ITEMS = "measured_items"
    CLUSTERS = "clusters"
    CLUSTERED = "clustered"
    ROBOTS = "robots"
    SEGMENT_HISTORY = "segment_history"
    EDITS = "edits"
    TREES = "trees"
    PLACED = "placed"
    RFM = "rfm"


class Col(StrEnum):
    """Column names used outside SQL text."""

    USER = "user_id"
    ITEM = "item_id"
    TIMESTAMP = "ts"
    EVENT = "event_type"
    QUANTITY = "quantity"
    PRICE = "price"
    DISCOUNT = "discount"
    DWELL = "dwell_s"
    SESSION = "session_id"
    PLATFORM = "platform"
    ORDER = "order_id"
    POSITION = "position"
    RATING = "rating"
    TITLE = "title"
    TEXT = "text"
    DESCRIPTION = "description"
    BRAND = "brand"
    CATEGORY = "category"
    IMAGE = "image"
    KIND = "kind"
    STOCK = "stock"
    HIDDEN = "hidden"
    IMPORT = "import_id"
    VERSION = "data_version"
    SEGMENT = "segment_id"
    NAME = "name"
    VECTOR = "vector"
    QUALITY = "quality"
    TASTE = "taste"
    SCORE = "score"
    RANK = "rank"
    FROM_TASTE = "from_taste"
    FROM_QUALITY = "from_quality"
    REASONS = "reasons"
    HASH = "content_hash"
    KEYWORD = "keyword"
    WEIGHT = "weight"
    POPULARITY = "popularity"
    TREND = "trend"
    FIRST_SEEN = "first_seen"
    LAST = "last_ts"
    BASIS = "basis"
    DID = "did"
    REVIEW = "review_key"
    TONE = "tone"
    TOP_CATEGORY = "top_category"
    PRICE_TIER = "price_tier"
    CANONICAL = "canonical"
    SPELLING = "spelling"
    COSINE = "cosine"


class Event(StrEnum):
    """What a shopper did. ``return`` undoes a purchase; ``rating`` comes from the reviews table."""

    VIEW = "view"
    CLICK = "click"
    CART = "cart"
    WISHLIST = "wishlist"
    PURCHASE = "purchase"
    RETURN = "return"
    RATING = "rating"


class ItemKind(StrEnum):
    """What an item is: something sold, something read or watched, or a paid placement."""

    PRODUCT = "product"
    CONTENT = "content"
    AD = "ad"


class FileKind(StrEnum):
    """What one imported file holds."""

    EVENTS = "events"
    ITEMS = "items"
    REVIEWS = "reviews"
    USERS = "users"
    SOCIAL = "social"
    ORDERS = "orders"
    CAMPAIGNS = "campaigns"


class ImportStatus(StrEnum):
    """The life of an import."""

    LOADED = "loaded"
    UNDONE = "undone"


BOOK_TABLES = (
    Table.META,
    Table.IMPORTS,
    Table.MAPPINGS,
    Table.QUARANTINE,
    Table.EMBEDDINGS,
    Table.MERGES,
    Table.UNDONE,
    Table.EDITS,
    Table.SEGMENT_HISTORY,
)
"""Tables that no rebuild may touch: what was imported, and what a user decided."""
RAW_TABLES = (Table.EVENTS, Table.ITEMS, Table.REVIEWS, Table.USERS, Table.SOCIAL, Table.ORDERS, Table.CAMPAIGNS)

_BOOKS = """
CREATE TABLE imports (
    import_id     INTEGER PRIMARY KEY,
    file_name     VARCHAR NOT NULL,
    file_hash     VARCHAR NOT NULL,   -- of the file (size, CRC-32 of every 2 MiB) and the mapping: the same twice changes nothing
    file_bytes    BIGINT NOT NULL,
    kind          VARCHAR NOT NULL,   -- FileKind
    mapping       JSON NOT NULL,      -- what was read as what
    rows_read     BIGINT NOT NULL,    -- = rows_loaded + rows_quarantined, always
    rows_loaded   BIGINT NOT NULL,
    rows_quarantined BIGINT NOT NULL,
    reasons       JSON NOT NULL,      -- {reason: rows}
    started_at    TIMESTAMP NOT NULL, -- UTC
    finished_at   TIMESTAMP NOT NULL,
    status        VARCHAR NOT NULL,   -- ImportStatus
    data_version  BIGINT NOT NULL,    -- the version this import made
    CHECK (rows_read = rows_loaded + rows_quarantined)
);
CREATE TABLE mappings (
    signature  VARCHAR PRIMARY KEY,   -- of the header row: a file of the same shape gets the same mapping
    mapping    JSON NOT NULL,
    saved_at   TIMESTAMP NOT NULL
);
CREATE TABLE quarantine (
    import_id  INTEGER NOT NULL,
    row_number BIGINT,                -- 1 = first row after the header; NULL where the file has no such row
    reason     VARCHAR NOT NULL,
    raw        VARCHAR NOT NULL       -- the row as read: a JSON object of the file's columns, or the raw line
);
"""

_RAW = """
CREATE TABLE events (
    event_key  UBIGINT NOT NULL,      -- hash of the row's fields: an event seen before is a duplicate
    user_id    VARCHAR NOT NULL,
    item_id    VARCHAR NOT NULL,
    ts         TIMESTAMP NOT NULL,    -- UTC where the file says so, else the shop's local time
    event_type VARCHAR NOT NULL,      -- Event
    quantity   DOUBLE,                -- units, always positive: a return is its own event type
    price      DOUBLE,                -- money a unit, before discount
    discount   DOUBLE,                -- money off a unit
    dwell_s    DOUBLE,                -- seconds
    session_id VARCHAR,
    platform   VARCHAR,
    order_id   VARCHAR,
    position   INTEGER,               -- place in a list or order within a day, 0 = first
    import_id  INTEGER NOT NULL
);
CREATE TABLE items (
    item_id     VARCHAR NOT NULL,
    title       VARCHAR,
    description VARCHAR,
    brand       VARCHAR,
    category    VARCHAR,              -- a path such as 'home > kitchen > kettles' where levels are known
    price       DOUBLE,
    image       VARCHAR,
    kind        VARCHAR,              -- ItemKind; NULL = product
    stock       DOUBLE,               -- units; NULL = not known, 0 = out of stock
    url         VARCHAR,
    attributes  JSON,                 -- every column not mapped to one of the above
    explicit    BOOLEAN NOT NULL,     -- true: from a catalogue file; false: gathered from an event or review file
    import_id   INTEGER NOT NULL
);
CREATE TABLE reviews (
    review_key UBIGINT NOT NULL,
    user_id    VARCHAR,               -- NULL: anonymous
    item_id    VARCHAR NOT NULL,
    ts         TIMESTAMP,             -- NULL: not known
    rating     DOUBLE,                -- on 1..5
    title      VARCHAR,
    text       VARCHAR,
    import_id  INTEGER NOT NULL
);
CREATE TABLE users (
    user_id    VARCHAR NOT NULL,
    name       VARCHAR,
    joined_at  TIMESTAMP,
    country    VARCHAR,
    attributes JSON,
    import_id  INTEGER NOT NULL
);
CREATE TABLE social (
    user_id    VARCHAR NOT NULL,
    friend_id  VARCHAR NOT NULL,      -- edges are read in both directions
    weight     DOUBLE,
    import_id  INTEGER NOT NULL
);
CREATE TABLE orders (
    order_id   VARCHAR NOT NULL,
    user_id    VARCHAR,
    ts         TIMESTAMP,
    status     VARCHAR,
    total      DOUBLE,
    attributes JSON,
    import_id  INTEGER NOT NULL
);
CREATE TABLE campaigns (
    campaign_id   VARCHAR NOT NULL,
    item_id       VARCHAR,            -- the ad item shown
    name          VARCHAR,
    bid           DOUBLE,             -- money a click
    budget        DOUBLE,             -- money in all
    starts_at     TIMESTAMP,
    ends_at       TIMESTAMP,
    frequency_cap INTEGER,            -- impressions a shopper a day
    attributes    JSON,
    import_id     INTEGER NOT NULL
);
"""

_DERIVED = """
CREATE TABLE derived (
    name         VARCHAR PRIMARY KEY, -- of a derived table or artefact
    data_version BIGINT NOT NULL,     -- the data it was built from
    settings     JSON NOT NULL,       -- what else it depends on
    built_at     TIMESTAMP NOT NULL,
    seconds      DOUBLE NOT NULL
);
CREATE TABLE embeddings (
    encoder      VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,    -- of the text encoded: a text is encoded once
    vector       FLOAT[] NOT NULL,    -- L2-normalised
    PRIMARY KEY (encoder, content_hash)
);
CREATE TABLE catalogue (              -- one row an item: the last known value of each field
    item_id      VARCHAR NOT NULL,
    title        VARCHAR,
    description  VARCHAR,
    brand        VARCHAR,
    category     VARCHAR,
    price        DOUBLE,              -- catalogue price, else the median price paid
    image        VARCHAR,
    kind         VARCHAR NOT NULL,    -- ItemKind
    stock        DOUBLE,
    url          VARCHAR,
    attributes   JSON,
    hidden       VARCHAR,             -- NULL = shown; else why not, for example 'service line'
    first_seen   TIMESTAMP,           -- first event
    top_category VARCHAR,             -- first level of the category path
    price_tier   DOUBLE,              -- mid-rank percentile of the price within the top category, 0..1; shown items with a price
    data_version BIGINT NOT NULL
);
CREATE TABLE interactions (           -- one row a shopper and item, sorted by shopper
    user_id      VARCHAR NOT NULL,
    item_id      VARCHAR NOT NULL,
    views        INTEGER NOT NULL,
    clicks       INTEGER NOT NULL,
    carts        INTEGER NOT NULL,
    wishes       INTEGER NOT NULL,
    purchases    INTEGER NOT NULL,    -- purchase lines
    returns      INTEGER NOT NULL,
    units        DOUBLE NOT NULL,     -- bought less returned
    spend        DOUBLE NOT NULL,     -- bought less returned, money
    dwell_s      DOUBLE NOT NULL,
    rating       DOUBLE,              -- their last rating
    first_ts     TIMESTAMP,
    last_ts      TIMESTAMP,
    liked_ts     TIMESTAMP,           -- last event but returns: a return does not make a purchase recent
    last_position INTEGER,            -- breaks ties of last_ts, higher = later
    data_version BIGINT NOT NULL
);
CREATE TABLE daily (                  -- one row a day and platform
    day          DATE NOT NULL,
    platform     VARCHAR,
    events       BIGINT NOT NULL,
    views        BIGINT NOT NULL,
    purchases    BIGINT NOT NULL,
    revenue      DOUBLE NOT NULL,
    shoppers     BIGINT NOT NULL,     -- distinct on that platform and day
    sessions     BIGINT,
    data_version BIGINT NOT NULL
);
CREATE TABLE activity (               -- one row a calendar day, days without an event included
    day          DATE NOT NULL,
    dau          BIGINT NOT NULL,     -- distinct shoppers that day
    wau          BIGINT NOT NULL,     -- distinct shoppers in the 7 days ending that day
    mau          BIGINT NOT NULL,     -- distinct shoppers in the 30 days ending that day
    events       BIGINT NOT NULL,
    purchases    BIGINT NOT NULL,     -- purchase lines
    revenue      DOUBLE NOT NULL,     -- bought less returned, money
    data_version BIGINT NOT NULL
);
CREATE VIEW acts AS                   -- everything a known shopper did: events, and reviews as ratings
    SELECT e.user_id, e.item_id, e.ts, e.event_type, coalesce(e.quantity, 1) AS quantity,
           coalesce(e.price, c.price) AS price,          -- paid, else the catalogue's
           e.discount, e.dwell_s, e.session_id, e.platform, e.order_id, e.position, NULL::DOUBLE AS rating,
           coalesce(coalesce(e.quantity, 1) * (coalesce(e.price, c.price) - coalesce(e.discount, 0)), 0)
               * CASE e.event_type WHEN 'purchase' THEN 1 WHEN 'return' THEN -1 ELSE 0 END AS money
    FROM events e LEFT JOIN catalogue c USING (item_id)
    UNION ALL BY NAME
    SELECT user_id, item_id, ts, 'rating' AS event_type, 1.0 AS quantity, rating, 0.0 AS money
    FROM reviews WHERE user_id IS NOT NULL;
CREATE TABLE item_texts (             -- what the encoder and the keywords read of an item
    item_id      VARCHAR NOT NULL,
    text         VARCHAR NOT NULL,    -- '' = nothing is known to describe it
    content_hash VARCHAR NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE shoppers (               -- one row a shopper; units and formulas: core.profiles.behaviour.FEATURES
    user_id      VARCHAR NOT NULL,
    first_ts     TIMESTAMP,           -- NULL: nothing of theirs has a date
    last_ts      TIMESTAMP,
    events       BIGINT NOT NULL,
    items        BIGINT NOT NULL,     -- distinct, service lines left out
    views        BIGINT NOT NULL,     -- views and clicks
    carts        BIGINT NOT NULL,
    wishes       BIGINT NOT NULL,
    purchases    BIGINT NOT NULL,     -- purchase lines of articles
    returns      BIGINT NOT NULL,     -- return lines of articles
    ratings      BIGINT NOT NULL,
    platforms    MAP(VARCHAR, UBIGINT), -- events on each
    recency_days DOUBLE,
    tenure_days  DOUBLE,
    span_days    DOUBLE,
    active_days  BIGINT NOT NULL,
    sessions     BIGINT NOT NULL,
    session_events DOUBLE,
    dwell_s      DOUBLE,
    event_dwell_s DOUBLE,
    orders       BIGINT NOT NULL,
    monetary     DOUBLE,
    order_value  DOUBLE,
    order_gap_days DOUBLE,
    weekend_share DOUBLE,
    evening_share DOUBLE,
    main_hour    DOUBLE,
    hour_sin     DOUBLE,
    hour_cos     DOUBLE,
    breadth      DOUBLE,
    price_tier   DOUBLE,
    discount_share DOUBLE,
    return_rate  DOUBLE,
    web_share    DOUBLE,
    app_share    DOUBLE,
    views_per_purchase DOUBLE,
    buy_share    DOUBLE,
    wish_share   DOUBLE,
    abandon_rate DOUBLE,
    mean_rating  DOUBLE,
    data_version BIGINT NOT NULL
);
CREATE TABLE norms (                  -- one row a behaviour feature: how it is spread over the shoppers
    feature      VARCHAR NOT NULL,
    percentiles  DOUBLE[],            -- 101 of them: least, 1 % .. 99 %, most; NULL = known for nobody
    data_version BIGINT NOT NULL
);
CREATE TABLE members (                -- one row a clustered shopper, sorted by segment and distance
    user_id      VARCHAR NOT NULL,
    segment_id   INTEGER NOT NULL,
    distance     DOUBLE NOT NULL,     -- to the segment's centre, scaled units
    x            DOUBLE NOT NULL,     -- principal components
    y            DOUBLE NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE quality (                -- one row an item: the second term of the score
    item_id      VARCHAR NOT NULL,
    basis        VARCHAR NOT NULL,    -- 'ratings', or 'behaviour' where the shop has too few: what stars are read from
    ratings      BIGINT NOT NULL,     -- b_i before shrinking: ratings, or shoppers whose behaviour was read
    mean_rating  DOUBLE,              -- stars, 1..5; NULL where ratings = 0
    shop_mean    DOUBLE NOT NULL,     -- stars that the shrinking pulls to
    shrunk       DOUBLE NOT NULL,     -- a_i / b_i after shrinking
    quality      DOUBLE NOT NULL,     -- shrunk / max shrunk, in (0, 1]
    popularity   DOUBLE NOT NULL,     -- shoppers who engaged
    trend        DOUBLE NOT NULL,     -- decayed engagement
    data_version BIGINT NOT NULL
);
CREATE TABLE keywords (               -- the strongest TF-IDF terms of an item
    item_id      VARCHAR NOT NULL,
    keyword      VARCHAR NOT NULL,
    weight       DOUBLE NOT NULL,
    rank         INTEGER NOT NULL,
    data_version BIGINT NOT NULL
);
"""

_FEATURES = """
CREATE TABLE merges (                 -- what a user decided about two spellings of one name
    field        VARCHAR NOT NULL,    -- 'brand' or 'category' (one level of the path)
    spelling     VARCHAR NOT NULL,
    canonical    VARCHAR NOT NULL,    -- what it stands for
    verdict      VARCHAR NOT NULL,    -- 'merged', or 'different': not the same, do not ask again
    decided_at   TIMESTAMP NOT NULL,  -- UTC
    PRIMARY KEY (field, spelling, canonical)
);
CREATE VIEW final_merges AS           -- each merged spelling and the name it ends in, over any number of steps
    WITH RECURSIVE step AS (
        SELECT field, spelling, canonical FROM merges WHERE verdict = 'merged'
        UNION
        SELECT s.field, s.spelling, m.canonical FROM step s
        JOIN merges m ON m.field = s.field AND m.spelling = s.canonical AND m.verdict = 'merged'
    )
    SELECT field, spelling, canonical FROM step
    ANTI JOIN (SELECT field, spelling AS canonical FROM merges WHERE verdict = 'merged')
    USING (field, canonical);
CREATE TABLE category_keywords (      -- the terms that set a category apart from the others
    category     VARCHAR NOT NULL,    -- a path, or its first level
    keyword      VARCHAR NOT NULL,
    weight       DOUBLE NOT NULL,     -- TF-IDF, (0, 1]
    rank         INTEGER NOT NULL,    -- 1 = strongest
    data_version BIGINT NOT NULL
);
CREATE TABLE item_ratings (           -- one row a rated item
    item_id      VARCHAR NOT NULL,
    ratings      BIGINT NOT NULL,     -- the last one of each shopper, every anonymous one
    mean         DOUBLE NOT NULL,     -- stars, 1..5
    spread       DOUBLE,              -- sample standard deviation, stars; NULL = one rating
    shrunk       DOUBLE NOT NULL,     -- (sum + prior_votes · prior_mean) / (ratings + prior_votes)
    prior_votes  DOUBLE NOT NULL,
    prior_mean   DOUBLE NOT NULL,     -- mean of all ratings of the shop
    histogram    BIGINT[] NOT NULL,   -- ratings rounded to 1, 2, 3, 4, 5 stars
    data_version BIGINT NOT NULL
);
CREATE TABLE duplicates (             -- pairs of items whose texts say the same; each pair once, item_id < twin_id
    item_id      VARCHAR NOT NULL,
    twin_id      VARCHAR NOT NULL,
    cosine       DOUBLE NOT NULL,     -- of the text vectors; 1 = the same text
    data_version BIGINT NOT NULL
);
CREATE TABLE tones (                  -- one row a review read
    review_key   UBIGINT NOT NULL,
    item_id      VARCHAR NOT NULL,
    ts           TIMESTAMP,
    rating       DOUBLE,
    tone         VARCHAR NOT NULL,    -- Tone
    positive     DOUBLE NOT NULL,     -- 0..1; how sure the reader is, negative + positive ≤ 1
    negative     DOUBLE NOT NULL,
    reader       VARCHAR NOT NULL,    -- Reader: what read it
    data_version BIGINT NOT NULL
);
CREATE TABLE tone_report (            -- one row: how the readers did, and what was read
    report       JSON NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE aspects (                -- what is said more in praise than in blame, or the other way round
    scope        VARCHAR NOT NULL,    -- 'item', 'category' or 'shop'
    name         VARCHAR NOT NULL,    -- item id, category, or ''
    side         VARCHAR NOT NULL,    -- 'liked' or 'disliked'
    rank         INTEGER NOT NULL,    -- 1 = strongest
    aspect       VARCHAR NOT NULL,
    praised      BIGINT NOT NULL,     -- reviews that name it in a positive clause
    blamed       BIGINT NOT NULL,     -- reviews that name it in a negative clause
    z            DOUBLE NOT NULL,     -- weighted log-odds in standard deviations, > 0 = liked
    examples     JSON NOT NULL,       -- clauses, [[review_key, text], ...]
    data_version BIGINT NOT NULL
);
CREATE TABLE entities (               -- names that an item's reviews mention
    item_id      VARCHAR NOT NULL,
    entity       VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL,    -- 'brand', 'category'
    reviews      BIGINT NOT NULL,     -- that mention it
    example      VARCHAR NOT NULL,    -- one clause
    data_version BIGINT NOT NULL
);
"""

_STICKINESS = """
CREATE TABLE shopper_days (           -- one row a shopper and day with anything of theirs
    user_id      VARCHAR NOT NULL,
    day          DATE NOT NULL,
    events       BIGINT NOT NULL,
    purchases    BIGINT NOT NULL,     -- purchase lines
    money        DOUBLE NOT NULL,     -- bought less returned
    data_version BIGINT NOT NULL
);
CREATE TABLE splits (                 -- one row a shopper and way of splitting them
    user_id      VARCHAR NOT NULL,
    split        VARCHAR NOT NULL,    -- 'all', 'segment' or 'platform'
    grp          VARCHAR NOT NULL,    -- '' for 'all'; the segment's number; the platform used most
    data_version BIGINT NOT NULL
);
CREATE TABLE group_activity (         -- as activity, for each group of shoppers
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    day          DATE NOT NULL,
    dau          BIGINT NOT NULL,
    wau          BIGINT NOT NULL,
    mau          BIGINT NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE cohorts (                -- one row a cohort and whole week since; a week not over yet has no row
    basis        VARCHAR NOT NULL,    -- Basis
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    cohort       DATE NOT NULL,       -- Monday of the week of their first event, or first purchase
    week         INTEGER NOT NULL,    -- whole weeks since, 0 = the cohort's own
    shoppers     BIGINT NOT NULL,     -- in the cohort
    active       BIGINT NOT NULL,     -- of them, with an event (or purchase) in that week
    data_version BIGINT NOT NULL
);
CREATE TABLE session_weeks (          -- one row a group and whole week
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    week         DATE NOT NULL,       -- Monday
    sessions     BIGINT NOT NULL,     -- that began in the week
    shoppers     BIGINT NOT NULL,     -- who began one
    steps        DOUBLE NOT NULL,     -- mean events a session
    minutes      DOUBLE,              -- mean minutes of sessions of two events or more; NULL = the log cannot tell
    data_version BIGINT NOT NULL
);
CREATE TABLE spreads (                -- how a measure is spread over a group: one row a bucket that holds anything
    measure      VARCHAR NOT NULL,    -- Measure
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    bucket       INTEGER NOT NULL,    -- place in the measure's list of buckets
    n            BIGINT NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE repeats (                -- Kaplan-Meier: who has bought again by a day
    spell        VARCHAR NOT NULL,    -- Spell: after the first purchase, or after any
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    days         INTEGER NOT NULL,    -- since the purchase; 0 = the day itself
    at_risk      BIGINT NOT NULL,     -- not bought again before that day, and still watched on it
    again        BIGINT NOT NULL,     -- bought again on that day
    share        DOUBLE NOT NULL,     -- have bought again by that day, 0..1
    error        DOUBLE,              -- Greenwood's standard error of share; NULL = nobody left
    data_version BIGINT NOT NULL
);
CREATE TABLE churn_fits (             -- one row: the model in force, or why there is none
    report       JSON NOT NULL,       -- core.profiles.churn.ChurnReport
    data_version BIGINT NOT NULL
);
CREATE TABLE churn (                  -- one row a shopper
    user_id      VARCHAR NOT NULL,
    risk         DOUBLE,              -- chance of no event within the horizon, 0..1; NULL: see why
    why          VARCHAR,             -- Unscored: why there is no risk
    data_version BIGINT NOT NULL
);
CREATE TABLE churn_groups (           -- one row a group
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    scored       BIGINT NOT NULL,     -- shoppers with a risk
    mean_risk    DOUBLE,              -- of theirs; NULL = nobody
    at_risk      BIGINT NOT NULL,     -- more likely to leave than to stay
    lapsed       BIGINT NOT NULL,     -- gone for the whole horizon already
    too_new      BIGINT NOT NULL,     -- seen lately, on one day only
    data_version BIGINT NOT NULL
);
"""

_GROUPS = """
CREATE TABLE undone (                 -- whom an undo concerned, so that only they are measured again
    data_version BIGINT NOT NULL,     -- the version the undo made
    user_id      VARCHAR              -- one row without a shopper for each undo
);
CREATE TABLE measured (               -- one row: what of the shop as a whole the features were measured with
    shop         JSON NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE measured_items (         -- what of the catalogue the features were measured with
    item_id      VARCHAR NOT NULL,
    price        DOUBLE,
    price_tier   DOUBLE,
    top_category VARCHAR,
    hidden       VARCHAR,
    data_version BIGINT NOT NULL
);
DROP TABLE IF EXISTS fits;
CREATE TABLE fits (                   -- the one clustering in force, or why there is none
    state        VARCHAR NOT NULL,    -- 'fitted', else a sentence
    shoppers     BIGINT NOT NULL,     -- clustered
    left_out     BIGINT NOT NULL,     -- fewer than two events
    robots       BIGINT NOT NULL,     -- left out as crawlers, tills or test accounts
    k            INTEGER,
    silhouette   DOUBLE,              -- of the chosen k, on the sample
    curve        JSON NOT NULL,       -- [[k, silhouette], ...]
    stability    JSON NOT NULL,       -- adjusted Rand index of each resample
    scaling      JSON NOT NULL,       -- how each feature entered: log, median, scale, caps, share imputed
    explained    JSON NOT NULL,       -- share of variance on the two axes of the scatter
    data_version BIGINT NOT NULL
);
CREATE TABLE clusters (               -- the groups of the fit in force, before a user merges any
    cluster_id   INTEGER PRIMARY KEY, -- kept over refits while the group is the same
    centre       JSON NOT NULL,       -- {column: value}, in the column's unit, after its logarithm where there is one
    data_version BIGINT NOT NULL
);
CREATE TABLE clustered (              -- one row a clustered shopper
    user_id      VARCHAR NOT NULL,
    cluster_id   INTEGER NOT NULL,
    distance     DOUBLE NOT NULL,     -- to the cluster's centre, scaled units
    x            DOUBLE NOT NULL,     -- principal components
    y            DOUBLE NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE robots (                 -- who is left out of all groups as no person
    user_id      VARCHAR NOT NULL,
    events       BIGINT NOT NULL,     -- on the days on which they gave themselves away
    why          VARCHAR NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE segment_history (        -- every group of every fit: what keeps identity and name over refits
    cluster_id   INTEGER NOT NULL,
    name         VARCHAR NOT NULL,
    size         BIGINT NOT NULL,
    share        DOUBLE NOT NULL,     -- of the clustered shoppers
    centre       JSON NOT NULL,       -- as in clusters
    until        TIMESTAMP,           -- the latest event of the log fitted on
    fitted_at    TIMESTAMP NOT NULL,  -- UTC
    data_version BIGINT NOT NULL
);
CREATE TABLE edits (                  -- what users decided about segments, in order; the present state is their sum
    edit_id      INTEGER PRIMARY KEY,
    made_at      TIMESTAMP NOT NULL,  -- UTC
    action       VARCHAR NOT NULL,
    subject      INTEGER NOT NULL,    -- a segment, or one of the user's own groups
    value        JSON
);
DROP TABLE IF EXISTS segments;
CREATE TABLE segments (               -- the groups as shown: clusters, merged where a user said so
    segment_id   INTEGER PRIMARY KEY, -- of the cluster that the others were merged into
    name         VARCHAR NOT NULL,
    size         BIGINT NOT NULL,
    share        DOUBLE NOT NULL,     -- of the clustered shoppers
    portrait     VARCHAR NOT NULL,
    standout     JSON NOT NULL,       -- the features that differ most from the shop's mean
    rules        JSON NOT NULL,       -- the leaves of the tree that state it, the widest first
    data_version BIGINT NOT NULL
);
CREATE TABLE trees (                  -- one row: the decision tree that states the segments
    tree         JSON NOT NULL,
    fidelity     DOUBLE NOT NULL,     -- share of clustered shoppers whom it puts into their segment
    unseen       DOUBLE NOT NULL,     -- the same for shoppers it was not grown on (five folds)
    data_version BIGINT NOT NULL
);
CREATE TABLE placed (                 -- shoppers outside the clustering, put into a segment by the tree
    user_id      VARCHAR NOT NULL,
    segment_id   INTEGER NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE rfm (                    -- one row a buyer
    user_id      VARCHAR NOT NULL,
    last_order   TIMESTAMP NOT NULL,
    days         DOUBLE NOT NULL,     -- since then
    r            INTEGER NOT NULL,    -- 1..5, 5 = the latest fifth
    f            INTEGER NOT NULL,    -- 1..5, by orders
    m            INTEGER,             -- 1..5, by money; NULL where there are no prices
    fm           INTEGER NOT NULL,    -- mean of f and m, a half rounded up
    name         VARCHAR NOT NULL,
    data_version BIGINT NOT NULL
);
"""

MIGRATIONS: tuple[tuple[int, str, str], ...] = (
    (1, "imports, mappings and quarantine", _BOOKS),
    (2, "raw tables", _RAW),
    (3, "derived tables", _DERIVED),
    (4, "features of items, decisions about spellings", _FEATURES),
    (5, "stickiness", _STICKINESS),
    (6, "segments that last", _GROUPS),
)
