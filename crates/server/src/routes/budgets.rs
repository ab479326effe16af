//! Budgets: at which part of what it means to spend an organization wants to know.

use umbel_api::{self as api, Code};
use umbel_domain::audit::Entry;
use umbel_domain::{Action, Budget, BudgetId, Currency, Name, OrganizationId};
use umbel_store::budgets;

use super::organizations::found;
use crate::body::Body;
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::reply::Reply;
use crate::wire::Reader;
use crate::wire::budget as wire;
use crate::write::{Committed, Write};

pub(super) const LIST: About = About {
    summary: "List the budgets of an organization",
    description: "What the organization, with everything below it, means to spend in each month: at most 20.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const CREATE: About = About {
    summary: "Make a budget",
    description: "Says what the organization, with everything below it, means to spend in each month, in UTC. When the billed costs \
                  of the present month have reached a threshold, within some minutes, an entry about it is written into the organization's \
                  audit log, and goes out by its streams. The month before is looked at as well as long as events of it are taken, unless the \
                  budget was made or changed since.",
    errors: &[
        Code::InvalidId,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::LimitReached,
        Code::KeyReused,
    ],
};

pub(super) const GET: About = About {
    summary: "Get a budget",
    description: "One of the budgets of the organization, and what was reached of it last.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const UPDATE: About = About {
    summary: "Change a budget",
    description: "Changes what is given of a budget. Thresholds that were reached before are reached anew.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::BodyTooLarge, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

pub(super) const DELETE: About = About {
    summary: "Delete a budget",
    description: "The budget is gone; what was written down of it stays.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

/// `GET /umbel/v1/organizations/{organization_id}/budgets`
pub(super) async fn list(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Reply<Vec<api::Budget>>> {
    let mut read = caller.read(Action::ReadBilling, On::Organization(&id)).await?;
    let found = budgets::of_organization(&mut *read, &id).await?;
    let total = Some(found.len() as u64);
    Ok(Reply::page(found.iter().map(wire::budget).collect(), api::ResultInfo::tokens(None, total)))
}

/// `GET /umbel/v1/organizations/{organization_id}/budgets/{budget_id}`
pub(super) async fn get(caller: Caller, Ids(organization, id): Ids<OrganizationId, BudgetId>) -> Result<Reply<api::Budget>> {
    let mut read = caller.read(Action::ReadBilling, On::Organization(&organization)).await?;
    let budget = budgets::get(&mut *read, &organization, &id).await?;
    Ok(Reply::one(wire::budget(&budget.ok_or_else(|| Error::not_found("budget"))?)))
}

/// `POST /umbel/v1/organizations/{organization_id}/budgets`
pub(super) async fn create(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::CreateBudget>,
) -> Result<Committed<api::Budget>> {
    let mut reader = Reader::default();
    let name = reader.member("/name", Name::parse(&body.name, Name::LENGTH_MAX));
    let amount = reader.member("/amount", Budget::amount(&body.amount));
    let currency = body.currency.and_then(|currency| reader.member("/currency", Currency::parse(&currency)));
    let thresholds = body.thresholds.unwrap_or(Budget::THRESHOLDS.to_vec());
    let thresholds = reader.member("/thresholds", Budget::thresholds(thresholds));
    let ((name, amount), thresholds) = reader.finish(name.zip(amount).zip(thresholds))?;
    let mut write = caller.write(Action::UpdateOrganization, On::Organization(&id)).await?;
    let organization = found(&mut write, &id).await?;
    let limit = Budget::PER_ORGANIZATION_MAX;
    if budgets::of_organization(&mut *write, &id).await?.len() >= limit {
        return Err(Error::new(Code::LimitReached, format!("an organization has at most {limit} budgets")));
    }
    let (now, currency) = (write.now(), currency.unwrap_or(organization.billing_currency));
    let budget = Budget {
        id: write.new_budget_id(),
        organization_id: id,
        name,
        amount,
        currency,
        thresholds,
        reached: None,
        reached_earlier: None,
        create_time: now,
        update_time: now,
    };
    budgets::insert(&mut write, &budget).await?;
    let committed = write.commit(Entry::budget_created(&budget), Reply::one(wire::budget(&budget))).await?;
    caller.app.workers.look_after_budgets();
    Ok(committed)
}

/// `PATCH /umbel/v1/organizations/{organization_id}/budgets/{budget_id}`
pub(super) async fn update(
    caller: Caller,
    ids: Ids<OrganizationId, BudgetId>,
    Body(body): Body<api::UpdateBudget>,
) -> Result<Committed<api::Budget>> {
    let mut reader = Reader::default();
    let name = body.name.and_then(|name| reader.member("/name", Name::parse(&name, Name::LENGTH_MAX)));
    let amount = body.amount.and_then(|amount| reader.member("/amount", Budget::amount(&amount)));
    let currency = body.currency.and_then(|currency| reader.member("/currency", Currency::parse(&currency)));
    let thresholds = body.thresholds.and_then(|all| reader.member("/thresholds", Budget::thresholds(all)));
    reader.finish(Some(()))?;
    let (mut write, budget) = changing(&caller, ids).await?;
    let budget = Budget {
        name: name.unwrap_or(budget.name),
        amount: amount.unwrap_or(budget.amount),
        currency: currency.unwrap_or(budget.currency),
        thresholds: thresholds.unwrap_or(budget.thresholds),
        reached: None,
        reached_earlier: None,
        update_time: write.now(),
        ..budget
    };
    budgets::update(&mut write, &budget).await?;
    let committed = write.commit(Entry::budget_updated(&budget), Reply::one(wire::budget(&budget))).await?;
    caller.app.workers.look_after_budgets();
    Ok(committed)
}

/// `DELETE /umbel/v1/organizations/{organization_id}/budgets/{budget_id}`
pub(super) async fn delete(caller: Caller, ids: Ids<OrganizationId, BudgetId>) -> Result<Committed<api::Deleted>> {
    let (mut write, budget) = changing(&caller, ids).await?;
    budgets::delete(&mut write, &budget).await?;
    let reply = Reply::ok(api::Deleted { id: budget.id.to_string() });
    write.commit(Entry::budget_deleted(&budget), reply).await
}

async fn changing(caller: &Caller, Ids(organization, id): Ids<OrganizationId, BudgetId>) -> Result<(Write, Budget)> {
    let mut write = caller.write(Action::UpdateOrganization, On::Organization(&organization)).await?;
    let budget = budgets::get(&mut *write, &organization, &id).await?.ok_or_else(|| Error::not_found("budget"))?;
    write.expect(Some(&wire::budget(&budget)))?;
    Ok((write, budget))
}
