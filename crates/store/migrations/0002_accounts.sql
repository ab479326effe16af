-- organization_id is '' for an account that stands alone.
CREATE TABLE accounts (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    lineage TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name_folded TEXT /*postgres: COLLATE "C" */ NOT NULL,
    type TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    settings TEXT /*postgres: COLLATE "C" */ NOT NULL,
    profile TEXT /*postgres: COLLATE "C" */,
    version BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX accounts_by_lineage ON accounts (lineage);
CREATE INDEX accounts_by_organization ON accounts (organization_id, id);
CREATE INDEX accounts_by_name ON accounts (organization_id, name_folded, id);

-- roles are names of roles, one space between two.
CREATE TABLE account_members (
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    roles TEXT /*postgres: COLLATE "C" */ NOT NULL,
    status TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX account_members_by_user ON account_members (user_id, account_id);
