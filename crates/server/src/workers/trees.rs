//! Has the audit log's trees grow behind the requests.

use std::time::Duration;

use tokio::sync::watch;
use umbel_store::{Error, Store};

use crate::audit_tree;

/// Time from one look for entries that wait to the next.
const ROUND: Duration = Duration::from_secs(1);

/// Makes leaves of the entries that wait, until it is stopped and none waits any more.
pub(super) async fn grow(store: Store, mut stopped: watch::Receiver<bool>) {
    loop {
        let stop = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => true,
            () = tokio::time::sleep(ROUND) => false,
        };
        loop {
            match audit_tree::grow(&store).await {
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
