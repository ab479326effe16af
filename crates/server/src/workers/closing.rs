//! Makes the invoices of billing periods that somebody has closed.
//!
//! Everything that they rest on stays as it is: whichever server looks next, and however often it begins, makes the same.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use umbel_domain::BillingPeriod;
use umbel_domain::audit::{Actor, Bodies, Entry, Outcome, Record};
use umbel_store::{Error, Store, admin, audit_log, billing_periods, invoices, organizations};

use super::report::Report;
use crate::billing::{Of, Replay, Room, Walk};
use crate::error::Result;
use crate::sources::{Sources, entry_id};

/// Time from one look for closed billing periods to the next, unless one is closed.
const ROUND: Duration = Duration::from_mins(1);
/// Billing periods that are found together.
const PERIODS_PER_READ: usize = 64;
/// Records that are rated in one transaction.
const RECORDS_PER_READ: usize = 1_000;
/// Invoices that are written in one transaction.
const INVOICES_PER_WRITE: usize = 128;

/// Makes invoices, until it is stopped.
pub(super) async fn make_invoices(
    store: Store,
    sources: Arc<dyn Sources>,
    closed: Arc<Notify>,
    report: Report,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        if let Err(error) = report.note(make_all(&store, &*sources, &report, &stopped).await) {
            tracing::warn!(%error, "billing periods cannot be read; invoices are made later");
        }
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = closed.notified() => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

async fn make_all(
    store: &Store,
    sources: &dyn Sources,
    report: &Report,
    stopped: &watch::Receiver<bool>,
) -> umbel_store::Result<()> {
    let mut after: Option<BillingPeriod> = None;
    loop {
        let closing = billing_periods::closing(&mut admin::read(store).await?, after.as_ref(), PERIODS_PER_READ).await?;
        for period in &closing {
            match make(store, sources, period, stopped).await {
                Ok(()) => {}
                Err(error) => {
                    report.failed("invoices cannot be made");
                    tracing::error!(?error, root = %period.root, month = %period.month, "invoices cannot be made; it is tried again");
                }
            }
        }
        let Some(last) = closing.into_iter().last() else { return Ok(()) };
        after = Some(last);
    }
}

/// Makes the invoices of a billing period, unless it is stopped.
async fn make(store: &Store, sources: &dyn Sources, period: &BillingPeriod, stopped: &watch::Receiver<bool>) -> Result<()> {
    let (root, month) = (&period.root, period.month);
    let (mut walk, mut replay) =
        (Walk::of_period(Room::alone(), Of::Root(root.clone()), month), Replay::new(root.clone(), month));
    while !walk.has_ended() {
        if *stopped.borrow() {
            return Ok(());
        }
        let mut read = admin::read_long(store).await?;
        for billed in walk.next(&mut read, RECORDS_PER_READ).await?.iter() {
            replay.take(&billed)?;
        }
    }
    let (made, hash) = replay.finish()?;
    for chunk in made.chunks(INVOICES_PER_WRITE) {
        let mut write = admin::write(store).await?;
        for invoice in chunk {
            invoices::put(&mut write, invoice).await?;
        }
        write.commit().await?;
    }
    match finish(store, sources, period, hash).await {
        // Another server was faster.
        Err(Error::Conflict) => Ok(()),
        done => Ok(done?),
    }
}

async fn finish(store: &Store, sources: &dyn Sources, period: &BillingPeriod, hash: [u8; 32]) -> umbel_store::Result<()> {
    let now = sources.now();
    let mut write = admin::write(store).await?;
    billing_periods::finish(&mut write, &period.root, period.month, hash).await?;
    let (id, salt) = entry_id(sources, now);
    let bodies = Bodies { response: Some(crate::wire::invoice::closed(period, hash)), ..Bodies::default() };
    let record = Record::new((id, now), Entry::billing_period_closed(period), Outcome::Success, &Actor::System, None, bodies);
    let near = organizations::last_lineage(&mut write, &period.root).await?;
    audit_log::append(&mut write, &record, &salt, near.as_ref()).await?;
    write.commit().await
}
