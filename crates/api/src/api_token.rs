//! API tokens.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A credential of the caller.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApiToken {
    /// Its id.
    pub id: String,
    /// What it is for.
    #[schema(example = "deploy pipeline")]
    pub name: String,
    /// The organization that it is bound to, with all that is below; `null` for no bound.
    pub organization_id: Option<String>,
    /// The role that caps what it may do; `null` for no cap.
    #[schema(example = "viewer")]
    pub role: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub kind: TokenKind,
    /// Since when it exists.
    #[serde(with = "time::serde::rfc3339")]
    pub create_time: OffsetDateTime,
    /// From when on it is refused; `null` for never.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_on: Option<OffsetDateTime>,
    /// When it was last used, to the minute; `null` for never.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_used_on: Option<OffsetDateTime>,
    /// The token in plain: only in the answer to its creation and to a roll.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "umb_…")]
    pub value: Option<String>,
}

/// Creates a token of the caller's that reaches no further than the credential in use.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateApiToken {
    /// 1 to 100 characters.
    #[schema(example = "deploy pipeline")]
    pub name: String,
    /// Binds the token to an organization and all that is below.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization_id: Option<String>,
    /// Caps what it may do to what this role allows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(example = "viewer")]
    pub role: Option<String>,
    /// What it is for; one of the kind `meter` has no role.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<TokenKind>,
    /// From when on it is refused, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(example = "2027-01-01T00:00:00Z")]
    pub expires_on: Option<String>,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Whatever its owner may do.
    #[default]
    Api,
    /// Recording usage, and nothing else.
    Meter,
}

/// Whether a token is good.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenVerification {
    /// The token's id.
    pub id: String,
    /// Always `active`: any other token is not answered.
    pub status: TokenStatus,
    /// From when on it is refused; absent for never.
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option", default)]
    #[schema(nullable = false)]
    pub expires_on: Option<OffsetDateTime>,
}

/// How a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenStatus {
    /// It is good.
    Active,
}
