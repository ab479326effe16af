//! Invoices: what accounts owe for a month that is closed.

use std::collections::BTreeMap;

use umbel_api::{self as api, Code, PageSize};
use umbel_decimal::Decimal;
use umbel_domain::invoice::apportion;
use umbel_domain::{AccountId, Action, Invoice, InvoiceId, Month, OrganizationId};
use umbel_store::{IN_LIST_MAX, invoices, placements};

use crate::billing::{Billed, Of, Plan, Walk, first_invoiced, is_below};
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Ids;
use crate::query::Query;
use crate::reply::Reply;
use crate::wire::invoice as wire;

/// Records that are read at once.
const RECORDS_PER_READ: usize = 1_000;

pub(super) const LIST: About = About {
    summary: "List the invoices of an organization for a billing period",
    description: "What each account in the organization or below it owes for a month like `2026-01`, once that is closed, in the order of \
                  accounts. An account that stood in two organizations in the month has an invoice for each; where one of those was moved meanwhile, it is \
                  shown where it was below all the time. An account that cost nothing \
                  has one over nothing, and one without any price has none.",
    errors: &[
        Code::InvalidId,
        Code::InvalidParameter,
        Code::InvalidPageToken,
        Code::NotFound,
        Code::Forbidden,
        Code::TooExpensive,
    ],
};

pub(super) const GET: About = About {
    summary: "Get an invoice",
    description: "An invoice with its lines: one for each metric, and one for each month of it that is corrected. Each line is \
                  rounded so that all of them add up to the total, which is their exact sum, rounded half-even: what is missing when all are rounded \
                  down goes to those that lost most by it.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

/// `GET /umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/invoices`
pub(super) async fn list(
    caller: Caller,
    Ids(id, month): Ids<OrganizationId, Month>,
    Query(parameters): Query<api::ListInvoices>,
) -> Result<Reply<Vec<api::Invoice>>> {
    let mut read = caller.read_long(Action::ReadBilling, On::LastingOrganization(&id)).await?;
    let first = first_invoiced(&mut *read, month).await?;
    let plan = Plan::of_organization(&mut read, &caller.app.room, &id, first, month.last()).await?;
    let list = caller.list();
    let position = caller.position(&list, parameters.page_token.as_deref())?;
    let after = position.map(|position| position.after).unwrap_or_default();
    let PageSize(size) = parameters.page_size;
    let accounts: Vec<&AccountId> = plan.accounts().into_iter().filter(|account| account.as_str() > after.as_str()).collect();
    let mut found = Vec::new();
    let mut next = None;
    for accounts in accounts.chunks(IN_LIST_MAX) {
        let ids: Vec<&str> = accounts.iter().map(|account| account.as_str()).collect();
        let of_these = invoices::of_accounts(&mut *read, &ids, month).await?;
        let stretches = placements::of_accounts(&mut *read, &ids).await?;
        for invoice in of_these.into_iter().filter(|invoice| is_below(&invoice.of, &id, &stretches, first)) {
            // A page ends with an account: all invoices of one are on the same page.
            let last = found.last().map(|last: &Invoice| last.of.account.clone());
            if found.len() >= size && last.as_ref() != Some(&invoice.of.account) {
                next = last.map(|last| last.to_string());
                break;
            }
            found.push(invoice);
        }
        if next.is_some() {
            break;
        }
    }
    let info = caller.page_info(&list, next, None);
    Ok(Reply::page(found.iter().map(wire::invoice).collect(), info))
}

/// `GET /umbel/v1/organizations/{organization_id}/invoices/{invoice_id}`
pub(super) async fn get(caller: Caller, Ids(id, invoice): Ids<OrganizationId, InvoiceId>) -> Result<Reply<api::Invoice>> {
    let mut read = caller.read_long(Action::ReadBilling, On::LastingOrganization(&id)).await?;
    let not_found = || Error::not_found("invoice");
    let invoice = invoices::get(&mut *read, &invoice).await?.ok_or_else(not_found)?;
    let (month, account) = (invoice.of.month, &invoice.of.account);
    let first = first_invoiced(&mut *read, month).await?;
    let stretches = placements::of_account(&mut *read, account).await?;
    if !is_below(&invoice.of, &id, &stretches, first) {
        return Err(not_found());
    }
    let mut lines = BTreeMap::<(String, Option<Month>), (String, Decimal)>::new();
    let mut walk = Walk::of_period(caller.app.room.clone(), Of::Account(account.clone()), month);
    while !walk.has_ended() {
        for billed in walk.next(&mut read, RECORDS_PER_READ).await?.iter() {
            add(&mut lines, &invoice, &billed)?;
        }
    }
    let exact: Vec<Decimal> = lines.values().map(|(_, exact)| *exact).collect();
    let amounts = apportion(&exact, invoice.of.currency.fraction_digits());
    let amounts = amounts.map_err(|error| Error::new(Code::Internal, format!("a line of an invoice {error}")))?;
    let lines = lines.into_iter().zip(amounts).map(|(((metric_id, corrected), (metric_name, exact)), amount)| api::InvoiceLine {
        metric_id,
        metric_name,
        correction_of: corrected.map(|month| month.to_string()),
        exact_cost: exact.to_string(),
        amount: amount.to_string(),
    });
    Ok(Reply::one(api::Invoice { lines: Some(lines.collect()), ..wire::invoice(&invoice) }))
}

/// Adds what is on an invoice to its line.
fn add(lines: &mut BTreeMap<(String, Option<Month>), (String, Decimal)>, invoice: &Invoice, billed: &Billed<'_>) -> Result<()> {
    if billed.invoice_id().as_ref() != Some(&invoice.id) {
        return Ok(());
    }
    let Some((charge, _)) = billed.charge()? else { return Ok(()) };
    let corrected = billed.booked.map(|_| Month::of(billed.day));
    let line = lines.entry((billed.metric.id.to_string(), corrected));
    let (_, exact) = line.or_insert_with(|| (billed.metric.name.as_str().to_owned(), Decimal::ZERO));
    let sum = exact.checked_add(charge.billed_cost);
    *exact = sum.map_err(|error| Error::new(Code::Internal, format!("a line of an invoice {error}")))?;
    Ok(())
}
