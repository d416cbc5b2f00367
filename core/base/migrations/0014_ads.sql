CREATE TABLE coupons (                -- which of them a row says: sent to a shopper, redeemed by one, or good for an item
    campaign_id  VARCHAR NOT NULL,
    coupon_id    VARCHAR,
    user_id      VARCHAR,             -- without redeemed_at: whom the campaign was sent to; with it: who redeemed
    item_id      VARCHAR,             -- without user_id: what the campaign's coupons can be used on
    redeemed_at  TIMESTAMP,
    import_id    INTEGER NOT NULL
);
CREATE TABLE ad_shows (               -- one row an ad, shopper and visit in which it was seen while its campaign ran; no robots
    campaign_id  VARCHAR NOT NULL,
    item_id      VARCHAR NOT NULL,
    user_id      VARCHAR NOT NULL,
    ts           TIMESTAMP NOT NULL,
    platform     VARCHAR,
    position     INTEGER,             -- place, 0 or 1 = first, by the log's own count
    clicked      BOOLEAN NOT NULL,
    charged      DOUBLE NOT NULL,     -- money: the bid of a click until the budget is spent; simulated from the log
    data_version BIGINT NOT NULL
);
CREATE TABLE ad_fits (                -- one row: how click chances are worked out, and how well; core.score.ctr
    report       JSON NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE coupon_fits (            -- one row: how chances of redeeming are worked out, and how well; core.profiles.coupons
    report       JSON NOT NULL,
    data_version BIGINT NOT NULL
);
CREATE TABLE coupon_chances (         -- of the shoppers that a campaign not over yet was sent to; none where there is no model
    campaign_id  VARCHAR NOT NULL,
    user_id      VARCHAR NOT NULL,
    chance       DOUBLE NOT NULL,     -- of redeeming at least one of its coupons, 0..1
    data_version BIGINT NOT NULL
);
