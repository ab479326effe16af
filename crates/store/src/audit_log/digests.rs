//! What the stretches of a long log have, so that a filter which lets few entries pass need not look at all of them.
//!
//! The digest of a stretch has the hashes of all values of each field. A stretch that lacks what is looked for is passed over;
//! where there is no digest, or two values have the same hash, a stretch is looked at for nothing. Digests are made behind the
//! log, from its oldest entry on, when a stretch is old enough that nothing is written there any more. Whatever is nevertheless
//! written there takes the digests away from there on ([`super::append`]), and they are made anew.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use umbel_domain::Timestamp;
use umbel_domain::audit::{Direction, Field, Mode};

use super::list::{Comparison, Span};
use super::{Form, fields, form};
use crate::engine::{Change, Row, Session};
use crate::sql::{Builder, Sql, Value, args, sql};
use crate::{Error, Query, Result, Write};

/// Digests that are looked at together.
const PER_LOOK: usize = 64;

const LAST: Sql = sql!("SELECT until FROM audit_digests WHERE organization = $1 ORDER BY until DESC LIMIT 1");
const END: Sql = sql!(
    "SELECT at FROM audit_entries WHERE organization = $1 AND at >= $2 AND at < $3 ORDER BY organization, at, id LIMIT 1 OFFSET $4"
);
const VALUES: Sql = sql!(concat!(
    "SELECT e.id, ",
    fields!(),
    ", e.salt FROM audit_entries e WHERE e.organization = $1 AND e.at >= $2 AND e.at <= $3 ORDER BY e.at, e.id"
));
const SEALS: Sql = sql!("SELECT id, salt FROM audit_entries WHERE organization = $1 AND at >= $2 AND at <= $3 ORDER BY at, id");
const ADD: Sql = sql!("INSERT INTO audit_digests (organization, until, field, since, hashes) VALUES ($1, $2, $3, $4, $5)");
const REMOVE_FROM: Sql = sql!("DELETE FROM audit_digests WHERE organization = $1 AND until >= $2");
const REMOVE_TO: Sql = sql!("DELETE FROM audit_digests WHERE organization = $1 AND until <= $2");

/// What a stretch of a log has, ready to be written.
#[derive(Debug)]
pub struct Digest {
    log: i64,
    since: i64,
    until: i64,
    /// By field: the id, and then all of [`Field::ALL`].
    hashes: Vec<BTreeSet<u32>>,
    /// Of which entries it is, as they were.
    seal: Sha256,
}

/// The digest of the next stretch of a log, given by its number: of `size` entries, and of more when the last ones have the same
/// time. `None` as long as there are fewer before a time.
pub async fn next(query: &mut impl Query, log: i64, before: Timestamp, size: usize) -> Result<Option<Digest>> {
    let last = query.row(LAST, args![log], |row| row.int(0)).await?;
    let since = last.map_or(i64::MIN, |until| until + 1);
    let end = query.row(END, args![log, since, before, size.saturating_sub(1)], |row| row.int(0)).await?;
    let Some(until) = end else { return Ok(None) };
    let hashes = vec![BTreeSet::new(); 1 + Field::ALL.len()];
    let begun = Digest { log, since, until, hashes, seal: Sha256::new() };
    Ok(Some(query.fold(VALUES, args![log, since, until], begun, gather).await?))
}

fn gather(Digest { hashes, seal, .. }: &mut Digest, row: &Row<'_>) -> Result<()> {
    hashes[0].insert(hash(row.bytes_ref(0)?));
    for (at, field) in (1..).zip(Field::ALL) {
        hashes[at].extend(match form(field) {
            Form::Word => row.int_or_null(at)?.map(hash_of_word),
            Form::Packed => row.bytes_or_null(at)?.map(|bytes| hash(&bytes)),
            Form::Plain => row.text_or_null(at)?.map(|text| hash(text.as_bytes())),
        });
    }
    put_seal(seal, row.bytes_ref(0)?, row.bytes_ref(hashes.len())?);
    Ok(())
}

/// An entry is known by its id, and what is erased in it changes its salt.
fn put_seal(seal: &mut Sha256, id: &[u8], salt: &[u8]) {
    for bytes in [id, salt] {
        seal.update([bytes.len().to_le_bytes()[0]]);
        seal.update(bytes);
    }
}

/// Writes a digest; [`Error::Conflict`] when the entries are other ones by now, or have a digest.
pub async fn add(write: &mut Write, digest: Digest) -> Result<()> {
    let Digest { log, since, until, hashes, seal } = digest;
    let step = |seal: &mut Sha256, row: &Row<'_>| {
        put_seal(seal, row.bytes_ref(0)?, row.bytes_ref(1)?);
        Ok(())
    };
    let now = write.fold(SEALS, args![log, since, until], Sha256::new(), step).await?;
    let last = write.row(LAST, args![log], |row| row.int(0)).await?;
    if now.finalize() != seal.finalize() || last.is_some_and(|last| last >= since) {
        return Err(Error::Conflict);
    }
    let names = std::iter::once("id").chain(Field::ALL.iter().map(|field| field.name()));
    for (name, hashes) in names.zip(hashes) {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_be_bytes()).collect();
        write.execute(ADD, args![log, until, name, since, bytes.as_slice()]).await?;
    }
    Ok(())
}

/// Removes the digests of a log from the one on that covers a time.
pub(crate) async fn remove_from(write: &mut Write, log: i64, at: Timestamp) -> Result<()> {
    write.execute(REMOVE_FROM, args![log, at]).await.map(drop)
}

/// Removes the digests of a log that cover nothing behind a time.
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
    for filter in filters.iter().filter(|filter| filter.mode == Mode::Including) {
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
    let (hashes, rest) = row.bytes_ref(2)?.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Error::Inconsistent("a digest of the audit log has half a hash".into()));
    }
    let has = wanted.iter().any(|hash| hashes.binary_search(&hash.to_be_bytes()).is_ok());
    found.push(Stretch { since, until, has });
    Ok(())
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
