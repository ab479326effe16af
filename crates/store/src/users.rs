//! Users.

use umbel_domain::secret::SecretHash;
use umbel_domain::{Email, Name, OrganizationId, Timestamp, User, UserId};

use crate::credentials::{self, KeyCredential, to_hex};
use crate::engine::{Change, Row};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Page, Query, Result, Write};

const INSERT: Sql = sql!(
    "INSERT INTO users (id, email, email_canonical, name, two_factor_authentication_enabled, operator, managed_by, disabled, \
     api_key_hash, create_time, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
);
pub(crate) const GET: Sql = sql!(
    "SELECT id, email, name, two_factor_authentication_enabled, operator, managed_by, disabled, create_time, version \
     FROM users WHERE id = $1"
);
pub(crate) const GET_BY_EMAIL: Sql = sql!(
    "SELECT id, email, name, two_factor_authentication_enabled, operator, managed_by, disabled, create_time, version \
     FROM users WHERE email_canonical = $1"
);
pub(crate) const LIST: Sql = sql!(
    "SELECT id, email, name, two_factor_authentication_enabled, operator, managed_by, disabled, create_time, version \
     FROM users WHERE id > $1 ORDER BY id LIMIT $2"
);
pub(crate) const LIST_WITH_KEYS: Sql = sql!(
    "SELECT id, email, name, two_factor_authentication_enabled, operator, managed_by, disabled, create_time, version, \
     api_key_hash, last_seen_on FROM users WHERE id > $1 ORDER BY id LIMIT $2"
);
const COUNT_OPERATORS: Sql = sql!("SELECT COUNT(*) FROM users WHERE operator = 1");
const COUNT_ABLE_OPERATORS: Sql = sql!("SELECT COUNT(*) FROM users WHERE operator = 1 AND disabled = 0");
const COUNT: Sql = sql!("SELECT COUNT(*) FROM (SELECT 1 FROM users LIMIT $1) AS counted");
const UPDATE: Sql = sql!("UPDATE users SET operator = $2, disabled = $3, version = version + 1 WHERE id = $1 AND version = $4");
const SET_API_KEY: Sql = sql!("UPDATE users SET api_key_hash = $2, version = version + 1 WHERE id = $1");
const SEE: Sql = sql!("UPDATE users SET last_seen_on = $2 WHERE id = $1 AND (last_seen_on IS NULL OR last_seen_on < $2)");
const DELETE: Sql = sql!("DELETE FROM users WHERE id = $1");

/// Adds a user, with the hash of a global API key if they shall have one.
pub async fn insert(write: &mut Write, user: &User, api_key: Option<&SecretHash>) -> Result<()> {
    let key = api_key.map(|hash| to_hex(hash));
    let args = args![
        user.id.as_str(),
        user.email.as_str(),
        user.email.canonical(),
        user.name.as_ref().map(Name::as_str),
        user.two_factor_authentication_enabled,
        user.operator,
        user.managed_by.as_ref().map(OrganizationId::as_str),
        user.disabled,
        key.as_deref(),
        user.create_time,
        user.version,
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// The user with this id.
pub async fn get(query: &mut impl Query, id: &UserId) -> Result<Option<User>> {
    query.row(GET, args![id.as_str()], from_row).await
}

/// The user with this address.
pub async fn get_by_email(query: &mut impl Query, email: &Email) -> Result<Option<User>> {
    query.row(GET_BY_EMAIL, args![email.canonical()], from_row).await
}

/// A page of at most `size` users, in the order of their ids, behind the id `after`.
pub async fn list(query: &mut impl Query, after: &str, size: usize) -> Result<Page<User>> {
    Ok(Page::of(query.rows(LIST, args![after, size + 1], from_row).await?, size))
}

/// How many users there are, counted no further than `max`.
pub async fn count(query: &mut impl Query, max: u64) -> Result<u64> {
    Ok(query.number(COUNT, args![max]).await?.cast_unsigned())
}

/// How many operators there are.
pub async fn count_operators(query: &mut impl Query) -> Result<u64> {
    Ok(query.number(COUNT_OPERATORS, &[]).await?.cast_unsigned())
}

/// How many operators there are whose credentials are not refused.
pub async fn count_able_operators(query: &mut impl Query) -> Result<u64> {
    Ok(query.number(COUNT_ABLE_OPERATORS, &[]).await?.cast_unsigned())
}

/// At most `size` users with their global API keys, in the order of their ids, behind the id `after`.
pub(crate) async fn list_with_keys(query: &mut impl Query, after: &str, size: usize) -> Result<Vec<KeyCredential>> {
    query.rows(LIST_WITH_KEYS, args![after, size], credentials::key_credential).await
}

/// Those of these users that exist, at most [`crate::IN_LIST_MAX`], with their global API keys.
pub(crate) async fn with_ids(query: &mut impl Query, ids: &[String]) -> Result<Vec<KeyCredential>> {
    let mut statement = Builder::default();
    statement.push(
        "SELECT id, email, name, two_factor_authentication_enabled, operator, managed_by, disabled, create_time, version, \
         api_key_hash, last_seen_on FROM users WHERE id",
    );
    statement.bind_list(ids);
    query.rows(&statement, statement.args(), credentials::key_credential).await
}

/// The ids behind those of these canonical addresses that are known, at most [`crate::IN_LIST_MAX`].
pub(crate) async fn ids_by_email(query: &mut impl Query, emails: &[String]) -> Result<Vec<(String, UserId)>> {
    let mut statement = Builder::default();
    statement.push("SELECT email_canonical, id FROM users WHERE email_canonical").bind_list(emails);
    query.rows(&statement, statement.args(), |row| Ok((row.text(0)?, UserId::parse(row.text_ref(1)?)?))).await
}

/// Writes what can change of a user; [`crate::Error::Conflict`] when the row changed since it was read.
pub async fn update(write: &mut Write, user: &User) -> Result<()> {
    let args = args![user.id.as_str(), user.operator, user.disabled, user.version];
    write.one_row(UPDATE, args).await
}

/// Replaces the global API key.
pub async fn set_api_key(write: &mut Write, id: &UserId, api_key: &SecretHash) -> Result<()> {
    write.execute(SET_API_KEY, args![id.as_str(), to_hex(api_key)]).await.map(drop)
}

/// Notes when users last used a credential; users who are gone are passed over, and time never goes back.
pub async fn see(write: &mut Write, seen: &[(UserId, Timestamp)]) -> Result<()> {
    for (id, at) in seen {
        write.execute(SEE, args![id.as_str(), *at]).await?;
    }
    Ok(())
}

/// Removes a user; their memberships and tokens are removed on their own.
pub async fn delete(write: &mut Write, id: &UserId) -> Result<()> {
    write.execute(DELETE, args![id.as_str()]).await.map(drop)
}

/// Reads a user from the first nine columns of a row.
pub(crate) fn from_row(row: &Row<'_>) -> Result<User> {
    Ok(User {
        id: UserId::parse(row.text_ref(0)?)?,
        email: Email::parse(row.text_ref(1)?)?,
        name: row.text_or_null(2)?.map(|name| Name::parse(&name, Name::LENGTH_MAX)).transpose()?,
        two_factor_authentication_enabled: row.bool(3)?,
        operator: row.bool(4)?,
        managed_by: row.text_or_null(5)?.map(|id| OrganizationId::parse(&id)).transpose()?,
        disabled: row.bool(6)?,
        create_time: Timestamp::from_micros(row.int(7)?),
        version: row.int(8)?,
    })
}
