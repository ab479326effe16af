-- When somebody last used a credential: what is shown of a member depends on it.
ALTER TABLE users ADD COLUMN last_seen_on BIGINT;
