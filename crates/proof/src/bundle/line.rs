//! The lines of a bundle: each is canonical JSON, so that there is one way to write it and no byte of it can change unseen.

use serde::Deserialize;

use super::{Contents, Header, Leaf, VERSION};
use crate::canonical::object;
use crate::entry::{Part, Text, text};
use crate::{Entry, Frontier, Hash, Invalid, Seal, hex};

const HEADER: &str = "audit_bundle";
const LEAF: &str = "audit_leaf";
const CHECKPOINT: &str = "audit_checkpoint";
/// How the line of a checkpoint starts, which no line of a leaf does.
const CHECKPOINT_START: &[u8] = br#"{"kind":"audit_checkpoint","#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderLine {
    frontier: Option<Vec<String>>,
    kind: String,
    origin: String,
    proofs: Option<bool>,
    root: Option<String>,
    size: Option<u64>,
    start: Option<u64>,
    version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeafLine<'a> {
    #[serde(borrow, default, deserialize_with = "text")]
    commitment: Option<Text<'a>>,
    #[serde(borrow)]
    entry: Entry<'a>,
    index: u64,
    #[serde(borrow)]
    kind: Text<'a>,
    proof: Option<Vec<String>>,
    #[serde(borrow, default, deserialize_with = "text")]
    salt: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    kind: String,
    note: String,
}

impl Header {
    /// Writes the line, without its end, over the buffer.
    pub(super) fn write(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
        object(buffer, |o| match &self.contents {
            Contents::Range(frontier) => {
                o.hex_array("frontier", frontier.hashes());
                o.text("kind", Some(HEADER));
                o.text("origin", Some(&self.origin));
                o.number("start", Some(frontier.size()));
                o.number("version", Some(VERSION));
            }
            Contents::Selection { size, root } => {
                o.text("kind", Some(HEADER));
                o.text("origin", Some(&self.origin));
                o.yes("proofs");
                o.hex("root", root);
                o.number("size", Some(*size));
                o.number("version", Some(VERSION));
            }
        });
    }

    pub(super) fn parse(line: &[u8], buffer: &mut Vec<u8>) -> Result<Self, Invalid> {
        let read: HeaderLine = from_json(line)?;
        check_kind(&read.kind, HEADER)?;
        if read.version != VERSION {
            return Err(Invalid(format!("the bundle has version {}, and only {VERSION} is known", read.version)));
        }
        let contents = match (read.start, &read.frontier, read.proofs, read.size, &read.root) {
            (Some(start), Some(frontier), None, None, None) => {
                Contents::Range(Frontier::new(start, hashes("frontier", frontier)?)?)
            }
            (None, None, Some(true), Some(size), Some(root)) => Contents::Selection { size, root: bytes("root", root)? },
            _ => {
                let why = "the bundle must have start and frontier, or proofs, size and root, and no other members";
                return Err(Invalid(why.into()));
            }
        };
        let header = Self { origin: read.origin, contents };
        header.write(buffer);
        check_canonical(line, buffer)?;
        Ok(header)
    }
}

impl<'a> Leaf<'a> {
    /// Writes the line, without its end, over the buffer.
    pub(super) fn write(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
        object(buffer, |o| {
            if let Seal::Commitment(commitment) = &self.seal {
                o.hex("commitment", commitment);
            }
            o.object("entry", |o| {
                self.entry.write_first(o, Part::All);
                self.entry.write_rest(o, Part::All);
            });
            o.number("index", Some(self.index));
            o.text("kind", Some(LEAF));
            if let Some(proof) = &self.proof {
                o.hex_array("proof", proof);
            }
            if let Seal::Salt(salt) = &self.seal {
                o.hex("salt", salt);
            }
        });
    }

    pub(super) fn parse(line: &'a [u8], buffer: &mut Vec<u8>) -> Result<Self, Invalid> {
        let read: LeafLine<'a> = from_json(line)?;
        check_kind(&read.kind, LEAF)?;
        let seal = match (&read.salt, &read.commitment) {
            (Some(salt), None) => Seal::Salt(bytes("salt", salt)?),
            (None, Some(commitment)) => Seal::Commitment(bytes("commitment", commitment)?),
            _ => return Err(Invalid(format!("leaf {} must have either salt or commitment", read.index))),
        };
        let proof = read.proof.as_deref().map(|proof| hashes("proof", proof)).transpose()?;
        let leaf = Self { index: read.index, entry: read.entry, seal, proof };
        leaf.write(buffer);
        check_canonical(line, buffer)?;
        Ok(leaf)
    }
}

/// Whether a line, good or bad, is that of a checkpoint and not that of a leaf.
pub(super) fn is_checkpoint(line: &[u8]) -> bool {
    line.starts_with(CHECKPOINT_START)
}

/// Writes the line of a checkpoint, without its end, over the buffer.
pub(super) fn write_checkpoint(note: &str, buffer: &mut Vec<u8>) {
    buffer.clear();
    object(buffer, |o| {
        o.text("kind", Some(CHECKPOINT));
        o.text("note", Some(note));
    });
}

/// Reads the signed note of a checkpoint's line.
pub(super) fn parse_checkpoint(line: &[u8], buffer: &mut Vec<u8>) -> Result<String, Invalid> {
    let read: CheckpointLine = from_json(line)?;
    check_kind(&read.kind, CHECKPOINT)?;
    write_checkpoint(&read.note, buffer);
    check_canonical(line, buffer)?;
    Ok(read.note)
}

fn from_json<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, Invalid> {
    serde_json::from_slice(line).map_err(|error| {
        // The reader counts lines too, and to it this is always the first.
        let (text, place) = (error.to_string(), format!(" at line {} column {}", error.line(), error.column()));
        Invalid(format!("{} at byte {}", text.strip_suffix(&place).unwrap_or(&text), error.column()))
    })
}

fn check_kind(found: &str, expected: &str) -> Result<(), Invalid> {
    if found != expected {
        return Err(Invalid(format!("the kind is {found:?} where {expected:?} should be")));
    }
    Ok(())
}

fn check_canonical(line: &[u8], canonical: &[u8]) -> Result<(), Invalid> {
    if line != canonical {
        let same = line.iter().zip(canonical).take_while(|(found, expected)| found == expected).count();
        return Err(Invalid(format!("it is JSON but not in its canonical form, from byte {} on", same + 1)));
    }
    Ok(())
}

fn bytes<const N: usize>(name: &str, text: &str) -> Result<[u8; N], Invalid> {
    hex::decode(text).ok_or_else(|| Invalid(format!("the {name} {text:?} is not {N} bytes in lower-case hex")))
}

fn hashes(name: &str, texts: &[String]) -> Result<Vec<Hash>, Invalid> {
    texts.iter().map(|text| bytes(name, text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::tests::full_entry;

    fn leaf() -> Leaf<'static> {
        Leaf { index: 7, entry: full_entry(), seal: Seal::Salt([1; 16]), proof: None }
    }

    fn written(leaf: &Leaf<'_>) -> String {
        let mut buffer = Vec::new();
        leaf.write(&mut buffer);
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn lines_are_read_as_they_were_written() {
        let mut buffer = Vec::new();
        let erased = Leaf { entry: Entry::default(), seal: Seal::Commitment([2; 32]), ..leaf() };
        for leaf in [leaf(), erased, Leaf { proof: Some(vec![[3; 32], [4; 32]]), ..leaf() }] {
            assert_eq!(Leaf::parse(written(&leaf).as_bytes(), &mut buffer), Ok(leaf));
        }
        let frontier = Frontier::new(5, vec![[5; 32], [6; 32]]).unwrap();
        for contents in [Contents::Range(frontier), Contents::Selection { size: 9, root: [7; 32] }] {
            let header = Header { origin: "umbel/audit/a".into(), contents };
            let mut line = Vec::new();
            header.write(&mut line);
            assert_eq!(Header::parse(&line, &mut buffer), Ok(header));
        }
        let mut line = Vec::new();
        write_checkpoint("a\n\n\u{2014} b\n", &mut line);
        assert!(is_checkpoint(&line));
        assert_eq!(parse_checkpoint(&line, &mut buffer).as_deref(), Ok("a\n\n\u{2014} b\n"));
    }

    #[test]
    fn a_line_in_any_other_form_is_refused() {
        let line = written(&leaf());
        for (from, to) in [
            ("{\"entry\"", "{ \"entry\""),
            ("\"index\":7", "\"index\":7.0"),
            ("\"index\":7", "\"index\":07"),
            ("\"index\":7", "\"index\":7e0"),
            ("\"index\":7,\"kind\":\"audit_leaf\"", "\"kind\":\"audit_leaf\",\"index\":7"),
            ("user\"", "\\u0075ser\""),
            ("/client", "\\/client"),
            ("\"organization\":{\"id\":\"o1\"},", "\"organization\":{},"),
            ("audit_leaf", "audit_log"),
            ("\"salt\":\"01", "\"salt\":\"0"),
            ("\"salt\":\"", "\"commitment\":\"02\",\"salt\":\""),
            (",\"salt\":\"01010101010101010101010101010101\"", ""),
            ("\"kind\"", "\"extra\":1,\"kind\""),
        ] {
            let changed = line.replacen(from, to, 1);
            assert_ne!(changed, line, "{from}");
            assert!(Leaf::parse(changed.as_bytes(), &mut Vec::new()).is_err(), "{to}");
        }
        assert_eq!(
            Leaf::parse(line.replacen("/client", "\\/client", 1).as_bytes(), &mut Vec::new()).unwrap_err().0,
            format!("it is JSON but not in its canonical form, from byte {} on", line.find("/client").unwrap() + 1)
        );
    }

    #[test]
    fn a_header_of_two_kinds_or_of_none_is_refused() {
        let root = "0".repeat(64);
        for members in [
            r#""start":0"#,
            r#""frontier":[]"#,
            r#""frontier":[],"start":1"#,
            r#""frontier":[],"proofs":false,"start":0"#,
            r#""proofs":true,"size":3"#,
            &format!(r#""proofs":false,"root":"{root}","size":3"#),
            &format!(r#""frontier":[],"proofs":true,"root":"{root}","size":3,"start":0"#),
        ] {
            let line = format!(r#"{{"kind":"audit_bundle","origin":"a",{members},"version":1}}"#);
            assert!(Header::parse(line.as_bytes(), &mut Vec::new()).is_err(), "{line}");
        }
        let newer = br#"{"frontier":[],"kind":"audit_bundle","origin":"a","start":0,"version":2}"#;
        assert!(Header::parse(newer, &mut Vec::new()).unwrap_err().0.contains("version 2"));
    }
}
