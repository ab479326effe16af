//! What users sign in with: passwords, second factors, links that count once.

use umbel_domain::secret::SecretHash;
use umbel_domain::{Timestamp, UserId};

use crate::credentials::to_hex;
use crate::engine::Change;
use crate::sql::{Sql, args, sql};
use crate::{Opening, Query, Result, Write};

pub(crate) const PASSWORD: Sql = sql!("SELECT hash FROM passwords WHERE user_id = $1");
const SET_PASSWORD: Sql =
    sql!("INSERT INTO passwords (user_id, hash) VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash");
const DELETE_PASSWORD: Sql = sql!("DELETE FROM passwords WHERE user_id = $1");

pub(crate) const FACTOR: Sql = sql!("SELECT secret, confirmed, last_step FROM second_factors WHERE user_id = $1");
const BEGIN_FACTOR: Sql = sql!(
    "INSERT INTO second_factors (user_id, secret, confirmed, last_step) VALUES ($1, $2, 0, 0) \
     ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, confirmed = 0, last_step = 0, tries = 0"
);
const TRY_CODE: Sql = sql!("UPDATE second_factors SET tries = tries + 1 WHERE user_id = $1 AND tries < $2");
const USE_STEP: Sql =
    sql!("UPDATE second_factors SET confirmed = 1, last_step = $2, tries = 0 WHERE user_id = $1 AND last_step < $2");
const DELETE_FACTOR: Sql = sql!("DELETE FROM second_factors WHERE user_id = $1");
const MARK_USER: Sql = sql!(
    "UPDATE users SET two_factor_authentication_enabled = $2, version = version + 1 \
     WHERE id = $1 AND two_factor_authentication_enabled <> $2"
);

const INSERT_LINK: Sql = sql!("INSERT INTO sign_in_links (hash, user_id, expires_at) VALUES ($1, $2, $3)");
const USE_LINK: Sql = sql!("DELETE FROM sign_in_links WHERE hash = $1 AND user_id = $2 AND expires_at > $3");
const DELETE_LINKS: Sql = sql!("DELETE FROM sign_in_links WHERE user_id = $1");
const PURGE_LINKS: Sql = sql!("DELETE FROM sign_in_links WHERE expires_at <= $1");

/// A second factor: a secret that a device makes codes of (TOTP, RFC 6238).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The secret in base 32.
    pub secret: String,
    /// Whether a code of it was shown, from when on it is asked for.
    pub confirmed: bool,
    /// The time step of the last code that was used.
    pub last_step: i64,
}

impl Opening<Write> {
    /// Counts that a code of a user's second factor is shown, durably, before anybody looks whether it is right: who is not known yet may
    /// change this, and nothing else. `false` when there were `max` since the last one that was.
    pub async fn try_code(self, user: &UserId, max: i64) -> Result<bool> {
        let mut write = self.0;
        let counted = write.execute(TRY_CODE, args![user.as_str(), max]).await? == 1;
        write.commit().await?;
        Ok(counted)
    }
}

/// The PHC string of a user's password; `None` when they have none.
pub async fn password(query: &mut impl Query, user: &UserId) -> Result<Option<String>> {
    query.row(PASSWORD, args![user.as_str()], |row| row.text(0)).await
}

/// Gives a user another password, by its PHC string.
pub async fn set_password(write: &mut Write, user: &UserId, hash: &str) -> Result<()> {
    write.execute(SET_PASSWORD, args![user.as_str(), hash]).await.map(drop)
}

/// The second factor of a user, if there is one.
pub async fn second_factor(query: &mut impl Query, user: &UserId) -> Result<Option<SecondFactor>> {
    let read =
        |row: &crate::engine::Row<'_>| Ok(SecondFactor { secret: row.text(0)?, confirmed: row.bool(1)?, last_step: row.int(2)? });
    query.row(FACTOR, args![user.as_str()], read).await
}

/// Gives a user a second factor that is asked for once it is confirmed; one that was there is gone.
pub async fn begin_second_factor(write: &mut Write, user: &UserId, secret: &str) -> Result<()> {
    write.execute(BEGIN_FACTOR, args![user.as_str(), secret]).await?;
    write.execute(MARK_USER, args![user.as_str(), false]).await.map(drop)
}

/// Uses up the code of a time step, which confirms the factor; whether nobody had used that or a later one.
pub async fn use_step(write: &mut Write, user: &UserId, step: i64) -> Result<bool> {
    let used = write.execute(USE_STEP, args![user.as_str(), step]).await? == 1;
    if used {
        write.execute(MARK_USER, args![user.as_str(), true]).await?;
    }
    Ok(used)
}

/// Removes the second factor of a user.
pub async fn delete_second_factor(write: &mut Write, user: &UserId) -> Result<()> {
    write.execute(DELETE_FACTOR, args![user.as_str()]).await?;
    write.execute(MARK_USER, args![user.as_str(), false]).await.map(drop)
}

/// Adds a link by which a user signs in once.
pub async fn insert_link(write: &mut Write, user: &UserId, hash: &SecretHash, expires_at: Timestamp) -> Result<()> {
    write.execute(INSERT_LINK, args![to_hex(hash), user.as_str(), expires_at]).await.map(drop)
}

/// Uses a link up; whether it was there and had not expired.
pub async fn use_link(write: &mut Write, user: &UserId, hash: &SecretHash, now: Timestamp) -> Result<bool> {
    Ok(write.execute(USE_LINK, args![to_hex(hash), user.as_str(), now]).await? == 1)
}

/// Forgets every link of a user.
pub async fn delete_links(write: &mut Write, user: &UserId) -> Result<()> {
    write.execute(DELETE_LINKS, args![user.as_str()]).await.map(drop)
}

/// Forgets the links that have expired.
pub async fn purge_links(write: &mut Write, now: Timestamp) -> Result<()> {
    write.execute(PURGE_LINKS, args![now]).await.map(drop)
}

/// Removes everything that a user signs in with.
pub async fn delete_of_user(write: &mut Write, user: &UserId) -> Result<()> {
    for statement in [DELETE_PASSWORD, DELETE_FACTOR, DELETE_LINKS] {
        write.execute(statement, args![user.as_str()]).await?;
    }
    crate::linked_identities::delete_of_user(write, user).await?;
    crate::sessions::delete_others(write, user, None).await
}
