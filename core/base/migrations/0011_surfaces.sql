CREATE TABLE pairs (                  -- what is taken together; formulas: core.represent.pairs
    taken        VARCHAR NOT NULL,    -- Taken: bought, or put in the basket
    item_id      VARCHAR NOT NULL,
    other_id     VARCHAR NOT NULL,
    baskets      BIGINT NOT NULL,     -- that hold both
    support      DOUBLE NOT NULL,     -- of all baskets, 0..1
    confidence   DOUBLE NOT NULL,     -- of the baskets with item_id, 0..1
    lift         DOUBLE NOT NULL,     -- confidence against other_id's share of all baskets
    lift_low     DOUBLE NOT NULL,     -- lower end of its 95 % interval, > 1
    strength     DOUBLE NOT NULL,     -- what orders the others of an item
    data_version BIGINT NOT NULL
);
CREATE TABLE pair_reports (           -- one row a Taken that was counted
    report       JSON NOT NULL,       -- core.represent.pairs.PairReport
    data_version BIGINT NOT NULL
);
CREATE TABLE demand (                 -- one row an item and half-life; formulas: core.represent.demand
    half_life_days DOUBLE NOT NULL,
    item_id      VARCHAR NOT NULL,
    weight       DOUBLE NOT NULL,     -- decayed event weights of the latest two half-lives
    before       DOUBLE NOT NULL,     -- the same over the two half-lives before them
    spread       DOUBLE NOT NULL,     -- standard error of weight - before
    shoppers     BIGINT NOT NULL,     -- distinct, in the latest two half-lives
    data_version BIGINT NOT NULL
);
CREATE TABLE arrivals (               -- when an item came to the shop
    item_id      VARCHAR NOT NULL,
    arrived      DATE NOT NULL,
    stated       BOOLEAN NOT NULL,    -- true: a date of the catalogue; false: the first event
    data_version BIGINT NOT NULL
);
CREATE TABLE dwell_fits (             -- one row: how expected dwell is worked out, and how well it orders; core.score.dwell
    report       JSON NOT NULL,
    data_version BIGINT NOT NULL
);
