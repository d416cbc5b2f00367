CREATE TABLE learning (               -- what the ranker learned from clicks; every step is kept, the last one is in force
    version      INTEGER PRIMARY KEY,
    ts           TIMESTAMP NOT NULL,  -- UTC, by the wall clock
    what         VARCHAR NOT NULL,    -- Step: begun, learned, frozen, unfrozen, reset, restored
    author       VARCHAR NOT NULL,
    frozen       BOOLEAN NOT NULL,    -- lists are made without it, and nothing more is learned
    epoch        INTEGER NOT NULL,    -- of learned_counts; it begins with those of the log
    state        JSON NOT NULL        -- core.score.learning.State
);
CREATE TABLE learned_counts (         -- clicks against those expected, of the log and since the epoch began; personal data: kind 'own'
    epoch        INTEGER NOT NULL,
    kind         VARCHAR NOT NULL,    -- Kind: item, group (an item in a segment), own (a category with a shopper)
    whose        VARCHAR NOT NULL,    -- segment id or user id; '' for kind item
    what         VARCHAR NOT NULL,    -- item id or category
    clicks       DOUBLE NOT NULL,
    expected     DOUBLE NOT NULL,     -- clicks that the ranker expected without these counts
    PRIMARY KEY (epoch, kind, whose, what)
);
CREATE TABLE learned_from (           -- lists that were learned from: each counts once
    list_id      VARCHAR PRIMARY KEY,
    version      INTEGER NOT NULL     -- of learning
);
