//! Page tokens: where a list goes on, signed so that nobody else makes one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use umbel_api::Code;
use umbel_domain::UserId;

use crate::error::{Error, Result};

/// The first byte of a token; tokens of another version are refused.
const VERSION: u8 = 1;
const SIGNATURE_LENGTH: usize = 16;
/// Parameters that may change from page to page.
const FREE_PARAMETERS: [&str; 6] = ["page_size", "page_token", "limit", "cursor", "include_total", "per_page"];

/// The key that tokens are signed with.
pub(crate) struct CursorKey(Vec<u8>);

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    /// What the last item of the page before is sorted by.
    pub(crate) after: String,
    /// How many items there are on all pages, when the first page counted them.
    pub(crate) total: Option<u64>,
}

/// The list that a token belongs to: its path, its filters and who asks.
pub(crate) struct List([u8; 32]);

impl List {
    /// The list at `path`, without the prefix that a path can have or not, with the parameters of `query`.
    pub(crate) fn new(path: &str, query: &str, user: &UserId) -> Self {
        let mut pairs: Vec<_> =
            crate::query::pairs(query).filter(|(name, _)| !FREE_PARAMETERS.contains(&name.as_str())).collect();
        pairs.sort_unstable();
        let mut hash = Sha256::new();
        for part in [user.as_str(), path].into_iter().chain(pairs.iter().flat_map(|(name, value)| [name.as_str(), value])) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

impl CursorKey {
    /// The key, as any text that nobody else knows.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }

    /// The token for `position` in `list`.
    pub(crate) fn sign(&self, list: &List, position: &Position) -> String {
        let mut token = vec![VERSION];
        token.extend(position.total.map_or(-1, u64::cast_signed).to_be_bytes());
        token.extend(position.after.as_bytes());
        token.extend(self.signature(list, &token));
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The position that a token stands for, if it is one of ours for this list.
    pub(crate) fn verify(&self, list: &List, token: &str) -> Result<Position> {
        let refused = || {
            let message = "page_token does not belong to this list; pass it unchanged with the same filters, or leave it out";
            Error::at(Code::InvalidPageToken, "/query/page_token", message)
        };
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| refused())?;
        let split = bytes.len().checked_sub(SIGNATURE_LENGTH).filter(|split| *split > 8).ok_or_else(refused)?;
        let (signed, signature) = bytes.split_at(split);
        if signed[0] != VERSION || !bool::from(self.signature(list, signed).ct_eq(signature)) {
            return Err(refused());
        }
        let total = <[u8; 8]>::try_from(&signed[1..9]).map(i64::from_be_bytes).map_err(|_| refused())?;
        let after = String::from_utf8(signed[9..].to_vec()).map_err(|_| refused())?;
        Ok(Position { after, total: u64::try_from(total).ok() })
    }

    fn signature(&self, list: &List, signed: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key");
        mac.update(&list.0);
        mac.update(signed);
        let mut signature = [0; SIGNATURE_LENGTH];
        signature.copy_from_slice(&mac.finalize().into_bytes()[..SIGNATURE_LENGTH]);
        signature
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(path: &str, query: &str, user: &str) -> List {
        List::new(path, query, &UserId::parse(user).unwrap())
    }

    #[test]
    fn a_token_belongs_to_its_path_filters_and_user() {
        let key = CursorKey::new("seven");
        let position = Position { after: "a/b/".into(), total: Some(12) };
        let token = key.sign(&list("/organizations", "name=x&page_size=2", "ann"), &position);
        let verify = |path, query, user| key.verify(&list(path, query, user), &token).ok();
        assert_eq!(verify("/organizations", "page_size=5&name=x&page_token=t", "ann"), Some(position));
        assert_eq!(verify("/organizations", "name=y", "ann"), None);
        assert_eq!(verify("/organizations", "name=x", "bob"), None);
        assert_eq!(verify("/umbel/v1/users", "name=x", "ann"), None);
        assert!(CursorKey::new("eight").verify(&list("/organizations", "name=x", "ann"), &token).is_err());
    }

    proptest! {
        #[test]
        fn a_token_with_any_byte_changed_or_cut_is_refused(at in 0_usize..40, bit in 0_u8..8) {
            let key = CursorKey::new("seven");
            let list = list("/organizations", "", "ann");
            let token = key.sign(&list, &Position { after: "a/bcdef/ghijkl/".into(), total: None });
            let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            prop_assert!(key.verify(&list, &URL_SAFE_NO_PAD.encode(&bytes)).is_err());
            prop_assert!(key.verify(&list, &token[..at]).is_err());
        }

        #[test]
        fn no_text_makes_the_verification_fail_otherwise(token in "\\PC{0,60}") {
            prop_assert!(CursorKey::new("seven").verify(&list("/", "", "ann"), &token).is_err());
        }
    }
}
