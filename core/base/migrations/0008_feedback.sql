CREATE TABLE feedback (               -- what shoppers said to an item they were shown; personal data: user_id names whose
    feedback_id  INTEGER PRIMARY KEY, -- later = given later
    user_id      VARCHAR NOT NULL,
    item_id      VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL,    -- Feedback
    surface      VARCHAR NOT NULL,    -- where it was given; 'preview' = tried out by staff, no visit of the shopper
    list_id      VARCHAR,             -- of the impression it answers; NULL = not known
    ts           TIMESTAMP NOT NULL,  -- UTC, by the wall clock
    undone_at    TIMESTAMP,           -- UTC; NULL = in force
    import_id    INTEGER              -- of the import that took it into events; NULL = none did
);
CREATE TABLE impressions (            -- one row a place of a list that was shown; personal data: user_id names to whom
    list_id      VARCHAR NOT NULL,
    user_id      VARCHAR NOT NULL,
    item_id      VARCHAR NOT NULL,
    position     INTEGER NOT NULL,    -- 1 = first
    ts           TIMESTAMP NOT NULL,  -- UTC, by the wall clock
    surface      VARCHAR NOT NULL,    -- as in feedback
    alpha        DOUBLE NOT NULL,
    model        VARCHAR,             -- the run that was served; NULL = none
    release      INTEGER,             -- NULL = none was published
    rules        INTEGER[] NOT NULL,  -- ids of the rules in force
    experiment   VARCHAR,
    arm          VARCHAR,
    features     FLOAT[]              -- what the ranker saw of the item; NULL = it learned nothing from it
);
