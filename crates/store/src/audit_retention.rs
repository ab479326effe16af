//! How long the entries of the audit log's trees are kept, and deleting those that were kept for long enough.
//!
//! Entries go in the order of the leaves of their tree, from the first on, together with what tells which leaf they were. The
//! hashes stay, so that whatever was signed stays provable.

use std::collections::BTreeMap;

use umbel_domain::audit::Retention;
use umbel_domain::{OrganizationId, Timestamp};

use crate::audit_log::{digests, keys};
use crate::audit_trees::{self, new_tree, tree, tree_id};
use crate::engine::{Change, Row, Session};
use crate::sql::{Sql, args, sql};
use crate::{Query, Result, Write};

pub(crate) const GET: Sql = sql!("SELECT retention_days, hold FROM audit_trees WHERE tree = $1");
const SET: Sql = sql!(
    "INSERT INTO audit_trees (tree, size, retention_days, hold) VALUES ($1, 0, $2, $3) \
     ON CONFLICT (tree) DO UPDATE SET retention_days = excluded.retention_days, hold = excluded.hold"
);
const ALL: Sql = sql!(
    "SELECT t.retention_days, t.hold, w.word FROM audit_trees t LEFT JOIN audit_words w ON w.code = t.tree \
     WHERE t.retention_days IS NOT NULL OR t.hold <> 0"
);
const KEPT: Sql = sql!("SELECT first_leaf, deleted_to FROM audit_trees WHERE tree = $1");
/// Trees whose first leaf was kept for long enough by the beginning of the day $2.
pub(crate) const DUE: Sql = sql!(
    "SELECT t.tree FROM audit_trees t JOIN audit_leaves l ON l.tree = t.tree AND l.leaf = t.first_leaf \
     WHERE t.retention_days IS NOT NULL AND t.tree > $1 AND t.hold = 0 AND l.at < $2 - t.retention_days * 86400000000 \
     ORDER BY t.tree LIMIT $3"
);
const DELETE_LEAVES: Sql = sql!("DELETE FROM audit_leaves WHERE tree = $1 AND leaf >= $2 AND leaf < $3");
/// A hold that is set meanwhile changes the same row: one of the two runs into the other.
const MOVE_FRONT: Sql =
    sql!("UPDATE audit_trees SET first_leaf = $3, deleted_to = $4 WHERE tree = $1 AND first_leaf = $2 AND hold = 0");

/// How long the entries of a tree are kept; for ever where nobody said anything.
pub async fn get(query: &mut impl Query, root: Option<&OrganizationId>) -> Result<Retention> {
    let Some(tree) = tree(query, root).await? else { return Ok(Retention::default()) };
    Ok(query.row(GET, args![tree], retention).await?.unwrap_or_default())
}

/// Sets how long the entries of a tree are kept, which need not have any yet.
pub async fn set(write: &mut Write, root: Option<&OrganizationId>, retention: Retention) -> Result<()> {
    let tree = new_tree(write, root).await?;
    write.execute(SET, args![tree, retention.days.map(i64::from), retention.hold]).await.map(drop)
}

/// The trees for which somebody said how long their entries are kept, by their roots, the server's first.
pub async fn all(query: &mut impl Query) -> Result<Vec<(Option<OrganizationId>, Retention)>> {
    let read = |row: &Row<'_>| {
        let root = row.text_or_null(2)?.map(|id| OrganizationId::parse(&id)).transpose()?;
        Ok((root, retention(row)?))
    };
    let mut all = query.rows(ALL, args![], read).await?;
    all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Ok(all)
}

/// What is left of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// The first leaf whose entry is there; those of all before it are deleted.
    pub first: u64,
    /// The latest time of an entry that is deleted; `None` when none is.
    pub deleted_to: Option<Timestamp>,
}

/// What is left of a tree.
pub async fn kept(query: &mut impl Query, root: Option<&OrganizationId>) -> Result<Kept> {
    let Some(tree) = tree(query, root).await? else { return Ok(Kept::default()) };
    Ok(query.row(KEPT, args![tree], read_kept).await?.unwrap_or_default())
}

/// A tree that has entries which were kept for long enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Where the tree stands in the order of all trees.
    pub tree: i64,
    /// The root of the tree; `None` for the server's.
    pub root: Option<OrganizationId>,
}

/// Up to `limit` trees behind `after`, in the order of trees, whose first entry was kept for long enough; all come behind -1.
pub async fn due(query: &mut impl Query, now: Timestamp, after: i64, limit: usize) -> Result<Vec<Due>> {
    let trees = query.rows(DUE, args![after, now.day(), limit], |row| row.int(0)).await?;
    let mut due = Vec::new();
    for tree in trees {
        due.push(Due { tree, root: tree_id(query, tree).await? });
    }
    Ok(due)
}

/// Entries of a tree that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// How many they are.
    pub entries: u64,
    /// The leaf of the first one that is kept.
    pub first: u64,
    /// The latest time of one of them.
    pub to: Timestamp,
}

/// Deletes up to `limit` entries of a tree, from the first on, until one comes that is to be kept; `None` when that is the first
/// one, or when nothing may be deleted.
pub async fn delete(write: &mut Write, due: &Due, now: Timestamp, limit: usize) -> Result<Option<Deleted>> {
    let tree = due.tree;
    let retention = write.row(GET, args![tree], retention).await?.unwrap_or_default();
    let Some(end) = retention.end(now) else { return Ok(None) };
    let kept = write.row(KEPT, args![tree], read_kept).await?.unwrap_or_default();
    let mut keys = audit_trees::keys_of_leaves(write, tree, kept.first, limit).await?;
    let young = keys.iter().position(|(at, ..)| *at >= end);
    keys.truncate(young.unwrap_or(keys.len()));
    let Some(to) = keys.iter().map(|(at, ..)| *at).max() else { return Ok(None) };
    let entries = keys.len() as u64;
    let (first, deleted_to) = (kept.first + entries, Some(to).max(kept.deleted_to));
    write.one_row(MOVE_FRONT, args![tree, kept.first, first, deleted_to]).await?;
    write.execute(DELETE_LEAVES, args![tree, kept.first, first]).await?;
    keys::delete(write, &keys).await?;
    digests::disturb(write, &format!("deleted {first} of {tree}")).await?;
    let mut latest = BTreeMap::new();
    for (at, _, log) in &keys {
        latest.entry(*log).and_modify(|latest: &mut Timestamp| *latest = (*latest).max(*at)).or_insert(*at);
    }
    for (log, at) in latest {
        digests::remove_to(write, log, at).await?;
    }
    Ok(Some(Deleted { entries, first, to }))
}

fn retention(row: &Row<'_>) -> Result<Retention> {
    let days = row.int_or_null(0)?.map(Retention::days).transpose()?;
    Ok(Retention { days, hold: row.int(1)? != 0 })
}

fn read_kept(row: &Row<'_>) -> Result<Kept> {
    Ok(Kept { first: row.int(0)?.cast_unsigned(), deleted_to: row.int_or_null(1)?.map(Timestamp::from_micros) })
}
