//! The Merkle trees over the audit log: which entries are which leaves, and the hashes of their nodes, in tiles.
//!
//! What a hash is of is not known here. A tree belongs to a root organization, `None` to the server; entries wait until somebody
//! appends them.

use umbel_domain::audit::{Record, Word};
use umbel_domain::{AuditEntryId, Lineage, OrganizationId, Timestamp};

use crate::audit_log::keys::{self, Key};
use crate::audit_log::{SERVER, packed, spelled, words};
use crate::authorization::LINEAGE;
use crate::engine::{Change, Row, Session};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Error, Query, Result, Write};

/// An entry, and what keeps its personal fields from being guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The entry.
    pub record: Record,
    /// A salt of 16 bytes, or of an entry whose personal fields were erased a commitment of 32.
    pub seal: Vec<u8>,
}

/// A part of a tree: up to 256 hashes of the nodes at a height of 8 times `level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileId {
    /// How many tiles lie below it.
    pub level: u8,
    /// Its place among those of its level.
    pub index: u64,
}

/// Entries that become leaves in one statement.
const ROWS_PER_STATEMENT: usize = 64;

const WAIT: Sql = sql!("INSERT INTO audit_pending (tree, at, id, organization) VALUES ($1, $2, $3, $4)");
const PENDING: Sql =
    sql!("SELECT at, id, organization, tree FROM audit_pending WHERE tree > $1 ORDER BY tree, at, id, organization LIMIT $2");
pub(crate) const SIZE: Sql = sql!("SELECT size FROM audit_trees WHERE tree = $1");
const GROW: Sql =
    sql!("INSERT INTO audit_trees (tree, size) VALUES ($1, $2) ON CONFLICT (tree) DO UPDATE SET size = excluded.size");
const TILE: Sql = sql!("SELECT hashes FROM audit_tiles WHERE tree = $1 AND level = $2 AND tile = $3");
const WRITE_TILE: Sql = sql!(
    "INSERT INTO audit_tiles (tree, level, tile, hashes) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (tree, level, tile) DO UPDATE SET hashes = excluded.hashes"
);
const LEAVES: Sql =
    sql!("SELECT at, id, organization FROM audit_leaves WHERE tree = $1 AND leaf >= $2 ORDER BY tree, leaf LIMIT $3");
const LEAF: Sql = sql!("SELECT tree, leaf FROM audit_leaves WHERE organization = $1 AND at = $2 AND id = $3");
const TREE_OF_LOG: Sql = sql!("SELECT tree FROM audit_leaves WHERE organization = $1 ORDER BY at DESC, id DESC LIMIT 1");

/// Has an entry wait for its tree: that of the root above its log. `near` tells where an organization stood that is gone by now.
pub(crate) async fn wait(write: &mut Write, record: &Record, (at, id, log): &Key, near: Option<&Lineage>) -> Result<()> {
    let tree = match &record.log {
        None => SERVER,
        Some(organization) => {
            let root = root(write, organization, near).await?;
            let root = Word::from(root.as_deref().unwrap_or(organization.as_str()));
            words::code_of(write, &root).await?
        }
    };
    write.execute(WAIT, args![tree, *at, id.as_slice(), *log]).await.map(drop)
}

async fn root(write: &mut Write, organization: &OrganizationId, near: Option<&Lineage>) -> Result<Option<String>> {
    let root_of = |lineage: &Lineage| lineage.root_id().map(str::to_owned);
    if let Some(near) = near.filter(|near| near.ids().any(|id| id == organization.as_str())) {
        return Ok(root_of(near));
    }
    let lineage = write.row(LINEAGE, args![organization.as_str()], |row| Ok(Lineage::parse(row.text(0)?)?)).await?;
    Ok(lineage.as_ref().and_then(root_of))
}

/// Entries that wait for one tree, in the order of their times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    /// Where the tree stands in the order of all trees.
    pub tree: i64,
    /// The root of the tree; `None` for the server's.
    pub root: Option<OrganizationId>,
    keys: Vec<Key>,
}

impl Growth {
    /// How many entries wait.
    pub fn leaves(&self) -> usize {
        self.keys.len()
    }

    /// The numbers of the logs that they are in.
    pub fn logs(&self) -> impl Iterator<Item = i64> {
        self.keys.iter().map(|(_, _, log)| *log)
    }
}

/// Up to `limit` entries that wait for trees behind `after` in the order of trees, by their trees; all come behind -1.
pub async fn pending(query: &mut impl Query, after: i64, limit: usize) -> Result<Vec<Growth>> {
    let waiting = query.rows(PENDING, args![after, limit], |row| Ok((key(row)?, row.int(3)?))).await?;
    let mut growths = Vec::new();
    for waiting in waiting.chunk_by(|(_, a), (_, b)| a == b) {
        let keys: Vec<Key> = waiting.iter().map(|(key, _)| key.clone()).collect();
        let tree = waiting[0].1;
        growths.push(Growth { tree, root: tree_id(query, tree).await?, keys });
    }
    Ok(growths)
}

/// The entries that are to become leaves.
pub async fn entries_of(query: &mut impl Query, growth: &Growth) -> Result<Vec<Sealed>> {
    entries(query, &growth.keys).await
}

/// How many leaves a tree has.
pub async fn size(query: &mut impl Query, root: Option<&OrganizationId>) -> Result<u64> {
    let Some(tree) = tree(query, root).await? else { return Ok(0) };
    Ok(query.row(SIZE, args![tree], |row| row.int(0)).await?.unwrap_or(0).cast_unsigned())
}

/// The hashes of these tiles of a tree, in their order.
pub async fn tiles(query: &mut impl Query, root: Option<&OrganizationId>, tiles: &[TileId]) -> Result<Vec<Vec<u8>>> {
    let tree = tree(query, root).await?;
    let mut found = Vec::with_capacity(tiles.len());
    for tile in tiles {
        let hashes = query.row(TILE, args![tree, i64::from(tile.level), tile.index], |row| row.bytes(0)).await?;
        found.push(hashes.ok_or_else(|| Error::Inconsistent(format!("the audit log lacks the tile {tile:?}")))?);
    }
    Ok(found)
}

/// Makes entries that waited the leaves of their tree from `size` on, and writes the tiles that they change; [`Error::Conflict`] when
/// somebody else was faster.
pub async fn append(write: &mut Write, growth: &Growth, size: u64, tiles: &[(TileId, Vec<u8>)]) -> Result<()> {
    let tree = growth.tree;
    let now = write.row(SIZE, args![tree], |row| row.int(0)).await?.unwrap_or(0).cast_unsigned();
    if now != size {
        return Err(Error::Conflict);
    }
    for (chunk, first) in growth.keys.chunks(ROWS_PER_STATEMENT).zip((size..).step_by(ROWS_PER_STATEMENT)) {
        become_leaves(write, tree, first, chunk).await?;
    }
    for (tile, hashes) in tiles {
        write.execute(WRITE_TILE, args![tree, i64::from(tile.level), tile.index, hashes.as_slice()]).await?;
    }
    write.execute(GROW, args![tree, size + growth.keys.len() as u64]).await.map(drop)
}

/// Has entries wait no more, and be the leaves of a tree from `first` on.
async fn become_leaves(write: &mut Write, tree: i64, first: u64, keys: &[Key]) -> Result<()> {
    let Some(last) = keys.last() else { return Ok(()) };
    // Padded by repeating the last row, so that there are few statements.
    let padding = std::iter::repeat_n(last, keys.len().next_power_of_two() - keys.len());
    let padded = || keys.iter().chain(padding.clone()).enumerate();
    let mut waiting = Builder::default();
    waiting.push("DELETE FROM audit_pending WHERE (tree, at, id, organization) IN (VALUES ");
    for (at, (time, id, log)) in padded() {
        waiting.push(if at == 0 { "(" } else { ", (" });
        waiting.bind(tree).push(", ").bind(*time).push(", ").bind(id.as_slice()).push(", ").bind(*log).push(")");
    }
    waiting.push(")");
    let mut leaves = Builder::default();
    leaves.push("INSERT INTO audit_leaves (tree, leaf, organization, at, id) VALUES ");
    for (at, (time, id, log)) in padded() {
        let leaf = first + at.min(keys.len() - 1) as u64;
        leaves.push(if at == 0 { "(" } else { ", (" });
        leaves.bind(tree).push(", ").bind(leaf).push(", ").bind(*log).push(", ").bind(*time).push(", ");
        leaves.bind(id.as_slice()).push(")");
    }
    leaves.push(" ON CONFLICT DO NOTHING");
    for statement in [&waiting, &leaves] {
        if write.execute(statement, statement.args()).await? != keys.len() as u64 {
            return Err(Error::Conflict);
        }
    }
    Ok(())
}

/// The entries that are the leaves of a tree from `first` on, up to `limit` of them.
pub async fn leaves(query: &mut impl Query, root: Option<&OrganizationId>, first: u64, limit: usize) -> Result<Vec<Sealed>> {
    let Some(tree) = tree(query, root).await? else { return Ok(Vec::new()) };
    let keys = keys_of_leaves(query, tree, first, limit).await?;
    entries(query, &keys).await
}

pub(crate) async fn keys_of_leaves(query: &mut impl Query, tree: i64, first: u64, limit: usize) -> Result<Vec<Key>> {
    query.rows(LEAVES, args![tree, first, limit], key).await
}

/// Which leaf an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// There is no such entry.
    Nowhere,
    /// It waits.
    Pending,
    /// This leaf of the tree of this root.
    Leaf(Option<OrganizationId>, u64),
}

/// Finds the leaf of the entry of a log, `None` for the server's, that was written at this time.
pub async fn place(query: &mut impl Query, log: Option<&OrganizationId>, at: Timestamp, id: &AuditEntryId) -> Result<Place> {
    let Some(organization) = tree(query, log).await? else { return Ok(Place::Nowhere) };
    let key = packed::pack(id.as_str());
    let found = query.row(LEAF, args![organization, at, key.as_slice()], |row| Ok((row.int(0)?, row.int(1)?))).await?;
    if let Some((tree, leaf)) = found {
        return Ok(Place::Leaf(tree_id(query, tree).await?, leaf.cast_unsigned()));
    }
    let exists = !keys::find(query, &[(at, key, organization)]).await?.is_empty();
    Ok(if exists { Place::Pending } else { Place::Nowhere })
}

/// The root in whose tree the newest leaf of an organization's log is; `None` when it has no leaf.
pub async fn root_of(query: &mut impl Query, log: &OrganizationId) -> Result<Option<OrganizationId>> {
    let Some(organization) = tree(query, Some(log)).await? else { return Ok(None) };
    let Some(tree) = query.row(TREE_OF_LOG, args![organization], |row| row.int(0)).await? else { return Ok(None) };
    tree_id(query, tree).await
}

/// The number that stands for a root or a log; `None` when it has none.
pub(crate) async fn tree(query: &mut impl Query, root: Option<&OrganizationId>) -> Result<Option<i64>> {
    let Some(root) = root else { return Ok(Some(SERVER)) };
    Ok(words::look_up(query, &[root.to_string()], false).await?.pop())
}

/// The number that stands for a root from now on.
pub(crate) async fn new_tree(write: &mut Write, root: Option<&OrganizationId>) -> Result<i64> {
    let Some(root) = root else { return Ok(SERVER) };
    words::code_of(write, &Word::from(root.as_str())).await
}

pub(crate) async fn tree_id(query: &mut impl Query, tree: i64) -> Result<Option<OrganizationId>> {
    if tree == SERVER {
        return Ok(None);
    }
    let words = words::spell(query, std::iter::once(tree)).await?;
    let word = words.get(&tree).ok_or_else(|| Error::Inconsistent(format!("the tree {tree} of the audit log has no root")))?;
    Ok(Some(OrganizationId::parse(word)?))
}

pub(crate) fn key(row: &Row<'_>) -> Result<Key> {
    Ok((Timestamp::from_micros(row.int(0)?), row.bytes(1)?, row.int(2)?))
}

/// The entries with these keys, in their order.
pub(crate) async fn entries(query: &mut impl Query, keys: &[Key]) -> Result<Vec<Sealed>> {
    let mut found = keys::find(query, keys).await?;
    let (mut stored, mut seals) = (Vec::with_capacity(keys.len()), Vec::with_capacity(keys.len()));
    for key in keys {
        let mut entry = found.remove(key).ok_or_else(|| Error::Inconsistent("an entry of the audit log is gone".into()))?;
        seals.push(std::mem::take(&mut entry.seal));
        stored.push(entry);
    }
    let records = spelled(query, stored).await?;
    Ok(records.into_iter().zip(seals).map(|(record, seal)| Sealed { record, seal }).collect())
}
