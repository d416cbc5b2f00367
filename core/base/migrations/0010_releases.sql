CREATE TABLE releases (               -- how lists are made, as decided; a release is published or reverted, never changed or removed
    release_id    INTEGER PRIMARY KEY,
    alpha         DOUBLE NOT NULL,    -- in [0, 1]
    segment_alpha JSON NOT NULL,      -- [[segment_id, name at that time, alpha], ...]
    diversity     DOUBLE NOT NULL,    -- in [0, 1]; 0 = off
    category_cap  INTEGER,            -- most items of one category in a list; NULL = any
    note          VARCHAR NOT NULL,
    author        VARCHAR NOT NULL,
    created_at    TIMESTAMP NOT NULL, -- UTC
    turn          INTEGER,            -- later = published later; NULL = a draft
    published_at  TIMESTAMP,          -- UTC
    published_by  VARCHAR,
    reverted_at   TIMESTAMP,          -- UTC; NULL = in force, or followed by another
    reverted_by   VARCHAR
);
CREATE TABLE alpha_curves (           -- one row: what each α is worth on the validation part
    curve         JSON NOT NULL,
    data_version  BIGINT NOT NULL
);
