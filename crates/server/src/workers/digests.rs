//! Makes digests of long audit logs behind the requests.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use umbel_domain::Timestamp;
use umbel_store::audit_log::{self, digests};
use umbel_store::{Error, Result, Store, admin};

use super::report::Report;
use crate::sources::Sources;

/// Time from one look at logs to the next.
const ROUND: Duration = Duration::from_secs(5);
/// New entries of a log after which it is looked at.
const ENTRIES_PER_LOOK: usize = 256;
/// Logs whose new entries are counted; when there are more it is begun anew.
const LOGS_MAX: usize = 100_000;
/// Logs of those that there are at the start that are looked at in one round.
const LOGS_PER_ROUND: usize = 1_000;
/// Entries of a digest.
const ENTRIES: usize = 4_096;
/// How old they are at least, in seconds: whatever was begun before is written by then.
const AGE: i64 = 5 * 60;
/// Digests of one log that are made before the others have their turn.
const PER_TURN: usize = 64;

/// How many entries logs have got since they were looked at.
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
    fn take(&self) -> Vec<i64> {
        self.0.lock().extract_if(|_, entries| *entries >= ENTRIES_PER_LOOK).map(|(log, _)| log).collect()
    }
}

/// Makes digests of the logs that there are, and then of those that grow, until it is stopped.
pub(super) async fn make(
    store: Store,
    sources: Arc<dyn Sources>,
    grown: Arc<Grown>,
    report: Report,
    mut stopped: watch::Receiver<bool>,
) {
    // Each with the time after which it is looked at no more: by then its newest entries are old enough.
    let mut logs: BTreeMap<i64, Timestamp> = BTreeMap::new();
    let mut looked_to = Some(-1);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(ROUND) => {}
        }
        let now = sources.now();
        if let Some(after) = looked_to {
            match report.note(known(&store, after).await) {
                Ok(found) => {
                    looked_to = found.last().copied();
                    for log in found {
                        logs.entry(log).or_insert(now);
                    }
                }
                Err(error) => tracing::warn!(%error, "the audit logs cannot be looked at; filters may be slower"),
            }
        }
        let young = now.plus_seconds(AGE + 1);
        logs.extend(grown.take().into_iter().map(|log| (log, young)));
        for log in logs.keys().copied().collect::<Vec<_>>() {
            if *stopped.borrow() {
                return;
            }
            let may_have_more = match report.note(make_some(&store, log, now.plus_seconds(-AGE)).await) {
                // Another server was faster, or old entries have come.
                Err(Error::Conflict | Error::Busy) => true,
                Ok(may_have_more) => may_have_more,
                Err(error) => {
                    tracing::warn!(%error, "a digest of an audit log cannot be made; filters are slower without");
                    if matches!(error, Error::Unavailable(_)) {
                        break;
                    }
                    false
                }
            };
            if !may_have_more && logs.get(&log).is_some_and(|end| *end <= now) {
                logs.remove(&log);
            }
        }
    }
}

async fn known(store: &Store, after: i64) -> Result<Vec<i64>> {
    audit_log::numbers_of_logs(&mut admin::read_long(store).await?, after, LOGS_PER_ROUND).await
}

/// Makes some digests of what a log has before a time; whether there may be more.
async fn make_some(store: &Store, log: i64, before: Timestamp) -> Result<bool> {
    for _ in 0..PER_TURN {
        let mut read = admin::read_long(store).await?;
        let Some(task) = digests::next(&mut read, log, before, ENTRIES).await? else { return Ok(false) };
        drop(read);
        let mut write = admin::write(store).await?;
        digests::perform(&mut write, task).await?;
        write.commit().await?;
    }
    Ok(true)
}
