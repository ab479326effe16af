//! `umbel audit verify`: whether a bundle of an audit log holds, without a server and without a network.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use umbel_proof::bundle::{self, Contents, Known, Signed, Verified};
use umbel_proof::note::{self, Note};
use umbel_proof::{Checkpoint, VerifierKey, hex};

use crate::{Result, print};

/// Verifies a bundle of an audit log offline: that nothing in it was changed, added or left out since its checkpoint was signed.
#[derive(Args)]
pub(crate) struct Verify {
    /// Bundle to verify; `-` reads it from the standard input.
    file: PathBuf,
    /// Key of the log, as `verifier_key` of a checkpoint shows it, from a source that you trust; without it no signature is
    /// verified.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// File with a signed checkpoint that you kept: the log must be the same as then, only longer, or the same as it will be.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

impl Verify {
    pub(crate) fn run(self, as_json_line: bool) -> Result {
        let key = self.key.as_deref().map(VerifierKey::parse).transpose()?;
        let checkpoint = self.checkpoint.as_deref().map(|file| kept(file, key.as_ref())).transpose()?;
        let known = Known { key: key.as_ref(), checkpoint: checkpoint.as_ref() };
        let bundle: Box<dyn BufRead> = match self.file.as_os_str() {
            name if name == "-" => Box::new(BufReader::new(io::stdin())),
            _ => Box::new(BufReader::with_capacity(1 << 20, open(&self.file)?)),
        };
        let verified = bundle::verify(bundle, &known).map_err(|error| format!("{}: {error}", self.file.display()))?;
        if as_json_line { print::json(&as_json(&verified)) } else { print::out(&as_text(&verified)) }
    }
}

fn open(file: &Path) -> Result<File> {
    Ok(File::open(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?)
}

/// A checkpoint that was kept; with a key its signature is verified.
fn kept(file: &Path, key: Option<&VerifierKey>) -> Result<Checkpoint> {
    let mut text = String::new();
    open(file)?.take(note::LENGTH_MAX as u64 + 1).read_to_string(&mut text)?;
    let named = |error| format!("{}: {error}", file.display());
    let note = Note::parse(&text).map_err(named)?;
    let checkpoint = match key {
        Some(key) => Checkpoint::open(&note, key),
        None => Checkpoint::parse(note.unverified_text()),
    };
    Ok(checkpoint.map_err(named)?)
}

fn as_json(verified: &Verified) -> serde_json::Value {
    let (checkpoint, tally) = (&verified.checkpoint, &verified.tally);
    json!({
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root_hash": hex::encode(&checkpoint.root),
        "signature_verified": verified.signed == Signed::ByTheKnownKey,
        "entries": tally.leaves,
        "first_index": start(verified),
        "erased": tally.erased,
        "first_time": tally.first_time,
        "last_time": tally.last_time,
    })
}

/// The index of the first leaf of a range.
fn start(verified: &Verified) -> Option<u64> {
    match &verified.contents {
        Contents::Range(frontier) => Some(frontier.size()),
        Contents::Selection { .. } => None,
    }
}

fn as_text(verified: &Verified) -> String {
    let (checkpoint, tally) = (&verified.checkpoint, &verified.tally);
    let which = match start(verified) {
        Some(0) => format!("all {} entries", tally.leaves),
        Some(start) => format!("{} entries, all from number {start} on", tally.leaves),
        None => format!("{} of {} entries", tally.leaves, checkpoint.size),
    };
    let times = tally.first_time.as_deref().zip(tally.last_time.as_deref());
    let span = times.map_or_else(String::new, |(first, last)| format!("\n  from {first} to {last}"));
    let erased = if tally.erased == 0 { String::new() } else { format!("\n  personal fields erased: {}", tally.erased) };
    let signature = match &verified.signed {
        Signed::ByTheKnownKey => "signed by the key that you gave",
        Signed::Unverified(_) => "NOT VERIFIED: pass `--key` with the key of the log, or anybody can have made this file",
    };
    format!(
        "the bundle holds: {which} of {}{span}{erased}\n  root {}\n  signature: {signature}\n",
        print::escaped(&checkpoint.origin),
        hex::encode(&checkpoint.root),
    )
}
