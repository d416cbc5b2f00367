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
