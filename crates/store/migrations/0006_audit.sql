-- Words that entries of the audit log repeat, by number; folded is the word without regard to case.
CREATE TABLE audit_words (
    code BIGINT NOT NULL PRIMARY KEY,
    word TEXT /*postgres: COLLATE "C" */ NOT NULL,
    folded TEXT /*postgres: COLLATE "C" */ NOT NULL
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX audit_words_by_word ON audit_words (word);
CREATE INDEX audit_words_by_folded ON audit_words (folded);

-- A BIGINT is the number of a word, but for at. organization is 0 for the server's own log. What is bytes is a text in which pairs
-- of hex digits are packed. salt keeps what is personal from being guessed from its hash.
CREATE TABLE audit_entries (
    organization BIGINT NOT NULL,
    at BIGINT NOT NULL,
    id /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    account BIGINT,
    action_description BIGINT,
    action_result BIGINT,
    action_type BIGINT,
    actor_context BIGINT,
    actor_email BIGINT,
    actor_id BIGINT,
    actor_ip_address BIGINT,
    actor_token_id BIGINT,
    actor_token_name BIGINT,
    actor_type BIGINT,
    raw_cf_ray_id /*postgres: BYTEA *//*sqlite: BLOB */,
    raw_method BIGINT,
    raw_status_code BIGINT,
    raw_uri TEXT /*postgres: COLLATE "C" */,
    raw_user_agent BIGINT,
    resource_id /*postgres: BYTEA *//*sqlite: BLOB */,
    resource_product BIGINT,
    resource_scope BIGINT,
    resource_type BIGINT,
    salt /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (organization, at, id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX audit_entries_by_account ON audit_entries (account, at, id) WHERE account IS NOT NULL;

-- What an entry has of the request and of the answer, one body behind the other.
CREATE TABLE audit_bodies (
    organization BIGINT NOT NULL,
    at BIGINT NOT NULL,
    id /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    bodies /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (organization, at, id)
) /*sqlite: WITHOUT ROWID */;

INSERT INTO audit_words (code, word, folded)
SELECT ROW_NUMBER() OVER (ORDER BY word), word, LOWER(word) FROM (
    SELECT '"organizations"' AS word FROM audit_log
    UNION SELECT organization_id FROM audit_log WHERE organization_id <> ''
    UNION SELECT action_type FROM audit_log
    UNION SELECT action_result FROM audit_log
    UNION SELECT description FROM audit_log
    UNION SELECT actor_type FROM audit_log
    UNION SELECT actor_id FROM audit_log
    UNION SELECT actor_context FROM audit_log
    UNION SELECT actor_email FROM audit_log
    UNION SELECT actor_ip_address FROM audit_log
    UNION SELECT actor_token_id FROM audit_log
    UNION SELECT actor_token_name FROM audit_log
    UNION SELECT raw_method FROM audit_log
    UNION SELECT CAST(raw_status_code AS TEXT) FROM audit_log
    UNION SELECT raw_user_agent FROM audit_log
    UNION SELECT resource_type FROM audit_log
    UNION SELECT resource_product FROM audit_log
    UNION SELECT resource_id FROM audit_log WHERE resource_type IN ('account', 'account_profile')
) AS words WHERE word IS NOT NULL;

-- All ids of entries and requests so far are hex digits; other ids may be any text, and one of 8 or 16 bytes is marked.
INSERT INTO audit_entries
SELECT
    COALESCE((SELECT code FROM audit_words WHERE word = organization_id), 0),
    at,
    /*sqlite: unhex(id) *//*postgres: decode(id, 'hex') */,
    CASE WHEN resource_type IN ('account', 'account_profile') THEN (SELECT code FROM audit_words WHERE word = resource_id) END,
    (SELECT code FROM audit_words WHERE word = description),
    (SELECT code FROM audit_words WHERE word = action_result),
    (SELECT code FROM audit_words WHERE word = action_type),
    (SELECT code FROM audit_words WHERE word = actor_context),
    (SELECT code FROM audit_words WHERE word = actor_email),
    (SELECT code FROM audit_words WHERE word = actor_id),
    (SELECT code FROM audit_words WHERE word = actor_ip_address),
    (SELECT code FROM audit_words WHERE word = actor_token_id),
    (SELECT code FROM audit_words WHERE word = actor_token_name),
    (SELECT code FROM audit_words WHERE word = actor_type),
    /*sqlite: unhex(raw_cf_ray_id) *//*postgres: decode(raw_cf_ray_id, 'hex') */,
    (SELECT code FROM audit_words WHERE word = raw_method),
    (SELECT code FROM audit_words WHERE word = CAST(raw_status_code AS TEXT)),
    raw_uri,
    (SELECT code FROM audit_words WHERE word = raw_user_agent),
    /*sqlite: CASE
        WHEN length(resource_id) IN (16, 32) AND resource_id NOT GLOB '*[^0-9a-f]*' THEN unhex(resource_id)
        WHEN length(resource_id) IN (8, 16) THEN unhex('FF' || hex(resource_id))
        ELSE CAST(resource_id AS BLOB)
    END *//*postgres: CASE
        WHEN length(resource_id) IN (16, 32) AND resource_id ~ '^[0-9a-f]*$' THEN decode(resource_id, 'hex')
        WHEN length(resource_id) IN (8, 16) THEN decode('ff' || encode(convert_to(resource_id, 'UTF8'), 'hex'), 'hex')
        ELSE convert_to(resource_id, 'UTF8')
    END */,
    (SELECT code FROM audit_words WHERE word = resource_product),
    (SELECT code FROM audit_words WHERE word = '"organizations"'),
    (SELECT code FROM audit_words WHERE word = resource_type),
    /*sqlite: randomblob(16) *//*postgres: decode(replace(CAST(gen_random_uuid() AS TEXT), '-', ''), 'hex') */
FROM audit_log;

-- The byte in front says that what follows is not compressed, the one in between ends the request.
INSERT INTO audit_bodies
SELECT
    COALESCE((SELECT code FROM audit_words WHERE word = organization_id), 0),
    at,
    /*sqlite: unhex(id) *//*postgres: decode(id, 'hex') */,
    /*sqlite: unhex('00' || hex(COALESCE(request, '')) || '00' || hex(COALESCE(response, ''))) *//*postgres: decode(
        '00' || encode(convert_to(COALESCE(request, ''), 'UTF8'), 'hex') || '00'
        || encode(convert_to(COALESCE(response, ''), 'UTF8'), 'hex'), 'hex') */
FROM audit_log WHERE request IS NOT NULL OR response IS NOT NULL;

DROP TABLE audit_log;
