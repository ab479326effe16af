//! What happens behind the requests: refused attempts and views are written down, uses of credentials noted, old answers
//! forgotten, audit logs proved and made quick to search, their old entries deleted, personal members erased, invitations sent,
//! streams of audit logs delivered, invoices made, budgets watched.

mod budgets;
mod closing;
mod digests;
mod erasure;
mod mail;
mod report;
mod retention;
mod streams;
mod trees;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc, watch};
use umbel_domain::audit::{Actor, Bodies, Entry, Outcome, Record, RequestLine};
use umbel_domain::secret::SecretHash;
use umbel_domain::usage::EventWindow;
use umbel_domain::{ApiTokenId, Delivery, SessionId, Timestamp, UserId};
use umbel_store::audit_log::Salt;
use umbel_store::{Result, Store, admin, api_tokens, audit_log, idempotency, invitations, sessions, sign_in, usage, users};

use crate::mail::Letter;
use crate::receivers::Receivers;
use crate::settings::Settings;
use crate::sources::{Sources, entry_id};

pub(crate) use mail::Posted;
use report::Report;
pub(crate) use report::Rounds;

/// Entries that wait to be written down; one more is only counted.
const LATE_WAITING_MAX: usize = 1024;
/// Refused attempts of one caller that are written down in one second; more are only counted.
const REFUSALS_PER_SECOND_MAX: u32 = 10;
/// Bytes of a request's body that are kept with a refused attempt; a longer one is left out.
const REFUSAL_BODY_MAX: usize = 16 << 10;
/// Entries that share a transaction.
const LATE_PER_WRITE: usize = 64;
/// Tokens, and users, whose use is remembered until the next round; the use of one more is not noted.
const USED_MAX: usize = 100_000;
/// Tokens, or users, whose use is noted in one transaction.
const USES_PER_WRITE: usize = 256;
/// Old answers that are forgotten in one transaction.
const ANSWERS_PER_WRITE: u64 = 256;
/// Sessions that are forgotten in one transaction.
const SESSIONS_PER_WRITE: u64 = 256;
/// Parts of all keys of events; each round goes through one.
const KEY_PARTS: u16 = 24 * 60;
/// Time from one round of the housekeeping to the next.
const ROUND: Duration = Duration::from_mins(1);

/// What is written down after its request was answered: a refused attempt on something that the caller can see, or a view.
#[derive(Debug)]
pub(crate) struct LateEntry {
    pub(crate) at: Timestamp,
    pub(crate) entry: Entry,
    pub(crate) outcome: Outcome,
    pub(crate) actor: Actor,
    pub(crate) request: RequestLine,
    pub(crate) request_body: Option<String>,
}

/// The workers of a server, and what they are handed.
pub(crate) struct Workers {
    late: mpsc::Sender<LateEntry>,
    refusal_rates: Mutex<HashMap<UserId, (i64, u32)>>,
    refusals_dropped: AtomicU64,
    views_dropped: AtomicU64,
    used: Arc<Mutex<Used>>,
    /// Letters to be sent; `None` when the server sends no mail.
    letters: Option<mpsc::Sender<Letter>>,
    retention_decided: Arc<Notify>,
    erasure_ordered: Arc<Notify>,
    period_closed: Arc<Notify>,
    budget_changed: Arc<Notify>,
    stop: watch::Sender<bool>,
    running: tokio::sync::Mutex<Vec<Running>>,
}

/// A worker that was started.
struct Running {
    name: &'static str,
    report: Report,
    task: tokio::task::JoinHandle<()>,
}

/// How a worker is.
#[derive(Debug)]
pub(crate) struct WorkerState {
    pub(crate) name: &'static str,
    pub(crate) has_ended: bool,
    pub(crate) rounds: Rounds,
}

impl Running {
    /// Starts a worker, which says in its report what it does.
    fn start<F: Future<Output = ()> + Send + 'static>(
        name: &'static str,
        sources: &Arc<dyn Sources>,
        work: impl FnOnce(Report) -> F,
    ) -> Self {
        let report = Report::new(sources.clone());
        let task = tokio::spawn(work(report.clone()));
        Self { name, report, task }
    }
}

/// When credentials were last used, since the round before.
#[derive(Default)]
struct Used {
    tokens: HashMap<ApiTokenId, Timestamp>,
    sessions: HashMap<SessionId, Timestamp>,
    users: HashMap<UserId, Timestamp>,
}

impl Workers {
    pub(crate) fn start(store: Store, sources: &Arc<dyn Sources>, settings: &Settings, receivers: Receivers) -> Self {
        let (late, waiting) = mpsc::channel(LATE_WAITING_MAX);
        let (stop, stopped) = watch::channel(false);
        let window_days = settings.usage_window_days;
        let (used, retention_decided) = (Arc::<Mutex<Used>>::default(), Arc::<Notify>::default());
        let (erasure_ordered, period_closed, budget_changed) = <(Arc<Notify>, Arc<Notify>, Arc<Notify>)>::default();
        let grown = Arc::<digests::Grown>::default();
        let mut running = vec![
            Running::start("entries", sources, |report| {
                write_down(store.clone(), sources.clone(), waiting, report, stopped.clone())
            }),
            Running::start("trees", sources, |report| trees::grow(store.clone(), grown.clone(), report, stopped.clone())),
            Running::start("digests", sources, |report| {
                digests::make(store.clone(), sources.clone(), grown, report, stopped.clone())
            }),
            Running::start("streams", sources, |report| {
                streams::deliver(store.clone(), sources.clone(), receivers, report, stopped.clone())
            }),
            Running::start("retention", sources, |report| {
                retention::delete_old(store.clone(), sources.clone(), retention_decided.clone(), report, stopped.clone())
            }),
            Running::start("erasures", sources, |report| {
                erasure::erase(store.clone(), sources.clone(), erasure_ordered.clone(), report, stopped.clone())
            }),
            Running::start("invoices", sources, |report| {
                closing::make_invoices(store.clone(), sources.clone(), period_closed.clone(), report, stopped.clone())
            }),
            Running::start("budgets", sources, |report| {
                budgets::watch(store.clone(), sources.clone(), window_days, budget_changed.clone(), report, stopped.clone())
            }),
            Running::start("housekeeping", sources, |report| {
                keep_house(store.clone(), sources.clone(), used.clone(), window_days, report, stopped.clone())
            }),
        ];
        let letters = settings.mail.clone().map(|mail| {
            let (letters, waiting) = mpsc::channel(mail::LETTERS_WAITING_MAX);
            running.push(Running::start("mail", sources, |report| {
                mail::send_letters(store, sources.clone(), mail, waiting, report, stopped)
            }));
            letters
        });
        let (refusal_rates, refusals_dropped, views_dropped) = Default::default();
        let running = running.into();
        Self {
            late,
            refusal_rates,
            refusals_dropped,
            views_dropped,
            used,
            letters,
            retention_decided,
            erasure_ordered,
            period_closed,
            budget_changed,
            stop,
            running,
        }
    }

    /// Takes on a refused attempt of a user; never waits.
    pub(crate) fn refused(&self, user: UserId, mut refusal: LateEntry) {
        refusal.request_body = refusal.request_body.filter(|body| body.len() <= REFUSAL_BODY_MAX);
        if !self.may_write_down(user, refusal.at) || self.late.try_send(refusal).is_err() {
            self.refusals_dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes on a view; never waits.
    pub(crate) fn viewed(&self, view: LateEntry) {
        if self.late.try_send(view).is_err() {
            self.views_dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Looks for old entries of the audit log at once, because somebody has decided how long they are kept; an erasure that a
    /// hold stopped goes on.
    pub(crate) fn look_after_retention(&self) {
        self.retention_decided.notify_one();
        self.erasure_ordered.notify_one();
    }

    /// Begins at once to erase what somebody has ordered to erase of an audit log.
    pub(crate) fn look_after_erasures(&self) {
        self.erasure_ordered.notify_one();
    }

    /// Makes at once the invoices of a billing period that somebody has closed.
    pub(crate) fn look_after_billing_periods(&self) {
        self.period_closed.notify_one();
    }

    /// Looks at once whether organizations have spent what their budgets say.
    pub(crate) fn look_after_budgets(&self) {
        self.budget_changed.notify_one();
    }

    /// Whether this caller has not yet filled the present second.
    fn may_write_down(&self, user: UserId, at: Timestamp) -> bool {
        let second = at.micros().div_euclid(1_000_000);
        let mut rates = self.refusal_rates.lock();
        if rates.len() >= LATE_WAITING_MAX {
            rates.retain(|_, (last, _)| *last == second);
        }
        let rate = rates.entry(user).or_insert((second, 0));
        if rate.0 != second {
            *rate = (second, 0);
        }
        rate.1 += 1;
        rate.1 <= REFUSALS_PER_SECOND_MAX
    }

    /// How many refused attempts were not written down.
    pub(crate) fn refusals_dropped(&self) -> u64 {
        self.refusals_dropped.load(Ordering::Relaxed)
    }

    /// How many views were not written down.
    pub(crate) fn views_dropped(&self) -> u64 {
        self.views_dropped.load(Ordering::Relaxed)
    }

    /// Remembers that a credential of this user was used: this token, or the global API key.
    pub(crate) fn credential_used(&self, user: &UserId, token: Option<&ApiTokenId>, at: Timestamp) {
        let mut used = self.used.lock();
        remember(&mut used.users, user, at);
        if let Some(token) = token {
            remember(&mut used.tokens, token, at);
        }
    }

    /// Remembers that a session of this user was used.
    pub(crate) fn session_used(&self, user: &UserId, session: &SessionId, at: Timestamp) {
        let mut used = self.used.lock();
        remember(&mut used.users, user, at);
        remember(&mut used.sessions, session, at);
    }

    /// Takes on a letter, to be sent when its change is durable; `None` when too many wait. Never waits itself.
    pub(crate) fn take_on(&self, letter: Letter) -> Option<Posted> {
        self.letters.as_ref().and_then(|letters| Posted::new(letters, letter))
    }

    /// How each of them is.
    pub(crate) async fn states(&self) -> Vec<WorkerState> {
        let state = |Running { name, report, task }: &Running| WorkerState {
            name,
            has_ended: task.is_finished(),
            rounds: report.rounds(),
        };
        self.running.lock().await.iter().map(state).collect()
    }

    /// Finishes what was taken on and ends.
    pub(crate) async fn finish(&self) {
        self.stop.send_replace(true);
        for worker in self.running.lock().await.drain(..) {
            if worker.task.await.is_err() {
                tracing::error!(worker = worker.name, "a worker panicked");
            }
        }
    }
}

fn remember<K: Clone + Eq + std::hash::Hash>(used: &mut HashMap<K, Timestamp>, key: &K, at: Timestamp) {
    if let Some(last) = used.get_mut(key) {
        *last = at;
    } else if used.len() < USED_MAX {
        used.insert(key.clone(), at);
    }
}

async fn write_down(
    store: Store,
    sources: Arc<dyn Sources>,
    mut waiting: mpsc::Receiver<LateEntry>,
    report: Report,
    mut stopped: watch::Receiver<bool>,
) {
    let mut batch = Vec::new();
    loop {
        let received = tokio::select! {
            biased;
            received = waiting.recv_many(&mut batch, LATE_PER_WRITE) => received,
            _ = stopped.wait_for(|stopped| *stopped) => 0,
        };
        if received == 0 {
            return;
        }
        let records: Vec<(Record, Salt)> = batch.drain(..).map(|late| record(late, &*sources)).collect();
        let appended = retried(|| async {
            let mut write = admin::write(&store).await?;
            for (record, salt) in &records {
                audit_log::append(&mut write, record, salt, None).await?;
            }
            write.commit().await
        });
        if let Err(error) = report.note(appended.await) {
            tracing::error!(%error, lost = records.len(), "refused attempts or views could not be written down");
        }
    }
}

fn record(late: LateEntry, sources: &dyn Sources) -> (Record, Salt) {
    let (id, salt) = entry_id(sources, late.at);
    let bodies = Bodies { request: late.request_body, ..Bodies::default() };
    let (key, line) = ((id, late.at), Some(&late.request));
    (Record::new(key, late.entry, late.outcome, &late.actor, line, bodies), salt)
}

async fn keep_house(
    store: Store,
    sources: Arc<dyn Sources>,
    used: Arc<Mutex<Used>>,
    usage_window_days: u16,
    report: Report,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let stop = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => true,
            () = tokio::time::sleep(ROUND) => false,
        };
        let noted = std::mem::take(&mut *used.lock());
        if let Err(error) = report.note(note_uses(&store, noted).await) {
            tracing::warn!(%error, "uses of credentials could not be noted");
        }
        if stop {
            return;
        }
        if let Err(error) = report.note(forget_answers(&store, sources.now()).await) {
            tracing::warn!(%error, "old answers could not be forgotten");
        }
        if let Err(error) = report.note(forget_sessions(&store, sources.now()).await) {
            tracing::warn!(%error, "sessions that have expired could not be forgotten");
        }
        if let Err(error) = report.note(forget_events(&store, EventWindow { now: sources.now(), days: usage_window_days }).await)
        {
            tracing::warn!(%error, "keys of old events could not be forgotten");
        }
    }
}

async fn note_uses(store: &Store, used: Used) -> Result<()> {
    let (tokens, users): (Vec<_>, Vec<_>) = (used.tokens.into_iter().collect(), used.users.into_iter().collect());
    let in_sessions: Vec<_> = used.sessions.into_iter().collect();
    for chunk in in_sessions.chunks(USES_PER_WRITE) {
        let touched = retried(|| async {
            let mut write = admin::write(store).await?;
            sessions::touch(&mut write, chunk).await?;
            write.commit().await
        });
        touched.await?;
    }
    for chunk in tokens.chunks(USES_PER_WRITE) {
        let touched = retried(|| async {
            let mut write = admin::write(store).await?;
            api_tokens::touch(&mut write, chunk).await?;
            write.commit().await
        });
        touched.await?;
    }
    for chunk in users.chunks(USES_PER_WRITE) {
        let seen = retried(|| async {
            let mut write = admin::write(store).await?;
            users::see(&mut write, chunk).await?;
            write.commit().await
        });
        seen.await?;
    }
    Ok(())
}

async fn note_delivery(store: &Store, hash: &SecretHash, delivery: Delivery) -> Result<()> {
    let noted = retried(|| async {
        let mut write = admin::write(store).await?;
        invitations::set_delivery(&mut write, hash, delivery).await?;
        write.commit().await
    });
    noted.await
}

async fn forget_answers(store: &Store, now: Timestamp) -> Result<()> {
    loop {
        let forgotten = retried(|| async {
            let mut write = admin::write(store).await?;
            let forgotten = idempotency::purge(&mut write, now, ANSWERS_PER_WRITE).await?;
            write.commit().await?;
            Ok(forgotten)
        });
        if forgotten.await? < ANSWERS_PER_WRITE {
            return Ok(());
        }
    }
}

/// Forgets sessions and links for signing in that have expired.
async fn forget_sessions(store: &Store, now: Timestamp) -> Result<()> {
    loop {
        let forgotten = retried(|| async {
            let mut write = admin::write(store).await?;
            sign_in::purge_links(&mut write, now).await?;
            let forgotten = sessions::purge(&mut write, now, SESSIONS_PER_WRITE).await?;
            write.commit().await?;
            Ok(forgotten)
        });
        if forgotten.await? < SESSIONS_PER_WRITE {
            return Ok(());
        }
    }
}

/// Forgets the keys of events that no event can come for again, those of one part of all in each round: within a day of all.
async fn forget_events(store: &Store, window: EventWindow) -> Result<()> {
    let minute = window.now.micros().div_euclid(60_000_000).rem_euclid(KEY_PARTS.into());
    let part = u16::try_from(minute).unwrap_or_default();
    let forgotten = retried(|| async {
        let mut write = admin::write(store).await?;
        write.expect_long();
        usage::forget(&mut write, part, KEY_PARTS, window.forgotten()).await?;
        write.commit().await
    });
    forgotten.await
}

/// Runs a transaction again when it ran into another one, or was rolled back because it took too long beside others.
async fn retried<T, F: Future<Output = Result<T>>>(run: impl Fn() -> F) -> Result<T> {
    const TRIES_MAX: u32 = 10;
    for tries in 1..TRIES_MAX {
        match run().await {
            Err(umbel_store::Error::Conflict | umbel_store::Error::Busy | umbel_store::Error::Expired) => {
                tokio::time::sleep(Duration::from_millis(10) * tries).await;
            }
            done => return done,
        }
    }
    run().await
}
