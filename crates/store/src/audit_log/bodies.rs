//! The bodies of an entry, in few bytes.
//!
//! The first byte says how what follows is written, so that another way can be added beside this one. Bodies of the same routes are
//! much alike and each is short: what they have in common stands in a dictionary, which must never change.

use std::cell::RefCell;
use std::sync::LazyLock;

use umbel_domain::audit::Bodies;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::get_frame_content_size;

use crate::{Error, Result};

/// Not compressed.
const PLAIN: u8 = 0;
/// A frame of Zstandard with the first dictionary.
const ZSTD_1: u8 = 1;
/// Stands between two bodies; no JSON contains it.
const BETWEEN: char = '\0';
/// The most bytes of all bodies of an entry.
const SIZE_MAX: usize = 64 << 20;
/// Bytes of room for a frame that a thread keeps.
const ROOM_KEPT: usize = 64 << 10;
/// Of what repeats in bodies nearly all stands in the dictionary. To look for more, and to write what is left in fewer bits, takes a
/// tenth to a fifth off their length, twice the time to write them and eight times that to read them.
const LEVEL: i32 = -1;

static DICTIONARY_1: &[u8] = include_bytes!("dictionary_1.txt");
static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(DICTIONARY_1, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY_1));

thread_local! {
    // Making one takes longer than using it.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<(Decompressor<'static>, Vec<u8>)>> = const { RefCell::new(None) };
}

/// Writes bodies; `None` when there are none.
pub(super) fn write(bodies: &Bodies) -> Result<Option<Vec<u8>>> {
    let bodies =
        [&bodies.request, &bodies.response, &bodies.before, &bodies.after].map(|body| body.as_deref().unwrap_or_default());
    let plain = bodies.join("\0");
    let plain = plain.trim_end_matches(BETWEEN).as_bytes();
    if plain.is_empty() {
        return Ok(None);
    }
    let frame = COMPRESSOR.with_borrow_mut(|compressor| {
        let compressor = match compressor {
            Some(compressor) => compressor,
            none => none.insert(Compressor::with_prepared_dictionary(&ENCODER)?),
        };
        compressor.compress(plain)
    });
    let frame = frame.map_err(|error| Error::Inconsistent(format!("a body cannot be compressed: {error}")))?;
    let (how, bytes) = if frame.len() < plain.len() { (ZSTD_1, &*frame) } else { (PLAIN, plain) };
    Ok(Some([&[how], bytes].concat()))
}

/// Reads bodies.
pub(super) fn read(written: &[u8]) -> Result<Bodies> {
    match written {
        [PLAIN, plain @ ..] => split(plain),
        [ZSTD_1, frame @ ..] => decompress(frame, split),
        _ => Err(unreadable(&"written in a way that this program does not know")),
    }
}

fn split(plain: &[u8]) -> Result<Bodies> {
    let text = std::str::from_utf8(plain).map_err(|error| unreadable(&error))?;
    let mut bodies = text.split(BETWEEN).map(|body| Some(body.to_owned()).filter(|body| !body.is_empty()));
    let mut next = || bodies.next().flatten();
    Ok(Bodies { request: next(), response: next(), before: next(), after: next() })
}

fn unreadable(reason: &dyn std::fmt::Display) -> Error {
    Error::Inconsistent(format!("the bodies of an audit entry: {reason}"))
}

/// Has what a frame holds read, in room that is used again for the next one.
fn decompress<T>(frame: &[u8], read: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
    let size = get_frame_content_size(frame).ok().flatten().and_then(|size| usize::try_from(size).ok());
    let size = size.filter(|size| *size <= SIZE_MAX).ok_or_else(|| unreadable(&"of no length that bodies can have"))?;
    DECOMPRESSOR.with_borrow_mut(|decompressor| {
        let (decompressor, room) = match decompressor {
            Some(known) => known,
            none => {
                let new = Decompressor::with_prepared_dictionary(&DECODER).map_err(|error| unreadable(&error))?;
                none.insert((new, Vec::new()))
            }
        };
        room.reserve(size);
        let decompressed = decompressor.decompress_to_buffer(frame, room).map_err(|error| unreadable(&error));
        let out = decompressed.and_then(|_| read(room));
        room.clear();
        room.shrink_to(ROOM_KEPT);
        out
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    use super::*;

    const ORGANIZATION: &str = r#"{"id":"0199d3a4c8a07b1f8e2d4c6a9b0e1f23","create_time":"2026-01-02T03:04:05.123456Z","meta":{"flags":{"account_creation":"enabled","account_deletion":"enabled","account_migration":"enabled","account_mobility":"enabled","sub_org_creation":"enabled"},"hierarchy_tags":["0199d3a4c8a07b1f8e2d4c6a9b0e1f22","0199d3a4c8a07b1f8e2d4c6a9b0e1f23"],"tenant_flags":{"account_creation":"enabled","account_deletion":"enabled","account_migration":"enabled","account_mobility":"enabled","sub_org_creation":"enabled","account_creation_applies_tenant_defaults":"enabled","enterprise_capability":"enabled","member_management":"enabled"}},"name":"Acme Europe","parent":{"id":"0199d3a4c8a07b1f8e2d4c6a9b0e1f22","name":"Acme"}}"#;

    #[test]
    fn the_dictionary_is_the_one_that_stored_bodies_were_written_with() {
        let hash = crate::credentials::to_hex(&Sha256::digest(DICTIONARY_1));
        assert_eq!(hash, "ddb48a3cebad847cbfbb7f8bdfd41fe2b63ef501655251632dcdf6fb62719cf8");
    }

    fn bodies(request: Option<&str>, response: Option<&str>, before: Option<&str>) -> Bodies {
        let [request, response, before] = [request, response, before].map(|body| body.map(str::to_owned));
        Bodies { request, response, before, after: None }
    }

    #[test]
    fn the_answer_of_a_creation_takes_a_sixth_of_its_length() {
        let request = r#"{"name":"Acme Europe","parent":{"id":"0199d3a4c8a07b1f8e2d4c6a9b0e1f22"}}"#;
        let written = write(&bodies(Some(request), Some(ORGANIZATION), None)).unwrap().unwrap();
        assert!(written.len() * 6 < request.len() + ORGANIZATION.len(), "{}", written.len());
        let foreign = ORGANIZATION.replace("0199d3a4c8a07b1f8e2d4c6a9b0e1f2", "019c4f65e7607d8c9f6f6b58aa3aff5");
        let written = write(&bodies(None, Some(&foreign), None)).unwrap().unwrap();
        assert!(written.len() * 4 < foreign.len(), "{}", written.len());
        let renamed = ORGANIZATION.replace("Acme Europe", "Acme Iberia");
        let written = write(&bodies(Some(request), Some(&renamed), Some(ORGANIZATION))).unwrap().unwrap();
        assert!(written.len() * 10 < request.len() + 2 * ORGANIZATION.len(), "{}", written.len());
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        let written = write(&bodies(None, Some(ORGANIZATION), None)).unwrap().unwrap();
        // One that says that it is very long.
        let long = [&[ZSTD_1, 0x28, 0xb5, 0x2f, 0xfd, 0xe0][..], &[0xff; 8]].concat();
        for bytes in [&written[..written.len() - 1], &long, &[7, 0], &[], &[PLAIN, 0xff]] {
            assert!(matches!(read(bytes), Err(Error::Inconsistent(_))), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_it_was(texts in proptest::array::uniform3(proptest::option::of("[^\0]{1,300}"))) {
            let bodies = bodies(texts[0].as_deref(), texts[1].as_deref(), texts[2].as_deref());
            match write(&bodies).unwrap() {
                None => prop_assert_eq!(bodies, Bodies::default()),
                Some(written) => prop_assert_eq!(read(&written).unwrap(), bodies),
            }
        }
    }
}
