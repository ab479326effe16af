//! Roles: named sets of actions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a member may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Role {
    /// What stands for it wherever a role is named.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff54")]
    pub id: String,
    /// What people call it.
    #[schema(example = "deployer")]
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it is there without being made, and cannot be changed.
    pub built_in: bool,
    /// What it allows.
    #[schema(example = json!(["create_account", "read_account", "read_organization"]))]
    pub actions: Vec<String>,
}

/// Makes a role for the tree of a root organization.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateRole {
    /// 1 to 100 characters, which no other role of the root has.
    #[schema(example = "deployer")]
    pub name: String,
    /// Up to 500 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// What it allows, none of which its author may not do at the root. Every role allows to see the place, too.
    #[schema(example = json!(["create_account"]))]
    pub actions: Vec<String>,
}

/// Changes a role; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct UpdateRole {
    /// 1 to 100 characters, which no other role of the root has.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Up to 500 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// What it allows from now on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actions: Option<Vec<String>>,
}
