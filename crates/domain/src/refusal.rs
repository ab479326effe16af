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
    /// The token would reach further than the credential that makes it.
    WiderThanCaller,
}
