//! Members of organizations.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::effect::Effect;
use crate::invitation::NewInvitation;
use crate::parameters::{PageSize, Word, parameters};

/// A user in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// The id of the membership.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff52")]
    pub id: String,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(example = "2026-01-02T03:04:05.123456Z")]
    pub create_time: OffsetDateTime,
    /// Always empty.
    pub meta: MemberMeta,
    /// The role, which holds on the organization and everything below it; only under `/umbel/v1`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "administrator")]
    pub role: Option<String>,
    /// Whether the membership gives any right: only an active one does.
    pub status: MemberStatus,
    /// When it was last changed.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(example = "2026-01-02T03:04:05.123456Z")]
    pub update_time: OffsetDateTime,
    /// Who.
    pub user: MemberUser,
    /// What the change would do; only in a dry run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub effect: Option<Effect>,
    /// The link by which a pending member answers, to hand over; only in the answer that adds it, when the server sends no mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub invitation: Option<NewInvitation>,
}

/// What else is known about a member: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberMeta {}

/// The user behind a membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberUser {
    /// Its id.
    pub id: String,
    /// Its e-mail address.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// Its name; empty until the user has been here since, unless an organization of the tree manages it.
    #[schema(example = "Ann Archer")]
    pub name: String,
    /// Whether it signs in with a second factor; false as long as the name is kept back.
    pub two_factor_authentication_enabled: bool,
}

/// How far a membership has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemberStatus {
    /// The role holds.
    Active,
    /// Invited and not yet accepted.
    Pending,
    /// The invitation was turned down.
    Rejected,
    /// Ended.
    Canceled,
}

impl Word for MemberStatus {
    const WORDS: &'static [(&'static str, Self)] =
        &[("active", Self::Active), ("pending", Self::Pending), ("rejected", Self::Rejected), ("canceled", Self::Canceled)];
}

/// The status that a new member can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NewMemberStatus {
    /// The role holds.
    Active,
    /// It does not.
    Canceled,
}

/// Adds a super administrator.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateMember {
    /// The member.
    pub member: NewMember,
}

/// A member to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewMember {
    /// Who.
    pub user: NewMemberUser,
    /// Whether the membership is active at once; it is by default. Where new members are invited, only operators decide this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<NewMemberStatus>,
}

/// Names the user of a member to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewMemberUser {
    /// The address; a user is made for one that is not known.
    #[schema(example = "ann@acme.example")]
    pub email: String,
}

/// Adds several super administrators, all of them or none.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateMembers {
    /// 1 to 10 members.
    #[schema(min_items = 1, max_items = 10)]
    pub members: Vec<NewMember>,
}

/// Adds a member with a role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AddMember {
    /// The address; a user is made for one that is not known.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// The role, which may not allow more than the caller may do here.
    #[schema(example = "viewer")]
    pub role: String,
    /// Whether the membership is active at once; it is by default. Where new members are invited, only operators decide this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<NewMemberStatus>,
}

/// Gives a member another role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateMember {
    /// The role, which may not allow more than the caller may do here, as may not the one that the member has.
    #[schema(example = "viewer")]
    pub role: String,
}

parameters! {
    /// Which members to list: every filter that is given must hold.
    ListMembers {
        /// Only members with one of these statuses; repeat it, or separate them by commas.
        status: Vec<MemberStatus> = "status",
        /// Only the member with this address.
        user_email: Option<String> = "user.email",
        /// Only members whose address has this in it, whatever the case.
        user_email_contains: Option<String> = "user.email.contains",
        /// Only members whose address starts so, whatever the case.
        user_email_starts_with: Option<String> = "user.email.startsWith",
        /// Only members whose address ends so, whatever the case.
        user_email_ends_with: Option<String> = "user.email.endsWith",
        /// Items of a page, at most 1000.
        page_size: PageSize = "page_size",
        /// Where to go on: `next_page_token` of the page before, with the same filters.
        page_token: Option<String> = "page_token",
        /// Whether to count all pages; true by default.
        include_total: Option<bool> = "include_total",
    }
}
