//! Why a rule forbids something that its caller would otherwise be allowed to do.

use crate::organization::Contents;
use crate::{Actions, Flag, Role};

/// A rule that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The tree would have more than `limit` levels.
    TooDeep {
        /// Levels from a root down.
        limit: usize,
    },
    /// The organization would stand below itself.
    Cycle,
    /// The parent has `limit` children already.
    TooManyChildren {
        /// Children of one organization.
        limit: u64,
    },
    /// The organization has `limit` accounts already.
    TooManyAccounts {
        /// Accounts of one organization.
        limit: u64,
    },
    /// The organization has `limit` members already.
    TooManyMembers {
        /// Members of one organization.
        limit: u64,
    },
    /// The user is a member already.
    AlreadyMember,
    /// The role allows more than the caller may do there.
    RoleBeyondCaller {
        /// The role.
        role: Role,
    },
    /// The role would allow what its author may not do at the root.
    ActionsBeyondCaller {
        /// What it is.
        actions: Actions,
    },
    /// The root has `limit` roles of its own already.
    TooManyRoles {
        /// Roles of one root.
        limit: usize,
    },
    /// The organization has `limit` streams of its audit log already.
    TooManyAuditStreams {
        /// Streams of one organization.
        limit: usize,
    },
    /// Another role of the root has the same name.
    RoleNameTaken,
    /// The role is in use.
    RoleInUse {
        /// By how many members, counted no further than one more than `max`.
        uses: u64,
        /// How far is counted.
        max: u64,
    },
    /// Members of what would leave the tree have roles that only hold in it.
    CustomRolesInside,
    /// A flag of the organization is disabled.
    FlagDisabled {
        /// The flag.
        flag: Flag,
    },
    /// The organization still holds something.
    NotEmpty(Contents),
    /// Another user has the same e-mail address.
    EmailTaken,
    /// Without this user a root would have no super administrator.
    LastSuperAdministrator,
    /// The user is an operator, whom only the command line makes and unmakes.
    IsOperator,
    /// The user has `limit` tokens already.
    TooManyTokens {
        /// Tokens of one user.
        limit: usize,
    },
    /// The user is a member of more than `limit` organizations, too many to remove at once.
    TooManyMemberships {
        /// Memberships of one user.
        limit: usize,
    },
    /// A hold forbids to delete or erase anything of the audit log.
    AuditLogHeld,
    /// The token would reach further than the credential that makes it.
    WiderThanCaller,
}
