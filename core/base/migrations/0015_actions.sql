CREATE TABLE assumptions (            -- what the operator assumes of actions on shoppers; the last row is in force
    assumption_id INTEGER PRIMARY KEY,
    stated       JSON NOT NULL,       -- {name: value}; core.score.assumptions.Assumptions
    author       VARCHAR NOT NULL,
    made_at      TIMESTAMP NOT NULL   -- UTC
);
CREATE TABLE outreach (               -- one row an audience taken along
    outreach_id  INTEGER PRIMARY KEY,
    action       VARCHAR NOT NULL,    -- core.score.lifts.Action
    as_of        TIMESTAMP NOT NULL,  -- latest event of the log when it was made
    horizon      INTEGER NOT NULL,    -- days after as_of in which an order counts
    author       VARCHAR NOT NULL,
    made_at      TIMESTAMP NOT NULL   -- UTC
);
CREATE TABLE outreach_members (       -- one row an audience and shopper
    outreach_id  INTEGER NOT NULL,
    user_id      VARCHAR NOT NULL,
    contacted    BOOLEAN NOT NULL,    -- false: held back by lot, so that what the action adds can be measured
    chance       DOUBLE NOT NULL      -- 0..1, that there is something to win; less for who is long gone: core.score.actions
);
