//! Has the audit log's trees grow behind the requests.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use umbel_proof::{Edge, Hash};
use umbel_store::audit_trees::{self, Growth, TileId};
use umbel_store::{Error, Read, Result, Store, admin};

use super::digests::Grown;
use super::report::Report;
use crate::audit_tree::{hash, id, inconsistent};

/// Time from one look for entries that wait to the next.
const ROUND: Duration = Duration::from_secs(1);
/// Entries that become leaves in one transaction.
const LEAVES_PER_WRITE: usize = 256;

/// Makes leaves of the entries that wait, until it is stopped and none waits any more.
pub(super) async fn grow(store: Store, grown: Arc<Grown>, report: Report, mut stopped: watch::Receiver<bool>) {
    loop {
        let stop = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => true,
            () = tokio::time::sleep(ROUND) => false,
        };
        while grow_each(&store, &grown, &report).await > 0 {}
        if stop {
            return;
        }
    }
}

/// Lets each tree that entries wait for grow once, as far as one transaction takes them; returns by how many leaves.
async fn grow_each(store: &Store, grown: &Grown, report: &Report) -> usize {
    let (mut leaves, mut after) = (0, -1);
    loop {
        let growths = match report.note(waiting(store, after).await) {
            Ok(growths) => growths,
            Err(error) => {
                tracing::warn!(%error, "the audit log cannot be read; its trees grow later");
                return leaves;
            }
        };
        let Some(last) = growths.last() else { return leaves };
        after = last.tree;
        grown.count(growths.iter().flat_map(Growth::logs));
        if let Ok(new) = grow_together(store, &growths).await {
            leaves += new;
            continue;
        }
        // Another server was faster, or one of the trees is damaged: that must not stop the others.
        for growth in &growths {
            match report.note(grow_together(store, std::slice::from_ref(growth)).await) {
                Ok(new) => leaves += new,
                Err(Error::Conflict | Error::Busy) => {}
                Err(error) => tracing::error!(%error, root = ?growth.root, "a tree of the audit log cannot grow"),
            }
        }
    }
}

async fn waiting(store: &Store, after: i64) -> Result<Vec<Growth>> {
    let mut read = admin::read_long(store).await?;
    audit_trees::pending(&mut read, after, LEAVES_PER_WRITE).await
}

/// Lets trees grow in one transaction; returns by how many leaves.
async fn grow_together(store: &Store, growths: &[Growth]) -> Result<usize> {
    let mut read = admin::read(store).await?;
    let mut grown = Vec::new();
    for growth in growths {
        grown.push(appended(&mut read, growth).await?);
    }
    drop(read);
    let mut write = admin::write(store).await?;
    for (growth, (size, tiles)) in growths.iter().zip(&grown) {
        audit_trees::append(&mut write, growth, *size, tiles).await?;
    }
    write.commit().await?;
    Ok(growths.iter().map(Growth::leaves).sum())
}

/// How large a tree is, and the tiles that become different when it grows.
async fn appended(read: &mut Read, growth: &Growth) -> Result<(u64, Vec<(TileId, Vec<u8>)>)> {
    let root = growth.root.as_ref();
    let size = audit_trees::size(read, root).await?;
    let tiles: Vec<TileId> = Edge::tiles(size).iter().map(id).collect();
    let tiles = audit_trees::tiles(read, root, &tiles).await?;
    let mut edge = Edge::new(size, &tiles).map_err(inconsistent)?;
    let mut buffer = Vec::new();
    let leaves = audit_trees::entries_of(read, growth).await?;
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| hash(leaf, &mut buffer)).collect::<Result<_>>()?;
    Ok((size, edge.append(&hashes).into_iter().map(|changed| (id(&changed.tile), changed.bytes)).collect()))
}
