-- Months of roots that are not open any more, and those to which something was added after their end: late says how often.
CREATE TABLE billing_periods (
    root_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    month BIGINT NOT NULL,
    state TEXT /*postgres: COLLATE "C" */ NOT NULL,
    late BIGINT NOT NULL,
    close_time BIGINT,
    content_hash /*postgres: BYTEA *//*sqlite: BLOB */,
    PRIMARY KEY (root_id, month)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX billing_periods_closing ON billing_periods (root_id, month) WHERE state = 'closing';

-- What became known of days of a month that was not open any more: what it adds, and the month in which that is invoiced.
CREATE TABLE usage_corrections (
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    day BIGINT NOT NULL,
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    zone_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    region_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    booked BIGINT NOT NULL,
    quantity /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    latest BIGINT,
    zone_name TEXT /*postgres: COLLATE "C" */,
    region_name TEXT /*postgres: COLLATE "C" */,
    PRIMARY KEY (account_id, day, metric_id, zone_id, region_id, booked)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX usage_corrections_by_month ON usage_corrections (booked, day);

-- What an account cost an organization of a root in a month: exact, and rounded as it is paid.
CREATE TABLE invoices (
    root_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    month BIGINT NOT NULL,
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    currency TEXT /*postgres: COLLATE "C" */ NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    account_name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    exact TEXT /*postgres: COLLATE "C" */ NOT NULL,
    total TEXT /*postgres: COLLATE "C" */ NOT NULL,
    PRIMARY KEY (root_id, month, account_id, organization_id, currency)
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX invoices_by_id ON invoices (id);
CREATE INDEX invoices_by_account ON invoices (account_id, month);
