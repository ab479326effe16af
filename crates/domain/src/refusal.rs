//! Why a rule forbids something that its caller would otherwise be allowed to do.

use crate::Flag;
use crate::organization::Contents;

/// A rule that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The tree would have more than `limit` levels.
    TooDeep {
        /// Levels from a root down.
        limit: usize,
    },
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
    /// The token would reach further than the credential that makes it.
    WiderThanCaller,
}
