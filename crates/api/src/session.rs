//! Signing in: sessions, passwords, second factors, links that count once.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Signs in with a password.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignIn {
    /// The address of the user, whatever the case.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// The password.
    pub password: String,
    /// The code that the second factor shows now: 6 digits. For a user who has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub totp: Option<String>,
}

/// Signs in with a link.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignInByLink {
    /// What stands behind `#code=` in the link.
    #[schema(example = "uml_…")]
    pub code: String,
    /// The code that the second factor shows now: 6 digits. For a user who has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub totp: Option<String>,
}

/// Signs in as whom the OpenID Connect provider has just said it is, of which the cookie tells.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignInByProvider {
    /// The code that the second factor shows now: 6 digits. For a user who has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub totp: Option<String>,
}

/// By which ways people sign in beside passwords and links.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignInOptions {
    /// The OpenID Connect provider; `null` when the server has none.
    pub oidc: Option<SignInProvider>,
}

/// An OpenID Connect provider at which people sign in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignInProvider {
    /// What people know it by.
    #[schema(example = "Example Inc.")]
    pub name: String,
}

/// A user as an OpenID Connect provider knows them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LinkedIdentity {
    /// Its id.
    pub id: String,
    /// The URL of the provider.
    #[schema(example = "https://id.example.com")]
    pub issuer: String,
    /// What the provider calls the user.
    pub subject: String,
    /// When the user first signed in by it.
    #[serde(with = "time::serde::rfc3339")]
    pub create_time: OffsetDateTime,
    /// When they last did.
    #[serde(with = "time::serde::rfc3339")]
    pub last_used_on: OffsetDateTime,
}

/// Who is signed in, and until when.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Who is signed in.
    pub user: SessionUser,
    /// Whether the user may set a password without the present one: they came by a link, or have none.
    pub may_set_password: bool,
    /// When the session ends.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Who is signed in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionUser {
    /// The user's id.
    pub id: String,
    /// The user's address.
    pub email: String,
    /// The user's name, when it is known.
    pub name: Option<String>,
}

/// A place where the caller is signed in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionPlace {
    /// Its id.
    pub id: String,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub create_time: OffsetDateTime,
    /// When it was last used, to the minute; `null` for never.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_used_on: Option<OffsetDateTime>,
    /// When it ends.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// Where it began from.
    pub ip_address: String,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Whether this request comes from there.
    pub current: bool,
}

/// Sets the caller's own password.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SetPassword {
    /// The present password; not needed in a session that began with a link, or without a password.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub current_password: Option<String>,
    /// The new password, 10 to 256 characters.
    pub password: String,
}

/// A link by which a user signs in once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignInLink {
    /// The link: only in the answer to its creation. Without the setting `public_url` it is the path alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "https://umbel.example.com/console/sign-in#code=uml_…")]
    pub url: Option<String>,
    /// Until when it counts.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Whether the caller signs in with a second factor (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SecondFactor {
    /// Whether a code is asked for.
    pub enabled: bool,
    /// The secret in base 32: only in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub secret: Option<String>,
    /// The secret as a URI for an authenticator: only in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "otpauth://totp/Umbel:ann%40acme.example?secret=…&issuer=Umbel")]
    pub uri: Option<String>,
}

/// Shows that somebody has the second factor.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SecondFactorCode {
    /// The code that the authenticator shows now: 6 digits.
    #[schema(example = "123456")]
    pub code: String,
}
