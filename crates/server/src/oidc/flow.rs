//! What a browser keeps of somebody who signs in at a provider: nothing is kept here until they are known.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use umbel_domain::Email;

use crate::sources::{Sources, random};

const SIGNATURE_LENGTH: usize = 32;

/// How far somebody has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Flow {
    /// To the provider.
    Begun(Begun),
    /// Back from there.
    Proven(Proof),
}

/// What belongs to one way to the provider and back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    /// When, in microseconds.
    pub(super) at: i64,
}

impl Begun {
    pub(super) fn has_state(&self, state: &str) -> bool {
        self.state.as_bytes().ct_eq(state.as_bytes()).into()
    }
}

/// What a provider said of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proof {
    /// The provider.
    pub(crate) issuer: String,
    /// What it calls them.
    pub(crate) subject: String,
    /// Their address, if the provider has seen that it is theirs.
    pub(crate) email: Option<String>,
    /// When, in microseconds.
    pub(crate) at: i64,
}

impl Proof {
    /// The address, if it is one of ours could have.
    pub(crate) fn email(&self) -> Option<Email> {
        self.email.as_deref().and_then(|email| Email::parse(email).ok())
    }
}

/// 256 random bits as text.
pub(super) fn secret(sources: &dyn Sources) -> String {
    URL_SAFE_NO_PAD.encode(random::<32>(sources))
}

/// Signs what browsers keep.
pub(super) struct Seal(Vec<u8>);

impl Seal {
    /// The key is any text that nobody else knows.
    pub(super) fn new(key: &str) -> Self {
        Self(key.as_bytes().to_vec())
    }

    pub(super) fn close(&self, flow: &Flow) -> String {
        // Strings and numbers always have a JSON form.
        let mut bytes = serde_json::to_vec(flow).unwrap_or_default();
        let signature = self.signature(&bytes);
        bytes.extend(signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What is in there, if it was closed here.
    pub(super) fn open(&self, text: &str) -> Option<Flow> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signed, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE_LENGTH)?)?;
        let is_ours: bool = self.signature(signed).ct_eq(signature).into();
        serde_json::from_slice(signed).ok().filter(|_| is_ours)
    }

    fn signature(&self, signed: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key");
        mac.update(b"signing in at a provider\0");
        mac.update(signed);
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_closed_here_is_opened() {
        let (ours, other) = (Seal::new("seven"), Seal::new("eight"));
        let proof = Proof { issuer: "i".into(), subject: "s".into(), email: None, at: 7 };
        let closed = ours.close(&Flow::Proven(proof.clone()));
        assert_eq!(ours.open(&closed), Some(Flow::Proven(proof)));
        assert_eq!(other.open(&closed), None);
        for at in 0..closed.len() {
            let mut changed = closed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(ours.open(std::str::from_utf8(&changed).unwrap()), None, "{at}");
        }
        for bad in ["", "A", "&&&&", &closed[..closed.len() - 4]] {
            assert_eq!(ours.open(bad), None, "{bad}");
        }
    }
}
