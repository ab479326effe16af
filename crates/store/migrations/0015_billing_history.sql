-- What an account is called from a day on stands in every row; until now only that of an account that is gone did.
UPDATE placements SET name = (SELECT a.name FROM accounts a WHERE a.id = SUBSTR(placements.place, 2))
WHERE place >= '@' AND place < 'A' AND name IS NULL;

-- What an organization pays in from a day on; without a row, and before the first one, that is USD.
CREATE TABLE billing_currencies (
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    from_day BIGINT NOT NULL,
    currency TEXT /*postgres: COLLATE "C" */ NOT NULL,
    PRIMARY KEY (organization_id, from_day)
) /*sqlite: WITHOUT ROWID */;

INSERT INTO billing_currencies (organization_id, from_day, currency)
SELECT id, -719528, billing_currency FROM organizations WHERE billing_currency <> 'USD';
