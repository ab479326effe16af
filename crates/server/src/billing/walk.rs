//! What accounts used and what it is rated by, day by day and account by account, a part of it at a time.

use umbel_domain::usage::{DailyUsage, Spot};
use umbel_domain::{AccountId, Day, MetricId, OrganizationId};
use umbel_store::{Read, usage};

use super::{Billed, Plan};
use crate::caller::On;
use crate::error::Result;

/// Accounts and days that are looked at for a part that stays small.
const LOOKS_PER_PART: usize = 1_000;

/// So many days are looked through only as far as something was used.
const LONG_DAYS: i64 = 31;

/// Whose usage is asked for.
pub(crate) enum Of {
    Organization(OrganizationId),
    Account(AccountId),
}

impl Of {
    pub(crate) fn on(&self) -> On<'_> {
        match self {
            Self::Organization(id) => On::Organization(id),
            Self::Account(id) => On::Account(id),
        }
    }

    pub(crate) fn is_organization(&self) -> bool {
        matches!(self, Self::Organization(_))
    }
}

/// The records of a request, under way. What is kept between two parts does not grow with their number.
pub(crate) struct Walk {
    of: Of,
    first: Day,
    last: Day,
    metric: Option<MetricId>,
    /// What is walked through; `None` before the first part.
    plan: Option<Plan>,
    place: Place,
}

/// What comes next: what an account used on a day behind a metric and a spot.
struct Place {
    day: Day,
    /// Which stretch of the plan.
    at: usize,
    metric: String,
    spot: Spot,
}

impl Walk {
    /// Begins with the first day; of one metric only, if one is named.
    pub(crate) fn new(of: Of, first: Day, last: Day, metric: Option<MetricId>) -> Self {
        let place = Place { day: first, at: 0, metric: String::new(), spot: Spot::default() };
        Self { of, first, last, metric, plan: None, place }
    }

    pub(crate) fn of(&self) -> &Of {
        &self.of
    }

    /// Whether there are no more records.
    pub(crate) fn has_ended(&self) -> bool {
        self.place.day > self.last
    }

    /// Reads the next records: at most `max`, and perhaps none although there are more.
    pub(crate) async fn next(&mut self, read: &mut Read, max: usize) -> Result<Vec<Billed>> {
        read.expect_long();
        if self.plan.is_none() {
            let mut plan = match &self.of {
                Of::Organization(id) => Plan::of_organization(read, id, self.first, self.last).await?,
                Of::Account(id) => Plan::of_account(read, id, self.first, self.last).await?,
            };
            if self.last.number() - self.first.number() >= LONG_DAYS {
                let used = plan.narrow(read).await?;
                (self.place.day, self.last) = used.unwrap_or((self.last.next(), self.last));
            }
            self.plan = Some(plan);
        }
        let Some(plan) = &mut self.plan else { return Ok(Vec::new()) };
        let mut records = Vec::new();
        let mut looks = 0;
        while self.place.day <= self.last && records.len() < max && looks < LOOKS_PER_PART {
            let Some(account) = plan.account_on(self.place.at, self.place.day) else {
                self.place.step(plan);
                continue;
            };
            looks += 1;
            let (after, size) = ((self.place.metric.as_str(), &self.place.spot), max - records.len());
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
