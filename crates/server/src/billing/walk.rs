//! What accounts used and what it is rated by, day by day and account by account, a part of it at a time.

use std::sync::Arc;

use umbel_domain::price_book::find_after;
use umbel_domain::{AccountId, Day, Invoice, Metric, MetricId, Month, OrganizationId};
use umbel_store::usage::{self, Behind, OfDay};
use umbel_store::{IN_LIST_MAX, Read, invoices, placements};

use super::progress::Progress;
use super::records::{Records, Usage};
use super::{Plan, Room, first_invoiced, is_below, unrated};
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
    plan: Option<Arc<Plan>>,
    progress: Progress,
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
        let progress = Progress::default();
        Self { room, of, first, last, metric, invoiced_in: None, plan: None, progress, place, looked_at: 0 }
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
    pub(crate) async fn next(&mut self, read: &mut Read, max: usize) -> Result<Records> {
        let plan = match &self.plan {
            Some(plan) => plan.clone(),
            None => self.begin(read).await?,
        };
        let mut records = Vec::with_capacity(max);
        let (mut looks, mut steps) = (0, 0);
        let mut page = Page::new(plan.book.metrics().clone(), self.metric.clone(), self.invoiced_in);
        while self.place.day <= self.last && records.len() < max && looks < LOOKS_PER_PART && steps < STEPS_PER_PART {
            steps += 1;
            let (at, day) = (self.place.at, self.place.day);
            let Some(account) = plan.account_on(at, day) else {
                self.step(&plan);
                continue;
            };
            looks += 1;
            page.begin(day, max - records.len());
            page = usage::of_day(read, (account, day), &self.place.behind, page.size, page, Page::add).await?;
            for usage in page.wanted.drain(..) {
                let (of, metric) = ((at, usage.metric), &plan.book.metrics()[usage.metric]);
                let price = plan.price(at, day, usage.metric);
                if let Some(price) = price.map(|price| plan.book.price(price)).filter(|price| price.looks_back()) {
                    self.progress.look_back(read, (of, day, &usage), (account, &metric.id), price).await?;
                }
                let measured = self.progress.measure(of, &usage);
                let measured = measured.map_err(|error| unrated(metric, account, day, error))?;
                records.push(usage.rated((at, day), price, measured));
            }
            match page.full.take() {
                Some(behind) => self.place.behind = behind,
                None => self.step(&plan),
            }
        }
        Ok(Records::new(plan, records))
    }

    /// Finds out what is walked through.
    async fn begin(&mut self, read: &mut Read) -> Result<Arc<Plan>> {
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
        Ok(self.plan.insert(plan.into()).clone())
    }

    /// Goes on to the next account, or to the first one of the next day.
    fn step(&mut self, plan: &Plan) {
        let place = &mut self.place;
        place.behind = Behind::default();
        place.at += 1;
        if place.at >= plan.len() {
            place.at = 0;
            place.day = place.day.next();
            self.progress.begin_day(place.day);
        }
    }
}

/// What an account used on a day, under way.
struct Page {
    metrics: Arc<[Arc<Metric>]>,
    /// Only what is of this metric, and is invoiced in this month.
    metric: Option<MetricId>,
    invoiced_in: Option<Month>,
    day: Day,
    /// How many rows are read, and how many there are by now.
    size: usize,
    rows: usize,
    /// The number of the metric of the last row; that of the next one often is the same or comes behind it.
    last: usize,
    wanted: Vec<Usage>,
    /// Where it goes on when there are as many rows.
    full: Option<Behind>,
}

impl Page {
    fn new(metrics: Arc<[Arc<Metric>]>, metric: Option<MetricId>, invoiced_in: Option<Month>) -> Self {
        let (day, size, rows, last) = (Day::FIRST, 0, 0, 0);
        Self { metrics, metric, invoiced_in, day, size, rows, last, wanted: Vec::new(), full: None }
    }

    /// Begins with the rows of a day.
    fn begin(&mut self, day: Day, size: usize) {
        (self.day, self.size, self.rows) = (day, size, 0);
    }

    fn add(&mut self, row: OfDay<'_>) -> umbel_store::Result<()> {
        self.rows += 1;
        self.full = (self.rows == self.size).then(|| Behind::new(&row, self.day));
        let is_wanted = self.metric.as_ref().is_none_or(|metric| metric.as_str() == row.metric_id)
            && self.invoiced_in.is_none_or(|month| row.booked.unwrap_or_else(|| Month::of(self.day)) == month);
        if is_wanted {
            // One that is not there was made after the walk was begun.
            self.last = find_after(&self.metrics, self.last, row.metric_id).ok_or(umbel_store::Error::Conflict)?;
            self.wanted.push(Usage::new(row, self.last));
        }
        Ok(())
    }
}
