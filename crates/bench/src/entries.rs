//! A long audit log of a small tree, as a server keeps it: written over 18 months, a tenth of it in one organization's log.

use std::ops::Range;

use crate::engine::Engine;
use crate::fill::{bytes, insert};
use crate::random::mix;
use crate::tree::{self, Tree};

/// Organizations that have a log.
pub(crate) const LOGS: u64 = 1_000;
/// Of so many entries one is in the log of the busy organization.
const BUSY_EVERY: u64 = 10;
/// Of so many entries of the busy log one is by the rare actor.
const RARE_EVERY: u64 = 100_000;
const MONTHS_18_MICROS: u64 = 18 * 30 * 24 * 3600 * 1_000_000;
const USERS: u64 = 1_000;
/// The address that few entries have.
pub(crate) const RARE_EMAIL: &str = "rare@example.com";
/// Numbers of words: those of organizations come first, then the fixed ones, then addresses.
const FIXED: u64 = LOGS + 1;
const WORDS: [&str; 14] = [
    "Update Organization",
    "success",
    "update",
    "api_token",
    RARE_EMAIL,
    "018cc251f40070008000000000000001",
    "198.51.100.4",
    "018cc251f40070008000000000000002",
    "bench",
    "user",
    "PUT",
    "200",
    "umbel-bench/1",
    "organizations",
];
const EMAILS: u64 = FIXED + 100;
const SCOPE: u64 = FIXED + 50;
const KIND: u64 = FIXED + 51;
/// Bytes of the bodies of an entry, compressed.
const BODIES: &str = r#"{"name":"Store Rotterdam 0000001"} {"success":true,"errors":[],"messages":[],"result":{"id":"018cc251f40070008000000000000001"}}"#;
/// Leaves that share a tile.
const TILE: u64 = 256;

/// How many entries there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entries {
    pub(crate) count: u64,
}

impl Entries {
    /// The organization whose log is long.
    pub(crate) fn busy_log() -> String {
        tree::id(LOGS - 1)
    }

    /// How many entries the long log has.
    pub(crate) fn busy_count(self) -> u64 {
        self.count / BUSY_EVERY
    }

    pub(crate) fn tree() -> Tree {
        Tree { size: LOGS }
    }

    /// When an entry was written, in microseconds since 1970.
    pub(crate) fn micros(self, at: u64) -> u64 {
        tree::time_micros(LOGS) + at * (MONTHS_18_MICROS / self.count)
    }

    /// The statements that add everything, each with many rows.
    pub(crate) fn statements(self, engine: Engine, rows: u64) -> impl Iterator<Item = String> {
        let chunks =
            (0..self.count).step_by(usize::try_from(rows).unwrap_or(1)).map(move |start| start..self.count.min(start + rows));
        let tiles = format!("INSERT INTO audit_trees (tree, size) VALUES (1, {})", self.count);
        std::iter::once(words())
            .chain(chunks.flat_map(move |range| {
                [
                    self.entries(engine, range.clone()),
                    self.bodies(engine, range.clone()),
                    self.leaves(engine, range.clone()),
                    tiles_of(engine, range),
                ]
            }))
            .chain([tiles])
    }

    /// The number of the log, the time and the id of an entry.
    fn key(self, engine: Engine, at: u64) -> (u64, u64, String) {
        let log = if at.is_multiple_of(BUSY_EVERY) { LOGS } else { mix(at) % LOGS + 1 };
        (log, self.micros(at), bytes(engine, &format!("018cc251000070008{at:015x}")))
    }

    fn entries(self, engine: Engine, range: Range<u64>) -> String {
        let rows = range.map(|at| {
            let (log, micros, id) = self.key(engine, at);
            let rare = at.is_multiple_of(BUSY_EVERY * RARE_EVERY);
            let email = if rare { FIXED + 4 } else { EMAILS + mix(at) % USERS };
            let word = |number: u64| FIXED + number;
            let (ray, salt) = (bytes(engine, &format!("{:016x}", mix(at))), bytes(engine, &format!("{:016x}{at:016x}", mix(at + 1))));
            let resource = bytes(engine, &tree::id(log - 1));
            format!(
                "({log},{micros},{id},NULL,{},{},{},{},{email},{},{},{},{},{},{ray},{},{},'/client/v4/organizations/{at:032x}',{},\
                 {resource},{},{SCOPE},{KIND},{salt})",
                word(0), word(1), word(2), word(3), word(5), word(6), word(7), word(8), word(9), word(10), word(11), word(12), word(13),
            )
        });
        insert("audit_entries", rows)
    }

    fn bodies(self, engine: Engine, range: Range<u64>) -> String {
        let bodies = bytes(engine, &BODIES.bytes().fold("00".to_owned(), |hex, byte| hex + &format!("{byte:02x}")));
        insert(
            "audit_bodies",
            range.map(|at| {
                let (log, micros, id) = self.key(engine, at);
                format!("({log},{micros},{id},{bodies})")
            }),
        )
    }

    fn leaves(self, engine: Engine, range: Range<u64>) -> String {
        insert(
            "audit_leaves",
            range.map(|at| {
                let (log, micros, id) = self.key(engine, at);
                format!("(1,{at},{log},{micros},{id})")
            }),
        )
    }
}

fn tiles_of(engine: Engine, range: Range<u64>) -> String {
    let hash = |at: u64| (0..4).fold(String::new(), |hex, part| hex + &format!("{:016x}", mix(at * 4 + part)));
    let tiles = range.start.div_ceil(TILE)..range.end.div_ceil(TILE);
    let rows = tiles.map(|tile| {
        let hashes = (tile * TILE..(tile + 1) * TILE).fold(String::new(), |hex, at| hex + &hash(at));
        format!("(1,0,{tile},{})", bytes(engine, &hashes))
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() { String::new() } else { insert("audit_tiles", rows.into_iter()) }
}

fn words() -> String {
    let of_logs = (0..LOGS).map(|at| (at + 1, tree::id(at)));
    let fixed = WORDS.iter().zip(FIXED..).map(|(word, code)| (code, (*word).to_owned()));
    let more = [(SCOPE, "\"organizations\"".to_owned()), (KIND, "organization".to_owned())];
    let emails = (0..USERS).map(|at| (EMAILS + at, format!("user-{at}@example.com")));
    insert(
        "audit_words",
        of_logs.chain(fixed).chain(more).chain(emails).map(|(code, word)| format!("({code},'{word}','{word}')")),
    )
}
