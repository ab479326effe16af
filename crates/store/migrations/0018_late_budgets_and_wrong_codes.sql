-- What was reached of a budget in a month before that of reached_month, to which something may still come late.
ALTER TABLE budgets ADD COLUMN earlier_month BIGINT;
ALTER TABLE budgets ADD COLUMN earlier_threshold BIGINT;

-- How many codes were shown since the last one that was right.
ALTER TABLE second_factors ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
