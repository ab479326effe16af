//! The bytes of a leaf: what of an entry is hashed.
//!
//! A leaf has the entry without its personal members and, in their place, a commitment to them. The personal members and the salt
//! can be erased afterwards: the leaf and every proof stay as they are, and without the salt nobody can try out what was there.

use sha2::{Digest, Sha256};

use crate::canonical;
use crate::entry::Part;
use crate::{Entry, Hash, merkle};

/// The version of the form of a leaf, which is part of its bytes.
pub const VERSION: u64 = 1;

/// Random bytes, drawn for each entry, that keep its commitment from telling anything.
pub type Salt = [u8; 16];

/// What stands beside an entry to make its leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// The salt of an entry with its personal members.
    Salt(Salt),
    /// The commitment of an entry whose personal members are erased.
    Commitment(Hash),
}

impl Seal {
    /// The commitment to the personal members of an entry; `buffer` is for reuse, and what is in it is lost.
    pub fn commitment(&self, entry: &Entry<'_>, buffer: &mut Vec<u8>) -> Hash {
        match self {
            Self::Salt(salt) => commitment(entry, salt, buffer),
            Self::Commitment(commitment) => *commitment,
        }
    }
}

/// `SHA-256(salt || personal)`: `personal` is the canonical JSON of the entry with nothing but its personal members.
pub fn commitment(entry: &Entry<'_>, salt: &Salt, buffer: &mut Vec<u8>) -> Hash {
    buffer.clear();
    buffer.extend_from_slice(salt);
    canonical::object(buffer, |object| {
        entry.write_first(object, Part::Personal);
        entry.write_rest(object, Part::Personal);
    });
    Sha256::digest(buffer).into()
}

/// Writes the bytes of a leaf over those of the buffer: the canonical JSON of the entry without its personal members, and with
/// `commitment` in hex and `version`.
pub fn write(entry: &Entry<'_>, commitment: &Hash, buffer: &mut Vec<u8>) {
    buffer.clear();
    canonical::object(buffer, |object| {
        entry.write_first(object, Part::Public);
        object.hex("commitment", commitment);
        entry.write_rest(object, Part::Public);
        object.number("version", Some(VERSION));
    });
}

/// The hash of the leaf of an entry: what is appended to the tree; `buffer` is for reuse.
pub fn hash(entry: &Entry<'_>, seal: &Seal, buffer: &mut Vec<u8>) -> Hash {
    let commitment = seal.commitment(entry, buffer);
    write(entry, &commitment, buffer);
    merkle::leaf_hash(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::tests::full_entry;
    use crate::entry::{Actor, Raw, Resource};
    use crate::hex;

    const SALT: Salt = [0xa5; 16];

    fn erased<'a>(entry: &Entry<'a>) -> Entry<'a> {
        Entry {
            actor: Actor { email: None, ip_address: None, token_name: None, ..entry.actor.clone() },
            raw: Raw { uri: None, user_agent: None, ..entry.raw.clone() },
            resource: Resource { after: None, before: None, request: None, response: None, ..entry.resource.clone() },
            ..entry.clone()
        }
    }

    #[test]
    fn the_bytes_of_a_leaf_are_the_public_members_in_order_and_the_commitment() {
        let mut buffer = Vec::new();
        write(&full_entry(), &[0xcd; 32], &mut buffer);
        let expected = r#"{"account":{"id":"a1"},"action":{"description":"Create Organization","result":"success","time":"2026-02-03T04:05:06.789Z","type":"create"},"actor":{"context":"api_token","id":"u1","token_id":"t1","type":"user"},"commitment":"CD","id":"e1","organization":{"id":"o1"},"raw":{"cf_ray_id":"r1","method":"POST","status_code":200},"resource":{"id":"o2","product":"organizations","scope":"organizations","type":"organization"},"version":1}"#;
        assert_eq!(String::from_utf8(buffer).unwrap(), expected.replace("CD", &"cd".repeat(32)));
    }

    #[test]
    fn the_commitment_is_to_the_personal_members_in_order() {
        let personal = "{\"actor\":{\"email\":\"zoë@example.com\",\"ip_address\":\"192.0.2.7\",\"token_name\":\"deploy \\\"blue\\\"\"},\
            \"raw\":{\"uri\":\"/client/v4/organizations\",\"user_agent\":\"umbel/0.1\"},\
            \"resource\":{\"after\":\"[]\",\"before\":\"{}\",\"request\":\"{\\\"limit\\\":1.50}\",\"response\":\"{\\\"id\\\":\\\"o2\\\",\\\"name\\\":\\\"\u{1f98b}\\\"}\"}}";
        let expected: Hash = Sha256::digest([&SALT, personal.as_bytes()].concat()).into();
        assert_eq!(commitment(&full_entry(), &SALT, &mut Vec::new()), expected);
    }

    #[test]
    fn without_personal_members_the_commitment_is_to_an_empty_object() {
        let expected: Hash = Sha256::digest([&SALT, b"{}".as_slice()].concat()).into();
        assert_eq!(commitment(&erased(&full_entry()), &SALT, &mut Vec::new()), expected);
        assert_eq!(commitment(&Entry::default(), &SALT, &mut Vec::new()), expected);
    }

    #[test]
    fn erasing_the_personal_members_leaves_the_leaf_as_it_is() {
        let (entry, mut buffer) = (full_entry(), b"left over".to_vec());
        let commitment = commitment(&entry, &SALT, &mut buffer);
        let before = hash(&entry, &Seal::Salt(SALT), &mut buffer);
        assert_eq!(hash(&erased(&entry), &Seal::Commitment(commitment), &mut buffer), before);
    }

    #[test]
    fn a_group_with_nothing_but_personal_members_is_not_in_the_leaf() {
        let entry = Entry { raw: Raw { uri: Some("/".into()), ..Raw::default() }, ..Entry::default() };
        let mut buffer = Vec::new();
        write(&entry, &[0; 32], &mut buffer);
        assert_eq!(String::from_utf8(buffer).unwrap(), format!(r#"{{"commitment":"{}","version":1}}"#, "0".repeat(64)));
    }

    #[test]
    fn every_member_and_the_salt_change_the_hash() {
        let mut buffer = Vec::new();
        let entry = full_entry();
        let json = {
            let mut out = Vec::new();
            canonical::object(&mut out, |object| {
                entry.write_first(object, Part::All);
                entry.write_rest(object, Part::All);
            });
            serde_json::from_slice::<serde_json::Value>(&out).unwrap()
        };
        let mut hashes = std::collections::BTreeSet::from([hash(&entry, &Seal::Salt(SALT), &mut buffer)]);
        hashes.insert(hash(&entry, &Seal::Salt([0; 16]), &mut buffer));
        let groups = ["/account", "/action", "/actor", "/organization", "/raw", "/resource"];
        let members = groups.iter().flat_map(|group| {
            json.pointer(group).unwrap().as_object().unwrap().keys().map(move |name| format!("{group}/{name}"))
        });
        for path in members.chain(["/id".to_owned()]) {
            let mut changed = json.clone();
            let member = changed.pointer_mut(&path).unwrap();
            *member = if member.is_number() { 201.into() } else { "other".into() };
            let text = changed.to_string();
            assert!(hashes.insert(hash(&serde_json::from_str(&text).unwrap(), &Seal::Salt(SALT), &mut buffer)), "{path}");
        }
        assert_eq!(hashes.len(), 2 + 27);
    }

    #[test]
    fn a_known_leaf_has_its_known_hash() {
        let known = "7318d9cefaca59bd47f9f0a32f4404a984eef52c175806e4943925880f0a8335";
        assert_eq!(hex::encode(&hash(&full_entry(), &Seal::Salt(SALT), &mut Vec::new())), known);
    }
}
