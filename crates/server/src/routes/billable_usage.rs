//! What was used and what that costs, as the Cloudflare API tells it: a record for each account, metric and day.

use bytes::Bytes;
use umbel_api::{self as api, Code};
use umbel_domain::{AccountId, Action, Day, MetricId, OrganizationId};
use umbel_store::Place;

use crate::billing::{Of, Records, Walk};
use crate::caller::{Caller, Pace};
use crate::error::Result;
use crate::openapi::About;
use crate::path::Id;
use crate::query::{Query, invalid};
use crate::stream::{Listing, Part, Parts, Relay};
use crate::wire;
use crate::wire::usage_record::Writer;

/// The most days of a request.
const DAYS_MAX: i64 = 31;
/// Records of a part, which one transaction reads.
const RECORDS_PER_PART: usize = 1_000;
/// What most records take less than.
const BYTES_PER_RECORD: usize = 1_024;

const ERRORS: &[Code] = &[Code::InvalidId, Code::InvalidParameter, Code::Forbidden, Code::TooExpensive];

pub(super) const OF_ORGANIZATION: About = About {
    summary: "Get the usage and cost of an organization",
    description: "What every account in the organization or below it used, one record for each day, account, metric and, where \
                  events named them, zone and region, in this order. An account that was moved belongs on each day to where it was on \
                  it. Costs are exact and not rounded; what has no price in the currency of its organization has no costs. \
                  `from` and `to` are days that are both included, at most 31; without them it is the month so far. The answer of an \
                  organization that does not exist or that you may not see is an empty list. One that cannot be finished breaks off.",
    errors: ERRORS,
};

pub(super) const OF_ACCOUNT: About = About {
    summary: "Get the usage and cost of an account",
    description: "What the account used, wherever it was at the time. The same as for an organization.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden, Code::TooExpensive],
};

type Answer = Listing<Vec<api::BillableUsage<'static>>>;

/// `GET /organizations/{organization_id}/billable/usage`
pub(super) async fn of_organization(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::GetUsage>,
) -> Result<Answer> {
    begin(caller, Of::Organization(id), &parameters).await
}

/// `GET /accounts/{account_id}/billable/usage`
pub(super) async fn of_account(caller: Caller, Id(id): Id<AccountId>, Query(parameters): Query<api::GetUsage>) -> Result<Answer> {
    begin(caller, Of::Account(id), &parameters).await
}

async fn begin(caller: Caller, of: Of, parameters: &api::GetUsage) -> Result<Answer> {
    let asked = (parameters.from.as_deref(), parameters.to.as_deref());
    let (first, last) = wire::usage::days(asked, Day::of(caller.app.sources.now()), Some(DAYS_MAX))?;
    let metric = parameters.metric.as_deref().map(MetricId::parse).transpose();
    let metric = metric.map_err(|reason| invalid("metric", &reason.0))?;
    let writer = Relay::new(Writer::new(&caller.app.settings.providers));
    let walk = Walk::new(caller.app.room.clone(), of, first, last, metric);
    Listing::begin(&caller.clone(), Listed { caller, walk, writer, state: State::Beginning }).await
}

/// The records of a request, under way.
struct Listed {
    caller: Caller,
    walk: Walk,
    writer: Relay<Writer>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is written.
    Beginning,
    /// The next part begins with its first record.
    BeforeRecords,
    /// Records are written.
    AmongRecords,
    /// Everything is written.
    Ended,
}

impl Parts for Listed {
    async fn next(&mut self, place: Place) -> Result<Option<Part>> {
        if self.state == State::Ended {
            return Ok(None);
        }
        let caller = &self.caller;
        let (records, has_ended) = match caller.read_on(Pace::Apart(place), Action::ReadBilling, &[(self.walk.on(), "")]).await {
            // Clients know no error for an organization that is not there.
            Err(error) if self.state == State::Beginning && error.is_not_found() && self.walk.of().is_organization() => {
                (Records::default(), true)
            }
            Err(error) => return Err(error),
            Ok(mut read) => (self.walk.next(&mut read, RECORDS_PER_PART).await?, self.walk.has_ended()),
        };
        let mut head = Vec::new();
        if self.state == State::Beginning {
            head.extend_from_slice(Answer::HEAD);
            self.state = State::BeforeRecords;
        }
        let separated = self.state == State::AmongRecords;
        if !records.is_empty() {
            self.state = State::AmongRecords;
        }
        if has_ended {
            self.state = State::Ended;
        }
        let foot = if has_ended { Answer::FOOT } else { b"" };
        // Meanwhile the next ones are read.
        Ok(Some(self.writer.part(move |mut writer| {
            let bytes = written(head, &records, &mut writer, separated, foot)?;
            Ok((bytes, (!has_ended).then_some(writer)))
        })))
    }
}

fn written(mut bytes: Vec<u8>, records: &Records, writer: &mut Writer, mut separated: bool, foot: &[u8]) -> Result<Bytes> {
    bytes.reserve(records.len() * BYTES_PER_RECORD);
    for record in records.iter() {
        if std::mem::replace(&mut separated, true) {
            bytes.push(b',');
        }
        writer.write(&mut bytes, &record)?;
    }
    bytes.extend_from_slice(foot);
    Ok(bytes.into())
}
