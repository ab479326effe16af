//! Billing periods of roots: closing them, and making a closed one again.

use umbel_api::{self as api, Code, PageSize};
use umbel_domain::audit::Entry;
use umbel_domain::secret::to_hex;
use umbel_domain::{Action, BillingPeriod, BillingPeriodState, Day, Month, OrganizationId};
use umbel_store::billing_periods;

use crate::billing::{Of, Replay, Room, Walk, as_root, first_invoiced, must_have_room};
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::query::Query;
use crate::reply::Reply;
use crate::wire::invoice as wire;
use crate::write::Committed;

/// Records that are rated in one transaction.
const RECORDS_PER_READ: usize = 1_000;

pub(super) const LIST: About = About {
    summary: "List the billing periods of a root",
    description: "The months of an organization that is a root, or was one, to which something was added after their end, or that are \
                  closed, the latest first. Every other month is open.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::InvalidPageToken, Code::NotFound, Code::Forbidden],
};

pub(super) const GET: About = About {
    summary: "Get a billing period of a root",
    description: "How far a month like `2026-01` is, of an organization that was a root on a day of it, or of an earlier one that is \
                  corrected in it, whether it stands below another one by now, or is gone.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const CLOSE: About = About {
    summary: "Close a billing period of a root",
    description: "From now on nothing changes the month: what was used in it, where, and by which price it is rated, stays. Then the \
                  invoices of all accounts in the tree are made, and the hash of everything that they rest on; the period is `closing` until \
                  that is done. What comes late is invoiced in a later month, as a correction. A month can be closed when its last day has been \
                  over for a day. One that is closed stays as it is. Of a root in whose tree more than 100,000 accounts stood in the month, each \
                  place of one that was moved counted, it cannot be closed. For operators.",
    errors: &[
        Code::InvalidId,
        Code::InvalidHeader,
        Code::NotFound,
        Code::Forbidden,
        Code::PeriodRunning,
        Code::LimitReached,
        Code::PreconditionFailed,
    ],
};

pub(super) const REPLAY: About = About {
    summary: "Make a closed billing period again",
    description: "Rates everything that is invoiced in the month anew from what was kept of it, and says whether that has the hash which the \
                  period was closed with. A server does that for one billing period at a time.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::TooExpensive],
};

/// `GET /umbel/v1/organizations/{organization_id}/billing-periods`
pub(super) async fn list(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::ListBillingPeriods>,
) -> Result<Reply<Vec<api::BillingPeriod>>> {
    let mut read = caller.read(Action::ReadBilling, On::LastingOrganization(&id)).await?;
    must_have_been_root(&mut *read, &id, None).await?;
    let list = caller.list();
    let position = caller.position(&list, parameters.page_token.as_deref())?;
    // What was signed is a month.
    let before = position.and_then(|position| Month::parse(&position.after).ok());
    let PageSize(size) = parameters.page_size;
    let page = billing_periods::page(&mut *read, &id, before, size).await?;
    let last = page.items.last().filter(|_| page.more).map(|last| last.month.to_string());
    let info = caller.page_info(&list, last, None);
    Ok(Reply::page(page.items.iter().map(wire::billing_period).collect(), info))
}

/// `GET /umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}`
pub(super) async fn get(caller: Caller, Ids(id, month): Ids<OrganizationId, Month>) -> Result<Reply<api::BillingPeriod>> {
    let mut read = caller.read(Action::ReadBilling, On::LastingOrganization(&id)).await?;
    must_have_been_root(&mut *read, &id, Some(month)).await?;
    Ok(Reply::one(wire::billing_period(&billing_periods::get(&mut *read, &id, month).await?)))
}

/// `POST /umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/close`
pub(super) async fn close(caller: Caller, Ids(id, month): Ids<OrganizationId, Month>) -> Result<Committed<api::BillingPeriod>> {
    let mut write = caller.write(Action::ManagePrices, On::LastingOrganization(&id)).await?;
    must_have_been_root(&mut *write, &id, Some(month)).await?;
    let period = billing_periods::get(&mut *write, &id, month).await?;
    write.expect(Some(&wire::billing_period(&period)))?;
    let (now, from) = (write.now(), BillingPeriod::closable_from(month));
    if period.state != BillingPeriodState::Open {
        return write.commit_all(Vec::new(), Reply::one(wire::billing_period(&period))).await;
    }
    if Day::of(now) < from {
        return Err(Error::new(Code::PeriodRunning, format!("the billing period {month} can be closed from {from} on")));
    }
    must_have_room(&mut *write, &id, month).await?;
    billing_periods::close(&mut write, &id, month, now).await?;
    let period = BillingPeriod { state: BillingPeriodState::Closing, close_time: Some(now), ..period };
    let reply = Reply::one(wire::billing_period(&period));
    let committed = write.commit(Entry::billing_period_closing(&period), reply).await?;
    caller.app.workers.look_after_billing_periods();
    Ok(committed)
}

/// `GET /umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/replay`
pub(super) async fn replay(
    caller: Caller,
    Ids(id, month): Ids<OrganizationId, Month>,
) -> Result<Reply<api::BillingPeriodReplay>> {
    let on = On::LastingOrganization(&id);
    let (mut walk, mut replay) = (Walk::of_period(Room::alone(), Of::Root(id.clone()), month), Replay::new(id.clone(), month));
    let mut kept = None;
    while !walk.has_ended() {
        let mut read = caller.read_long(Action::ReadBilling, on).await?;
        if kept.is_none() {
            must_have_been_root(&mut *read, &id, Some(month)).await?;
            let period = billing_periods::get(&mut *read, &id, month).await?;
            let hash = period.content_hash.ok_or_else(|| Error::not_found("closed billing period"))?;
            let busy = |_| Error::new(Code::Busy, "another billing period is made again at this moment; try again later");
            kept = Some((hash, caller.app.replays.clone().try_lock_owned().map_err(busy)?));
        }
        for billed in walk.next(&mut read, RECORDS_PER_READ).await?.iter() {
            replay.take(&billed)?;
        }
    }
    let (_, hash) = replay.finish()?;
    Ok(Reply::ok(api::BillingPeriodReplay { content_hash: to_hex(&hash), matches: kept.is_some_and(|(kept, _)| kept == hash) }))
}

/// Refuses what was a root on none of the days of which something is invoiced in a month, or on no day at all.
async fn must_have_been_root(query: &mut impl umbel_store::Query, id: &OrganizationId, month: Option<Month>) -> Result<()> {
    let days = match month {
        Some(month) => (first_invoiced(query, month).await?, month.end()),
        None => (Day::FIRST, Day::LAST),
    };
    as_root(query, id, days).await.map(drop)
}
