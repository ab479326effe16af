//! Who may do what at a place, and why.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::parameters::{PageSize, parameters};

/// What somebody may do at a place, and where they have it from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Access {
    /// Who.
    pub user: AccessUser,
    /// Whether it is an operator of the server, who may do everything; only shown to operators, and of the caller.
    pub operator: bool,
    /// What they may do there: what the grants allow together, or, of the caller, what the credential leaves of that.
    #[schema(example = json!(["read_organization", "read_members"]))]
    pub actions: Vec<String>,
    /// What the grants allow and the credential of the caller takes away; empty for everybody else.
    pub withheld: Vec<String>,
    /// The memberships that reach the place, from the root down.
    pub grants: Vec<AccessGrant>,
}

/// Somebody who has access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessUser {
    /// Its id.
    pub id: String,
    /// Its e-mail address.
    #[schema(example = "ann@acme.example")]
    pub email: String,
}

/// A role that reaches a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessGrant {
    /// The role.
    #[schema(example = "administrator")]
    pub role: String,
    /// What people call it.
    #[schema(example = "administrator")]
    pub role_name: String,
    /// The organization that the role is held in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub organization: Option<AccessPlace>,
    /// The account that the role is held in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub account: Option<AccessPlace>,
    /// The membership.
    pub member_id: String,
    /// The ids from where the role is held down to the place.
    pub path: Vec<String>,
    /// What the role allows at the place.
    pub actions: Vec<String>,
}

/// Where a role is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessPlace {
    /// The id.
    pub id: String,
    /// The name; empty when the caller may not see the place.
    #[schema(example = "Acme")]
    pub name: String,
}

parameters! {
    /// Whose access to list.
    ListAccess {
        /// Only this user, by id or address; `me` for the caller.
        user: Option<String> = "user",
        /// Items of a page, at most 1000.
        page_size: PageSize = "page_size",
        /// Where to go on: `next_page_token` of the page before, with the same filters.
        page_token: Option<String> = "page_token",
    }
}
