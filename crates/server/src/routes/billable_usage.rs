//! What was used and what that costs, as the Cloudflare API tells it: a record for each account, metric and day.

use bytes::Bytes;
use umbel_api::{self as api, Code};
use umbel_domain::usage::{DailyUsage, Spot};
use umbel_domain::{AccountId, Action, Day, MetricId, OrganizationId};
use umbel_store::{Read, usage};

use crate::billing::{Billed, Plan};
use crate::caller::{On, Recurring};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::query::{Query, invalid};
use crate::settings::Providers;
use crate::stream::{Listing, Part, Parts};
use crate::wire;

/// The most days of a request.
const DAYS_MAX: i64 = 31;
/// Records of a part, which one transaction reads.
const RECORDS_PER_PART: usize = 1_000;
/// Accounts and days that are looked at for a part that stays small.
const LOOKS_PER_PART: usize = 1_000;

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

type Records = Listing<Vec<api::BillableUsage>>;

/// `GET /organizations/{organization_id}/billable/usage`
pub(super) async fn of_organization(
    caller: Recurring,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::GetUsage>,
) -> Result<Records> {
    begin(caller, Of::Organization(id), &parameters).await
}

/// `GET /accounts/{account_id}/billable/usage`
pub(super) async fn of_account(
    caller: Recurring,
    Id(id): Id<AccountId>,
    Query(parameters): Query<api::GetUsage>,
) -> Result<Records> {
    begin(caller, Of::Account(id), &parameters).await
}

async fn begin(caller: Recurring, of: Of, parameters: &api::GetUsage) -> Result<Records> {
    let (first, last) = days(parameters, Day::of(caller.now()))?;
    let metric = parameters.metric.as_deref().map(MetricId::parse).transpose();
    let metric = metric.map_err(|reason| invalid("metric", &reason.0))?;
    let (patience, providers) = (caller.patience(), caller.providers().clone());
    let place = Place { day: first, at: 0, metric: String::new(), spot: Spot::default() };
    Listing::begin(patience, Walk { caller, of, first, last, metric, providers, plan: None, place, state: State::Beginning })
        .await
}

/// The first and the last day that is asked for.
fn days(parameters: &api::GetUsage, today: Day) -> Result<(Day, Day)> {
    let day = |name: &str, text: &str| wire::usage::day(text).map_err(|reason| invalid(name, &reason.0));
    let (first, last) = match (&parameters.from, &parameters.to) {
        (None, None) => return Ok((today.month_start(), today)),
        (Some(_), None) => return Err(invalid("to", "is missing: from needs it")),
        (None, Some(_)) => return Err(invalid("from", "is missing: to needs it")),
        (Some(from), Some(to)) => match (day("from", from), day("to", to)) {
            (Ok(first), Ok(last)) => (first, last),
            (first, last) => return Err(Error::all([first.err(), last.err()].into_iter().flatten().collect())),
        },
    };
    if last < first {
        return Err(invalid("to", "must not be before from"));
    }
    if last.number() - first.number() >= DAYS_MAX {
        return Err(invalid("to", &format!("must be at most {} days after from", DAYS_MAX - 1)));
    }
    Ok((first, last))
}

/// Whose usage is asked for.
enum Of {
    Organization(OrganizationId),
    Account(AccountId),
}

/// The records of a request, under way.
struct Walk {
    caller: Recurring,
    of: Of,
    first: Day,
    last: Day,
    metric: Option<MetricId>,
    providers: Providers,
    /// What is walked through; `None` before the first part.
    plan: Option<Plan>,
    place: Place,
    state: State,
}

/// What comes next: what an account used on a day behind a metric and a spot.
struct Place {
    day: Day,
    /// Which stretch of the plan.
    at: usize,
    metric: String,
    spot: Spot,
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

impl Parts for Walk {
    async fn next(&mut self) -> Result<Option<Part>> {
        if self.state == State::Ended {
            return Ok(None);
        }
        let caller = self.caller.caller().await?;
        let on = match &self.of {
            Of::Organization(id) => On::Organization(id),
            Of::Account(id) => On::Account(id),
        };
        let records = match caller.read(Action::ReadBilling, on).await {
            // Clients know no error for an organization that is not there.
            Err(error) if self.state == State::Beginning && error.is_not_found() && matches!(self.of, Of::Organization(_)) => {
                self.place.day = self.last.next();
                Vec::new()
            }
            Err(error) => return Err(error),
            Ok(mut read) => self.records(&mut read).await?,
        };
        let mut head = Vec::new();
        if self.state == State::Beginning {
            head.extend_from_slice(Records::HEAD);
            self.state = State::BeforeRecords;
        }
        let separated = self.state == State::AmongRecords;
        if !records.is_empty() {
            self.state = State::AmongRecords;
        }
        let has_ended = self.place.day > self.last;
        if has_ended {
            self.state = State::Ended;
        }
        let providers = self.providers.clone();
        // The threads that serve requests must not wait for it.
        let part = move || written(head, records, &providers, separated, if has_ended { Records::FOOT } else { b"" });
        Ok(Some(tokio::task::spawn_blocking(part)))
    }
}

impl Walk {
    /// Reads and rates the next records.
    async fn records(&mut self, read: &mut Read) -> Result<Vec<Billed>> {
        read.expect_long();
        if self.plan.is_none() {
            self.plan = Some(match &self.of {
                Of::Organization(id) => Plan::of_organization(read, id, self.first, self.last).await?,
                Of::Account(id) => Plan::of_account(read, id, self.first, self.last).await?,
            });
        }
        let Some(plan) = &mut self.plan else { return Ok(Vec::new()) };
        let mut records = Vec::new();
        let mut looks = 0;
        while self.place.day <= self.last && records.len() < RECORDS_PER_PART && looks < LOOKS_PER_PART {
            let Some(account) = plan.account_on(self.place.at, self.place.day) else {
                self.place.step(plan);
                continue;
            };
            looks += 1;
            let (after, size) = ((self.place.metric.as_str(), &self.place.spot), RECORDS_PER_PART - records.len());
            let days = usage::of_day(read, account, self.place.day, after, size).await?;
            let is_last = days.len() < size;
            if let Some(last) = days.last() {
                last.key.metric_id.as_str().clone_into(&mut self.place.metric);
                self.place.spot.clone_from(&last.key.spot);
            }
            let wanted = |day: &DailyUsage| self.metric.as_ref().is_none_or(|metric| day.key.metric_id == *metric);
            for day in days.into_iter().filter(wanted) {
                records.push(plan.rated(read, self.place.at, day).await?);
            }
            if is_last {
                self.place.step(plan);
            }
        }
        Ok(records)
    }
}

impl Place {
    /// Goes on to the next account, or to the first one of the next day.
    fn step(&mut self, plan: &mut Plan) {
        self.metric.clear();
        self.spot = Spot::default();
        self.at += 1;
        if self.at >= plan.len() {
            self.at = 0;
            self.day = self.day.next();
            plan.begin_day(self.day);
        }
    }
}

fn written(mut bytes: Vec<u8>, records: Vec<Billed>, providers: &Providers, mut separated: bool, foot: &[u8]) -> Result<Bytes> {
    for record in records {
        if std::mem::replace(&mut separated, true) {
            bytes.push(b',');
        }
        let shown = wire::usage::billable_usage(record.usage, &record.account_name, &record.metric, record.charge, providers);
        let unwritten = |error| Error::new(Code::Internal, format!("a record of usage cannot be written: {error}"));
        serde_json::to_writer(&mut bytes, &shown).map_err(unwritten)?;
    }
    bytes.extend_from_slice(foot);
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(from: Option<&str>, to: Option<&str>) -> Option<(String, String)> {
        let parameters = api::GetUsage { from: from.map(Into::into), to: to.map(Into::into), metric: None };
        let (first, last) = days(&parameters, Day::parse("2026-03-15").unwrap()).ok()?;
        Some((first.to_string(), last.to_string()))
    }

    #[test]
    fn thirty_one_days_can_be_asked_for_and_the_month_so_far_by_default() {
        let days = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
        assert_eq!(asked(None, None), days("2026-03-01", "2026-03-15"));
        assert_eq!(asked(Some("2026-01-01"), Some("2026-01-31")), days("2026-01-01", "2026-01-31"));
        assert_eq!(asked(Some("2026-01-01T23:59:59-01:00"), Some("2026-01-02")), days("2026-01-02", "2026-01-02"));
        for (from, to) in [
            (Some("2026-01-01"), None),
            (None, Some("2026-01-01")),
            (Some("2026-01-01"), Some("2026-02-01")),
            (Some("2026-01-02"), Some("2026-01-01")),
            (Some("yesterday"), Some("2026-01-01")),
        ] {
            assert_eq!(asked(from, to), None, "{from:?} {to:?}");
        }
    }
}
