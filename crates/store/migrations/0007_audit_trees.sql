-- The entries of a tree of organizations are the leaves of a Merkle tree, in the order in which they became known. tree is the
-- number of the root's id in audit_words, 0 for the server's own log, and size how many leaves it has.
CREATE TABLE audit_trees (
    tree BIGINT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;

-- Entries that are not in their tree yet.
CREATE TABLE audit_pending (
    tree BIGINT NOT NULL,
    at BIGINT NOT NULL,
    id /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    organization BIGINT NOT NULL,
    PRIMARY KEY (tree, at, id, organization)
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE audit_leaves (
    tree BIGINT NOT NULL,
    leaf BIGINT NOT NULL,
    organization BIGINT NOT NULL,
    at BIGINT NOT NULL,
    id /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (tree, leaf)
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX audit_leaves_by_entry ON audit_leaves (organization, at, id);

-- Up to 256 hashes of the nodes at a height of 8 times level, one behind the other.
CREATE TABLE audit_tiles (
    tree BIGINT NOT NULL,
    level BIGINT NOT NULL,
    tile BIGINT NOT NULL,
    hashes /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (tree, level, tile)
) /*sqlite: WITHOUT ROWID */;

-- What was written before belongs to the root under which its organization stands now, or to itself when it is gone.
INSERT INTO audit_words (code, word, folded)
SELECT (SELECT COALESCE(MAX(code), 0) FROM audit_words) + ROW_NUMBER() OVER (ORDER BY root), root, LOWER(root) FROM (
    SELECT DISTINCT /*sqlite: substr(lineage, 1, instr(lineage, '/') - 1) *//*postgres: split_part(lineage, '/', 1) */ AS root
    FROM organizations WHERE id IN (SELECT word FROM audit_words)
) AS roots WHERE root NOT IN (SELECT word FROM audit_words);

INSERT INTO audit_pending (tree, at, id, organization)
SELECT COALESCE(r.code, e.organization), e.at, e.id, e.organization
FROM audit_entries e
LEFT JOIN audit_words w ON w.code = e.organization
LEFT JOIN organizations o ON o.id = w.word
LEFT JOIN audit_words r
    ON r.word = /*sqlite: substr(o.lineage, 1, instr(o.lineage, '/') - 1) *//*postgres: split_part(o.lineage, '/', 1) */;
