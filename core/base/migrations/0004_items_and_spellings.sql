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
