//! Verifying a bundle, a line at a time.

use std::io::{BufRead, Read};

use super::{Contents, Error, Header, LINE_LENGTH_MAX, Leaf, Tally, line};
use crate::note::{Note, NoteSignature};
use crate::{Checkpoint, Frontier, Hash, Invalid, VerifierKey, hex, leaf, proof};

/// What is known of a log beforehand and from elsewhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Its key; without one nothing tells who signed.
    pub key: Option<&'a VerifierKey>,
    /// What it said of itself at another time.
    pub checkpoint: Option<&'a Checkpoint>,
}

/// A bundle that holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Which log it is of, how large that is, and its root.
    pub checkpoint: Checkpoint,
    /// Whether the checkpoint is the log's.
    pub signed: Signed,
    /// Which leaves of the log it has.
    pub contents: Contents,
    /// What they come to.
    pub tally: Tally,
}

/// Who signed the checkpoint of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// The key that was known.
    ByTheKnownKey,
    /// No key was known, so that no signature was verified: the bundle holds together, but anybody can have made it.
    Unverified(Vec<NoteSignature>),
}

/// Verifies a bundle to its end: that its leaves, in their order, are those of the log that its checkpoint is of, that the known
/// key signed it, and that the log is the one that the known checkpoint is of.
///
/// A bundle with less than its log is a good one when it says so: when it starts after a frontier, has proofs, or has entries
/// whose personal members are erased. [`Verified`] tells.
pub fn verify(bundle: impl BufRead, known: &Known<'_>) -> Result<Verified, Error> {
    let mut lines = Lines { reader: bundle, number: 0, line: Vec::new() };
    let mut buffer = Vec::new();
    if !lines.advance()? {
        return Err(lines.refuse(Invalid("the bundle is empty".into())));
    }
    let header = Header::parse(&lines.line, &mut buffer).map_err(|reason| lines.refuse(reason))?;
    let mut check = Check::new(header, known, buffer).map_err(|reason| lines.refuse(reason))?;
    loop {
        if !lines.advance()? {
            return Err(lines.refuse(Invalid("the bundle ends before its checkpoint: it was cut off".into())));
        }
        if line::is_checkpoint(&lines.line) {
            break;
        }
        check.leaf(&lines.line).map_err(|reason| lines.refuse(reason))?;
    }
    let verified = check.finish(&lines.line, known).map_err(|reason| lines.refuse(reason))?;
    if lines.advance()? {
        return Err(lines.refuse(Invalid("something comes after the checkpoint".into())));
    }
    Ok(verified)
}

/// The lines of a bundle, each in the same buffer.
struct Lines<R> {
    reader: R,
    number: u64,
    /// The current line without its end.
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Goes to the next line; there is none at the end.
    fn advance(&mut self) -> Result<bool, Error> {
        self.line.clear();
        self.number += 1;
        let length = self.reader.by_ref().take(LINE_LENGTH_MAX as u64).read_until(b'\n', &mut self.line)?;
        if length > 0 && self.line.pop() != Some(b'\n') {
            return Err(self.refuse(Invalid(match length {
                LINE_LENGTH_MAX => format!("the line is longer than {LINE_LENGTH_MAX} bytes"),
                _ => "the line has no end: the bundle was cut off".into(),
            })));
        }
        Ok(length > 0)
    }

    fn refuse(&self, reason: Invalid) -> Error {
        Error::Line { number: self.number, reason }
    }
}

/// What is known after some lines.
struct Check<'k> {
    header: Header,
    /// The tree of a range so far.
    frontier: Frontier,
    known: Option<&'k Checkpoint>,
    next: u64,
    tally: Tally,
    buffer: Vec<u8>,
}

impl<'k> Check<'k> {
    fn new(header: Header, known: &Known<'k>, buffer: Vec<u8>) -> Result<Self, Invalid> {
        let frontier = match &header.contents {
            Contents::Range(frontier) => frontier.clone(),
            Contents::Selection { .. } => Frontier::default(),
        };
        let next = header.start();
        let check = Self { header, frontier, known: known.checkpoint, next, tally: Tally::default(), buffer };
        if let Some(known) = check.known {
            if known.origin != check.header.origin {
                let (found, expected) = (&check.header.origin, &known.origin);
                return Err(Invalid(format!("the bundle is of the log {found:?} and the known checkpoint of {expected:?}")));
            }
            match check.header.contents {
                Contents::Range(_) if known.size < next => return Err(incomparable(known, next)),
                Contents::Range(_) => check.compare_with_known(next, &check.frontier.root())?,
                Contents::Selection { size, .. } if known.size < size => return Err(incomparable(known, size)),
                Contents::Selection { size, root } => check.compare_with_known(size, &root)?,
            }
        }
        Ok(check)
    }

    fn leaf(&mut self, line: &[u8]) -> Result<(), Invalid> {
        let leaf = Leaf::parse(line, &mut self.buffer)?;
        self.header.check_leaf(self.next, &leaf)?;
        let hash = leaf::hash(&leaf.entry, &leaf.seal, &mut self.buffer);
        match &self.header.contents {
            Contents::Range(_) => {
                self.frontier.push(hash);
                // The root is worth computing only where there is something to compare it with.
                if self.known.is_some_and(|known| known.size == self.frontier.size()) {
                    self.compare_with_known(self.frontier.size(), &self.frontier.root())?;
                }
            }
            Contents::Selection { size, root } => {
                let proof = leaf.proof.as_deref().unwrap_or_default();
                proof::verify_inclusion(&hash, leaf.index, *size, proof, root)?;
            }
        }
        self.next = leaf.index + 1;
        self.tally.count(&leaf);
        Ok(())
    }

    fn finish(mut self, line: &[u8], known: &Known<'_>) -> Result<Verified, Invalid> {
        let note = Note::parse(&line::parse_checkpoint(line, &mut self.buffer)?)?;
        let (checkpoint, signed) = match known.key {
            Some(key) => (Checkpoint::open(&note, key)?, Signed::ByTheKnownKey),
            None => (Checkpoint::parse(note.unverified_text())?, Signed::Unverified(note.signatures().to_vec())),
        };
        if checkpoint.origin != self.header.origin {
            let (found, expected) = (&checkpoint.origin, &self.header.origin);
            return Err(Invalid(format!("the checkpoint is of the log {found:?} and the bundle of {expected:?}")));
        }
        let (size, root) = match &self.header.contents {
            Contents::Range(_) => (self.frontier.size(), self.frontier.root()),
            Contents::Selection { size, root } => (*size, *root),
        };
        if checkpoint.size != size {
            let expected = checkpoint.size;
            return Err(Invalid(format!("the log has {expected} entries by its checkpoint and {size} by the bundle")));
        }
        if let Some(known) = self.known.filter(|known| known.size > size) {
            let older = format!("the log has {size} entries here and had {} at the known checkpoint", known.size);
            return Err(Invalid(format!("{older}: it was rolled back, or the bundle is from before")));
        }
        if checkpoint.root != root {
            let (found, expected) = (hex::encode(&root), hex::encode(&checkpoint.root));
            let why = "a line before this one or the checkpoint was changed";
            return Err(Invalid(format!("the hash of the log is {expected} by its checkpoint and {found} by the bundle: {why}")));
        }
        Ok(Verified { checkpoint, signed, contents: self.header.contents, tally: self.tally })
    }

    /// Refuses a tree of the size of the known checkpoint with another root.
    fn compare_with_known(&self, size: u64, root: &Hash) -> Result<(), Invalid> {
        match self.known {
            Some(known) if known.size == size && known.root != *root => {
                let (found, expected) = (hex::encode(root), hex::encode(&known.root));
                let hashes =
                    format!("the hash of the first {size} entries is {expected} by the known checkpoint and {found} here");
                Err(Invalid(format!("{hashes}: the log was forked, or a line was changed")))
            }
            _ => Ok(()),
        }
    }
}

fn incomparable(known: &Checkpoint, size: u64) -> Invalid {
    let known = known.size;
    Invalid(format!(
        "the known checkpoint is of {known} entries, and the bundle cannot tell what was there before there were {size}"
    ))
}
