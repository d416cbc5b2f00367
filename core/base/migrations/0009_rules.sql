CREATE TABLE rules (                  -- what a merchandiser decided about lists; a rule is ended, never changed or removed
    rule_id      INTEGER PRIMARY KEY,
    kind         VARCHAR NOT NULL,    -- pin, boost, bury, hide, in_stock
    on_what      VARCHAR NOT NULL,    -- item, category, brand, everything
    value        VARCHAR NOT NULL,    -- item id, category or brand; '' for everything
    segment_id   INTEGER,             -- only for its shoppers; NULL = everyone
    strength     DOUBLE NOT NULL,     -- of boost and bury: points of the score; of in_stock: least units left
    position     INTEGER,             -- of a pin: place in the list, from 1
    starts       DATE,                -- first day in force; NULL = at once
    ends         DATE,                -- last day in force; NULL = until it is ended
    note         VARCHAR NOT NULL,
    author       VARCHAR NOT NULL,
    created_at   TIMESTAMP NOT NULL,  -- UTC
    ended_at     TIMESTAMP            -- UTC; NULL = not ended
);
