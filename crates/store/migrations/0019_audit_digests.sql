-- What a stretch of a long log has, from one time to another, both included: for each field the hashes of all values, sorted, four bytes each.
CREATE TABLE audit_digests (
    organization BIGINT NOT NULL,
    until BIGINT NOT NULL,
    field TEXT /*postgres: COLLATE "C" */ NOT NULL,
    since BIGINT NOT NULL,
    hashes /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (organization, until, field)
) /*sqlite: WITHOUT ROWID */;
