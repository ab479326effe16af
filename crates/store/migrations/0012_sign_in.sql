-- How people sign in. A password is kept as a PHC string of Argon2id, what is long and random as a SHA-256.
CREATE TABLE passwords (
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    hash TEXT /*postgres: COLLATE "C" */ NOT NULL
) /*sqlite: WITHOUT ROWID */;

-- A second factor counts once a code of it was shown; last_step is the time step of the last code that was used, so that none is
-- used twice.
CREATE TABLE second_factors (
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    secret TEXT /*postgres: COLLATE "C" */ NOT NULL,
    confirmed BIGINT NOT NULL,
    last_step BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE sign_in_links (
    hash TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    expires_at BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX sign_in_links_by_user ON sign_in_links (user_id);
CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at);

CREATE TABLE sessions (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    hash TEXT /*postgres: COLLATE "C" */ NOT NULL,
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_on BIGINT,
    by_link BIGINT NOT NULL,
    ip_address TEXT /*postgres: COLLATE "C" */ NOT NULL,
    user_agent TEXT /*postgres: COLLATE "C" */ NOT NULL
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX sessions_by_hash ON sessions (hash);
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
