-- Whom an OpenID Connect provider knows by which subject, so that they are found when their address there changes. What the
-- provider said counts once: it is younger than last_used_on.
CREATE TABLE linked_identities (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    issuer TEXT /*postgres: COLLATE "C" */ NOT NULL,
    subject TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    last_used_on BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX linked_identities_by_subject ON linked_identities (issuer, subject);
-- A provider knows a user by one subject: somebody else who was given their address is not them.
CREATE UNIQUE INDEX linked_identities_by_user ON linked_identities (user_id, issuer);
