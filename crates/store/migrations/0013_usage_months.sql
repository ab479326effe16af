-- The days of a month in one row, for sums: quantities has for each day that was used 17 bytes, which day it is, counted from the first
-- of the month, and the quantity of usage_days.
CREATE TABLE usage_months (
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    month BIGINT NOT NULL,
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    zone_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    region_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    quantities /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (account_id, month, metric_id, zone_id, region_id)
) /*sqlite: WITHOUT ROWID */;

INSERT INTO usage_months (account_id, month, metric_id, zone_id, region_id, quantities)
SELECT account_id, month, metric_id, zone_id, region_id,
    /*sqlite: unhex(group_concat(printf('%02x', day - month) || hex(quantity), '')) */
    /*postgres: string_agg(decode(lpad(to_hex(day - month), 2, '0'), 'hex') || quantity, ''::bytea) */
FROM (
    SELECT account_id, day, metric_id, zone_id, region_id, quantity,
        /*sqlite: CAST(julianday(date(day * 86400, 'unixepoch', 'start of month')) - 2440587.5 AS INTEGER) */
        /*postgres: CAST(date_trunc('month', DATE '1970-01-01' + CAST(day AS INTEGER))::date - DATE '1970-01-01' AS BIGINT) */ AS month
    FROM usage_days
) AS days
GROUP BY account_id, month, metric_id, zone_id, region_id;
