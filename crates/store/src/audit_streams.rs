//! Streams of audit logs: what they are, how far they got, and what they send next.
//!
//! The log is the outbox: a stream is a place among the leaves of a tree, which are dense and in the order in which entries became known.

use std::collections::{HashMap, HashSet};

use umbel_domain::audit::{Destination, DestinationText, Progress, Record, Stream};
use umbel_domain::{AuditStreamId, Lineage, Name, OrganizationId, Timestamp};

use crate::audit_log::keys::Key;
use crate::audit_log::words;
use crate::audit_trees::SIZE;
use crate::engine::{Change, Row, Session};
use crate::sql::{Builder, IN_LIST_MAX, Sql, args, sql};
use crate::{Error, Query, Result, Write, audit_trees};

/// Leaves that are looked at for one batch.
const SCANNED_MAX: usize = 4_096;
/// Entries that are read at once.
const ENTRIES_PER_READ: usize = 64;

/// A stream, and how far it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it is.
    pub stream: Stream,
    /// How it goes.
    pub progress: Progress,
    /// Where it stands.
    pub place: StreamPlace,
    /// How many leaves the tree has that it has not looked at.
    pub behind: u64,
    /// Where the entries end that were not taken and are sent again as they were.
    retry_to: Option<u64>,
}

impl Kept {
    /// The leaf behind all that the tree had.
    pub fn end(&self) -> u64 {
        self.place.leaf + self.behind
    }
}

/// A place in a tree: the leaves before it are dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamPlace {
    tree: i64,
    /// How many leaves come before it.
    pub leaf: u64,
}

macro_rules! columns {
    () => {
        "s.organization_id, s.id, s.name, s.url, s.region, s.endpoint, s.access_key_id, s.secret_access_key, s.include_descendants, \
         s.enabled, s.secret_number, s.secret_time, s.create_time, s.update_time, s.version, s.tree, s.leaf, s.delivered, \
         s.delivered_at, s.failures, s.error, s.next_attempt_at, s.test_requested_at, s.tested_at, s.test_error, COALESCE(t.size, 0), s.retry_to \
         FROM audit_streams s LEFT JOIN audit_trees t ON t.tree = s.tree "
    };
}

const INSERT: Sql = sql!(
    "INSERT INTO audit_streams (organization_id, id, name, url, region, endpoint, access_key_id, secret_access_key, \
     include_descendants, enabled, secret_number, secret_time, create_time, update_time, version, tree, leaf, delivered, failures, \
     next_attempt_at, holder, held_until) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, 0, $13, '', 0)"
);
const UPDATE: Sql = sql!(
    "UPDATE audit_streams SET name = $3, url = $4, region = $5, endpoint = $6, access_key_id = $7, secret_access_key = $8, \
     include_descendants = $9, enabled = $10, secret_number = $11, secret_time = $12, update_time = $13, version = version + 1, \
     failures = 0, error = NULL, next_attempt_at = $13 WHERE organization_id = $1 AND id = $2 AND version = $14"
);
const DELETE: Sql = sql!("DELETE FROM audit_streams WHERE organization_id = $1 AND id = $2 AND version = $3");
const DELETE_LEGS: Sql = sql!("DELETE FROM audit_stream_legs WHERE organization_id = $1 AND stream_id = $2");
const DELETE_OF_ORGANIZATION: Sql = sql!("DELETE FROM audit_streams WHERE organization_id = $1");
const DELETE_LEGS_OF_ORGANIZATION: Sql = sql!("DELETE FROM audit_stream_legs WHERE organization_id = $1");
const GET: Sql = sql!(concat!("SELECT ", columns!(), "WHERE s.organization_id = $1 AND s.id = $2"));
const OF_ORGANIZATION: Sql = sql!(concat!("SELECT ", columns!(), "WHERE s.organization_id = $1 ORDER BY s.id LIMIT $2"));
const DUE: Sql = sql!(concat!(
    "SELECT ",
    columns!(),
    "WHERE (s.held_until <= $1 OR s.holder = $2) AND ((s.enabled = 1 AND s.next_attempt_at <= $1 AND (COALESCE(t.size, 0) > s.leaf OR \
     EXISTS (SELECT 1 FROM audit_stream_legs l WHERE l.organization_id = s.organization_id AND l.stream_id = s.id))) \
     OR (s.test_requested_at IS NOT NULL AND s.tested_at IS NULL)) ORDER BY s.next_attempt_at, s.organization_id, s.id LIMIT $3"
));
const HOLD: Sql = sql!(
    "UPDATE audit_streams SET holder = $5, held_until = $6 WHERE organization_id = $1 AND id = $2 AND tree = $3 AND leaf = $4 \
     AND (held_until <= $7 OR holder = $5) AND version = $8"
);
const ADVANCE: Sql = sql!(
    "UPDATE audit_streams SET leaf = $6, delivered = delivered + $7, delivered_at = COALESCE($8, delivered_at), failures = 0, \
     error = NULL, retry_to = NULL, next_attempt_at = $9 WHERE organization_id = $1 AND id = $2 AND tree = $3 AND leaf = $4 AND holder = $5"
);
const FAIL: Sql = sql!(
    "UPDATE audit_streams SET failures = failures + 1, error = $6, next_attempt_at = $7, enabled = enabled * $8, retry_to = $9 \
     WHERE organization_id = $1 AND id = $2 AND tree = $3 AND leaf = $4 AND holder = $5 AND version = $10"
);
const TESTED: Sql = sql!(
    "UPDATE audit_streams SET tested_at = $3, test_error = $4 WHERE organization_id = $1 AND id = $2 AND test_requested_at = $5"
);
const REQUEST_TEST: Sql = sql!(
    "UPDATE audit_streams SET test_requested_at = $3, tested_at = NULL, test_error = NULL WHERE organization_id = $1 AND id = $2"
);
const PLACE: Sql = sql!(
    "UPDATE audit_streams SET tree = $3, leaf = $4, retry_to = NULL, failures = 0, error = NULL, next_attempt_at = $5 \
     WHERE organization_id = $1 AND id = $2"
);
const FIRST_SINCE: Sql = sql!("SELECT leaf FROM audit_leaves WHERE tree = $1 AND at >= $2 ORDER BY tree, leaf LIMIT 1");
const LEAVES: Sql =
    sql!("SELECT at, id, organization, leaf FROM audit_leaves WHERE tree = $1 AND leaf >= $2 ORDER BY tree, leaf LIMIT $3");
const NEXT_LEG: Sql = sql!(
    "SELECT number, tree, leaf FROM audit_stream_legs WHERE organization_id = $1 AND stream_id = $2 \
     AND NOT EXISTS (SELECT 1 FROM audit_pending WHERE tree = $3) ORDER BY number LIMIT 1"
);
const END_LEG: Sql = sql!("DELETE FROM audit_stream_legs WHERE organization_id = $1 AND stream_id = $2 AND number = $3");
const GO_ON: Sql = sql!(
    "UPDATE audit_streams SET tree = $6, leaf = $7 \
     WHERE organization_id = $1 AND id = $2 AND tree = $3 AND leaf = $4 AND holder = $5"
);
const MOVE: Sql = sql!(
    "INSERT INTO audit_stream_legs (organization_id, stream_id, number, tree, leaf) SELECT s.organization_id, s.id, \
     (SELECT COALESCE(MAX(l.number), 0) + 1 FROM audit_stream_legs l WHERE l.organization_id = s.organization_id AND l.stream_id = s.id), \
     $1, $2 FROM audit_streams s JOIN organizations o ON o.id = s.organization_id WHERE o.lineage > $3 AND o.lineage < $4"
);
const DEPART: Sql = sql!("INSERT INTO departed_organizations (id, lineage) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING");

/// Adds a stream, which begins with what is not yet in the tree.
pub async fn insert(write: &mut Write, stream: &Stream, lineage: &Lineage) -> Result<()> {
    let place = end(write, lineage).await?;
    let destination = &stream.destination;
    let args = args![
        stream.organization_id.as_str(),
        stream.id.as_str(),
        stream.name.as_str(),
        destination.url.as_str(),
        destination.region.as_deref(),
        destination.endpoint.as_deref(),
        destination.access_key_id.as_deref(),
        destination.secret_access_key.as_deref(),
        stream.include_descendants,
        stream.enabled,
        i64::from(stream.secret_number),
        stream.secret_time,
        stream.create_time,
        stream.update_time,
        stream.version,
        place.tree,
        place.leaf,
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// Writes what can change of a stream, which is then tried again at once; [`Error::Conflict`] when it changed since it was read.
pub async fn update(write: &mut Write, stream: &Stream) -> Result<()> {
    let destination = &stream.destination;
    let args = args![
        stream.organization_id.as_str(),
        stream.id.as_str(),
        stream.name.as_str(),
        destination.url.as_str(),
        destination.region.as_deref(),
        destination.endpoint.as_deref(),
        destination.access_key_id.as_deref(),
        destination.secret_access_key.as_deref(),
        stream.include_descendants,
        stream.enabled,
        i64::from(stream.secret_number),
        stream.secret_time,
        stream.update_time,
        stream.version,
    ];
    write.one_row(UPDATE, args).await
}

/// Removes a stream; [`Error::Conflict`] when it changed since it was read.
pub async fn delete(write: &mut Write, stream: &Stream) -> Result<()> {
    let (organization, id) = (stream.organization_id.as_str(), stream.id.as_str());
    write.one_row(DELETE, args![organization, id, stream.version]).await?;
    write.execute(DELETE_LEGS, args![organization, id]).await.map(drop)
}

/// Removes every stream of an organization.
pub async fn delete_of_organization(write: &mut Write, organization: &OrganizationId) -> Result<()> {
    write.execute(DELETE_OF_ORGANIZATION, args![organization.as_str()]).await?;
    write.execute(DELETE_LEGS_OF_ORGANIZATION, args![organization.as_str()]).await.map(drop)
}

/// The stream of an organization with this id.
pub async fn get(query: &mut impl Query, organization: &OrganizationId, id: &AuditStreamId) -> Result<Option<Kept>> {
    query.row(GET, args![organization.as_str(), id.as_str()], from_row).await
}

/// The streams of an organization, in the order of their ids; at most [`Stream::PER_ORGANIZATION_MAX`].
pub async fn of_organization(query: &mut impl Query, organization: &OrganizationId) -> Result<Vec<Kept>> {
    query.rows(OF_ORGANIZATION, args![organization.as_str(), Stream::PER_ORGANIZATION_MAX], from_row).await
}

/// Asks for a test of a stream.
pub async fn request_test(write: &mut Write, stream: &Stream, now: Timestamp) -> Result<()> {
    write.one_row(REQUEST_TEST, args![stream.organization_id.as_str(), stream.id.as_str(), now]).await
}

/// The first leaf, in the order in which entries became known, of the tree in which an organization stands, that is not older than
/// `since`; `None` when there is none.
pub async fn first_since(query: &mut impl Query, lineage: &Lineage, since: Timestamp) -> Result<Option<u64>> {
    let root = OrganizationId::parse(lineage.root_id().unwrap_or_default())?;
    let Some(tree) = audit_trees::tree(query, Some(&root)).await? else { return Ok(None) };
    Ok(query.row(FIRST_SINCE, args![tree, since], |row| row.int(0)).await?.map(i64::cast_unsigned))
}

/// Has a stream begin anew at a leaf of the tree in which its organization stands; at its end without one.
pub async fn replay(write: &mut Write, stream: &Stream, lineage: &Lineage, from: Option<u64>, now: Timestamp) -> Result<()> {
    let end = end(write, lineage).await?;
    let (organization, id) = (stream.organization_id.as_str(), stream.id.as_str());
    write.execute(DELETE_LEGS, args![organization, id]).await?;
    write.one_row(PLACE, args![organization, id, end.tree, from.unwrap_or(end.leaf), now]).await
}

/// The end of the tree in which an organization stands.
async fn end(write: &mut Write, lineage: &Lineage) -> Result<StreamPlace> {
    let root = lineage.root_id().unwrap_or_default().into();
    let tree = words::code_of(write, &root).await?;
    let size = write.row(SIZE, args![tree], |row| row.int(0)).await?;
    Ok(StreamPlace { tree, leaf: size.unwrap_or(0).cast_unsigned() })
}

/// Has the streams of a subtree go on in another tree, when they are through with that in which it stood.
pub(crate) async fn follow(write: &mut Write, from: &Lineage, to: &Lineage) -> Result<()> {
    if from.root_id() == to.root_id() {
        return Ok(());
    }
    let (place, range) = (end(write, to).await?, from.range());
    write.execute(MOVE, args![place.tree, place.leaf, range.after, range.before]).await.map(drop)
}

/// Remembers where an organization stood that is about to be gone.
pub(crate) async fn depart(write: &mut Write, id: &OrganizationId, lineage: &Lineage) -> Result<()> {
    write.execute(DEPART, args![id.as_str(), lineage.as_str()]).await.map(drop)
}

/// Streams that `holder` may hold and that have something to do at `now`: those that wait longest, at most `limit`.
pub async fn due(query: &mut impl Query, holder: &str, now: Timestamp, limit: usize) -> Result<Vec<Kept>> {
    query.rows(DUE, args![now, holder, limit], from_row).await
}

/// Takes a stream for `holder` until then; `false` when somebody else holds it, or it is or stands otherwise by now.
pub async fn hold(write: &mut Write, kept: &Kept, holder: &str, until: Timestamp, now: Timestamp) -> Result<bool> {
    let (stream, place) = (&kept.stream, kept.place);
    let (organization, id) = (stream.organization_id.as_str(), stream.id.as_str());
    let args = args![organization, id, place.tree, place.leaf, holder, until, now, stream.version];
    Ok(write.execute(HOLD, args).await? == 1)
}

/// What a stream sends next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The entries, in order.
    pub records: Vec<Record>,
    /// The leaf at which it goes on afterwards.
    pub next: u64,
}

/// The next entries of a stream: at most `limit`, and no more once their bodies have `bytes` bytes. There may be none although there are
/// more leaves, and then it goes on behind those that are not its own.
pub async fn batch(query: &mut impl Query, kept: &Kept, limit: usize, bytes: usize) -> Result<Batch> {
    let scan = args![kept.place.tree, kept.place.leaf, SCANNED_MAX];
    let mut leaves = query.rows(LEAVES, scan, |row| Ok((audit_trees::key(row)?, row.int(3)?.cast_unsigned()))).await?;
    let seen = leaves.last().map_or(kept.place.leaf, |(_, leaf)| leaf + 1);
    // Where the scan ended early there is nothing more, also where retention has taken leaves away.
    let mut next = if leaves.len() < SCANNED_MAX { seen.max(kept.end()) } else { seen };
    if let Some(end) = kept.retry_to {
        leaves.retain(|(_, leaf)| *leaf < end);
        next = next.min(end);
    }
    let logs = own_logs(query, &kept.stream, leaves.iter().map(|((.., log), _)| *log)).await?;
    let own: Vec<(Key, u64)> = leaves.into_iter().filter(|((.., log), _)| logs.contains(log)).collect();
    if let Some((_, first_left)) = own.get(limit) {
        next = *first_left;
    }
    let (mut records, mut size) = (Vec::new(), 0);
    for chunk in own[..limit.min(own.len())].chunks(ENTRIES_PER_READ) {
        if size >= bytes {
            next = chunk[0].1;
            break;
        }
        let keys: Vec<Key> = chunk.iter().map(|(key, _)| key.clone()).collect();
        for sealed in audit_trees::entries(query, &keys).await? {
            let bodies = &sealed.record.bodies;
            size += [&bodies.request, &bodies.response].into_iter().flatten().map(String::len).sum::<usize>();
            records.push(sealed.record);
        }
    }
    Ok(Batch { records, next })
}

/// Those of these logs that are a stream's own.
async fn own_logs(query: &mut impl Query, stream: &Stream, logs: impl Iterator<Item = i64>) -> Result<HashSet<i64>> {
    let own = stream.organization_id.as_str();
    let logs: HashSet<i64> = logs.collect();
    let ids = words::spell(query, logs.into_iter()).await?;
    let mut found: HashSet<i64> = ids.iter().filter(|(_, id)| &***id == own).map(|(log, _)| *log).collect();
    if !stream.include_descendants {
        return Ok(found);
    }
    let by_id: HashMap<&str, i64> = ids.iter().map(|(log, id)| (&**id, *log)).collect();
    let names: Vec<&str> = by_id.keys().copied().collect();
    for chunk in names.chunks(IN_LIST_MAX / 2) {
        let mut statement = Builder::default();
        statement.push("SELECT id, lineage FROM organizations WHERE id").bind_list(chunk);
        statement.push(" UNION ALL SELECT id, lineage FROM departed_organizations WHERE id").bind_list(chunk);
        let places = query.rows(&statement, statement.args(), |row| Ok((row.text(0)?, Lineage::parse(row.text(1)?)?))).await?;
        let below = places.iter().filter(|(_, lineage)| lineage.ids().any(|id| id == own));
        found.extend(below.filter_map(|(id, _)| by_id.get(id.as_str())));
    }
    Ok(found)
}

/// What came of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Delivered {
    /// The leaf at which the stream goes on.
    pub next: u64,
    /// How many entries were delivered; none when there was nothing of its own.
    pub entries: usize,
    /// When.
    pub at: Timestamp,
    /// Before when it is not tried again.
    pub next_attempt_at: Timestamp,
}

/// Notes that a batch was delivered, or that there was nothing to deliver; `false` when the stream stands elsewhere by now.
pub async fn advance(write: &mut Write, kept: &Kept, holder: &str, delivered: Delivered) -> Result<bool> {
    let (stream, place) = (&kept.stream, kept.place);
    let at = Some(delivered.at).filter(|_| delivered.entries > 0);
    let args = args![
        stream.organization_id.as_str(),
        stream.id.as_str(),
        place.tree,
        place.leaf,
        holder,
        delivered.next,
        delivered.entries,
        at,
        delivered.next_attempt_at,
    ];
    Ok(write.execute(ADVANCE, args).await? == 1)
}

/// Why a batch was not delivered.
#[derive(Debug, Clone, Copy)]
pub struct Failed<'a> {
    /// In words.
    pub error: &'a str,
    /// The leaf behind the batch, which is sent again as it was.
    pub next: u64,
    /// Before when it is not tried again.
    pub next_attempt_at: Timestamp,
    /// Whether it is tried again at all; else the stream is switched off.
    pub goes_on: bool,
}

/// Notes that a batch was not delivered; `false` when the stream is or stands otherwise by now.
pub async fn fail(write: &mut Write, kept: &Kept, holder: &str, failed: Failed<'_>) -> Result<bool> {
    let (stream, place) = (&kept.stream, kept.place);
    let args = args![
        stream.organization_id.as_str(),
        stream.id.as_str(),
        place.tree,
        place.leaf,
        holder,
        failed.error,
        failed.next_attempt_at,
        failed.goes_on,
        failed.next,
        stream.version,
    ];
    Ok(write.execute(FAIL, args).await? == 1)
}

/// Notes what came of a test.
pub async fn tested(write: &mut Write, kept: &Kept, at: Timestamp, error: Option<&str>) -> Result<()> {
    let (stream, requested_at) = (&kept.stream, kept.progress.test_requested_at);
    let args = args![stream.organization_id.as_str(), stream.id.as_str(), at, error, requested_at];
    write.execute(TESTED, args).await.map(drop)
}

/// Has a stream that is through with its tree go on in the next one, if it moved and nothing of the old one is to come.
pub async fn go_on(write: &mut Write, kept: &Kept, holder: &str) -> Result<()> {
    let (organization, id, place) = (kept.stream.organization_id.as_str(), kept.stream.id.as_str(), kept.place);
    let size = write.row(SIZE, args![place.tree], |row| row.int(0)).await?.unwrap_or(0).cast_unsigned();
    let leg = args![organization, id, place.tree];
    let leg = write.row(NEXT_LEG, leg, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?))).await?;
    let Some((number, tree, leaf)) = leg.filter(|_| place.leaf >= size) else { return Ok(()) };
    if write.execute(GO_ON, args![organization, id, place.tree, place.leaf, holder, tree, leaf]).await? == 1 {
        write.execute(END_LEG, args![organization, id, number]).await?;
    }
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<Kept> {
    let at = |column| Ok::<_, Error>(Timestamp::from_micros(row.int(column)?));
    let maybe_at = |column| Ok::<_, Error>(row.int_or_null(column)?.map(Timestamp::from_micros));
    let number = |column| Ok::<_, Error>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
    let place = StreamPlace { tree: row.int(15)?, leaf: row.int(16)?.cast_unsigned() };
    Ok(Kept {
        stream: Stream {
            organization_id: OrganizationId::parse(row.text_ref(0)?)?,
            id: AuditStreamId::parse(row.text_ref(1)?)?,
            name: Name::parse(row.text_ref(2)?, Name::LENGTH_MAX)?,
            destination: destination(row)?,
            include_descendants: row.bool(8)?,
            enabled: row.bool(9)?,
            secret_number: number(10)?,
            secret_time: at(11)?,
            create_time: at(12)?,
            update_time: at(13)?,
            version: row.int(14)?,
        },
        progress: Progress {
            delivered: row.int(17)?.cast_unsigned(),
            delivered_at: maybe_at(18)?,
            failures: number(19)?,
            error: row.text_or_null(20)?,
            next_attempt_at: at(21)?,
            test_requested_at: maybe_at(22)?,
            tested_at: maybe_at(23)?,
            test_error: row.text_or_null(24)?,
        },
        place,
        behind: row.int(25)?.cast_unsigned().saturating_sub(place.leaf),
        retry_to: row.int_or_null(26)?.map(i64::cast_unsigned),
    })
}

fn destination(row: &Row<'_>) -> Result<Destination> {
    let (url, more) = (row.text(3)?, [4, 5, 6, 7].map(|column| row.text_or_null(column)));
    let [region, endpoint, access_key_id, secret_access_key] = more;
    let (region, endpoint) = (region?, endpoint?);
    let (access_key_id, secret_access_key) = (access_key_id?, secret_access_key?);
    let text = DestinationText {
        url: &url,
        region: region.as_deref(),
        endpoint: endpoint.as_deref(),
        access_key_id: access_key_id.as_deref(),
        secret_access_key: secret_access_key.as_deref(),
    };
    Destination::parse(&text).map_err(|_| Error::Inconsistent("the destination of an audit stream cannot be read".into()))
}
