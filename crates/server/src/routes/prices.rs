//! The price book and what organizations pay in, which are the operators'.

use umbel_api::{self as api, Code, PageSize};
use umbel_domain::audit::Entry;
use umbel_domain::price::{Misfit, fits};
use umbel_domain::{Action, Currency, Day, Digits, MetricId, Organization, OrganizationId, Price, PriceId};
use umbel_store::prices::{self, Filter, PER_ORGANIZATION_MAX, PER_SLOT_MAX};
use umbel_store::{billing_currencies, billing_periods, digits, metrics, organizations};

use crate::body::Body;
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::query::{Query, invalid};
use crate::reply::Reply;
use crate::wire::billing as wire;
use crate::write::{Committed, Write};

pub(super) const LIST: About = About {
    summary: "List the prices",
    description: "The price book, in the order of ids. For operators.",
    errors: &[Code::InvalidParameter, Code::Forbidden],
};

pub(super) const CREATE: About = About {
    summary: "Make a price",
    description: "Says what a metric costs from a day on: everybody, or one organization with all that is below it. A price never \
                  changes but that it ends, and two for the same at one time cannot be. One whose costs could not be exact, with \
                  every digit of the quantity and of the price, is refused. For operators.",
    errors: &[
        Code::InvalidBody,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::AlreadyExists,
        Code::PriceMisfit,
        Code::PeriodClosed,
        Code::LimitReached,
        Code::KeyReused,
    ],
};

pub(super) const GET: About = About {
    summary: "Get a price",
    description: "One entry of the price book. For operators.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const END: About = About {
    summary: "End a price",
    description: "The price holds no more from a day on. A price that has an end keeps it. For operators.",
    errors: &[
        Code::InvalidId,
        Code::InvalidBody,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::PriceMisfit,
        Code::PeriodClosed,
        Code::PreconditionFailed,
        Code::KeyReused,
    ],
};

pub(super) const GET_BILLING: About = About {
    summary: "Get what an organization pays in",
    description: "The currency whose prices are for the accounts of the organization.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const UPDATE_BILLING: About = About {
    summary: "Set what an organization pays in",
    description: "Only prices in this currency are for the accounts of the organization, from the first day of this month on; \
                  organizations that are created below it begin with the same one. For operators.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::BodyTooLarge, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

/// `GET /umbel/v1/prices`
pub(super) async fn list(caller: Caller, Query(parameters): Query<api::ListPrices>) -> Result<Reply<Vec<api::Price>>> {
    let metric_id = parameters.metric_id.map(|id| MetricId::parse(&id)).transpose();
    let organization_id = parameters.organization_id.map(|id| OrganizationId::parse(&id)).transpose();
    let filter = Filter {
        metric_id: metric_id.map_err(|reason| invalid("metric_id", &reason.0))?,
        organization_id: organization_id.map_err(|reason| invalid("organization_id", &reason.0))?,
    };
    let mut read = caller.read(Action::ManagePrices, On::Server).await?;
    let list = caller.list();
    let position = caller.position(&list, parameters.page_token.as_deref())?;
    let PageSize(size) = parameters.page_size;
    let after = position.as_ref().map_or("", |position| &position.after);
    let page = prices::page(&mut *read, &filter, after, size).await?;
    let last = page.items.last().filter(|_| page.more);
    let info = caller.page_info(&list, last.map(|last| last.id.to_string()), None);
    Ok(Reply::page(page.items.iter().map(wire::price).collect(), info))
}

/// `GET /umbel/v1/prices/{price_id}`
pub(super) async fn get(caller: Caller, Id(id): Id<PriceId>) -> Result<Reply<api::Price>> {
    let mut read = caller.read(Action::ManagePrices, On::Server).await?;
    let price = prices::get(&mut *read, &id).await?;
    Ok(Reply::one(wire::price(&found(price)?)))
}

/// `POST /umbel/v1/prices`
pub(super) async fn create(caller: Caller, Body(body): Body<api::CreatePrice>) -> Result<Committed<api::Price>> {
    let mut write = caller.write(Action::ManagePrices, On::Server).await?;
    let price = wire::new_price(body, write.new_price_id(), write.now())?;
    let metric = metrics::get(&mut *write, &price.metric_id).await?;
    let metric = metric.ok_or_else(|| Error::not_found("metric").pointing_at("/metric_id"))?;
    wire::check_price(&price, &metric)?;
    let known = digits::all(&mut *write).await?.remove(&metric.id).unwrap_or_default();
    let digits = known.with(Digits::of_price(&price));
    digits.check(&metric).map_err(|invalid| Error::at(Code::InvalidBody, "", format!("the price {invalid}")))?;
    let organization = price.negotiated.as_ref().map(|negotiated| &negotiated.organization_id);
    if let Some(id) = organization
        && organizations::get(&mut *write, id).await?.is_none()
    {
        return Err(Error::not_found("organization").pointing_at("/organization_id"));
    }
    if prices::get(&mut *write, &price.id).await?.is_some() {
        return Err(Error::at(Code::AlreadyExists, "/id", format!("there is a price {} already", price.id)));
    }
    must_be_open(&mut write, price.effective_from, "/effective_from").await?;
    let others = prices::of_slot(&mut *write, &price).await?;
    must_fit(&price, &others)?;
    if others.len() >= PER_SLOT_MAX
        || prices::count(&mut *write, organization, PER_ORGANIZATION_MAX).await? >= PER_ORGANIZATION_MAX
    {
        let message = format!("a metric has at most {PER_SLOT_MAX} prices in turn, an organization {PER_ORGANIZATION_MAX}");
        return Err(Error::new(Code::LimitReached, message));
    }
    prices::insert(&mut write, &price).await?;
    if digits != known {
        digits::set(&mut write, &metric.id, digits).await?;
    }
    let reply = Reply::one(wire::price(&price));
    write.commit(Entry::price_created(&price), reply).await
}

/// `POST /umbel/v1/prices/{price_id}/end`
pub(super) async fn end(caller: Caller, Id(id): Id<PriceId>, Body(body): Body<api::EndPrice>) -> Result<Committed<api::Price>> {
    let day = Day::parse(&body.effective_to).map_err(|invalid| Error::member("/effective_to", &invalid))?;
    let mut write = caller.write(Action::ManagePrices, On::Server).await?;
    let price = found(prices::get(&mut *write, &id).await?)?;
    write.expect(Some(&wire::price(&price)))?;
    match price.effective_to {
        Some(end) if end == day => return write.commit_all(Vec::new(), Reply::one(wire::price(&price))).await,
        Some(end) => {
            let message = format!("the price ends on {end} already, and what it was called for stays");
            return Err(Error::at(Code::PriceMisfit, "/effective_to", message));
        }
        None if day <= price.effective_from => {
            let message = format!("effective_to must be after {}, when the price begins", price.effective_from);
            return Err(Error::at(Code::InvalidBody, "/effective_to", message));
        }
        None => {}
    }
    must_be_open(&mut write, day, "/effective_to").await?;
    prices::end(&mut write, &id, day).await?;
    let price = Price { effective_to: Some(day), ..price };
    write.commit(Entry::price_ended(&price), Reply::one(wire::price(&price))).await
}

fn found(price: Option<Price>) -> Result<Price> {
    price.ok_or_else(|| Error::not_found("price"))
}

/// Refuses a day on which a price changes when something was invoiced then or later; a price may be for every root.
async fn must_be_open(write: &mut Write, day: Day, pointer: &str) -> Result<()> {
    match billing_periods::latest(write).await? {
        Some(month) if day < month.end() => {
            let message = format!("the billing period {month} of a root is closed; what changes holds from {} on", month.end());
            Err(Error::at(Code::PeriodClosed, pointer, message))
        }
        _ => Ok(()),
    }
}

fn must_fit(price: &Price, others: &[Price]) -> Result<()> {
    let message = match fits(price, others) {
        Ok(()) => return Ok(()),
        Err(Misfit::Overlaps(other)) => format!("price {other} holds at the same time; end it first"),
        Err(Misfit::LeavesGap(other)) => format!("there would be days without a price between it and price {other}"),
    };
    Err(Error::at(Code::PriceMisfit, "/effective_from", message))
}

/// `GET /umbel/v1/organizations/{organization_id}/billing`
pub(super) async fn get_billing(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Reply<api::Billing>> {
    let mut read = caller.read(Action::ReadBilling, On::Organization(&id)).await?;
    let organization = organizations::get(&mut *read, &id).await?;
    Ok(Reply::one(billing(&organization.ok_or_else(|| Error::not_found("organization"))?)))
}

/// `PUT /umbel/v1/organizations/{organization_id}/billing`
pub(super) async fn update_billing(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::Billing>,
) -> Result<Committed<api::Billing>> {
    let currency = Currency::parse(&body.billing_currency).map_err(|invalid| Error::member("/billing_currency", &invalid))?;
    let mut write = caller.write(Action::ManagePrices, On::Organization(&id)).await?;
    let mut organization = super::organizations::found(&mut write, &id).await?;
    write.expect(Some(&billing(&organization)))?;
    organization.billing_currency = currency;
    organizations::update(&mut write, &organization).await?;
    let month = Day::of(write.now()).month_start();
    billing_currencies::set(&mut write, &id, month, currency).await?;
    let reply = Reply::one(billing(&organization));
    write.commit(Entry::organization_updated(&organization), reply).await
}

fn billing(organization: &Organization) -> api::Billing {
    api::Billing { billing_currency: organization.billing_currency.code().to_owned() }
}
