-- The schema that the migrations make together, for people to read; written by `make fix`.

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
CREATE INDEX account_members_active ON account_members (user_id, account_id, roles) WHERE status = 'active';
CREATE INDEX account_members_by_custom_role ON account_members (roles) WHERE roles < 'a';
CREATE UNIQUE INDEX account_members_by_user ON account_members (user_id, account_id);

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
CREATE INDEX accounts_by_id ON accounts ((id || '/'), lineage);
CREATE UNIQUE INDEX accounts_by_lineage ON accounts (lineage);
CREATE INDEX accounts_by_name ON accounts (organization_id, name_folded, id);
CREATE INDEX accounts_by_organization ON accounts (organization_id, id);

CREATE TABLE api_tokens (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    hash TEXT /*postgres: COLLATE "C" */ NOT NULL,
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    organization_id TEXT /*postgres: COLLATE "C" */,
    role TEXT /*postgres: COLLATE "C" */,
    create_time BIGINT NOT NULL,
    expires_on BIGINT,
    last_used_on BIGINT
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX api_tokens_by_hash ON api_tokens (hash);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, id);

CREATE TABLE audit_bodies (
    organization BIGINT NOT NULL,
    at BIGINT NOT NULL,
    id /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    bodies /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (organization, at, id)
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE audit_digests (
    organization BIGINT NOT NULL,
    until BIGINT NOT NULL,
    field TEXT /*postgres: COLLATE "C" */ NOT NULL,
    since BIGINT NOT NULL,
    hashes /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (organization, until, field)
) /*sqlite: WITHOUT ROWID */;

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

CREATE TABLE audit_erasures (
    tree BIGINT NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    user_id TEXT /*postgres: COLLATE "C" */,
    email TEXT /*postgres: COLLATE "C" */,
    state TEXT /*postgres: COLLATE "C" */ NOT NULL,
    next_leaf BIGINT NOT NULL,
    erased BIGINT NOT NULL,
    create_time BIGINT NOT NULL,
    done_time BIGINT,
    PRIMARY KEY (tree, id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX audit_erasures_under_way ON audit_erasures (state, tree, id) WHERE done_time IS NULL;

CREATE TABLE audit_leaves (
    tree BIGINT NOT NULL,
    leaf BIGINT NOT NULL,
    organization BIGINT NOT NULL,
    at BIGINT NOT NULL,
    id /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (tree, leaf)
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX audit_leaves_by_entry ON audit_leaves (organization, at, id);

CREATE TABLE audit_loose_words (
    code BIGINT NOT NULL PRIMARY KEY,
    mark BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE audit_pending (
    tree BIGINT NOT NULL,
    at BIGINT NOT NULL,
    id /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    organization BIGINT NOT NULL,
    PRIMARY KEY (tree, at, id, organization)
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE audit_stream_legs (
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    stream_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    number BIGINT NOT NULL,
    tree BIGINT NOT NULL,
    leaf BIGINT NOT NULL,
    PRIMARY KEY (organization_id, stream_id, number)
) /*sqlite: WITHOUT ROWID */;

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

CREATE TABLE audit_tiles (
    tree BIGINT NOT NULL,
    level BIGINT NOT NULL,
    tile BIGINT NOT NULL,
    hashes /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (tree, level, tile)
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE audit_trees (
    tree BIGINT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL
, retention_days BIGINT, hold BIGINT NOT NULL DEFAULT 0, first_leaf BIGINT NOT NULL DEFAULT 0, deleted_to BIGINT) /*sqlite: WITHOUT ROWID */;
CREATE INDEX audit_trees_with_retention ON audit_trees (tree) WHERE retention_days IS NOT NULL;

CREATE TABLE audit_words (
    code BIGINT NOT NULL PRIMARY KEY,
    word TEXT /*postgres: COLLATE "C" */ NOT NULL,
    folded TEXT /*postgres: COLLATE "C" */ NOT NULL
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX audit_words_by_folded ON audit_words (folded);
CREATE UNIQUE INDEX audit_words_by_word ON audit_words (word);

CREATE TABLE audit_words_version (
    version BIGINT NOT NULL PRIMARY KEY
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE billing_currencies (
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    from_day BIGINT NOT NULL,
    currency TEXT /*postgres: COLLATE "C" */ NOT NULL,
    PRIMARY KEY (organization_id, from_day)
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE billing_periods (
    root_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    month BIGINT NOT NULL,
    state TEXT /*postgres: COLLATE "C" */ NOT NULL,
    late BIGINT NOT NULL,
    close_time BIGINT,
    content_hash /*postgres: BYTEA *//*sqlite: BLOB */,
    PRIMARY KEY (root_id, month)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX billing_periods_closing ON billing_periods (root_id, month) WHERE state = 'closing';

CREATE TABLE budgets (
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    amount TEXT /*postgres: COLLATE "C" */ NOT NULL,
    currency TEXT /*postgres: COLLATE "C" */ NOT NULL,
    thresholds TEXT /*postgres: COLLATE "C" */ NOT NULL,
    reached_month BIGINT,
    reached_threshold BIGINT,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL, earlier_month BIGINT, earlier_threshold BIGINT,
    PRIMARY KEY (organization_id, id)
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE departed_organizations (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    lineage TEXT /*postgres: COLLATE "C" */ NOT NULL
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE idempotency_keys (
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    route TEXT /*postgres: COLLATE "C" */ NOT NULL,
    idempotency_key TEXT /*postgres: COLLATE "C" */ NOT NULL,
    fingerprint TEXT /*postgres: COLLATE "C" */ NOT NULL,
    status BIGINT NOT NULL,
    answer TEXT /*postgres: COLLATE "C" */ NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, route, idempotency_key)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

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

CREATE TABLE invoices (
    root_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    month BIGINT NOT NULL,
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    currency TEXT /*postgres: COLLATE "C" */ NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    account_name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    exact TEXT /*postgres: COLLATE "C" */ NOT NULL,
    total TEXT /*postgres: COLLATE "C" */ NOT NULL,
    PRIMARY KEY (root_id, month, account_id, organization_id, currency)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX invoices_by_account ON invoices (account_id, month);
CREATE UNIQUE INDEX invoices_by_id ON invoices (id);

CREATE TABLE linked_identities (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    issuer TEXT /*postgres: COLLATE "C" */ NOT NULL,
    subject TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    last_used_on BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX linked_identities_by_subject ON linked_identities (issuer, subject);
CREATE UNIQUE INDEX linked_identities_by_user ON linked_identities (user_id, issuer);

CREATE TABLE metric_digits (
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    quantity BIGINT NOT NULL,
    price BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE metrics (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    event_type TEXT /*postgres: COLLATE "C" */ NOT NULL,
    aggregation TEXT /*postgres: COLLATE "C" */ NOT NULL,
    value_property TEXT /*postgres: COLLATE "C" */,
    unit TEXT /*postgres: COLLATE "C" */ NOT NULL,
    pricing_unit TEXT /*postgres: COLLATE "C" */ NOT NULL,
    pricing_block_size TEXT /*postgres: COLLATE "C" */ NOT NULL,
    service_name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    service_category TEXT /*postgres: COLLATE "C" */ NOT NULL,
    service_subcategory TEXT /*postgres: COLLATE "C" */ NOT NULL,
    product_family TEXT /*postgres: COLLATE "C" */ NOT NULL,
    sku_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    sku_meter TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    retired_on BIGINT
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE organization_members (
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    role TEXT /*postgres: COLLATE "C" */ NOT NULL,
    status TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX organization_members_active ON organization_members (user_id, organization_id, role) WHERE status = 'active';
CREATE INDEX organization_members_by_custom_role ON organization_members (role) WHERE role < 'a';
CREATE UNIQUE INDEX organization_members_by_user ON organization_members (user_id, organization_id);

CREATE TABLE organizations (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    parent_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    lineage TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name_folded TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL,
    flags BIGINT NOT NULL,
    profile TEXT /*postgres: COLLATE "C" */,
    version BIGINT NOT NULL
, billing_currency TEXT /*postgres: COLLATE "C" */ NOT NULL DEFAULT 'USD') /*sqlite: WITHOUT ROWID */;
CREATE INDEX organizations_by_id ON organizations ((id || '/'), lineage);
CREATE UNIQUE INDEX organizations_by_lineage ON organizations (lineage);
CREATE INDEX organizations_by_parent ON organizations (parent_id, (id || '/'), name_folded, id);

CREATE TABLE passwords (
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    hash TEXT /*postgres: COLLATE "C" */ NOT NULL
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE placements (
    place TEXT /*postgres: COLLATE "C" */ NOT NULL,
    from_day BIGINT NOT NULL,
    lineage TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name TEXT /*postgres: COLLATE "C" */,
    PRIMARY KEY (place, from_day)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX placements_by_lineage ON placements (lineage, from_day);

CREATE TABLE prices (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    currency TEXT /*postgres: COLLATE "C" */ NOT NULL,
    organization_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    list_unit_price TEXT /*postgres: COLLATE "C" */ NOT NULL,
    contracted_unit_price TEXT /*postgres: COLLATE "C" */,
    effective_from BIGINT NOT NULL,
    effective_to BIGINT,
    free_quantity TEXT /*postgres: COLLATE "C" */ NOT NULL,
    tier_mode TEXT /*postgres: COLLATE "C" */ NOT NULL,
    tiers TEXT /*postgres: COLLATE "C" */ NOT NULL,
    create_time BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX prices_by_slot ON prices (organization_id, metric_id, currency, effective_from);

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

CREATE TABLE schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL);

CREATE TABLE second_factors (
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    secret TEXT /*postgres: COLLATE "C" */ NOT NULL,
    confirmed BIGINT NOT NULL,
    last_step BIGINT NOT NULL
, tries BIGINT NOT NULL DEFAULT 0) /*sqlite: WITHOUT ROWID */;

CREATE TABLE server_state (
    name TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    value TEXT /*postgres: COLLATE "C" */ NOT NULL
) /*sqlite: WITHOUT ROWID */;

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
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE UNIQUE INDEX sessions_by_hash ON sessions (hash);
CREATE INDEX sessions_by_user ON sessions (user_id, id);

CREATE TABLE sign_in_links (
    hash TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    user_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    expires_at BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at);
CREATE INDEX sign_in_links_by_user ON sign_in_links (user_id);

CREATE TABLE usage_corrections (
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    day BIGINT NOT NULL,
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    zone_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    region_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    booked BIGINT NOT NULL,
    quantity /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    latest BIGINT,
    zone_name TEXT /*postgres: COLLATE "C" */,
    region_name TEXT /*postgres: COLLATE "C" */,
    PRIMARY KEY (account_id, day, metric_id, zone_id, region_id, booked)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX usage_corrections_by_month ON usage_corrections (booked, day);

CREATE TABLE usage_days (
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    day BIGINT NOT NULL,
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    zone_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    region_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    quantity /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    latest BIGINT,
    zone_name TEXT /*postgres: COLLATE "C" */,
    region_name TEXT /*postgres: COLLATE "C" */,
    PRIMARY KEY (account_id, day, metric_id, zone_id, region_id)
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE usage_keys (
    key_hash /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL PRIMARY KEY,
    content_hash /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    day BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE usage_months (
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    month BIGINT NOT NULL,
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    zone_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    region_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    quantities /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (account_id, month, metric_id, zone_id, region_id)
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE usage_values (
    account_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    day BIGINT NOT NULL,
    metric_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    zone_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    region_id TEXT /*postgres: COLLATE "C" */ NOT NULL,
    value /*postgres: BYTEA *//*sqlite: BLOB */ NOT NULL,
    PRIMARY KEY (account_id, day, metric_id, zone_id, region_id, value)
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE users (
    id TEXT /*postgres: COLLATE "C" */ NOT NULL PRIMARY KEY,
    email TEXT /*postgres: COLLATE "C" */ NOT NULL,
    email_canonical TEXT /*postgres: COLLATE "C" */ NOT NULL,
    name TEXT /*postgres: COLLATE "C" */,
    two_factor_authentication_enabled BIGINT NOT NULL,
    operator BIGINT NOT NULL,
    managed_by TEXT /*postgres: COLLATE "C" */,
    disabled BIGINT NOT NULL,
    api_key_hash TEXT /*postgres: COLLATE "C" */,
    create_time BIGINT NOT NULL,
    version BIGINT NOT NULL
, last_seen_on BIGINT) /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX users_by_email ON users (email_canonical);
CREATE INDEX users_by_manager ON users (managed_by, id);
