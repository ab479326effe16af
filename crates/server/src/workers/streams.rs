//! Delivers the audit log to where streams go, behind the requests.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use umbel_domain::audit::{Actor, Bodies, Entry, Outcome, Progress, Record};
use umbel_domain::{AuditEntryId, AuditStreamId, OrganizationId, Timestamp};
use umbel_store::audit_log::Salt;
use umbel_store::audit_streams::{self, Delivered, Failed, Kept};
use umbel_store::{Read, Result, Store, Write, admin, audit_log};

use super::report::Report;
use super::retried;
use crate::receivers::{Pace, Parcel, Receivers, Undelivered};
use crate::sources::{Sources, entry_id};

/// Time from one look to the next.
const ROUND: Duration = Duration::from_secs(1);
/// Streams that are delivered at once.
const AT_ONCE_MAX: usize = 16;
/// Streams of one organization that are delivered at once, so that others have their turn.
const AT_ONCE_OF_ORGANIZATION_MAX: usize = 4;
/// Streams that are looked at in one round.
const DUE_MAX: usize = 1_024;
/// Bytes of bodies of a parcel, after which no further entry is put into it.
const PARCEL_BYTES_MAX: usize = 1 << 20;
/// Parcels of a stream before it is another's turn.
const PARCELS_PER_TURN: usize = 8;
/// How long a server holds a stream; longer than a parcel takes.
const HELD_SECONDS: i64 = 30;

/// What delivering needs.
#[derive(Clone)]
struct Sender {
    store: Store,
    sources: Arc<dyn Sources>,
    receivers: Receivers,
    report: Report,
    /// What this server calls itself.
    name: Arc<str>,
}

/// Delivers until the server stops; what is under way then is delivered again by the next one.
pub(super) async fn deliver(
    store: Store,
    sources: Arc<dyn Sources>,
    receivers: Receivers,
    report: Report,
    mut stopped: watch::Receiver<bool>,
) {
    // Who is alone with its database need not wait for what a server before it held.
    let name =
        if store.is_alone() { "alone".into() } else { format!("{}-{}", std::process::id(), sources.now().micros()).into() };
    let sender = Sender { store, sources, receivers, report: report.clone(), name };
    let (mut under_way, mut busy) = (JoinSet::new(), HashMap::new());
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(ROUND) => {}
        }
        while let Some(done) = under_way.try_join_next_with_id() {
            let task = match done {
                Ok((task, ())) => task,
                Err(error) => {
                    tracing::error!(%error, "delivering an audit stream panicked");
                    error.id()
                }
            };
            busy.remove(&task);
        }
        let due = match report.note(sender.due(DUE_MAX).await) {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "the audit streams cannot be read; they are delivered later");
                continue;
            }
        };
        for kept in due {
            let key = key(&kept);
            let of_organization = busy.values().filter(|busy: &&StreamKey| busy.0 == key.0).count();
            let is_its_turn = under_way.len() < AT_ONCE_MAX && of_organization < AT_ONCE_OF_ORGANIZATION_MAX;
            if is_its_turn && !busy.values().any(|busy| *busy == key) {
                busy.insert(under_way.spawn(sender.clone().take_turn(kept)).id(), key);
            }
        }
    }
}

type StreamKey = (OrganizationId, AuditStreamId);

fn key(kept: &Kept) -> StreamKey {
    (kept.stream.organization_id.clone(), kept.stream.id.clone())
}

/// What came of a parcel.
enum Sent {
    /// It was taken, or there was nothing to send, and the next one may go at once.
    AndGoesOn,
    /// It was not taken, or the stream stands elsewhere by now.
    AndWaits,
    /// Its receiver does not take so many entries together.
    TooLarge { entries: usize },
}

impl Sender {
    async fn due(&self, limit: usize) -> Result<Vec<Kept>> {
        let mut read = admin::read(&self.store).await?;
        audit_streams::due(&mut read, &self.name, self.sources.now(), limit).await
    }

    async fn again(&self, (organization, id): &StreamKey) -> Result<Option<Kept>> {
        let mut read = admin::read(&self.store).await?;
        audit_streams::get(&mut read, organization, id).await
    }

    async fn take_turn(self, kept: Kept) {
        let id = kept.stream.id.clone();
        if let Err(error) = self.report.note(self.test_and_send(kept).await) {
            tracing::warn!(%error, stream = %id, "an audit stream could not be dealt with; it is tried again");
        }
    }

    /// Tests a stream if that was asked for, and sends its next parcels.
    async fn test_and_send(&self, kept: Kept) -> Result<()> {
        if kept.progress.test_requested_at.is_some() && kept.progress.tested_at.is_none() {
            self.test(&kept).await?;
        }
        let (key, pace) = (key(&kept), Pace::of(&kept.stream.destination.kind));
        let (mut entries_max, mut next) = (pace.entries_max, Some(kept));
        for _ in 0..PARCELS_PER_TURN {
            let Some(kept) = next else { return Ok(()) };
            // Waiting for a place must not take the time for which a stream is held.
            let read = admin::read_long(&self.store).await?;
            let now = self.sources.now();
            if !kept.stream.enabled || kept.progress.next_attempt_at > now || !self.note(&kept, &Note::Hold { now }).await? {
                return Ok(());
            }
            if kept.behind == 0 {
                return self.note(&kept, &Note::GoOn).await.map(drop);
            }
            match self.send_parcel(&kept, read, pace, entries_max).await? {
                Sent::AndGoesOn => {}
                Sent::TooLarge { entries } => entries_max = entries / 2,
                Sent::AndWaits => return Ok(()),
            }
            next = self.again(&key).await?;
        }
        Ok(())
    }

    async fn test(&self, kept: &Kept) -> Result<()> {
        let outcome = self.receivers.test(&kept.stream, self.sources.now()).await;
        let (at, error) = (self.sources.now(), outcome.err().map(|undelivered| undelivered.reason));
        self.note(kept, &Note::Tested { at, error }).await.map(drop)
    }

    /// Sends what `read` finds next, at most so many entries.
    async fn send_parcel(&self, kept: &Kept, mut read: Read, pace: Pace, entries_max: usize) -> Result<Sent> {
        let batch = audit_streams::batch(&mut read, kept, entries_max, PARCEL_BYTES_MAX).await?;
        drop(read);
        let (records, now) = (&batch.records, self.sources.now());
        let (first, sent_before) = (kept.place.leaf, kept.progress.delivered);
        let parcel = Parcel { stream: &kept.stream, records, first, sent_before, now };
        let outcome = if records.is_empty() { Ok(()) } else { self.receivers.send(parcel).await };
        let now = self.sources.now();
        if let Err(undelivered) = outcome {
            if undelivered.too_large && records.len() > 1 {
                tracing::debug!(stream = %kept.stream.id, entries = records.len(), "fewer entries of an audit stream are sent together");
                return Ok(Sent::TooLarge { entries: records.len() });
            }
            self.report.failed("an audit stream was not delivered");
            let failures = kept.progress.failures.saturating_add(1);
            tracing::warn!(stream = %kept.stream.id, failures, reason = undelivered.reason, "an audit stream was not delivered");
            let (id, salt) = entry_id(&*self.sources, now);
            let note = Note::Failed { undelivered, failures, next: batch.next, now, id, salt };
            return self.note(kept, &note).await.map(|_| Sent::AndWaits);
        }
        // Where there is more already, waiting for more makes no sense.
        let pause = if records.is_empty() || batch.next < kept.end() { 0 } else { pace.seconds };
        let delivered = Delivered { next: batch.next, entries: records.len(), at: now, next_attempt_at: now.plus_seconds(pause) };
        Ok(if self.note(kept, &Note::Advanced(delivered)).await? { Sent::AndGoesOn } else { Sent::AndWaits })
    }

    /// Writes down how a stream goes; `false` when it stands elsewhere by now.
    async fn note(&self, kept: &Kept, note: &Note) -> Result<bool> {
        let noted = retried(|| async {
            let mut write = admin::write(&self.store).await?;
            let noted = note.apply(&mut write, kept, &self.name).await?;
            write.commit().await?;
            Ok(noted)
        });
        noted.await
    }
}

/// What is written down of a stream.
enum Note {
    /// This server delivers for it.
    Hold { now: Timestamp },
    /// It is through with its tree.
    GoOn,
    /// A parcel was taken.
    Advanced(Delivered),
    /// A parcel was not taken; the id is that of the entry about a receiver that wants nothing any more.
    Failed { undelivered: Undelivered, failures: u32, next: u64, now: Timestamp, id: AuditEntryId, salt: Salt },
    /// A test was made.
    Tested { at: Timestamp, error: Option<String> },
}

impl Note {
    async fn apply(&self, write: &mut Write, kept: &Kept, holder: &str) -> Result<bool> {
        match self {
            Self::Hold { now } => audit_streams::hold(write, kept, holder, now.plus_seconds(HELD_SECONDS), *now).await,
            Self::GoOn => audit_streams::go_on(write, kept, holder).await.map(|()| true),
            Self::Advanced(delivered) => audit_streams::advance(write, kept, holder, *delivered).await,
            Self::Failed { undelivered, failures, next, now, id, salt } => {
                let pause = Progress::pause_seconds(*failures, undelivered.retry_after_seconds);
                let (error, goes_on) = (undelivered.reason.as_str(), !undelivered.for_good);
                let failed = Failed { error, next: *next, next_attempt_at: now.plus_seconds(pause), goes_on };
                let noted = audit_streams::fail(write, kept, holder, failed).await?;
                if noted && !goes_on {
                    let entry = Entry::audit_stream_updated(&kept.stream);
                    let key = (id.clone(), *now);
                    let record = Record::new(key, entry, Outcome::Success, &Actor::System, None, Bodies::default());
                    audit_log::append(write, &record, salt, None).await?;
                }
                Ok(noted)
            }
            Self::Tested { at, error } => audit_streams::tested(write, kept, *at, error.as_deref()).await.map(|()| true),
        }
    }
}
