-- What is metered.
CREATE TABLE metrics (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    event_type TEXT /*postgres: COLLATE "C" */ NOT NULL,
    aggregation TEXT /*postgres: COLLATE "C" */ NOT NULL,
    value_property TEXT /*postgres: COLLATE "C" */,
    unit TEXT /*postgres: COLLATE "C" */ NOT NULL,
    pricing_unit TEXT /*postgres: COLLATE "C" */ NOT NULL,
    pricing_block_size TEXT /*postgres: COLLATE "C" */ NOT NULL,
    service_name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    service_category TEXT /*postgres: COLLATE "C" */ NOT NULL,
    service_subcategory TEXT /*postgres: COLLATE "C" */ NOT NULL,
    product_family TEXT /*postgres: COLLATE "C" */ NOT NULL,
    sku_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    sku_meter TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    retired_on BIGINT
) /*sqlite: WITHOUT ROWID */;

-- organization_id is '' for a price for everybody, which has no contracted_unit_price. Days are counted from 1970-01-01. tiers are
-- pairs of up_to, empty for all that is left, and list_unit_price: a colon inside of each, a space between two.
CREATE TABLE prices (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    currency TEXT /*postgres: COLLATE "C" */ NOT NULL,
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    list_unit_price TEXT /*postgres: COLLATE "C" */ NOT NULL,
    contracted_unit_price TEXT /*postgres: COLLATE "C" */,
    effective_from BIGINT NOT NULL,
    effective_to BIGINT,
    free_quantity TEXT /*postgres: COLLATE "C" */ NOT NULL,
    tier_mode TEXT /*postgres: COLLATE "C" */ NOT NULL,
    tiers TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX prices_by_slot ON prices (organization_id, metric_id, currency, effective_from);

ALTER TABLE organizations ADD COLUMN billing_currency TEXT /*postgres: COLLATE "C" */ NOT NULL DEFAULT 'USD';

-- Which events have been counted: the hash of root, source and id, and a hash of what else they say.
CREATE TABLE usage_keys (
    key_hash /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL PRIMARY KEY,
    content_hash /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    day BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;

-- zone_id and region_id are '' for none. quantity is a decimal in sixteen bytes that sort as numbers do.
CREATE TABLE usage_days (
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    day BIGINT NOT NULL,
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    zone_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    region_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    quantity /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    latest BIGINT,
    zone_name TEXT /*postgres: COLLATE "C" */,
    region_name TEXT /*postgres: COLLATE "C" */,
    PRIMARY KEY (account_id, day, metric_id, zone_id, region_id)
) /*sqlite: WITHOUT ROWID */;

-- The different values of a day, for metrics that count those.
CREATE TABLE usage_values (
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    day BIGINT NOT NULL,
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    zone_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    region_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    value /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (account_id, day, metric_id, zone_id, region_id, value)
) /*sqlite: WITHOUT ROWID */;

-- Where what is named by place stood from a day on: an account, as @ and its id, or an organization that was moved or stands below
-- one that was. name is that of an account that is gone.
CREATE TABLE placements (
    place TEXT /*postgres: COLLATE "C" */ NOT NULL,
    from_day BIGINT NOT NULL,
    lineage TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name TEXT /*postgres: COLLATE "C" */,
    PRIMARY KEY (place, from_day)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX placements_by_lineage ON placements (lineage, from_day);

-- An account's first place counts from the beginning of time.
INSERT INTO placements (place, from_day, lineage) SELECT '@' || id, -719528, lineage FROM accounts;
