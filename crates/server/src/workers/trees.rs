//! Has the audit log's trees grow behind the requests.

use std::time::Duration;

use tokio::sync::watch;
use umbel_proof::{Edge, Hash};
use umbel_store::audit_trees::{self, TileId};
use umbel_store::{Error, Result, Store, admin};

use crate::audit_tree::{hash, id, inconsistent};

/// Time from one look for entries that wait to the next.
const ROUND: Duration = Duration::from_secs(1);
/// Entries that become leaves in one transaction.
const LEAVES_PER_WRITE: usize = 256;

/// Makes leaves of the entries that wait, until it is stopped and none waits any more.
pub(super) async fn grow(store: Store, mut stopped: watch::Receiver<bool>) {
    loop {
        let stop = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => true,
            () = tokio::time::sleep(ROUND) => false,
        };
        loop {
            match grow_some(&store).await {
                Ok(0) => break,
                Ok(_) => tokio::task::yield_now().await,
                // Another server was faster; it goes on.
                Err(Error::Conflict | Error::Busy) if !stop => break,
                Err(error) => {
                    tracing::warn!(%error, "entries of the audit log could not be added to their tree; they wait");
                    break;
                }
            }
        }
        if stop {
            return;
        }
    }
}

/// Makes some of the entries that wait leaves of their tree; returns how many.
async fn grow_some(store: &Store) -> Result<usize> {
    let mut read = admin::read(store).await?;
    read.expect_long();
    let Some((root, leaves)) = audit_trees::pending(&mut read, LEAVES_PER_WRITE).await? else { return Ok(0) };
    let root = root.as_ref();
    let size = audit_trees::size(&mut read, root).await?;
    let tiles: Vec<TileId> = Edge::tiles(size).iter().map(id).collect();
    let tiles = audit_trees::tiles(&mut read, root, &tiles).await?;
    drop(read);
    let mut edge = Edge::new(size, &tiles).map_err(inconsistent)?;
    let mut buffer = Vec::new();
    let hashes: Vec<Hash> = leaves.iter().map(|pending| hash(&pending.sealed, &mut buffer)).collect::<Result<_>>()?;
    let changed = edge.append(&hashes).into_iter().map(|changed| (id(&changed.tile), changed.bytes)).collect::<Vec<_>>();
    let mut write = admin::write(store).await?;
    audit_trees::append(&mut write, root, size, &leaves, &changed).await?;
    write.commit().await?;
    Ok(leaves.len())
}
