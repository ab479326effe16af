//! API tokens.

use umbel_domain::authorization::Bounds;
use umbel_domain::secret::SecretHash;
use umbel_domain::{Actions, ApiToken, ApiTokenId, Lineage, Name, OrganizationId, Role, Scope, Timestamp, TokenKind, UserId};

use crate::credentials::{from_hex, to_hex};
use crate::engine::{Change, Row, Session};
use crate::roles::{resolve, role};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Query, Result, Write};

/// The most tokens that one user may have.
pub const PER_USER_MAX: usize = 1_000;

const INSERT: Sql = sql!(
    "INSERT INTO api_tokens (id, user_id, name, organization_id, role, create_time, expires_on, last_used_on, hash) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);
pub(crate) const LIST: Sql = sql!(
    "SELECT t.id, t.user_id, t.name, t.organization_id, t.role, t.create_time, t.expires_on, t.last_used_on, o.lineage \
     FROM api_tokens t LEFT JOIN organizations o ON o.id = t.organization_id WHERE t.user_id = $1 ORDER BY t.id LIMIT $2"
);
pub(crate) const GET: Sql = sql!(
    "SELECT t.id, t.user_id, t.name, t.organization_id, t.role, t.create_time, t.expires_on, t.last_used_on, o.lineage \
     FROM api_tokens t LEFT JOIN organizations o ON o.id = t.organization_id WHERE t.id = $2 AND t.user_id = $1"
);
pub(crate) const LIST_WITH_HASHES: Sql = sql!(
    "SELECT t.id, t.user_id, t.name, t.organization_id, t.role, t.create_time, t.expires_on, t.last_used_on, t.hash \
     FROM api_tokens t LEFT JOIN organizations o ON o.id = t.organization_id \
     WHERE t.id > $1 AND (t.organization_id IS NULL OR o.id IS NOT NULL) \
     AND (t.role IS NULL OR t.role >= 'a' OR EXISTS (SELECT 1 FROM roles r WHERE r.id = t.role \
     AND SUBSTR(o.lineage, 1, LENGTH(r.organization_id) + 1) = r.organization_id || '/')) ORDER BY t.id LIMIT $2"
);
const SET_HASH: Sql = sql!("UPDATE api_tokens SET hash = $2 WHERE id = $1");
const DELETE: Sql = sql!("DELETE FROM api_tokens WHERE id = $1");
const DELETE_OF_USER: Sql = sql!("DELETE FROM api_tokens WHERE user_id = $1");
const TOUCH: Sql = sql!("UPDATE api_tokens SET last_used_on = $2 WHERE id = $1");

/// A token, and how far it reaches at most.
pub type Bound = (ApiToken, Bounds);

/// Adds a token with the hash of its secret.
pub async fn insert(write: &mut Write, token: &ApiToken, hash: &SecretHash) -> Result<()> {
    let args = args![
        token.id.as_str(),
        token.user_id.as_str(),
        token.name.as_str(),
        token.scope.organization_id.as_ref().map(OrganizationId::as_str),
        role_column(&token.scope),
        token.create_time,
        token.expires_on,
        token.last_used_on,
        to_hex(hash),
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// Every token of a user, in the order of their ids; at most [`PER_USER_MAX`].
pub async fn list(query: &mut impl Query, user: &UserId) -> Result<Vec<Bound>> {
    let tokens = query.rows(LIST, args![user.as_str(), PER_USER_MAX], placed).await?;
    bound(query, tokens).await
}

/// The token of this user with this id.
pub async fn get(query: &mut impl Query, user: &UserId, id: &ApiTokenId) -> Result<Option<Bound>> {
    let token = query.row(GET, args![user.as_str(), id.as_str()], placed).await?;
    Ok(bound(query, token.into_iter().collect()).await?.pop())
}

/// How far tokens reach, given where the organizations of their scopes stand: `None` without one, and when it is gone.
pub(crate) async fn bound<S: Session>(session: &mut S, tokens: Vec<(ApiToken, Option<Lineage>)>) -> Result<Vec<Bound>> {
    let held = tokens.iter().map(|(token, lineage)| {
        // Without a role there is nothing to ask; the widest one stands in for it.
        (lineage.clone().unwrap_or(Lineage::server()), token.scope.role.unwrap_or(Role::SuperAdministrator))
    });
    let allowed = resolve(session, held.collect()).await?;
    let bound = |((token, lineage), (_, _, actions)): ((ApiToken, Option<Lineage>), (Lineage, Role, Actions))| {
        let bounds = token.scope.bounds(lineage, actions);
        (token, bounds)
    };
    Ok(tokens.into_iter().zip(allowed).map(bound).collect())
}

/// At most `size` tokens of all users with the hashes of their secrets, in the order of their ids, behind the id `after`.
///
/// Left out are tokens whose scope is an organization that is gone, or a role that does not count there: they may do nothing.
pub(crate) async fn list_with_hashes(query: &mut impl Query, after: &str, size: usize) -> Result<Vec<(ApiToken, SecretHash)>> {
    query.rows(LIST_WITH_HASHES, args![after, size], with_hash).await
}

/// Those of these tokens that exist, at most [`crate::IN_LIST_MAX`], with the hashes of their secrets.
pub(crate) async fn with_ids(query: &mut impl Query, ids: &[String]) -> Result<Vec<(ApiToken, SecretHash)>> {
    let mut statement = Builder::default();
    statement.push(
        "SELECT id, user_id, name, organization_id, role, create_time, expires_on, last_used_on, hash FROM api_tokens WHERE id",
    );
    statement.bind_list(ids);
    query.rows(&statement, statement.args(), with_hash).await
}

/// Which of these hashes, at most [`crate::IN_LIST_MAX`], belong to a token already.
pub(crate) async fn taken_hashes(query: &mut impl Query, hashes: &[String]) -> Result<Vec<String>> {
    let mut statement = Builder::default();
    statement.push("SELECT hash FROM api_tokens WHERE hash").bind_list(hashes);
    query.rows(&statement, statement.args(), |row| row.text(0)).await
}

/// Replaces the secret of a token.
pub async fn set_hash(write: &mut Write, id: &ApiTokenId, hash: &SecretHash) -> Result<()> {
    write.execute(SET_HASH, args![id.as_str(), to_hex(hash)]).await.map(drop)
}

/// Removes a token.
pub async fn delete(write: &mut Write, id: &ApiTokenId) -> Result<()> {
    write.execute(DELETE, args![id.as_str()]).await.map(drop)
}

/// Removes every token of a user.
pub async fn delete_of_user(write: &mut Write, user: &UserId) -> Result<()> {
    write.execute(DELETE_OF_USER, args![user.as_str()]).await.map(drop)
}

/// Notes when tokens were last used.
pub async fn touch(write: &mut Write, uses: &[(ApiTokenId, Timestamp)]) -> Result<()> {
    for (id, at) in uses {
        write.execute(TOUCH, args![id.as_str(), *at]).await?;
    }
    Ok(())
}

/// What caps a token, as it is stored: the name of its role, or of its kind, beside which there is no role.
fn role_column(scope: &Scope) -> Option<std::borrow::Cow<'static, str>> {
    match scope.kind {
        TokenKind::Api => scope.role.map(Role::name),
        kind @ TokenKind::Meter => Some(kind.name().into()),
    }
}

fn placed(row: &Row<'_>) -> Result<(ApiToken, Option<Lineage>)> {
    Ok((from_row(row, 0)?, row.text_or_null(8)?.map(Lineage::parse).transpose()?))
}

fn with_hash(row: &Row<'_>) -> Result<(ApiToken, SecretHash)> {
    Ok((from_row(row, 0)?, from_hex(row.text_ref(8)?)?))
}

/// Reads a token from eight columns of a row, the first of which is `at`.
pub(crate) fn from_row(row: &Row<'_>, at: usize) -> Result<ApiToken> {
    let timestamp = |at| row.int_or_null(at).map(|micros| micros.map(Timestamp::from_micros));
    let cap = row.text_or_null(at + 4)?;
    let kind = cap.as_deref().and_then(TokenKind::from_name).unwrap_or_default();
    Ok(ApiToken {
        id: ApiTokenId::parse(row.text_ref(at)?)?,
        user_id: UserId::parse(row.text_ref(at + 1)?)?,
        name: Name::parse(row.text_ref(at + 2)?, Name::LENGTH_MAX)?,
        scope: Scope {
            organization_id: row.text_or_null(at + 3)?.map(|id| OrganizationId::parse(&id)).transpose()?,
            role: cap.filter(|_| kind == TokenKind::Api).map(|name| role(&name)).transpose()?,
            kind,
        },
        create_time: Timestamp::from_micros(row.int(at + 5)?),
        expires_on: timestamp(at + 6)?,
        last_used_on: timestamp(at + 7)?,
    })
}
