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
