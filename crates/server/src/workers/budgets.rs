//! Looks whether organizations have spent what their budgets say.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use umbel_decimal::Decimal;
use umbel_domain::audit::{Actor, Bodies, Entry, Outcome, Record};
use umbel_domain::budget::Reached;
use umbel_domain::{Budget, Day, Month};
use umbel_store::{Error, Read, Store, admin, audit_log, budgets};

use super::report::Report;
use crate::billing::{Plan, Room};
use crate::error::Result;
use crate::sources::{Sources, entry_id};

/// Time from one look at all budgets to the next, unless one is made or changed.
const ROUND: Duration = Duration::from_mins(5);
/// Budgets that are found together.
const BUDGETS_PER_READ: usize = 64;

/// Looks at budgets, until it is stopped.
pub(super) async fn watch(
    store: Store,
    sources: Arc<dyn Sources>,
    window_days: u16,
    changed: Arc<Notify>,
    report: Report,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        if let Err(error) = report.note(look_at_all(&store, &*sources, window_days, &report, &stopped).await) {
            tracing::warn!(%error, "budgets cannot be read; they are looked at later");
        }
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = changed.notified() => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

async fn look_at_all(
    store: &Store,
    sources: &dyn Sources,
    window_days: u16,
    report: &Report,
    stopped: &watch::Receiver<bool>,
) -> umbel_store::Result<()> {
    let mut after: Option<Budget> = None;
    loop {
        let found = budgets::all(&mut admin::read(store).await?, after.as_ref(), BUDGETS_PER_READ).await?;
        for budget in &found {
            if *stopped.borrow() {
                return Ok(());
            }
            if let Err(error) = look_at(store, sources, window_days, budget.clone()).await {
                report.failed("a budget cannot be looked at");
                let (organization, id) = (&budget.organization_id, &budget.id);
                tracing::error!(?error, %organization, %id, "a budget cannot be looked at; it is tried again");
            }
        }
        let Some(last) = found.into_iter().last() else { return Ok(()) };
        after = Some(last);
    }
}

async fn look_at(store: &Store, sources: &dyn Sources, window_days: u16, mut budget: Budget) -> Result<()> {
    let today = Day::of(sources.now());
    for last in budget.looked_at(today, window_days) {
        let billed = billed(&mut admin::read_long(store).await?, &budget, last).await?;
        let Some(reached) = budget.newly_reached(Month::of(last), billed) else { continue };
        budget = match tell(store, sources, &budget, reached, billed).await {
            // Another server was faster, or somebody changed it.
            Err(Error::Conflict) => return Ok(()),
            done => done?,
        };
    }
    Ok(())
}

/// What is billed in the month of a day so far.
async fn billed(read: &mut Read, budget: &Budget, last: Day) -> Result<Decimal> {
    let first = last.month_start();
    let plan = Plan::of_organization(read, &Room::alone(), &budget.organization_id, first, last).await?;
    let sums = plan.summed(read, &[], first, last).await?;
    let in_currency = sums.iter().find(|sum| sum.currency == budget.currency);
    Ok(in_currency.map_or(Decimal::ZERO, |sum| sum.costs.billed))
}

/// Writes down that a threshold was reached, and returns the budget as it is then.
async fn tell(
    store: &Store,
    sources: &dyn Sources,
    budget: &Budget,
    reached: Reached,
    billed: Decimal,
) -> umbel_store::Result<Budget> {
    let now = sources.now();
    let mut write = admin::write(store).await?;
    let changed = budgets::reach(&mut write, budget, reached).await?;
    let (id, salt) = entry_id(sources, now);
    let told = crate::wire::budget::reached(budget, reached, billed);
    let bodies = Bodies { response: Some(told), ..Bodies::default() };
    let record = Record::new((id, now), Entry::budget_reached(budget), Outcome::Success, &Actor::System, None, bodies);
    audit_log::append(&mut write, &record, &salt, None).await?;
    write.commit().await?;
    Ok(changed)
}
