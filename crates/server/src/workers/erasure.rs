//! Erases what is personal in entries of the audit log, where somebody has ordered it.
//!
//! How far an erasure has come stands in the database: whichever server looks next goes on there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use umbel_domain::audit::{Actor, Bodies, Entry, Erasure, ErasureState, Outcome, Record};
use umbel_store::audit_erasures::{self, Erased};
use umbel_store::{Error, Result, Store, admin, audit_log, audit_retention, audit_trees};

use super::report::Report;
use crate::audit_tree::commitment;
use crate::sources::{Sources, entry_id, mark};
use crate::wire::audit_log::audit_erasure_done;

/// Time from one look for erasures to the next, unless one is ordered.
const ROUND: Duration = Duration::from_mins(1);
/// Time to the next look while an entry of an erasure waits to become a leaf.
const SHORT_ROUND: Duration = Duration::from_secs(1);
/// Erasures that go on side by side.
const ERASURES_AT_ONCE: usize = 16;
/// Entries that are looked at in one transaction.
const ENTRIES_PER_WRITE: usize = 128;
/// Loose words that are looked for together.
const WORDS_AT_ONCE: usize = 10_000;
/// Entries in which one transaction looks for them.
const ENTRIES_PER_LOOK: usize = 2_000;
/// Words that are removed in one transaction.
const WORDS_PER_WRITE: usize = 128;

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Nothing,
    /// To look again in a moment.
    Waits,
    /// To go on at once.
    GoesOn,
}

/// Goes on with every erasure that is not done, until it is stopped.
pub(super) async fn erase(
    store: Store,
    sources: Arc<dyn Sources>,
    ordered: Arc<Notify>,
    report: Report,
    mut stopped: watch::Receiver<bool>,
) {
    let mut known_done = 0;
    loop {
        let mut next = Next::GoesOn;
        while next == Next::GoesOn && !*stopped.borrow() {
            next = match report.note(go_on(&store, &*sources, &stopped, &mut known_done).await) {
                Ok(next) => next,
                Err(Error::Conflict | Error::Busy) => Next::Waits,
                Err(error) => {
                    tracing::error!(%error, "what is personal in the audit log cannot be erased; it is tried again later");
                    Next::Nothing
                }
            };
        }
        let pause = if next == Next::Waits { SHORT_ROUND } else { ROUND };
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = ordered.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Takes each erasure one step further.
async fn go_on(store: &Store, sources: &dyn Sources, stopped: &watch::Receiver<bool>, known_done: &mut u64) -> Result<Next> {
    let mut read = admin::read(store).await?;
    let of_entries = audit_erasures::under_way(&mut read, ErasureState::Entries { next: 0 }, ERASURES_AT_ONCE).await?;
    let of_words = audit_erasures::under_way(&mut read, ErasureState::Words, ERASURES_AT_ONCE).await?;
    let done = audit_erasures::count_done(&mut read).await?;
    drop(read);
    if std::mem::replace(known_done, done) != done {
        // Another server may have removed words that this one remembers.
        audit_log::forget_words(store);
    }
    let mut next = Next::Nothing;
    for erasure in &of_entries {
        match erase_entries(store, sources, erasure).await {
            Ok(found) => next = next.max(found),
            // One of a damaged log must not stop the others.
            Err(error) => tracing::warn!(%error, erasure = %erasure.id, "an erasure could not go on; it is tried again"),
        }
    }
    if !of_words.is_empty() {
        next = next.max(remove_words(store, sources, &of_words, stopped).await?);
    }
    Ok(next)
}

/// Looks at the next entries of an erasure and erases those that it concerns.
async fn erase_entries(store: &Store, sources: &dyn Sources, erasure: &Erasure) -> Result<Next> {
    let ErasureState::Entries { next: from } = erasure.state else { return Ok(Next::Nothing) };
    let root = erasure.root.as_ref();
    let mut read = admin::read_long(store).await?;
    let from = from.max(audit_retention::kept(&mut read, root).await?.first);
    let leaves = audit_trees::leaves(&mut read, root, from, ENTRIES_PER_WRITE).await?;
    drop(read);
    let mut write = admin::write(store).await?;
    if leaves.is_empty() {
        let all = audit_erasures::end_of_entries(&mut write, erasure, from).await?;
        write.commit().await?;
        return Ok(if all { Next::GoesOn } else { Next::Waits });
    }
    let (mut entries, mut buffer): (Vec<Erased>, _) = (Vec::new(), Vec::new());
    let next = from + leaves.len() as u64;
    for leaf in leaves.iter().filter(|leaf| erasure.subject.is_in(&leaf.record)) {
        if let Some(commitment) = commitment(leaf, &mut buffer)? {
            let record = &leaf.record;
            entries.push((record.log.clone(), record.at, record.id.clone(), commitment));
        }
    }
    write.expect_long();
    let mark = mark(sources);
    if !audit_erasures::erase(&mut write, erasure, next, &entries, mark).await? {
        // The hold is noticed when it is lifted.
        return Ok(Next::Nothing);
    }
    write.commit().await?;
    Ok(Next::GoesOn)
}

/// Removes the words that no entry has any more, and ends the erasures that waited for that.
async fn remove_words(
    store: &Store,
    sources: &dyn Sources,
    erasures: &[Erasure],
    stopped: &watch::Receiver<bool>,
) -> Result<Next> {
    let loose = audit_log::loose_words(&mut admin::read(store).await?, WORDS_AT_ONCE).await?;
    let (mut unused, mut place): (BTreeSet<i64>, _) = (loose.keys().copied().collect(), None);
    while !unused.is_empty() {
        if *stopped.borrow() {
            return Ok(Next::Nothing);
        }
        let mut write = admin::write(store).await?;
        place = audit_log::without_used(&mut write, &mut unused, place, ENTRIES_PER_LOOK).await?;
        write.commit().await?;
        if place.is_none() {
            break;
        }
    }
    let marked: Vec<(i64, i64)> = loose.iter().map(|(code, mark)| (*code, *mark)).collect();
    for chunk in marked.chunks(WORDS_PER_WRITE) {
        let mut write = admin::write(store).await?;
        audit_log::settle(&mut write, chunk, &unused).await?;
        write.commit().await?;
    }
    let left = audit_log::loose_words(&mut admin::read(store).await?, WORDS_AT_ONCE).await?;
    if loose.len() == WORDS_AT_ONCE || left.keys().any(|code| loose.contains_key(code)) {
        // There are more, or some became loose anew while they were looked for.
        return Ok(Next::GoesOn);
    }
    if !admin::scrub(store).await? {
        tracing::info!("somebody reads an earlier state of the database; what was erased leaves its write-ahead log later");
    }
    for erasure in erasures {
        end(store, sources, erasure).await?;
    }
    Ok(Next::GoesOn)
}

async fn end(store: &Store, sources: &dyn Sources, erasure: &Erasure) -> Result<()> {
    let now = sources.now();
    let mut write = admin::write(store).await?;
    audit_erasures::end(&mut write, erasure, now).await?;
    let (id, salt) = entry_id(sources, now);
    let bodies = Bodies { response: Some(audit_erasure_done(erasure)), ..Bodies::default() };
    let record = Record::new((id, now), Entry::audit_erasure_done(erasure), Outcome::Success, &Actor::System, None, bodies);
    audit_log::append(&mut write, &record, &salt, None).await?;
    write.commit().await
}
