//! Identifiers: one type a noun, so that no account is ever looked up by a user's id.

use crate::{Invalid, Timestamp};

/// The most characters that an identifier may have.
pub const ID_LENGTH_MAX: usize = 64;

macro_rules! id {
    ($(#[doc = $doc:literal] $name:ident)+) => { $(
        #[doc = $doc]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Reads an identifier, `[A-Za-z0-9_-]{1,64}`; a UUID in its dashed form becomes 32 lower-case hex digits.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                parse(text).map(Self)
            }

            /// Makes a time-ordered identifier (UUID version 7, RFC 9562) of 32 lower-case hex digits.
            pub fn generate(now: Timestamp, random: [u8; 10]) -> Self {
                Self(generate(now, random))
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+ };
}

id! {
    #[doc = "Identifies an organization."] OrganizationId
    #[doc = "Identifies an account."] AccountId
    #[doc = "Identifies a user."] UserId
    #[doc = "Identifies a membership of a user in an organization or an account."] MemberId
    #[doc = "Identifies an API token; never the secret itself."] ApiTokenId
    #[doc = "Identifies an invitation to an organization; never the secret itself."] InvitationId
    #[doc = "Identifies an invoice."] InvoiceId
    #[doc = "Identifies a budget."] BudgetId
    #[doc = "Identifies an entry of the audit log."] AuditEntryId
    #[doc = "Identifies a metric; in records it is the billable metric."] MetricId
    #[doc = "Identifies an entry of the price book."] PriceId
    #[doc = "Identifies a stream of the audit log."] AuditStreamId
    #[doc = "Identifies an erasure in an audit log."] AuditErasureId
    #[doc = "Identifies a place where somebody is signed in; never the secret itself."] SessionId
    #[doc = "Identifies a user as an OpenID Connect provider knows them."] LinkedIdentityId
}

impl InvoiceId {
    /// The identifier that a hash makes (UUID version 8, RFC 9562), 32 lower-case hex digits.
    pub fn of_hash(hash: [u8; 32]) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid().as_simple().to_string())
    }
}

/// Identifies a role that a root organization made: 32 lower-case hex digits, the first of them from 0 to 9.
///
/// So no identifier is the name of a built-in role, and in byte order all of them come before those names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleId(u128);

impl RoleId {
    /// Reads an identifier; a UUID in its dashed form is one, too.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = parse(text)?;
        let is_hex = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let id =
            u128::from_str_radix(&text, 16).ok().filter(|_| is_hex && text.starts_with(|first: char| first.is_ascii_digit()));
        id.map(Self).ok_or_else(|| Invalid("must have 32 lower-case hex digits, the first of them from 0 to 9".into()))
    }

    /// Makes a time-ordered identifier (UUID version 7, RFC 9562).
    pub fn generate(now: Timestamp, random: [u8; 10]) -> Self {
        Self(uuid(now, random).as_u128())
    }
}

impl std::fmt::Display for RoleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Refuses what is no identifier.
pub(crate) fn check(text: &str) -> Result<(), Invalid> {
    if text.is_empty() || text.len() > ID_LENGTH_MAX {
        return Err(Invalid(format!("must have 1 to {ID_LENGTH_MAX} characters")));
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Err(Invalid("may contain only letters, digits, `_` and `-`".into()));
    }
    Ok(())
}

fn parse(text: &str) -> Result<String, Invalid> {
    check(text)?;
    Ok(if is_dashed_uuid(text) {
        text.bytes().filter(|b| *b != b'-').map(|b| b.to_ascii_lowercase() as char).collect()
    } else {
        text.to_owned()
    })
}

fn is_dashed_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// The fraction of the millisecond goes into the first 12 bits after the version (RFC 9562, 6.2, method 3), so that ids made
/// in the same millisecond stay in order.
fn uuid(now: Timestamp, mut random: [u8; 10]) -> uuid::Uuid {
    let micros = now.micros().max(0).unsigned_abs();
    let fraction = (micros % 1000) * 4096 / 1000;
    [random[0], random[1]] = u16::try_from(fraction).unwrap_or(u16::MAX).to_be_bytes();
    uuid::Builder::from_unix_timestamp_millis(micros / 1000, &random).into_uuid()
}

fn generate(now: Timestamp, random: [u8; 10]) -> String {
    uuid(now, random).as_simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashed_uuid_is_kept_in_lower_case_without_dashes() {
        let id = OrganizationId::parse("019C4F65-E760-7D8C-9F6F-6B58AA3AFF50").unwrap();
        assert_eq!(id.as_str(), "019c4f65e7607d8c9f6f6b58aa3aff50");
    }

    #[test]
    fn the_identifier_of_a_role_is_hex_and_begins_with_a_digit() {
        let text = "019c4f65e7607d8c9f6f6b58aa3aff50";
        assert_eq!(RoleId::parse(text).unwrap().to_string(), text);
        assert_eq!(RoleId::parse("019C4F65-E760-7D8C-9F6F-6B58AA3AFF50").unwrap().to_string(), text);
        assert!(RoleId::generate(Timestamp::from_micros(1_700_000_000_000_000), [0xab; 10]).to_string().as_str() < "a");
        for text in ["viewer", "f19c4f65e7607d8c9f6f6b58aa3aff50", "019C4F65E7607D8C9F6F6B58AA3AFF50", "019c4f65", ""] {
            assert!(RoleId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn other_identifiers_are_kept_as_they_are() {
        assert_eq!(OrganizationId::parse("a7b9-C3_d2").unwrap().as_str(), "a7b9-C3_d2");
    }

    #[test]
    fn empty_long_and_odd_identifiers_are_refused() {
        for text in ["", "a/b", "a b", "é", "a.b", "%2f", &"x".repeat(65)] {
            assert!(OrganizationId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn generated_identifiers_are_version_7_and_in_order_of_time() {
        let at = |micros| UserId::generate(Timestamp::from_micros(micros), [0xab; 10]);
        let ids: Vec<_> =
            [1_700_000_000_000_000, 1_700_000_000_000_001, 1_700_000_000_000_999, 1_700_000_000_001_000].map(at).into();
        assert!(ids.is_sorted(), "{ids:?}");
        assert_eq!(&ids[0].as_str()[12..13], "7");
        assert_eq!(ids[0].as_str().len(), 32);
    }
}
