//! Organizations.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::effect::Effect;
use crate::parameters::{PageSize, parameters};

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff50")]
    pub id: String,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(example = "2026-01-02T03:04:05.123456Z")]
    pub create_time: OffsetDateTime,
    /// What is known about it beside its name.
    pub meta: Meta,
    /// Its name; not unique.
    #[schema(example = "Acme Europe")]
    pub name: String,
    /// What it stands below; absent for a root.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub parent: Option<NamedParent>,
    /// What its owners say of themselves; absent until it is set.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub profile: Option<Profile>,
}

/// What is known about an organization beside its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Meta {
    /// What it is permitted to do, as older clients read it.
    pub flags: AccountFlags,
    /// The ids from the root to the organization itself.
    #[schema(example = json!(["019c4f65e7607d8c9f6f6b58aa3aff4f", "019c4f65e7607d8c9f6f6b58aa3aff50"]))]
    pub hierarchy_tags: Vec<String>,
    /// What it is permitted to do.
    pub tenant_flags: Flags,
}

/// The parent of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedParent {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Whether something is permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// It is.
    Enabled,
    /// It is not.
    Disabled,
}

/// The five flags that older clients read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountFlags {
    /// Accounts may be created in it.
    pub account_creation: Switch,
    /// Accounts may be deleted from it.
    pub account_deletion: Switch,
    /// Existing accounts may be attached to it.
    pub account_migration: Switch,
    /// Accounts may be moved out of it and into it.
    pub account_mobility: Switch,
    /// Organizations may be created below it.
    pub sub_org_creation: Switch,
}

/// What an organization is permitted to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Flags {
    /// Accounts may be created in it.
    pub account_creation: Switch,
    /// Accounts may be deleted from it.
    pub account_deletion: Switch,
    /// Existing accounts may be attached to it.
    pub account_migration: Switch,
    /// Accounts may be moved out of it and into it.
    pub account_mobility: Switch,
    /// Organizations may be created below it.
    pub sub_org_creation: Switch,
    /// A new account starts with the organization's default account settings.
    pub account_creation_applies_tenant_defaults: Switch,
    /// It may be deleted.
    pub enterprise_capability: Switch,
    /// Its members may be changed.
    pub member_management: Switch,
}

/// Changes flags: those that are given.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct UpdateFlags {
    /// Whether accounts may be created in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_creation: Option<Switch>,
    /// Whether accounts may be deleted from it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_deletion: Option<Switch>,
    /// Whether existing accounts may be attached to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_migration: Option<Switch>,
    /// Whether accounts may be moved out of it and into it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_mobility: Option<Switch>,
    /// Whether organizations may be created below it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sub_org_creation: Option<Switch>,
    /// Whether a new account starts with the organization's default account settings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_creation_applies_tenant_defaults: Option<Switch>,
    /// Whether it may be deleted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub enterprise_capability: Option<Switch>,
    /// Whether its members may be changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub member_management: Option<Switch>,
}

/// What the owners of an organization say of themselves; free text that comes back exactly as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Profile {
    /// The postal address.
    #[schema(example = "1 Example Street, Springfield")]
    pub business_address: String,
    /// The e-mail address.
    #[schema(example = "office@acme.example")]
    pub business_email: String,
    /// The name of the business.
    #[schema(example = "Acme Ltd")]
    pub business_name: String,
    /// The telephone number.
    #[schema(example = "+1 555 0100")]
    pub business_phone: String,
    /// Whatever else the owner's systems keep here.
    #[schema(example = "{\"crm\": 4711}")]
    pub external_metadata: String,
}

/// Creates an organization below a parent, or a new root.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateOrganization {
    /// 1 to 255 characters; not unique.
    #[schema(example = "Acme Europe")]
    pub name: String,
    /// What it shall stand below; absent for a new root.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<Parent>,
    /// What its owners say of themselves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub profile: Option<Profile>,
}

impl CreateOrganization {
    /// A new root.
    pub fn root(name: &str) -> Self {
        Self { name: name.to_owned(), parent: None, profile: None }
    }

    /// An organization below `parent`.
    pub fn below(parent: &str, name: &str) -> Self {
        Self { parent: Some(Parent { id: parent.to_owned() }), ..Self::root(name) }
    }
}

/// Names the parent of an organization.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Parent {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff4f")]
    pub id: String,
}

/// Changes an organization's name and, when it is given, its profile.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateOrganization {
    /// 1 to 255 characters; not unique.
    #[schema(example = "Acme Europe")]
    pub name: String,
    /// The parent that it has, or itself; this route moves nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<Parent>,
    /// What its owners say of themselves; left alone when absent or `null`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub profile: Option<Profile>,
}

/// Moves an organization with everything below it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MoveOrganization {
    /// The organization that it shall stand below; `null` for none, which makes it a root.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true, example = "019c4f65e7607d8c9f6f6b58aa3aff4f")]
    pub parent_id: Option<String>,
}

/// An organization that was moved, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovedOrganization {
    /// The organization as it is now.
    pub organization: Organization,
    /// What the move would do; only in a dry run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub effect: Option<Effect>,
}

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deleted {
    /// The id that it had.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff50")]
    pub id: String,
}

parameters! {
    /// Which organizations to list: every filter that is given must hold.
    ListOrganizations {
        /// Only organizations with these ids; repeat it, or separate them by commas.
        id: Vec<String> = "id",
        /// Only organizations with exactly this name.
        name: Option<String> = "name",
        /// Only organizations whose name starts so, whatever the case.
        name_starts_with: Option<String> = "name.startsWith",
        /// Only organizations whose name ends so, whatever the case.
        name_ends_with: Option<String> = "name.endsWith",
        /// Only organizations whose name has this in it, whatever the case.
        name_contains: Option<String> = "name.contains",
        /// Only organizations above this account.
        containing_account: Option<String> = "containing.account",
        /// Only organizations above this organization.
        containing_organization: Option<String> = "containing.organization",
        /// Only organizations that manage this user, and those above them.
        containing_user: Option<String> = "containing.user",
        /// Only organizations directly below this one; `null` for roots.
        parent_id: Option<String> = "parent.id",
        /// Items of a page, at most 1000.
        page_size: PageSize = "page_size",
        /// Where to go on: `next_page_token` of the page before, with the same filters.
        page_token: Option<String> = "page_token",
        /// Whether to count all pages; true by default.
        include_total: Option<bool> = "include_total",
    }
}
