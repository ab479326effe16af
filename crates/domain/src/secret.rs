//! The secrets that credentials are made of: how they look, and what is kept of them.

use sha2::{Digest, Sha256};

use crate::Invalid;

/// What every API token starts with, so that secret scanners find it.
pub const TOKEN_PREFIX: &str = "umb_";
/// What the secret of every invitation starts with, for the same reason.
pub const INVITATION_PREFIX: &str = "umi_";
/// What the secret of every session starts with.
pub const SESSION_PREFIX: &str = "ums_";
/// What the secret of every link for signing in starts with.
pub const SIGN_IN_LINK_PREFIX: &str = "uml_";
const RANDOM_LENGTH: usize = 43;
const CHECKSUM_LENGTH: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A secret in plain; it is shown to its owner once and kept nowhere. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The SHA-256 of a secret: what is kept. Secrets are random, so that no slow hash is needed.
pub type SecretHash = [u8; 32];

impl Secret {
    /// Makes an API token: `umb_`, 256 random bits in base 62, and a CRC-32 of both in base 62.
    pub fn new_token(random: [u8; 32]) -> Self {
        Self::checked(TOKEN_PREFIX, random)
    }

    /// Makes the secret of an invitation: like an API token, but `umi_`.
    pub fn new_invitation(random: [u8; 32]) -> Self {
        Self::checked(INVITATION_PREFIX, random)
    }

    /// Makes the secret of a session: like an API token, but `ums_`.
    pub fn new_session(random: [u8; 32]) -> Self {
        Self::checked(SESSION_PREFIX, random)
    }

    /// Makes the secret of a link for signing in: like an API token, but `uml_`.
    pub fn new_sign_in_link(random: [u8; 32]) -> Self {
        Self::checked(SIGN_IN_LINK_PREFIX, random)
    }

    fn checked(prefix: &str, random: [u8; 32]) -> Self {
        let body = format!("{prefix}{}", base62(random, RANDOM_LENGTH));
        let checksum = checksum(&body);
        Self(body + &checksum)
    }

    /// Makes a global API key: 160 random bits in hex.
    pub fn new_api_key(random: [u8; 20]) -> Self {
        Self(to_hex(&random))
    }

    /// Takes a secret from elsewhere: 32 to 256 printable ASCII characters without space.
    pub fn import(text: &str) -> Result<Self, Invalid> {
        if !(32..=256).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Invalid("must have 32 to 256 printable ASCII characters".into()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The secret in plain, for the one answer that shows it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of the secret.
    pub fn hash(&self) -> SecretHash {
        hash(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The hash of a secret that somebody presents.
pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Bytes as lower-case hex digits.
pub fn to_hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Whether a presented token can be one of ours at all. One that starts with `umb_` and fails its checksum was truncated,
/// extended or mistyped, and no database need be asked.
pub fn may_be_token(presented: &str) -> bool {
    if !presented.starts_with(TOKEN_PREFIX) {
        return Secret::import(presented).is_ok();
    }
    is_intact(TOKEN_PREFIX, presented)
}

/// Whether a presented text can be the secret of an invitation at all: if not it was truncated, extended or mistyped.
pub fn may_be_invitation(presented: &str) -> bool {
    is_intact(INVITATION_PREFIX, presented)
}

/// Whether a presented text can be the secret of a session at all.
pub fn may_be_session(presented: &str) -> bool {
    is_intact(SESSION_PREFIX, presented)
}

/// Whether a presented text can be the secret of a link for signing in at all.
pub fn may_be_sign_in_link(presented: &str) -> bool {
    is_intact(SIGN_IN_LINK_PREFIX, presented)
}

fn is_intact(prefix: &str, presented: &str) -> bool {
    let length = prefix.len() + RANDOM_LENGTH;
    presented.starts_with(prefix)
        && presented.len() == length + CHECKSUM_LENGTH
        && presented.is_ascii()
        && checksum(&presented[..length]) == presented[length..]
}

fn checksum(body: &str) -> String {
    let mut bytes = [0; 32];
    bytes[28..].copy_from_slice(&crc32fast::hash(body.as_bytes()).to_be_bytes());
    base62(bytes, CHECKSUM_LENGTH)
}

/// The big-endian number `bytes` in base 62, its last `length` digits.
fn base62(mut bytes: [u8; 32], length: usize) -> String {
    let mut digits = vec![b'0'; length];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0_u32;
        for byte in &mut bytes {
            let value = remainder << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        *digit = BASE62[remainder as usize];
    }
    String::from_utf8_lossy(&digits).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_token_has_the_shape_that_scanners_expect() {
        let token = Secret::new_token([0xff; 32]);
        assert_eq!(token.reveal().len(), 53);
        assert!(token.reveal().starts_with("umb_"));
        assert!(may_be_token(token.reveal()));
    }

    #[test]
    fn the_secret_of_an_invitation_is_none_of_a_token_nor_the_other_way_round() {
        let (token, invitation) = (Secret::new_token([7; 32]), Secret::new_invitation([7; 32]));
        assert!(invitation.reveal().starts_with("umi_") && invitation.reveal().len() == 53);
        assert!(may_be_invitation(invitation.reveal()) && !may_be_invitation(token.reveal()));
        // The prefix is under the checksum too.
        assert!(!may_be_token(&invitation.reveal().replace("umi_", "umb_")));
        assert!(!may_be_invitation(&token.reveal().replace("umb_", "umi_")));
        assert!(!may_be_invitation(&"k".repeat(32)) && !may_be_invitation("umi_") && !may_be_invitation(""));
    }

    #[test]
    fn a_secret_is_not_shown_by_accident() {
        assert_eq!(format!("{:?}", Secret::new_api_key([7; 20])), "Secret(…)");
    }

    #[test]
    fn secrets_from_elsewhere_are_printable_and_long_enough() {
        assert!(Secret::import(&"k".repeat(32)).is_ok());
        for text in [&"k".repeat(31), &"k".repeat(257), &format!("{} ", "k".repeat(32)), &format!("{}é", "k".repeat(32))] {
            assert!(Secret::import(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_truncated_extended_or_changed_token_is_refused(random: [u8; 32], at in 4_usize..53) {
            let token = Secret::new_token(random).reveal().to_owned();
            prop_assert!(may_be_token(&token));
            prop_assert!(!may_be_token(&token[..at]));
            let extended = format!("{token}0");
            prop_assert!(!may_be_token(&extended));
            let mut changed = token.into_bytes();
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            prop_assert!(!may_be_token(&String::from_utf8(changed).unwrap()));
        }
    }
}
