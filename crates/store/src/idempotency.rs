//! Answers that are kept so that a repeated request gets them again.

use umbel_domain::{Timestamp, UserId};

use crate::engine::{Change, Row};
use crate::sql::{Sql, args, sql};
use crate::{Query, Result, Write};

/// Whose key it is, for which route, and the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The user.
    pub user_id: UserId,
    /// Method and route.
    pub route: String,
    /// The key that the client chose.
    pub key: String,
}

/// The answer to a request that carried a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// A hash of the request, so that the key is not used for another one.
    pub fingerprint: String,
    /// The status of the answer.
    pub status: u16,
    /// Its body, without secrets.
    pub body: String,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}

pub(crate) const FIND: Sql = sql!(
    "SELECT fingerprint, status, answer, expires_at FROM idempotency_keys \
     WHERE user_id = $1 AND route = $2 AND idempotency_key = $3"
);
const KEEP: Sql = sql!(
    "INSERT INTO idempotency_keys (user_id, route, idempotency_key, fingerprint, status, answer, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (user_id, route, idempotency_key) DO UPDATE SET \
     fingerprint = excluded.fingerprint, status = excluded.status, answer = excluded.answer, expires_at = excluded.expires_at"
);
/// Bounded by a time and not by a list of keys: for that PostgreSQL would walk all keys, and so run into everybody who adds one.
const PURGE: Sql = sql!(
    "DELETE FROM idempotency_keys WHERE expires_at <= COALESCE(\
     (SELECT expires_at FROM idempotency_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT 1 OFFSET $2), $1)"
);

/// The answer that is kept under a key and still counts at `now`.
pub async fn find(query: &mut impl Query, key: &Key, now: Timestamp) -> Result<Option<Answer>> {
    let read = |row: &Row<'_>| {
        Ok(Answer {
            fingerprint: row.text(0)?,
            status: u16::try_from(row.int(1)?).unwrap_or(200),
            body: row.text(2)?,
            expires_at: Timestamp::from_micros(row.int(3)?),
        })
    };
    let found = query.row(FIND, args![key.user_id.as_str(), &key.route, &key.key], read).await?;
    Ok(found.filter(|answer| answer.expires_at > now))
}

/// Keeps an answer under a key.
pub async fn keep(write: &mut Write, key: &Key, answer: &Answer) -> Result<()> {
    let args = args![
        key.user_id.as_str(),
        &key.route,
        &key.key,
        &answer.fingerprint,
        i64::from(answer.status),
        &answer.body,
        answer.expires_at,
    ];
    write.execute(KEEP, args).await.map(drop)
}

/// Forgets the `max` oldest of the answers that no longer count at `now`, and says how many; those that expired together with the
/// last of them go too.
pub async fn purge(write: &mut Write, now: Timestamp, max: u64) -> Result<u64> {
    write.execute(PURGE, args![now, max.saturating_sub(1)]).await
}
