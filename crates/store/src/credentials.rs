//! From a secret to whom it belongs.

use umbel_domain::authorization::Bounds;
use umbel_domain::secret::SecretHash;
pub(crate) use umbel_domain::secret::to_hex;
use umbel_domain::{ApiToken, Email, Lineage, Timestamp, User};

use crate::engine::{Row, Session};
use crate::sql::{Sql, args, sql};
use crate::{Error, Opening, Result, api_tokens, users};

/// An API token that was presented, and whom it belongs to.
#[derive(Debug, Clone)]
pub struct TokenCredential {
    /// The token.
    pub token: ApiToken,
    /// Its owner.
    pub user: User,
    /// How far it reaches at most.
    pub bounds: Bounds,
}

/// A user and the hash of the global API key that they have, if they have one.
#[derive(Debug, Clone)]
pub struct KeyCredential {
    /// The user.
    pub user: User,
    /// The hash of the key.
    pub api_key_hash: Option<SecretHash>,
    /// When they last used a credential, as far as it was noted.
    pub last_seen_on: Option<Timestamp>,
}

pub(crate) const BY_TOKEN: Sql = sql!(
    "SELECT u.id, u.email, u.name, u.two_factor_authentication_enabled, u.operator, u.managed_by, u.disabled, u.create_time, \
     u.version, t.id, t.user_id, t.name, t.organization_id, t.role, t.create_time, t.expires_on, t.last_used_on, o.lineage \
     FROM api_tokens t JOIN users u ON u.id = t.user_id LEFT JOIN organizations o ON o.id = t.organization_id WHERE t.hash = $1"
);
pub(crate) const BY_EMAIL: Sql = sql!(
    "SELECT id, email, name, two_factor_authentication_enabled, operator, managed_by, disabled, create_time, version, \
     api_key_hash, last_seen_on FROM users WHERE email_canonical = $1"
);

#[expect(private_bounds, reason = "only this crate runs statements")]
impl<S: Session> Opening<S> {
    /// Finds the token with this hash.
    pub async fn credential_by_token(&mut self, hash: &SecretHash) -> Result<Option<TokenCredential>> {
        let read = |row: &Row<'_>| {
            let lineage = row.text_or_null(17)?.map(Lineage::parse).transpose()?;
            Ok((users::from_row(row)?, (api_tokens::from_row(row, 9)?, lineage)))
        };
        let Some((user, token)) = self.0.row(BY_TOKEN, args![to_hex(hash)], read).await? else { return Ok(None) };
        let bound = api_tokens::bound(&mut self.0, vec![token]).await?.pop();
        Ok(bound.map(|(token, bounds)| TokenCredential { token, user, bounds }))
    }

    /// Finds the user with this address.
    pub async fn credential_by_email(&mut self, email: &Email) -> Result<Option<KeyCredential>> {
        self.0.row(BY_EMAIL, args![email.canonical()], key_credential).await
    }
}

/// Reads a user from the first nine columns of a row, the hash of their key from the tenth, and when they were last seen.
pub(crate) fn key_credential(row: &Row<'_>) -> Result<KeyCredential> {
    let api_key_hash = row.text_or_null(9)?.map(|hex| from_hex(&hex)).transpose()?;
    let last_seen_on = row.int_or_null(10)?.map(Timestamp::from_micros);
    Ok(KeyCredential { user: users::from_row(row)?, api_key_hash, last_seen_on })
}

/// A hash from its stored form.
pub(crate) fn from_hex(hex: &str) -> Result<SecretHash> {
    let bytes = (0..hex.len()).step_by(2).map(|at| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    let bytes: Option<Vec<u8>> = bytes.collect();
    let hash = bytes.and_then(|bytes| SecretHash::try_from(bytes).ok());
    hash.ok_or_else(|| Error::Inconsistent("a hash is not 64 hex digits".into()))
}
