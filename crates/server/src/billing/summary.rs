//! Costs added up. What an account used of a metric in a month is looked at as a whole: where its price does not depend on what was
//! used before, quantities are added up and multiplied once, which comes to the same to the last digit.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use umbel_api::{Code, CostGroup};
use umbel_decimal::{Decimal, Error as Inexact};
use umbel_domain::rating::{Charge, Measured, rate};
use umbel_domain::usage::DailyUsage;
use umbel_domain::{AccountId, Currency, Day, Metric, PriceBook};
use umbel_store::usage::corrections;
use umbel_store::{IN_LIST_MAX, Read, organizations, usage};

use super::{CORRECTIONS_MAX, Covered, Plan, late_order, unrated};
use crate::error::{Error, Result};

/// The most sums of an answer.
const SUMS_MAX: usize = 100_000;
/// The most sums under way, of groups and days.
const CELLS_MAX: usize = 1_000_000;
/// The most days of a month.
const MONTH_DAYS: usize = 31;

/// What something cost.
#[derive(Debug)]
pub(crate) struct Sum {
    pub(crate) day: Option<Day>,
    pub(crate) account: Option<(AccountId, Arc<str>)>,
    pub(crate) organization: Option<(String, Option<String>)>,
    pub(crate) metric: Option<Arc<Metric>>,
    pub(crate) service: Option<String>,
    pub(crate) currency: Currency,
    pub(crate) costs: Costs,
}

/// What something costs everybody, whom it is charged to, and what of that is billed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Costs {
    pub(crate) list: Decimal,
    pub(crate) contracted: Decimal,
    pub(crate) billed: Decimal,
}

impl Sum {
    /// What it comes before and behind.
    fn order(&self) -> impl Ord {
        let account = self.account.as_ref().map(|(id, _)| id.as_str());
        let organization = self.organization.as_ref().map(|(id, _)| id.as_str());
        let metric = self.metric.as_ref().map(|metric| metric.id.as_str());
        (self.day, account, organization, metric, self.service.as_deref(), self.currency)
    }
}

impl Costs {
    fn add(&mut self, charge: &Charge) -> std::result::Result<(), Inexact> {
        self.list = self.list.checked_add(charge.list_cost)?;
        self.contracted = self.contracted.checked_add(charge.contracted_cost)?;
        self.billed = self.billed.checked_add(charge.billed_cost)?;
        Ok(())
    }
}

impl Plan {
    /// What everything cost from a day to another, added up by at most two groups: in the order of days, of what the groups are, and of
    /// currencies. What has no price costs nothing and is in no sum.
    pub(crate) async fn summed(&self, read: &mut Read, by: &[CostGroup], first: Day, last: Day) -> Result<Vec<Sum>> {
        read.expect_long();
        let end = last.next();
        let mut summary = Summary::new(by, first, end);
        let mut month = Month::new(self.book.metrics().clone());
        let late = self.corrections(read, first, end).await?;
        for stretch in &self.stretches {
            let mut from = stretch.first;
            while from < stretch.end {
                let to = from.next_month_start().min(stretch.end);
                month.begin(from.month_start());
                month = usage::of_month(read, &stretch.account, from.month_start(), month, Month::add).await?;
                summary.add(&self.book, stretch, &month, (from, to))?;
                if let Some(late) = late.get(&stretch.account) {
                    summary.add_late(&self.book, stretch, &month, (from, to), late)?;
                }
                from = to;
            }
        }
        summary.finish(&self.book, read).await
    }

    /// What was corrected of the months of these days, by account, each after those that come before it.
    async fn corrections(&self, read: &mut Read, first: Day, end: Day) -> Result<HashMap<AccountId, Vec<DailyUsage>>> {
        let days = (first.month_start(), end.plus(-1).next_month_start());
        let mut found = corrections::of_accounts(read, &self.accounts(), days, CORRECTIONS_MAX).await?;
        if found.len() > CORRECTIONS_MAX {
            let message = format!("more than {CORRECTIONS_MAX} corrections are to be added up; ask for fewer days");
            return Err(Error::new(Code::TooExpensive, message));
        }
        found.sort_by(|a, b| late_order(a).cmp(&late_order(b)));
        let mut by_account = HashMap::<AccountId, Vec<DailyUsage>>::new();
        for correction in found {
            by_account.entry(correction.key.account_id.clone()).or_default().push(correction);
        }
        Ok(by_account)
    }
}

/// What an account used in a month, by metric and day.
struct Month {
    metrics: Arc<[Arc<Metric>]>,
    first: Day,
    /// A row of days for each metric.
    quantities: Vec<Option<Decimal>>,
    /// Which metrics were used, in the order of their first use, and for each metric whether it is one of them.
    used: Vec<usize>,
    is_used: Vec<bool>,
    /// The metric of the last quantity; the next one often follows it.
    at: usize,
}

impl Month {
    fn new(metrics: Arc<[Arc<Metric>]>) -> Self {
        let quantities = vec![None; metrics.len() * MONTH_DAYS];
        let is_used = vec![false; metrics.len()];
        Self { metrics, first: Day::FIRST, quantities, used: Vec::new(), is_used, at: 0 }
    }

    /// Forgets everything and begins with this day.
    fn begin(&mut self, first: Day) {
        for metric in std::mem::take(&mut self.used) {
            self.of_mut(metric).fill(None);
            self.is_used[metric] = false;
        }
        self.first = first;
    }

    fn of_mut(&mut self, metric: usize) -> &mut [Option<Decimal>] {
        &mut self.quantities[metric * MONTH_DAYS..][..MONTH_DAYS]
    }

    fn of(&self, metric: usize) -> &[Option<Decimal>] {
        &self.quantities[metric * MONTH_DAYS..][..MONTH_DAYS]
    }

    /// The number of a day that is in it.
    fn slot(&self, day: Day) -> usize {
        slot(self.first, day)
    }

    fn add(&mut self, metric: &str, day: Day, quantity: Decimal) -> umbel_store::Result<()> {
        let is = |at: usize| self.metrics.get(at).is_some_and(|known| known.id.as_str() == metric);
        if !is(self.at) {
            self.at += 1;
        }
        if !is(self.at) {
            let found = self.metrics.binary_search_by(|known| known.id.as_str().cmp(metric));
            self.at = found.map_err(|_| inconsistent(format!("there is no metric {metric}")))?;
        }
        let (at, slot) = (self.at, self.slot(day));
        let cell = &mut self.of_mut(at)[slot];
        let sum = cell.unwrap_or_default().checked_add(quantity);
        *cell = Some(sum.map_err(|error| inconsistent(format!("the quantity of {metric} on {day} {error}")))?);
        if !std::mem::replace(&mut self.is_used[at], true) {
            self.used.push(at);
        }
        Ok(())
    }
}

fn inconsistent(message: String) -> umbel_store::Error {
    umbel_store::Error::Inconsistent(message)
}

fn sum(cells: &[Option<Decimal>]) -> std::result::Result<Decimal, Inexact> {
    cells.iter().flatten().try_fold(Decimal::ZERO, |sum, cell| sum.checked_add(*cell))
}

/// How many days one is after another, which it is not before.
fn slot(first: Day, day: Day) -> usize {
    usize::try_from(day.number() - first.number()).unwrap_or_default()
}

/// What a sum is of, beside its days: numbers of what is grouped by, or zero.
type Group = [usize; CostGroup::TOGETHER_MAX];

/// Sums under way.
struct Summary {
    /// What is grouped by beside days.
    by: Vec<CostGroup>,
    by_day: bool,
    first: Day,
    /// How many days a group has: all of them, or one that stands for them.
    slots: usize,
    accounts: Names<(AccountId, Arc<str>)>,
    organizations: Names<()>,
    services: Names<()>,
    costs: HashMap<(Group, Currency), Vec<Option<Costs>>>,
    /// Quantities that are still to be multiplied with a price, which is named by its number.
    quantities: HashMap<(Group, usize), Vec<Option<Decimal>>>,
}

/// Ids, each with a number and what else is known.
struct Names<T> {
    numbers: HashMap<String, usize>,
    names: Vec<(String, T)>,
}

impl<T> Names<T> {
    fn new() -> Self {
        Self { numbers: HashMap::new(), names: Vec::new() }
    }

    fn number(&mut self, id: &str, known: impl FnOnce() -> T) -> usize {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = self.names.len();
        self.names.push((id.to_owned(), known()));
        self.numbers.insert(id.to_owned(), number);
        number
    }
}

impl Summary {
    fn new(by: &[CostGroup], first: Day, end: Day) -> Self {
        let mut by = by.to_vec();
        by.sort_unstable();
        let by_day = by.contains(&CostGroup::Day);
        let slots = if by_day { slot(first, end) } else { 1 };
        by.retain(|group| *group != CostGroup::Day);
        let (costs, quantities) = (HashMap::new(), HashMap::new());
        let (accounts, organizations, services) = (Names::new(), Names::new(), Names::new());
        Self { by, by_day, first, slots, accounts, organizations, services, costs, quantities }
    }

    /// Adds what the account of a stretch cost from a day to before another.
    fn add(&mut self, book: &PriceBook, stretch: &Covered, month: &Month, days: (Day, Day)) -> Result<()> {
        if month.used.is_empty() {
            return Ok(());
        }
        let near = &stretch.near;
        for metric in month.used.iter().copied() {
            let group = self.group(book, stretch, metric);
            self.add_metric(book, group, (month, metric), &near[metric], days).map_err(|error| {
                error.map_or_else(too_many, |inexact| unrated(&book.metrics()[metric], &stretch.account, days.0, inexact))
            })?;
        }
        if self.quantities.len() * self.slots > CELLS_MAX {
            self.multiply(book)?;
        }
        Ok(())
    }

    /// Adds what was corrected of these days; `late` are all corrections of the account, in their order.
    fn add_late(
        &mut self,
        book: &PriceBook,
        stretch: &Covered,
        month: &Month,
        (from, to): (Day, Day),
        late: &[DailyUsage],
    ) -> Result<()> {
        let near = &stretch.near;
        let mut corrected = HashMap::<usize, Decimal>::new();
        for correction in late.iter().filter(|correction| correction.key.day.month_start() == month.first) {
            let (day, metric_id) = (correction.key.day, &correction.key.metric_id);
            let Some(metric) = book.metric(metric_id) else { continue };
            let inexact = |error| unrated(&book.metrics()[metric], &stretch.account, day, error);
            let before = match corrected.get(&metric) {
                Some(before) => *before,
                None => sum(month.of(metric)).map_err(inexact)?,
            };
            corrected.insert(metric, before.checked_add(correction.rollup.quantity).map_err(inexact)?);
            let (Some(price), true) = (book.on(&near[metric], day), from <= day && day < to) else { continue };
            let measured = super::corrected(correction, before).map_err(inexact)?;
            let charge = rate(&book.metrics()[metric], price, measured).map_err(inexact)?;
            let slot = if self.by_day { slot(self.first, day) } else { 0 };
            let group = self.group(book, stretch, metric);
            let sums = of_group(&mut self.costs, (group, price.currency), self.slots).map_err(|_| too_many())?;
            sums[slot].get_or_insert_default().add(&charge).map_err(inexact)?;
        }
        Ok(())
    }

    /// What is added up together with what the account of a stretch used of a metric.
    fn group(&mut self, book: &PriceBook, stretch: &Covered, metric: usize) -> Group {
        let account = self.accounts.number(stretch.account.as_str(), || (stretch.account.clone(), stretch.name.clone()));
        // It may have had other names before.
        self.accounts.names[account].1.1.clone_from(&stretch.name);
        let organization = self.organizations.number(stretch.lineage.id().unwrap_or_default(), || ());
        let service = self.services.number(book.metrics()[metric].service_name.as_str(), || ());
        let mut group = Group::default();
        for (number, by) in group.iter_mut().zip(&self.by) {
            *number = match by {
                CostGroup::Account => account,
                CostGroup::Organization => organization,
                CostGroup::Metric => metric,
                CostGroup::Service | CostGroup::Day => service,
            };
        }
        group
    }

    /// Adds what one metric cost; the error is `None` when there are too many sums.
    fn add_metric(
        &mut self,
        book: &PriceBook,
        group: Group,
        (month, metric): (&Month, usize),
        near: &[usize],
        (from, to): (Day, Day),
    ) -> std::result::Result<(), Option<Inexact>> {
        let all = month.of(metric);
        let mut before = sum(&all[..month.slot(from)])?;
        let total = if book.looks_ahead() { sum(all)? } else { Decimal::ZERO };
        let mut day = from;
        while day < to {
            let (price, until) = book.holding(near, day, to);
            let cells = &all[month.slot(day)..month.slot(until)];
            let used = sum(cells)?;
            let Some(number) = price.filter(|_| cells.iter().any(Option::is_some)) else {
                (day, before) = (until, before.checked_add(used)?);
                continue;
            };
            let price = book.price(number);
            // Without days a stretch of them is as one.
            let (slot, whole) = (if self.by_day { slot(self.first, day) } else { 0 }, [Some(used)]);
            let cells = if self.by_day { cells } else { &whole };
            if price.looks_back() {
                let sums = of_group(&mut self.costs, (group, price.currency), self.slots)?;
                for (cell, sum) in cells.iter().zip(&mut sums[slot..]) {
                    let Some(quantity) = *cell else { continue };
                    let charge = rate(&book.metrics()[metric], price, Measured { quantity, before, total })?;
                    sum.get_or_insert_default().add(&charge)?;
                    before = before.checked_add(quantity)?;
                }
            } else {
                let sums = self.quantities.entry((group, number)).or_insert_with(|| vec![None; self.slots]);
                for (cell, sum) in cells.iter().zip(&mut sums[slot..]) {
                    let Some(quantity) = *cell else { continue };
                    *sum = Some(sum.unwrap_or_default().checked_add(quantity)?);
                }
                before = before.checked_add(used)?;
            }
            day = until;
        }
        Ok(())
    }

    /// Multiplies the quantities that wait for it with their prices.
    fn multiply(&mut self, book: &PriceBook) -> Result<()> {
        for ((group, number), quantities) in std::mem::take(&mut self.quantities) {
            let price = book.price(number);
            let Some(metric) = book.metric(&price.metric_id) else { continue };
            let metric = &book.metrics()[metric];
            let sums = of_group(&mut self.costs, (group, price.currency), self.slots).map_err(|_| too_many())?;
            for (quantity, sum) in quantities.into_iter().zip(sums) {
                let Some(quantity) = quantity else { continue };
                let measured = Measured { quantity, before: Decimal::ZERO, total: Decimal::ZERO };
                let added = rate(metric, price, measured).and_then(|charge| sum.get_or_insert_default().add(&charge));
                added.map_err(|error| Error::new(Code::Internal, format!("the sum of costs of {} {error}", metric.id)))?;
            }
        }
        Ok(())
    }

    /// The sums, in their order.
    async fn finish(mut self, book: &PriceBook, read: &mut Read) -> Result<Vec<Sum>> {
        self.multiply(book)?;
        let mut names = HashMap::new();
        if self.by.contains(&CostGroup::Organization) {
            let ids: Vec<&str> = self.organizations.names.iter().map(|(id, ())| id.as_str()).collect();
            for ids in ids.chunks(IN_LIST_MAX) {
                names.extend(organizations::names(read, ids).await?);
            }
        }
        let mut sums = Vec::new();
        for ((group, currency), costs) in &self.costs {
            for (slot, costs) in costs.iter().enumerate().filter_map(|(slot, costs)| costs.map(|costs| (slot, costs))) {
                if sums.len() >= SUMS_MAX {
                    return Err(too_many());
                }
                sums.push(Sum { costs, ..self.sum(book, &names, *group, *currency, slot) });
            }
        }
        sums.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(sums)
    }

    /// A sum of nothing yet, and what it is of.
    fn sum(&self, book: &PriceBook, names: &HashMap<String, String>, group: Group, currency: Currency, slot: usize) -> Sum {
        let day = i32::try_from(slot).ok().filter(|_| self.by_day).map(|days| self.first.plus(days));
        let costs = Costs::default();
        let mut sum = Sum { day, account: None, organization: None, metric: None, service: None, currency, costs };
        for (number, by) in group.into_iter().zip(&self.by) {
            match by {
                CostGroup::Account => sum.account = Some(self.accounts.names[number].1.clone()),
                CostGroup::Organization => {
                    let id = &self.organizations.names[number].0;
                    sum.organization = Some((id.clone(), names.get(id).cloned()));
                }
                CostGroup::Metric => sum.metric = book.metrics().get(number).cloned(),
                CostGroup::Service | CostGroup::Day => sum.service = Some(self.services.names[number].0.clone()),
            }
        }
        sum
    }
}

/// The sums of a group; the error is `None` when there are too many.
fn of_group(
    costs: &mut HashMap<(Group, Currency), Vec<Option<Costs>>>,
    group: (Group, Currency),
    slots: usize,
) -> std::result::Result<&mut Vec<Option<Costs>>, Option<Inexact>> {
    let count = costs.len();
    match costs.entry(group) {
        Entry::Occupied(known) => Ok(known.into_mut()),
        Entry::Vacant(_) if (count + 1) * slots > CELLS_MAX => Err(None),
        Entry::Vacant(new) => Ok(new.insert(vec![None; slots])),
    }
}

fn too_many() -> Error {
    Error::new(Code::TooExpensive, format!("more than {SUMS_MAX} sums are asked for; group by less, or ask for fewer days"))
}
