//! Who users are at OpenID Connect providers.

use umbel_domain::{LinkedIdentity, LinkedIdentityId, Timestamp, UserId};

use crate::engine::{Change, Row};
use crate::sql::{Sql, args, sql};
use crate::{Query, Result, Write};

const INSERT: Sql = sql!(
    "INSERT INTO linked_identities (id, user_id, issuer, subject, create_time, last_used_on) VALUES ($1, $2, $3, $4, $5, $6)"
);
pub(crate) const BY_SUBJECT: Sql = sql!(
    "SELECT id, user_id, issuer, subject, create_time, last_used_on FROM linked_identities WHERE issuer = $1 AND subject = $2"
);
pub(crate) const OF_USER: Sql = sql!(
    "SELECT id, user_id, issuer, subject, create_time, last_used_on FROM linked_identities WHERE user_id = $1 ORDER BY issuer"
);
const USE: Sql = sql!("UPDATE linked_identities SET last_used_on = $2 WHERE id = $1 AND last_used_on < $2");
const DELETE: Sql = sql!("DELETE FROM linked_identities WHERE user_id = $1 AND id = $2");
const DELETE_OF_USER: Sql = sql!("DELETE FROM linked_identities WHERE user_id = $1");

/// Links a user with who they are at a provider, where nobody else is and they are nobody else.
pub async fn insert(write: &mut Write, identity: &LinkedIdentity) -> Result<()> {
    let args = args![
        identity.id.as_str(),
        identity.user_id.as_str(),
        identity.issuer.as_str(),
        identity.subject.as_str(),
        identity.create_time,
        identity.last_used_on,
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// The identity that a provider calls by this subject.
pub async fn by_subject(query: &mut impl Query, issuer: &str, subject: &str) -> Result<Option<LinkedIdentity>> {
    query.row(BY_SUBJECT, args![issuer, subject], from_row).await
}

/// Every identity of a user, one a provider.
pub async fn of_user(query: &mut impl Query, user: &UserId) -> Result<Vec<LinkedIdentity>> {
    query.rows(OF_USER, args![user.as_str()], from_row).await
}

/// Notes that an identity was shown at a moment; whether that is younger than every one before.
pub async fn use_once(write: &mut Write, id: &LinkedIdentityId, at: Timestamp) -> Result<bool> {
    Ok(write.execute(USE, args![id.as_str(), at]).await? == 1)
}

/// Removes an identity of a user; whether it was there.
pub async fn delete(write: &mut Write, user: &UserId, id: &LinkedIdentityId) -> Result<bool> {
    Ok(write.execute(DELETE, args![user.as_str(), id.as_str()]).await? == 1)
}

/// Removes every identity of a user.
pub async fn delete_of_user(write: &mut Write, user: &UserId) -> Result<()> {
    write.execute(DELETE_OF_USER, args![user.as_str()]).await.map(drop)
}

fn from_row(row: &Row<'_>) -> Result<LinkedIdentity> {
    Ok(LinkedIdentity {
        id: LinkedIdentityId::parse(row.text_ref(0)?)?,
        user_id: UserId::parse(row.text_ref(1)?)?,
        issuer: row.text(2)?,
        subject: row.text(3)?,
        create_time: Timestamp::from_micros(row.int(4)?),
        last_used_on: Timestamp::from_micros(row.int(5)?),
    })
}
