//! From a secret to whom it belongs.

use umbel_domain::authorization::Bounds;
use umbel_domain::secret::SecretHash;
pub(crate) use umbel_domain::secret::to_hex;
use umbel_domain::{AccountId, ApiToken, Email, Lineage, Session as SignedIn, Timestamp, User};

use crate::accounts::settings_from_json;
use crate::engine::{Row, Session};
use crate::sign_in::{self, SecondFactor};
use crate::sql::{Sql, args, sql};
use crate::{Error, Opening, Query, Result, api_tokens, linked_identities, sessions, users};

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

/// Somebody who would sign in, and what they have to show.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The user.
    pub user: User,
    /// The PHC string of the password, if there is one.
    pub password: Option<String>,
    /// The second factor, if a code of it is needed.
    pub second_factor: Option<SecondFactor>,
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
pub(crate) const BY_SESSION: Sql = sql!(
    "SELECT u.id, u.email, u.name, u.two_factor_authentication_enabled, u.operator, u.managed_by, u.disabled, u.create_time, \
     u.version, s.id, s.user_id, s.create_time, s.expires_at, s.last_used_on, s.by_link, s.ip_address, s.user_agent \
     FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.hash = $1"
);
pub(crate) const BY_LINK: Sql = sql!(
    "SELECT u.id, u.email, u.name, u.two_factor_authentication_enabled, u.operator, u.managed_by, u.disabled, u.create_time, \
     u.version FROM sign_in_links l JOIN users u ON u.id = l.user_id WHERE l.hash = $1 AND l.expires_at > $2"
);
pub(crate) const BY_IDENTITY: Sql = sql!(
    "SELECT u.id, u.email, u.name, u.two_factor_authentication_enabled, u.operator, u.managed_by, u.disabled, u.create_time, \
     u.version FROM linked_identities i JOIN users u ON u.id = i.user_id WHERE i.issuer = $1 AND i.subject = $2"
);
pub(crate) const SETTINGS: Sql = sql!("SELECT settings FROM accounts WHERE id = $1");

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

    /// Finds the session with this hash, and who is signed in there.
    pub async fn credential_by_session(&mut self, hash: &SecretHash) -> Result<Option<(User, SignedIn)>> {
        let read = |row: &Row<'_>| Ok((users::from_row(row)?, sessions::from_row(row, 9)?));
        self.0.row(BY_SESSION, args![to_hex(hash)], read).await
    }

    /// Finds the user with this address.
    pub async fn credential_by_email(&mut self, email: &Email) -> Result<Option<KeyCredential>> {
        self.0.row(BY_EMAIL, args![email.canonical()], key_credential).await
    }
}

impl<S: Query> Opening<S> {
    /// Finds who would sign in with this address.
    pub async fn sign_in_by_email(&mut self, email: &Email) -> Result<Option<SignIn>> {
        let user = self.0.row(users::GET_BY_EMAIL, args![email.canonical()], users::from_row).await?;
        self.sign_in(user).await
    }

    /// Finds who would sign in with the link that has this hash.
    pub async fn sign_in_by_link(&mut self, hash: &SecretHash, now: Timestamp) -> Result<Option<SignIn>> {
        let user = self.0.row(BY_LINK, args![to_hex(hash), now], users::from_row).await?;
        self.sign_in(user).await
    }

    /// Finds who would sign in as whom a provider calls by this subject: a user who is linked with them, else one with their address
    /// whom the provider does not know by another subject.
    pub async fn sign_in_by_identity(&mut self, issuer: &str, subject: &str, email: Option<&Email>) -> Result<Option<SignIn>> {
        let linked = self.0.row(BY_IDENTITY, args![issuer, subject], users::from_row).await?;
        if linked.is_some() {
            return self.sign_in(linked).await;
        }
        let Some(email) = email else { return Ok(None) };
        let found = self.0.row(users::GET_BY_EMAIL, args![email.canonical()], users::from_row).await?;
        // What is the same in its canonical form only may be the address of somebody else at the provider.
        let Some(user) = found.filter(|user| user.email.is_same_mailbox(email)) else { return Ok(None) };
        let known = linked_identities::of_user(&mut self.0, &user.id).await?;
        self.sign_in(Some(user).filter(|_| known.iter().all(|identity| identity.issuer != issuer))).await
    }

    async fn sign_in(&mut self, user: Option<User>) -> Result<Option<SignIn>> {
        let Some(user) = user else { return Ok(None) };
        let password = sign_in::password(&mut self.0, &user.id).await?;
        let second_factor = sign_in::second_factor(&mut self.0, &user.id).await?.filter(|factor| factor.confirmed);
        Ok(Some(SignIn { user, password, second_factor }))
    }

    /// Whether an account asks its members for a second factor.
    pub async fn enforces_second_factor(&mut self, account: &AccountId) -> Result<bool> {
        let read = |row: &Row<'_>| Ok(settings_from_json(row.text_ref(0)?)?.enforce_twofactor);
        Ok(self.0.row(SETTINGS, args![account.as_str()], read).await?.unwrap_or_default())
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
