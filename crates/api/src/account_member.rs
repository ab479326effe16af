//! Members of accounts, the roles that they can have, and the memberships of the caller.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account::Account;
use crate::effect::Effect;
use crate::parameters::{Direction, Word, parameters};

/// A user in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountMember {
    /// The id of the membership.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff53")]
    pub id: String,
    /// The roles, which hold on the account alone.
    pub roles: Vec<AccountRole>,
    /// Whether the roles hold: only those of an accepted membership do.
    pub status: AccountMemberStatus,
    /// Who.
    pub user: AccountMemberUser,
    /// What the change would do; only in a dry run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub effect: Option<Effect>,
}

/// The user behind a membership of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountMemberUser {
    /// Its id.
    pub id: String,
    /// Its e-mail address.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// Its name up to the last word; `null` when it is not known, or kept back until the user has been here since.
    #[schema(example = "Ann")]
    pub first_name: Option<String>,
    /// The last word of its name.
    #[schema(example = "Archer")]
    pub last_name: Option<String>,
    /// Whether it signs in with a second factor; false as long as the name is kept back.
    pub two_factor_authentication_enabled: bool,
}

/// How far a membership of an account has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccountMemberStatus {
    /// The roles hold.
    Accepted,
    /// Invited and not yet accepted.
    Pending,
    /// Turned down, or ended.
    Rejected,
}

impl Word for AccountMemberStatus {
    const WORDS: &'static [(&'static str, Self)] =
        &[("accepted", Self::Accepted), ("pending", Self::Pending), ("rejected", Self::Rejected)];
}

/// A role on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountRole {
    /// Its id, which is its name.
    #[schema(example = "administrator")]
    pub id: String,
    /// What it allows.
    pub description: String,
    /// Its name.
    #[schema(example = "administrator")]
    pub name: String,
    /// What it allows, by subject.
    pub permissions: Permissions,
}

/// What is allowed, by subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Permissions {
    /// Usage and cost.
    pub billing: Permission,
    /// The audit log.
    pub logs: Permission,
    /// The members of the account.
    pub members: Permission,
    /// The account itself.
    pub organization: Permission,
}

/// Whether something may be read and changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Permission {
    /// Whether it may be read.
    pub read: bool,
    /// Whether it may be changed.
    pub write: bool,
}

/// Adds a member to an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateAccountMember {
    /// The address; a user is made for one that is not known.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// The ids of the roles, none of which may allow more than the caller may do there; at least one.
    #[schema(min_items = 1, example = json!(["viewer"]))]
    pub roles: Vec<String>,
    /// Whether the user has to accept first; that is so by default.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<NewAccountMemberStatus>,
}

/// The status that a new member of an account can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NewAccountMemberStatus {
    /// The roles hold at once.
    Accepted,
    /// The user has to accept first.
    Pending,
}

/// Gives a member of an account other roles.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateAccountMember {
    /// The roles, in the place of those that there are; at least one.
    #[schema(min_items = 1)]
    pub roles: Vec<RoleId>,
}

/// Names a role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoleId {
    /// Its id.
    #[schema(example = "viewer")]
    pub id: String,
}

/// A membership of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountMembership {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff53")]
    pub id: String,
    /// The account.
    pub account: Account,
    /// Whether the account may be used through the API; `null` when that was never set.
    pub api_access_enabled: Option<bool>,
    /// What the roles allow together.
    pub permissions: Permissions,
    /// The names of the roles.
    #[schema(example = json!(["viewer"]))]
    pub roles: Vec<String>,
    /// Whether the roles hold: only those of an accepted membership do.
    pub status: AccountMemberStatus,
}

/// Accepts or rejects a membership.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateAccountMembership {
    /// What to do with it.
    pub status: MembershipAnswer,
}

/// The answer to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MembershipAnswer {
    /// Become a member.
    Accepted,
    /// Do not.
    Rejected,
}

/// What members of an account can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountMemberOrder {
    /// The name.
    FirstName,
    /// The name, too.
    LastName,
    /// The address.
    Email,
    /// The status.
    Status,
}

impl Word for AccountMemberOrder {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("user.first_name", Self::FirstName),
        ("user.last_name", Self::LastName),
        ("user.email", Self::Email),
        ("status", Self::Status),
    ];
}

/// What memberships can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountMembershipOrder {
    /// Their ids.
    Id,
    /// The names of the accounts.
    AccountName,
    /// The status.
    Status,
}

impl Word for AccountMembershipOrder {
    const WORDS: &'static [(&'static str, Self)] =
        &[("id", Self::Id), ("account.name", Self::AccountName), ("status", Self::Status)];
}

parameters! {
    /// Which members of an account to list, and in which order.
    ListAccountMembers {
        /// What to sort by; the ids by default.
        order: Option<AccountMemberOrder> = "order",
        /// Only members with this status.
        status: Option<AccountMemberStatus> = "status",
        /// In which direction; `asc` by default.
        direction: Option<Direction> = "direction",
        /// Which page, from 1.
        page: Option<i64> = "page",
        /// Items of a page, 1 to 1000; 20 by default.
        per_page: Option<i64> = "per_page",
    }
}

parameters! {
    /// Which page to list.
    ListPages {
        /// Which page, from 1.
        page: Option<i64> = "page",
        /// Items of a page, 1 to 1000; 20 by default.
        per_page: Option<i64> = "per_page",
    }
}

parameters! {
    /// Which memberships of the caller to list, and in which order.
    ListAccountMemberships {
        /// Only memberships of accounts with this name, whatever the case.
        account_name: Option<String> = "account.name",
        /// The same.
        name: Option<String> = "name",
        /// Only memberships with this status.
        status: Option<AccountMemberStatus> = "status",
        /// What to sort by; the ids by default.
        order: Option<AccountMembershipOrder> = "order",
        /// In which direction; `asc` by default.
        direction: Option<Direction> = "direction",
        /// Which page, from 1.
        page: Option<i64> = "page",
        /// Items of a page, 1 to 1000; 20 by default.
        per_page: Option<i64> = "per_page",
    }
}
