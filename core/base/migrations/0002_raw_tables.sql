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
