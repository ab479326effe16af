//! What happens behind the requests: refused attempts are written down, uses of tokens noted, old answers forgotten.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use umbel_domain::audit::{Actor, Entry, Outcome, Record, RequestLine};
use umbel_domain::{ApiTokenId, AuditEntryId, Timestamp, UserId};
use umbel_store::{Result, Store, admin, api_tokens, audit_log, idempotency};

use crate::sources::{Sources, random};

/// Refused attempts that wait to be written down; one more is only counted.
const REFUSALS_WAITING_MAX: usize = 1024;
/// Refused attempts of one caller that are written down in one second; more are only counted.
const REFUSALS_PER_SECOND_MAX: u32 = 10;
/// Bytes of a request's body that are kept with a refused attempt; a longer one is left out.
const REFUSAL_BODY_MAX: usize = 16 << 10;
/// Refused attempts that share a transaction.
const REFUSALS_PER_WRITE: usize = 64;
/// Tokens whose use is remembered until the next round; the use of one more is not noted.
const TOKENS_USED_MAX: usize = 100_000;
/// Tokens whose use is noted in one transaction.
const TOKENS_PER_WRITE: usize = 256;
/// Old answers that are forgotten in one transaction.
const ANSWERS_PER_WRITE: u64 = 256;
/// Time from one round of the housekeeping to the next.
const ROUND: Duration = Duration::from_mins(1);

/// A refused attempt on something that the caller can see.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) user_id: UserId,
    pub(crate) at: Timestamp,
    pub(crate) entry: Entry,
    pub(crate) actor: Actor,
    pub(crate) request: RequestLine,
    pub(crate) request_body: Option<String>,
}

/// The workers of a server, and what they are handed.
pub(crate) struct Workers {
    refusals: mpsc::Sender<Refusal>,
    refusal_rates: Mutex<HashMap<UserId, (i64, u32)>>,
    refusals_dropped: AtomicU64,
    tokens_used: Arc<Mutex<HashMap<ApiTokenId, Timestamp>>>,
    stop: watch::Sender<bool>,
    running: tokio::sync::Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

impl Workers {
    pub(crate) fn start(store: Store, sources: Arc<dyn Sources>) -> Self {
        let (refusals, waiting) = mpsc::channel(REFUSALS_WAITING_MAX);
        let (stop, stopped) = watch::channel(false);
        let tokens_used = Arc::default();
        let running = vec![
            tokio::spawn(write_down_refusals(store.clone(), sources.clone(), waiting, stopped.clone())),
            tokio::spawn(keep_house(store, sources, Arc::clone(&tokens_used), stopped)),
        ];
        let (refusal_rates, refusals_dropped) = (Mutex::default(), AtomicU64::default());
        Self { refusals, refusal_rates, refusals_dropped, tokens_used, stop, running: running.into() }
    }

    /// Takes on a refused attempt; never waits.
    pub(crate) fn refused(&self, mut refusal: Refusal) {
        refusal.request_body = refusal.request_body.filter(|body| body.len() <= REFUSAL_BODY_MAX);
        if !self.may_write_down(&refusal) || self.refusals.try_send(refusal).is_err() {
            self.refusals_dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether this caller has not yet filled the present second.
    fn may_write_down(&self, refusal: &Refusal) -> bool {
        let second = refusal.at.micros().div_euclid(1_000_000);
        let mut rates = self.refusal_rates.lock();
        if rates.len() >= REFUSALS_WAITING_MAX {
            rates.retain(|_, (last, _)| *last == second);
        }
        let rate = rates.entry(refusal.user_id.clone()).or_insert((second, 0));
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

    /// Remembers that a token was used.
    pub(crate) fn token_used(&self, id: &ApiTokenId, at: Timestamp) {
        let mut used = self.tokens_used.lock();
        if let Some(last) = used.get_mut(id) {
            *last = at;
        } else if used.len() < TOKENS_USED_MAX {
            used.insert(id.clone(), at);
        }
    }

    /// Finishes what was taken on and ends.
    pub(crate) async fn finish(&self) {
        self.stop.send_replace(true);
        for worker in self.running.lock().await.drain(..) {
            if worker.await.is_err() {
                tracing::error!("a worker panicked");
            }
        }
    }
}

async fn write_down_refusals(
    store: Store,
    sources: Arc<dyn Sources>,
    mut waiting: mpsc::Receiver<Refusal>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut batch = Vec::new();
    loop {
        let received = tokio::select! {
            biased;
            received = waiting.recv_many(&mut batch, REFUSALS_PER_WRITE) => received,
            _ = stopped.wait_for(|stopped| *stopped) => 0,
        };
        if received == 0 {
            return;
        }
        let records: Vec<Record> = batch.drain(..).map(|refusal| record(refusal, &*sources)).collect();
        let appended = retried(|| async {
            let mut write = admin::write(&store).await?;
            for record in &records {
                audit_log::append(&mut write, record).await?;
            }
            write.commit().await
        });
        if let Err(error) = appended.await {
            tracing::error!(%error, lost = records.len(), "refused attempts could not be written down");
        }
    }
}

fn record(refusal: Refusal, sources: &dyn Sources) -> Record {
    Record {
        id: AuditEntryId::generate(refusal.at, random(sources)),
        log: refusal.entry.log,
        at: refusal.at,
        event: refusal.entry.event,
        result: Outcome::Failure,
        actor: refusal.actor,
        request: Some(refusal.request),
        request_body: refusal.request_body,
        response_body: None,
    }
}

async fn keep_house(
    store: Store,
    sources: Arc<dyn Sources>,
    tokens_used: Arc<Mutex<HashMap<ApiTokenId, Timestamp>>>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let stop = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => true,
            () = tokio::time::sleep(ROUND) => false,
        };
        let used: Vec<_> = std::mem::take(&mut *tokens_used.lock()).into_iter().collect();
        for chunk in used.chunks(TOKENS_PER_WRITE) {
            let touched = retried(|| async {
                let mut write = admin::write(&store).await?;
                api_tokens::touch(&mut write, chunk).await?;
                write.commit().await
            });
            if let Err(error) = touched.await {
                tracing::warn!(%error, "uses of tokens could not be noted");
            }
        }
        if stop {
            return;
        }
        if let Err(error) = forget_answers(&store, sources.now()).await {
            tracing::warn!(%error, "old answers could not be forgotten");
        }
    }
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

/// Runs a transaction again when it ran into another one.
async fn retried<T, F: Future<Output = Result<T>>>(run: impl Fn() -> F) -> Result<T> {
    const TRIES_MAX: u32 = 10;
    for tries in 1..TRIES_MAX {
        match run().await {
            Err(umbel_store::Error::Conflict | umbel_store::Error::Busy) => {
                tokio::time::sleep(Duration::from_millis(10) * tries).await;
            }
            done => return done,
        }
    }
    run().await
}
