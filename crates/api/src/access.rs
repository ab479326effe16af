//! Access: who may do what on an organization or an account, and whence.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::parameters::{PageSize, parameters};

/// What somebody may do on an organization or an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Access {
    /// Who.
    pub user: AccessUser,
    /// Whether they are an operator, who may do everything.
    pub operator: bool,
    /// What they may do.
    #[schema(example = json!(["read_organization", "read_members"]))]
    pub actions: Vec<String>,
    /// What the credential in use takes away; only of the caller.
    #[serde(default)]
    pub withheld: Vec<String>,
    /// The memberships that allow it.
    pub grants: Vec<AccessGrant>,
}

/// Somebody who has access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessUser {
    /// Their id.
    pub id: String,
    /// Their e-mail address.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// Their name, as far as the caller may know it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub name: Option<String>,
}

/// A membership that allows something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessGrant {
    /// The id of the role.
    #[schema(example = "administrator")]
    pub role: String,
    /// The name of the role.
    #[schema(example = "administrator")]
    pub role_name: String,
    /// The organization whose member they are; absent for a membership of an account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub organization: Option<AccessPlace>,
    /// The account whose member they are; absent for a membership of an organization.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub account: Option<AccessPlace>,
    /// The membership.
    pub member_id: String,
    /// The ids from the place of the membership down to what was asked about.
    pub path: Vec<String>,
    /// What the role allows.
    pub actions: Vec<String>,
}

/// The organization or account whose member somebody is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessPlace {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

parameters! {
    /// Whose access to list.
    ListAccess {
        /// Only that of this user: an e-mail address, an id, or `me`.
        user: Option<String> = "user",
        /// Items of a page, at most 1000.
        page_size: PageSize = "page_size",
        /// Where to go on: `next_page_token` of the page before, with the same filters.
        page_token: Option<String> = "page_token",
    }
}
