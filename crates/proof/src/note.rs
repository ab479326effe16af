//! Signed notes (C2SP signed-note), with Ed25519.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::{Invalid, hex};

/// The most bytes of a note: room for the largest signatures there are.
pub const LENGTH_MAX: usize = 256 * 1024;
/// The most signatures of a note; the specification asks for at least 16.
pub const SIGNATURES_MAX: usize = 16;

/// What tells Ed25519 from other kinds of keys.
const ED25519: u8 = 0x01;
const DASH: &str = "\u{2014} ";

/// The first four bytes of a hash of name and key: which key it is, and no proof of that.
pub type KeyId = [u8; 4];

/// A public key and its name: what somebody needs to verify notes.
///
/// Its text is `NAME+ID+KEY`: the id in hex, the key as the base64 of `0x01` and its 32 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    key: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, key: VerifyingKey) -> Result<Self, Invalid> {
        check_name(name)?;
        let hash = Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(key.as_bytes()).finalize();
        let id = [hash[0], hash[1], hash[2], hash[3]];
        Ok(Self { name: name.to_owned(), id, key })
    }

    /// Reads a key; one whose id does not follow from its name and its bytes is refused.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let wrong = |why: &str| Invalid(format!("the verifier key {text:?} {why}"));
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("is not of the form NAME+ID+KEY"));
        };
        let key = STANDARD.decode(key).map_err(|_| wrong("has a key that is not base64"))?;
        let Some((&ED25519, key)) = key.split_first() else {
            return Err(wrong("is not of the kind Ed25519"));
        };
        let key = key.try_into().map_err(|_| wrong("has not 32 bytes of key"))?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| wrong("has a key that is no point of the curve"))?;
        let key = Self::new(name, key)?;
        if hex::decode(id) != Some(key.id) {
            return Err(wrong(&format!("has another id than {}, which follows from its name and key", hex::encode(&key.id))));
        }
        Ok(key)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        self.id
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(&self.id), STANDARD.encode(key))
    }
}

/// A private key and its name; its `Debug` does not show the key.
pub struct Signer {
    verifier: VerifierKey,
    key: SigningKey,
}

impl Signer {
    /// Takes a name without spaces and plus signs, and 32 random bytes as the private key.
    pub fn new(name: &str, secret: &[u8; 32]) -> Result<Self, Invalid> {
        let key = SigningKey::from_bytes(secret);
        Ok(Self { verifier: VerifierKey::new(name, key.verifying_key())?, key })
    }

    /// The key to give to those who verify.
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, …)", self.verifier)
    }
}

/// A text and the signatures under it, none of which is verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A signature under a note, by a key of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of the key that it claims to be of.
    pub name: String,
    /// The id of that key.
    pub id: KeyId,
    bytes: Vec<u8>,
}

impl Note {
    /// Signs a text with each of the keys; one that is no text of a note is refused.
    pub fn sign(text: &str, signers: &[&Signer]) -> Result<Self, Invalid> {
        let sign = |signer: &&Signer| NoteSignature {
            name: signer.verifier.name.clone(),
            id: signer.verifier.id,
            bytes: signer.key.sign(text.as_bytes()).to_bytes().to_vec(),
        };
        let note = Self { text: text.to_owned(), signatures: signers.iter().map(sign).collect() };
        // Whoever reads the note must find exactly this text and these signatures in it.
        if Self::parse(&note.to_string())? != note {
            return Err(Invalid("the text to be signed does not end in a line".into()));
        }
        Ok(note)
    }

    /// Reads a note without verifying it; any deviation from the format is refused.
    pub fn parse(note: &str) -> Result<Self, Invalid> {
        if note.len() > LENGTH_MAX {
            return Err(Invalid(format!("the note has {} bytes, more than {LENGTH_MAX}", note.len())));
        }
        if let Some(control) = note.chars().find(|c| *c < ' ' && *c != '\n') {
            return Err(Invalid(format!("the note contains the control character U+{:04X}", u32::from(control))));
        }
        let (above, signatures) =
            note.rsplit_once("\n\n").ok_or_else(|| Invalid("the note has no empty line before its signatures".into()))?;
        let signatures = signatures.strip_suffix('\n').ok_or_else(|| Invalid("the note does not end in a line".into()))?;
        let count = signatures.split('\n').count();
        if count > SIGNATURES_MAX {
            return Err(Invalid(format!("the note has {count} signatures, more than {SIGNATURES_MAX}")));
        }
        let signatures = signatures.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        Ok(Self { text: format!("{above}\n"), signatures })
    }

    /// Verifies that the key signed the note, and returns the text that it signed; other keys' signatures count for nothing.
    pub fn verify(&self, key: &VerifierKey) -> Result<&str, Invalid> {
        let by_key = || self.signatures.iter().filter(|signature| signature.name == key.name && signature.id == key.id);
        if by_key().next().is_none() {
            return Err(Invalid(format!("the note is not signed by the key {key}")));
        }
        for signature in by_key() {
            let verified = Signature::from_slice(&signature.bytes).and_then(|s| key.key.verify_strict(self.text.as_bytes(), &s));
            verified.map_err(|_| Invalid(format!("the signature by the key {key} is wrong: note or signature was changed")))?;
        }
        Ok(&self.text)
    }

    /// The text, whoever may have signed it.
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// The signatures as they claim to be.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for NoteSignature { name, id, bytes } in &self.signatures {
            writeln!(f, "{DASH}{name} {}", STANDARD.encode([id.as_slice(), bytes].concat()))?;
        }
        Ok(())
    }
}

impl NoteSignature {
    fn parse(line: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid(format!("the signature line {line:?} is not of the form \u{2014} NAME SIGNATURE"));
        let (name, signature) = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or_else(wrong)?;
        check_name(name)?;
        let signature = STANDARD.decode(signature).map_err(|_| wrong())?;
        match signature.split_first_chunk() {
            Some((id, bytes)) if !bytes.is_empty() => Ok(Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() }),
            _ => Err(wrong()),
        }
    }
}

/// Refuses what is no name of a key: nothing, or something with spaces, control characters or plus signs.
fn check_name(name: &str) -> Result<(), Invalid> {
    if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+') {
        return Err(Invalid(format!("the name of a key must have no spaces, control characters or plus signs, unlike {name:?}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, key and note of the example with which Go's module checksum database documents notes.
    const KNOWN_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const KNOWN_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn signer(name: &str, secret: u8) -> Signer {
        Signer::new(name, &[secret; 32]).unwrap()
    }

    #[test]
    fn a_known_note_is_verified_by_its_known_key() {
        let key = VerifierKey::parse(KNOWN_KEY).unwrap();
        assert_eq!((key.name(), key.to_string().as_str()), ("PeterNeumann", KNOWN_KEY));
        let note = Note::parse(KNOWN_NOTE).unwrap();
        assert!(note.verify(&key).unwrap().ends_with("your problem is.\n"));
        assert_eq!(note.to_string(), KNOWN_NOTE);
    }

    #[test]
    fn every_changed_bit_of_a_note_is_noticed() {
        let signer = signer("umbel/audit/a", 7);
        let note = Note::sign("text\n\nand more\n", &[&signer]).unwrap().to_string();
        Note::parse(&note).unwrap().verify(signer.verifier_key()).unwrap();
        for (at, bit) in (0..note.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut changed = note.clone().into_bytes();
            changed[at] ^= 1 << bit;
            let verified = String::from_utf8(changed)
                .is_ok_and(|note| Note::parse(&note).is_ok_and(|note| note.verify(signer.verifier_key()).is_ok()));
            assert!(!verified, "byte {at}, bit {bit}");
        }
    }

    #[test]
    fn signatures_by_other_keys_count_for_nothing_and_do_no_harm() {
        let (ours, theirs, namesake) = (signer("ours", 1), signer("theirs", 2), signer("ours", 3));
        let note = Note::sign("text\n", &[&theirs, &namesake, &ours]).unwrap();
        for signer in [&ours, &theirs, &namesake] {
            assert_eq!(note.verify(signer.verifier_key()), Ok("text\n"));
        }
        let note = Note::sign("text\n", &[&theirs, &namesake]).unwrap();
        assert!(note.verify(ours.verifier_key()).unwrap_err().0.starts_with("the note is not signed by the key ours+"));
        // Another text that the same key signed does not help either.
        let mixed = Note::sign("text\n", &[&ours]).unwrap().to_string().replace("text\n", "Text\n");
        assert!(Note::parse(&mixed).unwrap().verify(ours.verifier_key()).is_err());
    }

    #[test]
    fn a_note_that_deviates_from_the_format_is_refused() {
        let good = Note::sign("text\n", &[&signer("ours", 1)]).unwrap().to_string();
        let line = good.split_once("\n\n").unwrap().1;
        for bad in [
            String::new(),
            "text\n".into(),
            "text\n\n".into(),
            good.trim_end().into(),
            good.replace("\n\n", "\n"),
            good.replace("text", "te\txt"),
            good.replace("text", "te\rxt"),
            good.replace('\u{2014}', "-"),
            good.replace("ours ", "o+urs "),
            good.replace("ours ", " "),
            good.replace("ours ", "o\u{a0}urs "),
            good.replace('=', ""),
            format!("{good}\n"),
            format!("{good}\u{2014} x AAAAAA==\n"),
            format!("text\n\n{}", line.repeat(SIGNATURES_MAX + 1)),
            format!("{}\n\n{line}", "x".repeat(LENGTH_MAX)),
        ] {
            assert!(Note::parse(&bad).is_err(), "{bad:?}");
        }
        assert!(Note::parse(&format!("text\n\n{}", line.repeat(SIGNATURES_MAX))).is_ok());
    }

    #[test]
    fn what_is_no_text_is_not_signed() {
        for text in ["", "text", "te\u{0}xt\n", "a\n\n\u{2014} b"] {
            assert!(Note::sign(text, &[&signer("ours", 1)]).is_err(), "{text:?}");
        }
        assert!(Note::sign("text\n", &[]).is_err());
        assert!(Note::sign("a\n\n", &[&signer("ours", 1)]).is_ok());
    }

    #[test]
    fn a_key_is_read_in_one_form_only() {
        let key = signer("umbel/audit/a", 7).verifier_key().to_string();
        assert_eq!(VerifierKey::parse(&key).unwrap().to_string(), key);
        for bad in [
            String::new(),
            "name".into(),
            key.replace("umbel", "Umbel"),
            key.replace("+A", "+B"),
            key.to_uppercase(),
            format!("{key}A"),
            format!(" {key}"),
            key[..key.len() - 4].into(),
        ] {
            assert!(VerifierKey::parse(&bad).is_err(), "{bad:?}");
        }
        assert!(Signer::new("two words", &[1; 32]).is_err());
    }

    #[test]
    fn a_private_key_is_not_shown_by_accident() {
        assert!(format!("{:?}", signer("ours", 1)).ends_with(", …)"));
    }
}
