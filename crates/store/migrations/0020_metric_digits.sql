-- The most digits before the point that quantities of a metric, and its unit prices, have had.
CREATE TABLE metric_digits (
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    quantity BIGINT NOT NULL,
    price BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
