//! What accounts cost, added up.

use umbel_api::{self as api, Code, CostGroup};
use umbel_domain::{Action, Day, OrganizationId};

use crate::billing::Plan;
use crate::caller::{Caller, On};
use crate::error::Result;
use crate::openapi::About;
use crate::path::Id;
use crate::query::{Query, invalid};
use crate::reply::Reply;
use crate::wire;

/// The most days of a request.
const DAYS_MAX: i64 = 366;

pub(super) const LIST: About = About {
    summary: "Add up the costs of an organization",
    description: "What every account in the organization or below it cost, added up by day, account, organization, metric or service, \
                  or by two of them; without `group_by` in one sum. The sums are those of the records of usage, to the last digit; \
                  different currencies are never added up, and what has no price is in no sum. They are in the order of days, and then \
                  of the ids of what they are grouped by. `from` and `to` are days that are both included, at most 366; without them it \
                  is the month so far.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden, Code::TooExpensive],
};

/// `GET /umbel/v1/organizations/{organization_id}/costs`
pub(super) async fn list(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::ListCosts>,
) -> Result<Reply<Vec<api::Cost>>> {
    let asked = (parameters.from.as_deref(), parameters.to.as_deref());
    let (first, last) = wire::usage::days(asked, Day::of(caller.app.sources.now()), Some(DAYS_MAX))?;
    let by = parameters.group_by;
    if by.len() > CostGroup::TOGETHER_MAX {
        let reason = format!("has {} values; at most {} are taken", by.len(), CostGroup::TOGETHER_MAX);
        return Err(invalid("group_by", &reason));
    }
    let mut read = caller.read_long(Action::ReadBilling, On::Organization(&id)).await?;
    let plan = Plan::of_organization(&mut read, &caller.app.room, &id, first, last).await?;
    let sums = plan.summed(&mut read, &by, first, last).await?;
    Ok(Reply::ok(sums.into_iter().map(wire::usage::cost).collect()))
}
