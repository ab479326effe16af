//! Members: users in organizations.

use crate::{AccountId, MemberId, OrganizationId, Role, Timestamp, UserId};

/// A user in an organization, with a role that holds there and below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// Where.
    pub organization_id: OrganizationId,
    /// Who.
    pub user_id: UserId,
    /// As what.
    pub role: Role,
    /// Whether the role holds: only that of an active member does.
    pub status: MemberStatus,
    /// Since when.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
}

/// A user in an account, with roles that hold there alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountMember {
    /// Its id.
    pub id: MemberId,
    /// Where.
    pub account_id: AccountId,
    /// Who.
    pub user_id: UserId,
    /// As what: at least one role, each once.
    pub roles: Vec<Role>,
    /// Whether the roles hold: only those of an active member do.
    pub status: MemberStatus,
    /// Since when.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
}

/// How far a membership has come; only an active one gives any right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl MemberStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Active, Self::Pending, Self::Rejected, Self::Canceled];

    /// The status's name, on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Rejected => "rejected",
            Self::Canceled => "canceled",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}
