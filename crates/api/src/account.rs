//! Accounts.

use serde::{Deserialize, Deserializer, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::effect::Effect;
use crate::parameters::{Direction, PageSize, Word, parameters};

/// A leaf of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff51")]
    pub id: String,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(example = "2026-01-02T03:04:05.123456Z")]
    pub created_on: OffsetDateTime,
    /// What it stands in; absent for an account that stands alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub managed_by: Option<ManagedBy>,
    /// Its name; not unique.
    #[schema(example = "Web shop")]
    pub name: String,
    /// How it behaves.
    pub settings: AccountSettings,
    /// What kind of account it is.
    #[serde(rename = "type")]
    pub account_type: AccountType,
}

/// The organization that holds an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ManagedBy {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff50")]
    pub parent_org_id: String,
    /// Its name.
    #[schema(example = "Acme Europe")]
    pub parent_org_name: String,
}

/// The kinds of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccountType {
    /// What every account is unless it is said otherwise.
    Standard,
    /// An account with a contract.
    Enterprise,
}

/// How an account behaves; what is `null` was never set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountSettings {
    /// Where complaints about the account go.
    pub abuse_contact_email: Option<String>,
    /// Until when the operator's support may look into the account.
    #[serde(with = "time::serde::rfc3339::option")]
    pub access_approval_expiry: Option<OffsetDateTime>,
    /// Whether the account may be used through the API.
    pub api_access_enabled: Option<bool>,
    /// The name servers that new zones get.
    pub default_nameservers: Option<String>,
    /// Whether members need a second factor.
    pub enforce_twofactor: bool,
    /// Whether new zones get the account's own name servers.
    pub use_account_custom_ns_by_default: Option<bool>,
}

/// Changes settings: a member that is absent is left alone, `null` unsets it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct UpdateAccountSettings {
    /// Where complaints about the account go.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub abuse_contact_email: Option<Option<String>>,
    /// Until when the operator's support may look into the account; RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub access_approval_expiry: Option<Option<String>>,
    /// Whether the account may be used through the API.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    pub api_access_enabled: Option<Option<bool>>,
    /// The name servers that new zones get.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub default_nameservers: Option<Option<String>>,
    /// Whether members need a second factor.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    pub enforce_twofactor: Option<Option<bool>>,
    /// Whether new zones get the account's own name servers.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    pub use_account_custom_ns_by_default: Option<Option<bool>>,
}

/// Tells `null` from what is absent: the outer `None` is what is absent.
#[expect(clippy::option_option, reason = "three cases: absent, `null` and a value")]
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Creates an account, in an organization or standing alone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateAccount {
    /// 1 to 100 characters; not unique.
    #[schema(example = "Web shop")]
    pub name: String,
    /// What kind of account it shall be; `standard` by default.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    pub account_type: Option<AccountType>,
    /// The organization that shall hold it; absent for the one that the caller administers, if there is just one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<Unit>,
    /// Whether it shall stand alone, in no organization.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub standalone: Option<bool>,
    /// How it shall behave.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub settings: Option<UpdateAccountSettings>,
}

/// Names the organization that holds an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Unit {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff50")]
    pub id: String,
}

/// Changes an account's name and, when they are given, its type and settings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateAccount {
    /// 1 to 100 characters; not unique.
    #[schema(example = "Web shop")]
    pub name: String,
    /// What kind of account it shall be; left alone when absent or `null`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    pub account_type: Option<AccountType>,
    /// The organization that holds it; this route moves nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<Unit>,
    /// How it shall behave; left alone when absent or `null`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub settings: Option<UpdateAccountSettings>,
}

/// Moves an account into an organization.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MoveAccount {
    /// The organization that shall hold it.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff50")]
    pub destination_organization_id: String,
}

/// Where an account was and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovedAccount {
    /// The account.
    pub account_id: String,
    /// The organization that held it; empty when it stood alone.
    pub source_organization_id: String,
    /// The organization that holds it now.
    pub destination_organization_id: String,
    /// What the move would do; only in a dry run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub effect: Option<Effect>,
}

/// Moves several accounts into an organization, all of them or none.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MoveAccounts {
    /// 1 to 100 different accounts.
    #[schema(min_items = 1, max_items = 100)]
    pub account_ids: Vec<String>,
    /// The organization that shall hold them.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff50")]
    pub destination_organization_id: String,
}

/// What became of several accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovedAccounts {
    /// Each account, in the order of the request.
    pub statuses: Vec<MoveStatus>,
}

/// What became of one of several accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MoveStatus {
    /// The account.
    pub tag: String,
    /// Whether it is elsewhere now.
    pub moved: bool,
    /// Why it was not moved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub message: Option<String>,
    /// What the move would do; only in a dry run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub effect: Option<Effect>,
}

/// What the accounts of an organization can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountOrder {
    /// Their names, whatever the case.
    Name,
}

impl Word for AccountOrder {
    const WORDS: &'static [(&'static str, Self)] = &[("account_name", Self::Name)];
}

parameters! {
    /// Which of the accounts to list that the caller can see.
    ListAccounts {
        /// Only accounts with this name, whatever the case.
        name: Option<String> = "name",
        /// In which order of their places in the tree; `asc` by default.
        direction: Option<Direction> = "direction",
        /// Which page, from 1.
        page: Option<i64> = "page",
        /// Items of a page, 1 to 1000; 20 by default.
        per_page: Option<i64> = "per_page",
    }
}

parameters! {
    /// Which accounts of an organization to list: every filter that is given must hold.
    ListOrganizationAccounts {
        /// Only accounts with this name, whatever the case.
        name: Option<String> = "name",
        /// Only accounts whose name starts so, whatever the case.
        name_starts_with: Option<String> = "name.startsWith",
        /// Only accounts whose name ends so, whatever the case.
        name_ends_with: Option<String> = "name.endsWith",
        /// Only accounts whose name has this in it, whatever the case.
        name_contains: Option<String> = "name.contains",
        /// The same as `name`, for older clients.
        account_pubname: Option<String> = "account_pubname",
        /// The same as `name.startsWith`, for older clients.
        account_pubname_starts_with: Option<String> = "account_pubname.startsWith",
        /// The same as `name.endsWith`, for older clients.
        account_pubname_ends_with: Option<String> = "account_pubname.endsWith",
        /// The same as `name.contains`, for older clients.
        account_pubname_contains: Option<String> = "account_pubname.contains",
        /// What to sort by; the ids by default.
        order_by: Option<AccountOrder> = "order_by",
        /// In which direction; `asc` by default.
        direction: Option<Direction> = "direction",
        /// Items of a page, at most 1000.
        page_size: PageSize = "page_size",
        /// Where to go on: `next_page_token` of the page before, with the same filters.
        page_token: Option<String> = "page_token",
        /// Which page, from 1, for clients that count pages.
        page: Option<i64> = "page",
        /// Items of a page, 1 to 1000, for clients that count pages.
        per_page: Option<i64> = "per_page",
        /// Whether to count all pages; true by default.
        include_total: Option<bool> = "include_total",
    }
}
