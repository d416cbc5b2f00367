CREATE TABLE shopper_days (           -- one row a shopper and day with anything of theirs
    user_id      VARCHAR NOT NULL,
    day          DATE NOT NULL,
    events       BIGINT NOT NULL,
    purchases    BIGINT NOT NULL,     -- purchase lines
    money        DOUBLE NOT NULL,     -- bought less returned
    data_version BIGINT NOT NULL
);
CREATE TABLE splits (                 -- one row a shopper and way of splitting them
    user_id      VARCHAR NOT NULL,
    split        VARCHAR NOT NULL,    -- 'all', 'segment' or 'platform'
    grp          VARCHAR NOT NULL,    -- '' for 'all'; the segment's number; the platform used most
    data_version BIGINT NOT NULL
);
CREATE TABLE group_activity (         -- as activity, for each group of shoppers
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    day          DATE NOT NULL,
    dau          BIGINT NOT NULL,
    wau          BIGINT NOT NULL,
    mau          BIGINT NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE cohorts (                -- one row a cohort and whole week since; a week not over yet has no row
    basis        VARCHAR NOT NULL,    -- Basis
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    cohort       DATE NOT NULL,       -- Monday of the week of their first event, or first purchase
    week         INTEGER NOT NULL,    -- whole weeks since, 0 = the cohort's own
    shoppers     BIGINT NOT NULL,     -- in the cohort
    active       BIGINT NOT NULL,     -- of them, with an event (or purchase) in that week
    data_version BIGINT NOT NULL
);
CREATE TABLE session_weeks (          -- one row a group and whole week
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    week         DATE NOT NULL,       -- Monday
    sessions     BIGINT NOT NULL,     -- that began in the week
    shoppers     BIGINT NOT NULL,     -- who began one
    steps        DOUBLE NOT NULL,     -- mean events a session
    minutes      DOUBLE,              -- mean minutes of sessions of two events or more; NULL = the log cannot tell
    data_version BIGINT NOT NULL
);
CREATE TABLE spreads (                -- how a measure is spread over a group: one row a bucket that holds anything
    measure      VARCHAR NOT NULL,    -- Measure
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    bucket       INTEGER NOT NULL,    -- place in the measure's list of buckets
    n            BIGINT NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE repeats (                -- Kaplan-Meier: who has bought again by a day
    spell        VARCHAR NOT NULL,    -- Spell: after the first purchase, or after any
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    days         INTEGER NOT NULL,    -- since the purchase; 0 = the day itself
    at_risk      BIGINT NOT NULL,     -- not bought again before that day, and still watched on it
    again        BIGINT NOT NULL,     -- bought again on that day
    share        DOUBLE NOT NULL,     -- have bought again by that day, 0..1
    error        DOUBLE,              -- Greenwood's standard error of share; NULL = nobody left
    data_version BIGINT NOT NULL
);
CREATE TABLE churn_fits (             -- one row: the model in force, or why there is none
    report       JSON NOT NULL,       -- core.profiles.churn.ChurnReport
    data_version BIGINT NOT NULL
);
CREATE TABLE churn (                  -- one row a shopper
    user_id      VARCHAR NOT NULL,
    risk         DOUBLE,              -- chance of no event within the horizon, 0..1; NULL: see why
    why          VARCHAR,             -- Unscored: why there is no risk
    data_version BIGINT NOT NULL
);
CREATE TABLE churn_groups (           -- one row a group
    split        VARCHAR NOT NULL,
    grp          VARCHAR NOT NULL,
    scored       BIGINT NOT NULL,     -- shoppers with a risk
    mean_risk    DOUBLE,              -- of theirs; NULL = nobody
    at_risk      BIGINT NOT NULL,     -- more likely to leave than to stay
    lapsed       BIGINT NOT NULL,     -- gone for the whole horizon already
    too_new      BIGINT NOT NULL,     -- seen lately, on one day only
    data_version BIGINT NOT NULL
);
