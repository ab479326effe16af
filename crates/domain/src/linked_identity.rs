//! Who users are at OpenID Connect providers.

use crate::{LinkedIdentityId, Timestamp, UserId};

/// A user as an OpenID Connect provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedIdentity {
    /// Which one it is.
    pub id: LinkedIdentityId,
    /// The user.
    pub user_id: UserId,
    /// The URL of the provider, exactly as it names itself.
    pub issuer: String,
    /// What the provider calls the user, whatever their address is.
    pub subject: String,
    /// When the user first signed in by it.
    pub create_time: Timestamp,
    /// When they last did.
    pub last_used_on: Timestamp,
}
