-- How long the entries of a tree are kept, in days, for ever without a number; with hold nothing of it may be deleted or erased.
-- first_leaf is the first one that is kept, deleted_to the latest time of those before it.
ALTER TABLE audit_trees ADD COLUMN retention_days BIGINT;
ALTER TABLE audit_trees ADD COLUMN hold BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_trees ADD COLUMN first_leaf BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_trees ADD COLUMN deleted_to BIGINT;
CREATE INDEX audit_trees_with_retention ON audit_trees (tree) WHERE retention_days IS NOT NULL;

-- Erasing the personal members of entries of a tree, for a user or for whoever has an address. state is entries while they are
-- looked at, from next_leaf on, then words, without the address, until those are gone that nothing has any more, then done.
CREATE TABLE audit_erasures (
    tree BIGINT NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    user_id TEXT /*postgres: COLLATE "C" */,
    email TEXT /*postgres: COLLATE "C" */,
    state TEXT /*postgres: COLLATE "C" */ NOT NULL,
    next_leaf BIGINT NOT NULL,
    erased BIGINT NOT NULL,
    create_time BIGINT NOT NULL,
    done_time BIGINT,
    PRIMARY KEY (tree, id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX audit_erasures_under_way ON audit_erasures (state, tree, id) WHERE done_time IS NULL;

-- Words of erased members, which go unless an entry has them; mark is another number each time that a word becomes loose.
CREATE TABLE audit_loose_words (
    code BIGINT NOT NULL PRIMARY KEY,
    mark BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
