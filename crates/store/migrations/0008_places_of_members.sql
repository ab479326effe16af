-- Where a user is a member, and where that stands in the tree, is asked with every request: these answer from the index alone. A row
-- of an organization is wide, and looking for many of them by their ids goes through most of the table. What is looked for is an
-- expression because SQLite would take the table for the id itself.
CREATE INDEX organization_members_active ON organization_members (user_id, organization_id, role) WHERE status = 'active';
CREATE INDEX account_members_active ON account_members (user_id, account_id, roles) WHERE status = 'active';
CREATE INDEX organizations_by_id ON organizations ((id || '/'), lineage);
CREATE INDEX accounts_by_id ON accounts ((id || '/'), lineage);
