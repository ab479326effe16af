//! Users: the people and programs that hold credentials.

use crate::{Email, Name, OrganizationId, Timestamp, UserId};

/// Somebody who can hold credentials and be a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their e-mail address, unique in its canonical form.
    pub email: Email,
    /// Their name, when it is known.
    pub name: Option<Name>,
    /// Whether they sign in with a second factor.
    pub two_factor_authentication_enabled: bool,
    /// Whether they are an operator of the server.
    pub operator: bool,
    /// The organization that manages them, if one does.
    pub managed_by: Option<OrganizationId>,
    /// Whether their credentials are refused.
    pub disabled: bool,
    /// Since when they are known.
    pub create_time: Timestamp,
    /// Goes up by one with each change of the row.
    pub version: i64,
}

impl User {
    /// Somebody of whom nothing is known but the address.
    pub fn new(id: UserId, email: Email, now: Timestamp) -> Self {
        Self {
            id,
            email,
            name: None,
            two_factor_authentication_enabled: false,
            operator: false,
            managed_by: None,
            disabled: false,
            create_time: now,
            version: 1,
        }
    }
}
