//! Sessions: where people are signed in.

use umbel_domain::secret::SecretHash;
use umbel_domain::{Session, SessionId, Timestamp, UserId};

use crate::credentials::to_hex;
use crate::engine::{Change, Row};
use crate::sql::{Sql, args, sql};
use crate::{Query, Result, Write};

/// The most sessions that one user has; with one more the oldest ends.
pub const PER_USER_MAX: usize = 50;

const INSERT: Sql = sql!(
    "INSERT INTO sessions (id, hash, user_id, create_time, expires_at, last_used_on, by_link, ip_address, user_agent) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);
pub(crate) const LIST: Sql = sql!(
    "SELECT id, user_id, create_time, expires_at, last_used_on, by_link, ip_address, user_agent FROM sessions \
     WHERE user_id = $1 AND expires_at > $2 ORDER BY id DESC LIMIT $3"
);
pub(crate) const GET: Sql = sql!(
    "SELECT id, user_id, create_time, expires_at, last_used_on, by_link, ip_address, user_agent FROM sessions \
     WHERE user_id = $1 AND id = $2 AND expires_at > $3"
);
const DELETE: Sql = sql!("DELETE FROM sessions WHERE user_id = $1 AND id = $2");
const DELETE_OTHERS: Sql = sql!("DELETE FROM sessions WHERE user_id = $1 AND id <> $2");
const FORGET_LINK: Sql = sql!("UPDATE sessions SET by_link = 0 WHERE id = $1");
const DELETE_OLDEST: Sql = sql!(
    "DELETE FROM sessions WHERE user_id = $1 \
     AND id NOT IN (SELECT id FROM sessions WHERE user_id = $1 ORDER BY id DESC LIMIT $2)"
);
const PURGE: Sql =
    sql!("DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)");
const TOUCH: Sql = sql!("UPDATE sessions SET last_used_on = $2 WHERE id = $1");

/// Adds a session with the hash of its secret; beyond [`PER_USER_MAX`] the user's oldest ends.
pub async fn insert(write: &mut Write, session: &Session, hash: &SecretHash) -> Result<()> {
    let user = session.user_id.as_str();
    write.execute(DELETE_OLDEST, args![user, PER_USER_MAX - 1]).await?;
    let args = args![
        session.id.as_str(),
        to_hex(hash),
        user,
        session.create_time,
        session.expires_at,
        session.last_used_on,
        session.by_link,
        session.ip_address.as_str(),
        session.user_agent.as_str(),
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// Every session of a user that has not expired, the youngest first; at most [`PER_USER_MAX`].
pub async fn list(query: &mut impl Query, user: &UserId, now: Timestamp) -> Result<Vec<Session>> {
    query.rows(LIST, args![user.as_str(), now, PER_USER_MAX], |row| from_row(row, 0)).await
}

/// The session of this user with this id, unless it has expired.
pub async fn get(query: &mut impl Query, user: &UserId, id: &SessionId, now: Timestamp) -> Result<Option<Session>> {
    query.row(GET, args![user.as_str(), id.as_str(), now], |row| from_row(row, 0)).await
}

/// Ends a session.
pub async fn delete(write: &mut Write, user: &UserId, id: &SessionId) -> Result<()> {
    write.execute(DELETE, args![user.as_str(), id.as_str()]).await.map(drop)
}

/// Ends every session of a user but one, or all.
pub async fn delete_others(write: &mut Write, user: &UserId, but: Option<&SessionId>) -> Result<()> {
    write.execute(DELETE_OTHERS, args![user.as_str(), but.map_or("", SessionId::as_str)]).await.map(drop)
}

/// Forgets that a session began with a link: the password is set.
pub async fn forget_link(write: &mut Write, id: &SessionId) -> Result<()> {
    write.execute(FORGET_LINK, args![id.as_str()]).await.map(drop)
}

/// Forgets at most `max` sessions that have expired, and says how many.
pub async fn purge(write: &mut Write, now: Timestamp, max: u64) -> Result<u64> {
    write.execute(PURGE, args![now, max]).await
}

/// Notes when sessions were last used.
pub async fn touch(write: &mut Write, uses: &[(SessionId, Timestamp)]) -> Result<()> {
    for (id, at) in uses {
        write.execute(TOUCH, args![id.as_str(), *at]).await?;
    }
    Ok(())
}

/// Reads a session from eight columns of a row, the first of which is `at`.
pub(crate) fn from_row(row: &Row<'_>, at: usize) -> Result<Session> {
    Ok(Session {
        id: SessionId::parse(row.text_ref(at)?)?,
        user_id: UserId::parse(row.text_ref(at + 1)?)?,
        create_time: Timestamp::from_micros(row.int(at + 2)?),
        expires_at: Timestamp::from_micros(row.int(at + 3)?),
        last_used_on: row.int_or_null(at + 4)?.map(Timestamp::from_micros),
        by_link: row.bool(at + 5)?,
        ip_address: row.text(at + 6)?,
        user_agent: row.text(at + 7)?,
    })
}
