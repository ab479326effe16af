//! Sends invitations by mail, behind the requests that make them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use umbel_domain::Delivery;
use umbel_domain::invitation::QUEUED_MAX_SECONDS;
use umbel_store::Store;

use super::note_delivery;
use super::report::Report;
use crate::mail::{Letter, Mail};
use crate::sources::Sources;

/// Letters that wait to be sent; one more fails at once.
pub(super) const LETTERS_WAITING_MAX: usize = 1024;
/// Letters that are under way at once.
const LETTERS_AT_ONCE_MAX: usize = 4;
/// How often a letter is tried.
const TRIES_MAX: u32 = 4;
/// How long letters may take that are left when the server stops.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// A letter with its place in the queue: it is sent once what it is about is durable, and dropped if that never happens.
pub(crate) struct Posted {
    place: mpsc::OwnedPermit<Letter>,
    letter: Letter,
}

impl Posted {
    /// Takes a place for a letter; `None` when there is none.
    pub(super) fn new(queue: &mpsc::Sender<Letter>, letter: Letter) -> Option<Self> {
        let place = queue.clone().try_reserve_owned().ok()?;
        Some(Self { place, letter })
    }

    /// Hands the letter to the worker; never waits.
    pub(crate) fn send(self) {
        self.place.send(self.letter);
    }
}

/// Sends letters until the server stops, and then, for a moment, those that are left.
pub(super) async fn send_letters(
    store: Store,
    sources: Arc<dyn Sources>,
    mail: Mail,
    mut waiting: mpsc::Receiver<Letter>,
    report: Report,
    mut stopped: watch::Receiver<bool>,
) {
    let (give_up, given_up) = watch::channel(false);
    let patience = tokio::spawn(give_up_after(stopped.clone(), give_up));
    let mut under_way = JoinSet::new();
    loop {
        if under_way.len() == LETTERS_AT_ONCE_MAX {
            under_way.join_next().await;
        }
        let letter = tokio::select! {
            biased;
            letter = waiting.recv() => letter,
            _ = stopped.wait_for(|stopped| *stopped) => None,
        };
        let Some(letter) = letter else { break };
        under_way.spawn(deliver(store.clone(), sources.clone(), mail.clone(), letter, report.clone(), given_up.clone()));
    }
    while under_way.join_next().await.is_some() {}
    patience.abort();
}

/// Waits until the server stops, and then for a moment.
async fn give_up_after(mut stopped: watch::Receiver<bool>, give_up: watch::Sender<bool>) {
    if stopped.wait_for(|stopped| *stopped).await.is_ok() {
        tokio::time::sleep(STOP_PATIENCE).await;
        give_up.send_replace(true);
    }
}

async fn deliver(
    store: Store,
    sources: Arc<dyn Sources>,
    mail: Mail,
    letter: Letter,
    report: Report,
    mut given_up: watch::Receiver<bool>,
) {
    let delivery = tokio::select! {
        biased;
        _ = given_up.wait_for(|given_up| *given_up) => Delivery::Failed,
        delivery = send(&mail, &letter, &*sources) => delivery,
    };
    if let Err(error) = report.note(note_delivery(&store, &letter.hash, delivery).await) {
        tracing::error!(%error, delivery = delivery.name(), "what became of an invitation could not be noted");
    }
    if delivery == Delivery::Failed {
        report.failed("an invitation could not be sent");
    }
}

/// Tries to send a letter, with pauses that grow.
async fn send(mail: &Mail, letter: &Letter, sources: &dyn Sources) -> Delivery {
    let mut pause = mail.retry_pause;
    for tries in 1..=TRIES_MAX {
        if letter.at.plus_seconds(QUEUED_MAX_SECONDS) <= sources.now() {
            tracing::warn!("an invitation waited too long to be sent");
            return Delivery::Failed;
        }
        let Err(undelivered) = mail.send(letter).await else { return Delivery::Sent };
        let last = undelivered.for_good || tries == TRIES_MAX;
        tracing::warn!(reason = undelivered.reason, tries, given_up = last, "an invitation could not be sent");
        if last {
            break;
        }
        tokio::time::sleep(pause).await;
        pause *= 4;
    }
    Delivery::Failed
}
