//! Deletes entries of the audit log that were kept for long enough.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use umbel_domain::Timestamp;
use umbel_domain::audit::{Actor, Bodies, Entry, Outcome, Record};
use umbel_store::audit_retention::{self, Due};
use umbel_store::{Error, Result, Store, admin, audit_log};

use super::report::Report;
use crate::sources::{Sources, entry_id};
use crate::wire::audit_log::audit_deletion;

/// Time from one look for old entries to the next, unless somebody decides how long they are kept.
const ROUND: Duration = Duration::from_mins(1);
/// Entries that are deleted in one transaction.
const ENTRIES_PER_WRITE: usize = 256;
/// Trees that are found together.
const TREES_PER_READ: usize = 64;

/// Deletes old entries, until it is stopped.
pub(super) async fn delete_old(
    store: Store,
    sources: Arc<dyn Sources>,
    decided: Arc<Notify>,
    report: Report,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        while !*stopped.borrow() && delete_of_each(&store, &*sources, &report).await > 0 {}
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = decided.notified() => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// Deletes from each tree that has old entries as many as one transaction takes; returns how many.
async fn delete_of_each(store: &Store, sources: &dyn Sources, report: &Report) -> u64 {
    let (mut deleted, mut after) = (0, -1);
    loop {
        let due = match report.note(due(store, sources.now(), after).await) {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "the audit log cannot be read; old entries are deleted later");
                return deleted;
            }
        };
        let Some(last) = due.last() else { return deleted };
        after = last.tree;
        for due in &due {
            match report.note(delete(store, sources, due).await) {
                Ok(entries) => deleted += entries,
                // A hold was set, the tree grew, or another server was faster.
                Err(Error::Conflict | Error::Busy) => {}
                Err(error) => tracing::error!(%error, root = ?due.root, "old entries of the audit log cannot be deleted"),
            }
        }
    }
}

async fn due(store: &Store, now: Timestamp, after: i64) -> Result<Vec<Due>> {
    let mut read = admin::read_long(store).await?;
    audit_retention::due(&mut read, now, after, TREES_PER_READ).await
}

/// Deletes the oldest entries of a tree and writes down how many and up to when; returns how many.
async fn delete(store: &Store, sources: &dyn Sources, due: &Due) -> Result<u64> {
    let now = sources.now();
    let mut write = admin::write(store).await?;
    write.expect_long();
    let Some(deleted) = audit_retention::delete(&mut write, due, now, ENTRIES_PER_WRITE).await? else { return Ok(0) };
    let (id, salt) = entry_id(sources, now);
    let bodies = Bodies { response: Some(audit_deletion(deleted)), ..Bodies::default() };
    let entry = Entry::audit_log_deleted(due.root.as_ref());
    let record = Record::new((id, now), entry, Outcome::Success, &Actor::System, None, bodies);
    audit_log::append(&mut write, &record, &salt, None).await?;
    write.commit().await?;
    Ok(deleted.entries)
}
