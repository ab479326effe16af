//! What accounts used and what it is rated by, day by day and account by account, a part of it at a time.

use umbel_domain::usage::DailyUsage;
use umbel_domain::{AccountId, Day, Invoice, MetricId, Month, OrganizationId};
use umbel_store::usage::{self, Behind};
use umbel_store::{IN_LIST_MAX, Read, invoices, placements};

use super::{Billed, Plan, Room, first_invoiced, is_below};
use crate::caller::On;
use crate::error::Result;

/// Accounts and days that are looked at for a part that stays small.
const LOOKS_PER_PART: usize = 1_000;

/// Accounts and days, whether the account is looked at on the day or not, that are stepped over for a part.
const STEPS_PER_PART: usize = 1_000_000;

/// So many days, and billing periods, are looked through only as far as something was used.
const LONG_DAYS: i64 = 31;

/// Whose usage is asked for.
#[derive(Debug, Clone)]
pub(crate) enum Of {
    /// An organization, and what stands below it.
    Organization(OrganizationId),
    /// The whole tree of a root, on the days on which it was one.
    Root(OrganizationId),
    Account(AccountId),
}

impl Of {
    pub(crate) fn is_organization(&self) -> bool {
        matches!(self, Self::Organization(_) | Self::Root(_))
    }
}

/// The records of a request, under way. What is kept between two parts does not grow with their number.
pub(crate) struct Walk {
    room: Room,
    of: Of,
    first: Day,
    last: Day,
    metric: Option<MetricId>,
    /// In which month it is invoiced, if that matters.
    invoiced_in: Option<Month>,
    /// What is walked through; `None` before the first part.
    plan: Option<Plan>,
    place: Place,
    /// How many accounts of the plan have had their invoices looked at.
    looked_at: usize,
}

/// What comes next: what an account used on a day behind something.
struct Place {
    day: Day,
    /// Which stretch of the plan.
    at: usize,
    behind: Behind,
}

impl Walk {
    /// Begins with the first day; of one metric only, if one is named.
    pub(crate) fn new(room: Room, of: Of, first: Day, last: Day, metric: Option<MetricId>) -> Self {
        let place = Place { day: first, at: 0, behind: Behind::default() };
        Self { room, of, first, last, metric, invoiced_in: None, plan: None, place, looked_at: 0 }
    }

    /// Everything that is invoiced in a month: what was used in it, and corrections of earlier ones.
    pub(crate) fn of_period(room: Room, of: Of, month: Month) -> Self {
        Self { invoiced_in: Some(month), ..Self::new(room, of, month.first(), month.last(), None) }
    }

    /// What must be readable. What was invoiced stays so when the organization is gone.
    pub(crate) fn on(&self) -> On<'_> {
        match &self.of {
            Of::Organization(id) | Of::Root(id) if self.is_of_period() => On::LastingOrganization(id),
            Of::Organization(id) | Of::Root(id) => On::Organization(id),
            Of::Account(id) => On::Account(id),
        }
    }

    pub(crate) fn of(&self) -> &Of {
        &self.of
    }

    /// Whether it is about what is invoiced in a month.
    pub(crate) fn is_of_period(&self) -> bool {
        self.invoiced_in.is_some()
    }

    /// Whether there are no more records.
    pub(crate) fn has_ended(&self) -> bool {
        self.place.day > self.last
    }

    /// The next invoices of the month that was walked through, of those accounts that it was about: perhaps none although there are
    /// more; `None` at the end, and where no month was asked for.
    pub(crate) async fn invoices(&mut self, read: &mut Read) -> Result<Option<Vec<Invoice>>> {
        let (Some(plan), Some(month)) = (&self.plan, self.invoiced_in) else { return Ok(None) };
        let accounts: Vec<&str> =
            plan.accounts().into_iter().skip(self.looked_at).take(IN_LIST_MAX).map(AccountId::as_str).collect();
        if accounts.is_empty() {
            return Ok(None);
        }
        self.looked_at += accounts.len();
        let mut found = invoices::of_accounts(read, &accounts, month).await?;
        if let Of::Organization(id) | Of::Root(id) = &self.of {
            let stretches = placements::of_accounts(read, &accounts).await?;
            found.retain(|invoice| is_below(&invoice.of, id, &stretches, self.first));
        }
        Ok(Some(found))
    }

    /// Reads the next records: at most `max`, and perhaps none although there are more.
    pub(crate) async fn next(&mut self, read: &mut Read, max: usize) -> Result<Vec<Billed>> {
        if self.plan.is_none() {
            if let Some(month) = self.invoiced_in {
                self.first = first_invoiced(read, month).await?;
                self.place.day = self.first;
            }
            let mut plan = match &self.of {
                Of::Root(id) => Plan::of_root(read, &self.room, id, self.first, self.last).await?,
                Of::Organization(id) => Plan::of_organization(read, &self.room, id, self.first, self.last).await?,
                Of::Account(id) => Plan::of_account(read, &self.room, id, self.first, self.last).await?,
            };
            if self.is_of_period() || self.last.number() - self.first.number() >= LONG_DAYS {
                let used = plan.narrow(read).await?;
                (self.place.day, self.last) = used.unwrap_or((self.last.next(), self.last));
            }
            self.plan = Some(plan);
        }
        let Some(plan) = &mut self.plan else { return Ok(Vec::new()) };
        let mut records = Vec::with_capacity(max);
        let (mut looks, mut steps) = (0, 0);
        while self.place.day <= self.last && records.len() < max && looks < LOOKS_PER_PART && steps < STEPS_PER_PART {
            steps += 1;
            let Some(account) = plan.account_on(self.place.at, self.place.day) else {
                self.place.step(plan);
                continue;
            };
            looks += 1;
            let size = max - records.len();
            let days = usage::of_day(read, account, self.place.day, &self.place.behind, size).await?;
            let is_last = days.len() < size;
            if let Some(last) = days.last() {
                self.place.behind = Behind::of(last);
            }
            let wanted = |day: &DailyUsage| {
                self.metric.as_ref().is_none_or(|metric| day.key.metric_id == *metric)
                    && self.invoiced_in.is_none_or(|month| day.invoiced_in() == month)
            };
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
        self.behind = Behind::default();
        self.at += 1;
        if self.at >= plan.len() {
            self.at = 0;
            self.day = self.day.next();
            plan.begin_day(self.day);
        }
    }
}
