-- How long the entries of a tree are kept, in days, for ever without a number; with hold nothing of it may be deleted or erased.
-- first_leaf is the first one that is kept, deleted_to the latest time of those before it.
ALTER TABLE audit_trees ADD COLUMN retention_days BIGINT;
ALTER TABLE audit_trees ADD COLUMN hold BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_trees ADD COLUMN first_leaf BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_trees ADD COLUMN deleted_to BIGINT;
CREATE INDEX audit_trees_with_retention ON audit_trees (tree) WHERE retention_days IS NOT NULL;
