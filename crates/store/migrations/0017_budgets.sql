-- What organizations mean to spend in each month. thresholds are percentages with a space between two; the one that was reached last, and
-- in which month, is NULL until one is.
CREATE TABLE budgets (
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    amount TEXT /*postgres: COLLATE "C" */ NOT NULL,
    currency TEXT /*postgres: COLLATE "C" */ NOT NULL,
    thresholds TEXT /*postgres: COLLATE "C" */ NOT NULL,
    reached_month BIGINT,
    reached_threshold BIGINT,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
) /*sqlite: WITHOUT ROWID */;
