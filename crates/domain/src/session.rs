//! Sessions: where people are signed in.

use crate::{Invalid, SessionId, Timestamp, UserId};

/// The fewest characters of a password.
pub const PASSWORD_LENGTH_MIN: usize = 10;
/// The most characters of a password.
pub const PASSWORD_LENGTH_MAX: usize = 256;

/// A place where somebody is signed in: a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who is signed in.
    pub user_id: UserId,
    /// Since when.
    pub create_time: Timestamp,
    /// Until when at most.
    pub expires_at: Timestamp,
    /// When it was last used, as far as it was noted.
    pub last_used_on: Option<Timestamp>,
    /// Whether it began with a link instead of the password, which it may set then.
    pub by_link: bool,
    /// The address that it began from.
    pub ip_address: String,
    /// The browser that it began in, as that calls itself.
    pub user_agent: String,
}

/// Refuses what is no password: too short to hold out, or too long to hash.
pub fn check_password(text: &str) -> Result<(), Invalid> {
    if (PASSWORD_LENGTH_MIN..=PASSWORD_LENGTH_MAX).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(Invalid(format!("must have {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_counted_in_characters() {
        for (length, good) in [(9, false), (10, true), (256, true), (257, false)] {
            assert_eq!(check_password(&"ü".repeat(length)).is_ok(), good, "{length}");
        }
    }
}
