//! Users.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::parameters::{PageSize, parameters};

/// The caller's own user, as `GET /user` shows it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OwnUser {
    /// Its id.
    pub id: String,
    /// Its e-mail address.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// Its name up to the last word; `null` when it is not known.
    #[schema(example = "Ann")]
    pub first_name: Option<String>,
    /// The last word of its name; `null` when there is only one.
    #[schema(example = "Archer")]
    pub last_name: Option<String>,
    /// Always `null`.
    pub country: Option<String>,
    /// Always `null`.
    pub telephone: Option<String>,
    /// Always `null`.
    pub zipcode: Option<String>,
    /// Whether it signs in with a second factor.
    pub two_factor_authentication_enabled: bool,
    /// Always false.
    pub two_factor_authentication_locked: bool,
    /// Whether its credentials are refused.
    pub suspended: bool,
    /// The organizations that it is an active member of, at most 1000.
    pub organizations: Vec<Membership>,
}

/// An organization that the caller is a member of.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Membership {
    /// The organization's id.
    pub id: String,
    /// The organization's name.
    pub name: String,
    /// Always `member`.
    #[schema(example = "member")]
    pub status: String,
    /// Always empty: what a role allows is the role table's.
    pub permissions: Vec<String>,
    /// The role.
    #[schema(example = json!(["super_administrator"]))]
    pub roles: Vec<String>,
}

/// A user, as operators see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Its id.
    pub id: String,
    /// Its e-mail address.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// Its name; `null` when it is not known.
    #[schema(example = "Ann Archer")]
    pub name: Option<String>,
    /// Whether it signs in with a second factor.
    pub two_factor_authentication_enabled: bool,
    /// Whether it is an operator of the server.
    pub operator: bool,
    /// The organization that manages it; `null` when none does.
    pub managed_by: Option<String>,
    /// Whether its credentials are refused.
    pub disabled: bool,
    /// Since when it is known.
    #[serde(with = "time::serde::rfc3339")]
    pub create_time: OffsetDateTime,
    /// The global API key in plain: only in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub api_key: Option<String>,
}

/// Creates a user with a global API key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateUser {
    /// Unique, whatever the case.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(example = "Ann Archer")]
    pub name: Option<String>,
    /// The organization that manages the user.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub managed_by: Option<String>,
}

/// Disables or enables a user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateUser {
    /// Whether its credentials are refused.
    pub disabled: bool,
}

parameters! {
    /// Which users to list.
    ListUsers {
        /// Only the user with this address, whatever the case.
        email: Option<String> = "email",
        /// Items of a page, at most 1000.
        page_size: PageSize = "page_size",
        /// Where to go on: `next_page_token` of the page before, with the same filters.
        page_token: Option<String> = "page_token",
    }
}
