CREATE TABLE experiments (            -- which shoppers get which lists, as decided; an experiment is never changed or removed
    experiment_id INTEGER PRIMARY KEY,
    name          VARCHAR NOT NULL,
    control       INTEGER,            -- release; NULL = the model's own α
    treatment     INTEGER,            -- the same; never the control's
    share         DOUBLE NOT NULL,    -- of shoppers who get the treatment, in (0, 1)
    measure       VARCHAR NOT NULL,   -- Measure: what decides
    effect        DOUBLE NOT NULL,    -- smallest relative change worth finding; 0.1 = 10 %
    base          JSON NOT NULL,      -- {measure: rate without the treatment, as assumed}
    author        VARCHAR NOT NULL,
    created_at    TIMESTAMP NOT NULL, -- UTC
    started_at    TIMESTAMP,          -- UTC; NULL = planned
    started_by    VARCHAR,
    start_reason  VARCHAR,
    stopped_at    TIMESTAMP,          -- UTC; NULL = goes on, or not begun
    stopped_by    VARCHAR,
    stop_reason   VARCHAR
);
CREATE TABLE policies (               -- when to train again, as decided; the last one is in force
    policy_id     INTEGER PRIMARY KEY,
    policy        JSON NOT NULL,      -- core.update.retrain.Policy
    author        VARCHAR NOT NULL,
    made_at       TIMESTAMP NOT NULL  -- UTC
);
CREATE TABLE policy_checks (          -- what the policy said at each check, and what was done about it
    checked_at    TIMESTAMP NOT NULL, -- UTC
    verdict       VARCHAR NOT NULL,   -- 'due' or 'not due'
    reasons       JSON NOT NULL,      -- [sentence, ...]
    run           VARCHAR,            -- the training that was started; NULL = none was
    who           VARCHAR             -- who started it; NULL = the policy itself, or nobody
);
