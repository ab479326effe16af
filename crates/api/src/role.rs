//! Roles of an organization: the built-in ones, and those that it defined itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a member may do, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Role {
    /// Its id; that of a built-in role is its name.
    #[schema(example = "administrator")]
    pub id: String,
    /// Its name.
    #[schema(example = "administrator")]
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether every organization has it, unchangeable.
    pub built_in: bool,
    /// What it allows.
    #[schema(example = json!(["read_organization", "read_members"]))]
    pub actions: Vec<String>,
}

/// Defines a role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateRole {
    /// Its name, unique in the tree.
    #[schema(example = "member manager")]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// What it allows.
    #[schema(example = json!(["read_organization", "read_members"]))]
    pub actions: Vec<String>,
}

/// Changes a role: what is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct UpdateRole {
    /// Its name, unique in the tree.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// What it allows, in the place of what it allowed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actions: Option<Vec<String>>,
}
