//! What the stretches of a long log have, so that a filter which lets few entries pass need not look at all of them.
//!
//! The digest of a stretch has the hashes of all values of each field. A stretch without the hash of what is looked for is passed
//! over; where there is no digest, or two values have the same hash, a stretch is looked at for nothing. Digests are made behind
//! the log, from its oldest entry on, when a stretch is so old that nothing new is written there.
//!
//! Whatever is nevertheless written there takes the digests away from there on ([`super::append`]). Imports, erasures and deletions
//! say that they touch old entries (`disturb`), so that a digest which is being made meanwhile is not written. What a clock that
//! is minutes late may do at the same moment is found when the next stretch has its turn. No transaction that writes reads
//! entries for all this: on PostgreSQL it would run into every other one.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use umbel_domain::Timestamp;
use umbel_domain::audit::{Direction, Field};

use super::list::{Comparison, Span};
use super::{Form, fields, form};
use crate::engine::{Change, Row, Session};
use crate::sql::{Builder, Sql, Value, args, sql};
use crate::{Error, Query, Result, Write, server_state};

/// Digests that are looked at together.
const PER_LOOK: usize = 64;
/// So many times as many entries as a stretch is to have make it too large.
const SIZE_FACTOR_MAX: usize = 4;
/// The state of the server that changes with old entries.
const MARK: &str = "audit_digests";

const FIRST: Sql = sql!("SELECT at FROM audit_entries WHERE organization = $1 ORDER BY organization, at, id LIMIT 1");
const LAST: Sql = sql!("SELECT until FROM audit_digests WHERE organization = $1 ORDER BY until DESC LIMIT 1");
const END: Sql = sql!(
    "SELECT at FROM audit_entries WHERE organization = $1 AND at >= $2 AND at < $3 ORDER BY organization, at, id LIMIT 1 OFFSET $4"
);
const VALUES: Sql =
    sql!(concat!("SELECT e.id, ", fields!(), " FROM audit_entries e WHERE e.organization = $1 AND e.at >= $2 AND e.at <= $3"));
const IDS: Sql = sql!("SELECT id FROM audit_entries WHERE organization = $1 AND at >= $2 AND at <= $3");
const KNOWN_IDS: Sql = sql!("SELECT since, hashes FROM audit_digests WHERE organization = $1 AND until = $2 AND field = 'id'");
const ADD: Sql = sql!("INSERT INTO audit_digests (organization, until, field, since, hashes) VALUES ($1, $2, $3, $4, $5)");
const REMOVE_FROM: Sql = sql!("DELETE FROM audit_digests WHERE organization = $1 AND until >= $2");
const REMOVE_TO: Sql = sql!(
    "DELETE FROM audit_digests WHERE organization = $1 AND until <= COALESCE((SELECT until FROM audit_digests \
     WHERE organization = $1 AND until >= $2 ORDER BY until LIMIT 1), $2)"
);

/// What is to be done next for the digests of a log.
#[derive(Debug)]
pub enum Task {
    /// A stretch has no digest yet.
    Add(Digest),
    /// The last digest lacks an entry.
    Remove {
        /// The number of the log.
        log: i64,
        /// Where its stretch begins.
        since: Timestamp,
    },
}

/// What a stretch of a log has, ready to be written.
#[derive(Debug)]
pub struct Digest {
    log: i64,
    since: i64,
    until: i64,
    /// By field: the id, and then all of [`Field::ALL`]. None of a stretch that is too large, which is always looked at.
    hashes: Vec<BTreeSet<u32>>,
    /// Of the state of the server, when it was made.
    mark: Option<String>,
}

/// What is to be done for a log, given by its number, when it has `size` entries from before a time behind its last digest. A stretch
/// has more when the last ones have the same time.
pub async fn next(query: &mut impl Query, log: i64, before: Timestamp, size: usize) -> Result<Option<Task>> {
    let last = query.row(LAST, args![log], |row| row.int(0)).await?;
    let first = match last {
        Some(until) => Some(until + 1),
        None => query.row(FIRST, args![log], |row| row.int(0)).await?,
    };
    let Some(since) = first else { return Ok(None) };
    let end = query.row(END, args![log, since, before, size.saturating_sub(1)], |row| row.int(0)).await?;
    let Some(until) = end else { return Ok(None) };
    if let Some(last) = last
        && let Some(since) = lacking(query, log, last).await?
    {
        return Ok(Some(Task::Remove { log, since }));
    }
    let mark = server_state::get(query, MARK).await?;
    let is_too_large = query.row(END, args![log, since, until + 1, size * SIZE_FACTOR_MAX], |row| row.int(0)).await?.is_some();
    let mut hashes = Vec::new();
    if !is_too_large {
        let begun = vec![BTreeSet::new(); 1 + Field::ALL.len()];
        hashes = query.fold(VALUES, args![log, since, until], begun, |hashes, row| gather(hashes, row)).await?;
    }
    Ok(Some(Task::Add(Digest { log, since, until, hashes, mark })))
}

fn gather(hashes: &mut [BTreeSet<u32>], row: &Row<'_>) -> Result<()> {
    hashes[0].insert(hash(row.bytes_ref(0)?));
    for (at, field) in (1..).zip(Field::ALL) {
        hashes[at].extend(match form(field) {
            Form::Word => row.int_or_null(at)?.map(hash_of_word),
            Form::Packed => row.bytes_or_null(at)?.map(|bytes| hash(&bytes)),
            Form::Plain => row.text_or_null(at)?.map(|text| hash(text.as_bytes())),
        });
    }
    Ok(())
}

/// Where the stretch of a digest begins, if that lacks an entry.
pub(crate) async fn lacking(query: &mut impl Query, log: i64, until: i64) -> Result<Option<Timestamp>> {
    let read = |row: &Row<'_>| Ok((row.int(0)?, row.bytes(1)?));
    let Some((since, known)) = query.row(KNOWN_IDS, args![log, until], read).await? else { return Ok(None) };
    let step = |(known, lacks): &mut (Vec<u8>, bool), row: &Row<'_>| {
        *lacks |= !has(known, hash(row.bytes_ref(0)?))?;
        Ok(())
    };
    let (_, lacks) = query.fold(IDS, args![log, since, until], (known, false), step).await?;
    Ok(lacks.then(|| Timestamp::from_micros(since)))
}

/// Does what is to be done; [`Error::Conflict`] when old entries have come or changed meanwhile, or somebody else was faster.
pub async fn perform(write: &mut Write, task: Task) -> Result<()> {
    let Digest { log, since, until, hashes, mark } = match task {
        Task::Add(digest) => digest,
        Task::Remove { log, since } => return remove_from(write, log, since).await,
    };
    let last = write.row(LAST, args![log], |row| row.int(0)).await?;
    if server_state::get(write, MARK).await? != mark || last.is_some_and(|last| last >= since) {
        return Err(Error::Conflict);
    }
    if hashes.is_empty() {
        return write.execute(ADD, args![log, until, "", since, &[][..]]).await.map(drop);
    }
    let names = std::iter::once("id").chain(Field::ALL.iter().map(|field| field.name()));
    for (name, hashes) in names.zip(hashes) {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_be_bytes()).collect();
        write.execute(ADD, args![log, until, name, since, bytes.as_slice()]).await?;
    }
    Ok(())
}

/// Says that old entries come or change; `mark` is a text that nobody used before.
pub(crate) async fn disturb(write: &mut Write, mark: &str) -> Result<()> {
    server_state::set(write, MARK, mark).await
}

/// Removes the digests of a log from the one on that covers a time.
pub(crate) async fn remove_from(write: &mut Write, log: i64, at: Timestamp) -> Result<()> {
    write.execute(REMOVE_FROM, args![log, at]).await.map(drop)
}

/// Removes the digests of a log up to the one that covers a time.
pub(crate) async fn remove_to(write: &mut Write, log: i64, at: Timestamp) -> Result<()> {
    write.execute(REMOVE_TO, args![log, at]).await.map(drop)
}

/// The parts of a span in which entries may pass the filters, in the order of a direction, as far as some digests reach; and what
/// is left of the span behind them.
pub(super) async fn narrow(
    query: &mut impl Query,
    log: i64,
    filters: &[Comparison],
    span: Span,
    direction: Direction,
) -> Result<(Vec<Span>, Option<Span>)> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for filter in filters.iter().filter(|filter| filter.selects()) {
        let found = look(query, log, filter, &span, direction).await?;
        match &mut stretches[..] {
            [] => stretches = found,
            known => known.iter_mut().zip(found).for_each(|(known, found)| known.has &= found.has),
        }
    }
    let is_full = stretches.len() == PER_LOOK;
    if direction == Direction::Descending {
        stretches.reverse();
    }
    let (mut looked_at, mut rest) = (span.clone(), span);
    match (&stretches[..], direction) {
        ([.., last], Direction::Ascending) if is_full => {
            looked_at.before = (last.end(), Vec::new());
            rest.after = (last.end(), Vec::new());
        }
        ([first, ..], Direction::Descending) if is_full => {
            looked_at.after = (first.since, Vec::new());
            rest.before = (first.since, Vec::new());
        }
        _ => rest.after = rest.before.clone(),
    }
    let mut parts = Vec::new();
    for stretch in stretches.iter().filter(|stretch| !stretch.has) {
        parts.push(Span { after: looked_at.after, before: (stretch.since, Vec::new()) });
        looked_at.after = (stretch.end(), Vec::new());
    }
    parts.push(looked_at);
    parts.retain(Span::is_any);
    if direction == Direction::Descending {
        parts.reverse();
    }
    Ok((parts, Some(rest).filter(Span::is_any)))
}

/// A stretch of a log, and whether it may have what a filter lets pass.
struct Stretch {
    since: Timestamp,
    until: Timestamp,
    has: bool,
}

impl Stretch {
    /// The first time behind it.
    fn end(&self) -> Timestamp {
        Timestamp::from_micros(self.until.micros() + 1)
    }
}

/// The first stretches with digests that lie in a span.
async fn look(query: &mut impl Query, log: i64, filter: &Comparison, span: &Span, direction: Direction) -> Result<Vec<Stretch>> {
    let mut statement = Builder::default();
    statement.push("SELECT since, until, hashes FROM audit_digests WHERE organization = ").bind(log);
    statement.push(" AND until >= ").bind(span.after.0).push(" AND until < ").bind(span.before.0);
    statement.push(" AND since >= ").bind(span.after.0).push(" AND field = ").bind(filter.column);
    statement.push(if direction == Direction::Ascending { " ORDER BY until" } else { " ORDER BY until DESC" });
    statement.push(" LIMIT ").bind(PER_LOOK);
    let wanted: Vec<u32> = filter.values.iter().filter_map(hash_of).collect();
    let (found, _) = query.fold(&statement, statement.args(), (Vec::new(), wanted), judge).await?;
    Ok(found)
}

fn judge((found, wanted): &mut (Vec<Stretch>, Vec<u32>), row: &Row<'_>) -> Result<()> {
    let (since, until) = (Timestamp::from_micros(row.int(0)?), Timestamp::from_micros(row.int(1)?));
    let mut stretch = Stretch { since, until, has: false };
    for hash in wanted {
        stretch.has |= has(row.bytes_ref(2)?, *hash)?;
    }
    found.push(stretch);
    Ok(())
}

/// Whether a digest has a hash.
fn has(hashes: &[u8], hash: u32) -> Result<bool> {
    match hashes.as_chunks::<4>() {
        (hashes, []) => Ok(hashes.binary_search(&hash.to_be_bytes()).is_ok()),
        _ => Err(Error::Inconsistent("a digest of the audit log has half a hash".into())),
    }
}

/// The hash of a value as rows are compared with it.
fn hash_of(value: &Value<'_>) -> Option<u32> {
    match value {
        Value::Int(code) => code.map(hash_of_word),
        Value::Text(text) => text.as_ref().map(|text| hash(text.as_bytes())),
        Value::Bytes(bytes) => bytes.as_ref().map(|bytes| hash(bytes)),
    }
}

/// The number of a word follows from it as a hash does.
fn hash_of_word(code: i64) -> u32 {
    u32::try_from(code).unwrap_or(u32::MAX)
}

fn hash(bytes: &[u8]) -> u32 {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(bytes));
    u32::from_be_bytes([a, b, c, d])
}
