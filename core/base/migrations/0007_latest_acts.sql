-- Which act on an item was a shopper's last, in the order in which training reads the log: what a trained model is
-- asked with when one shopper is served.
CREATE OR REPLACE VIEW acts AS        -- everything a known shopper did: events, and reviews as ratings
    SELECT e.user_id, e.item_id, e.ts, e.event_type, coalesce(e.quantity, 1) AS quantity,
           coalesce(e.price, c.price) AS price,          -- paid, else the catalogue's
           e.discount, e.dwell_s, e.session_id, e.platform, e.order_id, e.position, NULL::DOUBLE AS rating,
           coalesce(coalesce(e.quantity, 1) * (coalesce(e.price, c.price) - coalesce(e.discount, 0)), 0)
               * CASE e.event_type WHEN 'purchase' THEN 1 WHEN 'return' THEN -1 ELSE 0 END AS money,
           e.rowid AS line                               -- order of loading, ratings after all events
    FROM events e LEFT JOIN catalogue c USING (item_id)
    UNION ALL BY NAME
    SELECT user_id, item_id, ts, 'rating' AS event_type, 1.0 AS quantity, rating, 0.0 AS money,
           rowid + (1::BIGINT << 39) AS line
    FROM reviews WHERE user_id IS NOT NULL;
ALTER TABLE interactions ADD COLUMN liked_event VARCHAR;  -- the last act but returns; NULL: there are only returns
ALTER TABLE interactions ADD COLUMN liked_key HUGEINT;    -- its place in the shopper's log: time, position, order of loading
