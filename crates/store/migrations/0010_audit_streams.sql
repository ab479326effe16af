-- Where audit logs are sent on to, and how far each stream got: the leaves of tree up to leaf are delivered, or were not its own.
-- A server that delivers for a stream is its holder until held_until. What failed is sent again as it was, up to the leaf retry_to.
CREATE TABLE audit_streams (
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    url TEXT /*postgres: COLLATE "C" */ NOT NULL,
    region TEXT /*postgres: COLLATE "C" */,
    endpoint TEXT /*postgres: COLLATE "C" */,
    access_key_id TEXT /*postgres: COLLATE "C" */,
    secret_access_key TEXT /*postgres: COLLATE "C" */,
    include_descendants BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    secret_number BIGINT NOT NULL,
    secret_time BIGINT NOT NULL,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL,
    tree BIGINT NOT NULL,
    leaf BIGINT NOT NULL,
    retry_to BIGINT,
    delivered BIGINT NOT NULL,
    delivered_at BIGINT,
    failures BIGINT NOT NULL,
    error TEXT /*postgres: COLLATE "C" */,
    next_attempt_at BIGINT NOT NULL,
    test_requested_at BIGINT,
    tested_at BIGINT,
    test_error TEXT /*postgres: COLLATE "C" */,
    holder TEXT /*postgres: COLLATE "C" */ NOT NULL,
    held_until BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
) /*sqlite: WITHOUT ROWID */;

-- Where a stream goes on once it is through with its tree, because its organization moved into another one.
CREATE TABLE audit_stream_legs (
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    stream_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    number BIGINT NOT NULL,
    tree BIGINT NOT NULL,
    leaf BIGINT NOT NULL,
    PRIMARY KEY (organization_id, stream_id, number)
) /*sqlite: WITHOUT ROWID */;

-- Where organizations stood that are gone: streams of those above still deliver what is in their logs.
CREATE TABLE departed_organizations (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    lineage TEXT /*postgres: COLLATE "C" */ NOT NULL
) /*sqlite: WITHOUT ROWID */;
