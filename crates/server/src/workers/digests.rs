//! Makes digests of long audit logs behind the requests.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use umbel_domain::Timestamp;
use umbel_store::audit_log::digests;
use umbel_store::{Error, Result, Store, admin};

use super::report::Report;
use crate::sources::Sources;

/// Time from one look for long logs to the next.
const ROUND: Duration = Duration::from_secs(1);
/// New entries of a log after which it is looked whether it has become so long.
const ENTRIES_PER_LOOK: usize = 256;
/// Logs whose new entries are counted; when there are more it is begun anew.
const LOGS_MAX: usize = 100_000;
/// Entries of a digest.
const ENTRIES: usize = 4_096;
/// How old they are at least, in seconds: whatever was begun before is written by then.
const AGE: i64 = 5 * 60;
/// Digests of one log that are made before the others have their turn.
const PER_TURN: usize = 16;

/// How many entries logs have got. What a process forgets when it ends is too little to matter.
#[derive(Default)]
pub(super) struct Grown(Mutex<HashMap<i64, usize>>);

impl Grown {
    /// Counts new entries, each by its log.
    pub(super) fn count(&self, logs: impl Iterator<Item = i64>) {
        let mut grown = self.0.lock();
        for log in logs {
            if grown.len() == LOGS_MAX {
                grown.clear();
            }
            *grown.entry(log).or_default() += 1;
        }
    }

    /// The logs that are to be looked at, which begin anew.
    fn take(&self) -> BTreeSet<i64> {
        self.0.lock().extract_if(|_, entries| *entries >= ENTRIES_PER_LOOK).map(|(log, _)| log).collect()
    }
}

/// Makes digests of logs that grow, until it is stopped.
pub(super) async fn make(
    store: Store,
    sources: Arc<dyn Sources>,
    grown: Arc<Grown>,
    report: Report,
    mut stopped: watch::Receiver<bool>,
) {
    let mut logs = BTreeSet::new();
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(ROUND) => {}
        }
        logs.extend(grown.take());
        for log in std::mem::take(&mut logs) {
            match report.note(make_some(&store, log, sources.now().plus_seconds(-AGE)).await) {
                Ok(true) => _ = logs.insert(log),
                // Another server was faster.
                Ok(false) | Err(Error::Conflict | Error::Busy) => {}
                Err(error) => tracing::warn!(%error, "a digest of the audit log cannot be made; filters are slower without"),
            }
        }
    }
}

/// Makes some digests of what a log has before a time; whether there may be more.
async fn make_some(store: &Store, log: i64, before: Timestamp) -> Result<bool> {
    for _ in 0..PER_TURN {
        let mut read = admin::read_long(store).await?;
        let Some(digest) = digests::next(&mut read, log, before, ENTRIES).await? else { return Ok(false) };
        drop(read);
        let mut write = admin::write(store).await?;
        digests::add(&mut write, digest).await?;
        write.commit().await?;
    }
    Ok(true)
}
