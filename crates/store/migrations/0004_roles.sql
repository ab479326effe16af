-- Roles that root organizations made; actions are names of actions, one space between two.
CREATE TABLE roles (
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    description TEXT /*postgres: COLLATE "C" */ NOT NULL,
    actions TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX roles_by_id ON roles (id);

-- Who uses a role that was made: in byte order these come before the names of the built-in ones, also in a list of roles.
CREATE INDEX organization_members_by_custom_role ON organization_members (role) WHERE role < 'a';
CREATE INDEX account_members_by_custom_role ON account_members (roles) WHERE roles < 'a';
