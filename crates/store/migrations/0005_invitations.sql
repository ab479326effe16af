-- The links by which pending members answer: one for each of them who was invited, gone as soon as the member is not pending.
CREATE TABLE invitations (
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    member_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    hash TEXT /*postgres: COLLATE "C" */ NOT NULL,
    invited_by TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    expires_on BIGINT NOT NULL,
    delivery TEXT /*postgres: COLLATE "C" */ NOT NULL,
    PRIMARY KEY (organization_id, id)
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX invitations_by_hash ON invitations (hash);
CREATE UNIQUE INDEX invitations_by_member ON invitations (organization_id, member_id);
