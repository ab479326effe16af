//! Costs added up. What an account used of a metric in a month is looked at as a whole: where its price does not depend on what was
//! used before, quantities are added up and multiplied once, which comes to the same to the last digit.

use std::collections::HashMap;
use std::sync::Arc;

use umbel_api::{Code, CostGroup};
use umbel_decimal::{Decimal, Error as Inexact};
use umbel_domain::price_book::find_after;
use umbel_domain::rating::{Charge, Measured, rate};
use umbel_domain::usage::DailyUsage;
use umbel_domain::{AccountId, Currency, Day, Metric, PriceBook};
use umbel_store::usage::corrections;
use umbel_store::{IN_LIST_MAX, Read, organizations, usage};

use super::{CORRECTIONS_MAX, Covered, Plan, late_order, unrated};
use crate::error::{Error, Result};

/// The most sums of an answer, and quantities that wait to be multiplied with a price.
const SUMS_MAX: usize = 100_000;
/// Stretches whose months one statement reads: few enough that what they used stays near the processor until it is added up.
const STRETCHES_TOGETHER: usize = 16;
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
        let end = last.next();
        let mut summary = Summary::new(by, first);
        let late = self.corrections(read, first, end).await?;
        for stretches in self.stretches.chunks(STRETCHES_TOGETHER) {
            let mut month = first.month_start();
            while month < end {
                let next = month.next_month_start();
                let there = || stretches.iter().filter(|stretch| stretch.first < next && month < stretch.end);
                let mut accounts: Vec<_> = there().map(|stretch| &stretch.account).collect();
                accounts.dedup();
                let used = Used::of(read, &accounts, month, self.book.metrics().clone()).await?;
                for stretch in there() {
                    let days = (stretch.first.max(month), stretch.end.min(next));
                    let used = used.by(&stretch.account);
                    summary.add(&self.book, stretch, used, days)?;
                    if let Some(late) = late.get(&stretch.account) {
                        summary.add_late(&self.book, stretch, used, days, late)?;
                    }
                    summary.must_have_room()?;
                }
                month = next;
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

/// What accounts used in a month.
struct Used {
    metrics: Arc<[Arc<Metric>]>,
    month: Day,
    /// Accounts in their order.
    accounts: Vec<(String, Vec<UsedMetric>)>,
    /// The metric of the last quantity; the next one often follows it.
    at: usize,
}

/// How much an account used of a metric on the days of a month.
struct UsedMetric {
    metric: usize,
    days: [Option<Decimal>; MONTH_DAYS],
}

impl Used {
    /// What these accounts, at most [`STRETCHES_TOGETHER`], used in the month that begins with a day.
    async fn of(read: &mut Read, accounts: &[&AccountId], month: Day, metrics: Arc<[Arc<Metric>]>) -> Result<Self> {
        let nothing = Self { metrics, month, accounts: Vec::new(), at: 0 };
        if accounts.is_empty() {
            return Ok(nothing);
        }
        Ok(usage::of_month(read, accounts, month, nothing, Self::add).await?)
    }

    /// What an account used, each metric once.
    fn by(&self, account: &AccountId) -> &[UsedMetric] {
        let found = self.accounts.binary_search_by(|(known, _)| known.as_str().cmp(account.as_str()));
        found.map_or(&[], |at| &self.accounts[at].1)
    }

    /// Adds a quantity, which comes in the order of accounts and metrics.
    fn add(&mut self, (account, metric, day): (&str, &str, Day), quantity: Decimal) -> umbel_store::Result<()> {
        let found = find_after(&self.metrics, self.at, metric);
        self.at = found.ok_or_else(|| inconsistent(format!("there is no metric {metric}")))?;
        let used = match self.accounts.last_mut() {
            Some((known, used)) if known == account => used,
            _ => &mut self.accounts.push_mut((account.to_owned(), Vec::with_capacity(self.metrics.len()))).1,
        };
        let used = match used.last_mut() {
            Some(used) if used.metric == self.at => used,
            _ => used.push_mut(UsedMetric { metric: self.at, days: [None; MONTH_DAYS] }),
        };
        let cell = used.days.get_mut(slot(self.month, day));
        let cell = cell.ok_or_else(|| inconsistent(format!("{day} is not in the month of {}", self.month)))?;
        let sum = cell.unwrap_or_default().checked_add(quantity);
        *cell = Some(sum.map_err(|error| inconsistent(format!("the quantity of {metric} on {day} {error}")))?);
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

/// What is grouped by beside days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Account,
    Organization,
    Metric,
    Service,
}

impl By {
    fn of(group: CostGroup) -> Option<Self> {
        match group {
            CostGroup::Day => None,
            CostGroup::Account => Some(Self::Account),
            CostGroup::Organization => Some(Self::Organization),
            CostGroup::Metric => Some(Self::Metric),
            CostGroup::Service => Some(Self::Service),
        }
    }
}

/// Sums under way.
struct Summary {
    by: Vec<By>,
    by_day: bool,
    first: Day,
    accounts: Names<(AccountId, Arc<str>)>,
    organizations: Names<()>,
    services: Names<()>,
    costs: HashMap<(Group, Currency), Days<Costs>>,
    /// How many sums there are.
    sums: usize,
    /// Quantities that are still to be multiplied with a price, which is named by its number.
    quantities: HashMap<(Group, usize), Days<Decimal>>,
    /// How many of them there are.
    waiting: usize,
}

/// What there is of some days, in their order; all days are one where they are not told apart.
#[derive(Debug, Default)]
struct Days<T>(Vec<(usize, T)>);

impl<T: Default> Days<T> {
    /// What there is of a day; `count` grows when that is something new.
    fn of(&mut self, slot: usize, count: &mut usize) -> &mut T {
        let at = self.0.binary_search_by_key(&slot, |(known, _)| *known).unwrap_or_else(|at| {
            *count += 1;
            self.0.insert(at, (slot, T::default()));
            at
        });
        &mut self.0[at].1
    }
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
    fn new(by: &[CostGroup], first: Day) -> Self {
        let by_day = by.contains(&CostGroup::Day);
        let by = by.iter().filter_map(|group| By::of(*group)).collect();
        let (accounts, organizations, services) = (Names::new(), Names::new(), Names::new());
        let (costs, quantities) = (HashMap::new(), HashMap::new());
        Self { by, by_day, first, accounts, organizations, services, costs, sums: 0, quantities, waiting: 0 }
    }

    /// Refuses more sums than an answer may have.
    fn must_have_room(&self) -> Result<()> {
        let message = || format!("more than {SUMS_MAX} sums are asked for; group by less, or ask for fewer days");
        if self.sums > SUMS_MAX { Err(Error::new(Code::TooExpensive, message())) } else { Ok(()) }
    }

    /// Adds what the account of a stretch cost from a day to before another of the same month, in which it used something.
    fn add(&mut self, book: &PriceBook, stretch: &Covered, used: &[UsedMetric], days: (Day, Day)) -> Result<()> {
        for used in used {
            let metric = used.metric;
            let group = self.group(book, stretch, metric);
            self.add_metric(book, group, used, &stretch.near[metric], days)
                .map_err(|inexact| unrated(&book.metrics()[metric], &stretch.account, days.0, inexact))?;
        }
        if self.waiting > SUMS_MAX { self.multiply(book) } else { Ok(()) }
    }

    /// Adds what was corrected of these days; `late` are all corrections of the account, in their order.
    fn add_late(
        &mut self,
        book: &PriceBook,
        stretch: &Covered,
        used: &[UsedMetric],
        (from, to): (Day, Day),
        late: &[DailyUsage],
    ) -> Result<()> {
        let near = &stretch.near;
        let mut corrected = HashMap::<usize, Decimal>::new();
        for correction in late.iter().filter(|correction| correction.key.day.month_start() == from.month_start()) {
            let (day, metric_id) = (correction.key.day, &correction.key.metric_id);
            let Some(metric) = book.metric(metric_id) else { continue };
            let inexact = |error| unrated(&book.metrics()[metric], &stretch.account, day, error);
            let on_time = used.iter().find(|used| used.metric == metric).map_or(&[][..], |used| &used.days);
            let before = match corrected.get(&metric) {
                Some(before) => *before,
                None => sum(on_time).map_err(inexact)?,
            };
            corrected.insert(metric, before.checked_add(correction.rollup.quantity).map_err(inexact)?);
            let (Some(price), true) = (book.on(&near[metric], day), from <= day && day < to) else { continue };
            let measured = super::corrected(correction.rollup.quantity, before).map_err(inexact)?;
            let charge = rate(&book.metrics()[metric], price, measured).map_err(inexact)?;
            let (slot, group) = (self.slot(day), self.group(book, stretch, metric));
            let costs = self.costs.entry((group, price.currency)).or_default();
            costs.of(slot, &mut self.sums).add(&charge).map_err(inexact)?;
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
                By::Account => account,
                By::Organization => organization,
                By::Metric => metric,
                By::Service => service,
            };
        }
        group
    }

    /// Where the sums of a day are.
    fn slot(&self, day: Day) -> usize {
        if self.by_day { slot(self.first, day) } else { 0 }
    }

    /// Adds what one metric cost.
    fn add_metric(
        &mut self,
        book: &PriceBook,
        group: Group,
        UsedMetric { metric, days: all }: &UsedMetric,
        near: &[usize],
        (from, to): (Day, Day),
    ) -> std::result::Result<(), Inexact> {
        let month = from.month_start();
        let mut before = sum(&all[..slot(month, from)])?;
        let total = if book.looks_ahead() { sum(all)? } else { Decimal::ZERO };
        let mut day = from;
        while day < to {
            let (price, until) = book.holding(near, day, to);
            let cells = &all[slot(month, day)..slot(month, until)];
            let used = sum(cells)?;
            let Some(number) = price.filter(|_| cells.iter().any(Option::is_some)) else {
                (day, before) = (until, before.checked_add(used)?);
                continue;
            };
            let price = book.price(number);
            // Without days a stretch of them is as one.
            let (first, whole) = (self.slot(day), [Some(used)]);
            let cells = if self.by_day { cells } else { &whole };
            let quantities = (first..).zip(cells).filter_map(|(slot, cell)| cell.map(|quantity| (slot, quantity)));
            if price.looks_back() {
                let costs = self.costs.entry((group, price.currency)).or_default();
                for (slot, quantity) in quantities {
                    let charge = rate(&book.metrics()[*metric], price, Measured { quantity, before, total })?;
                    costs.of(slot, &mut self.sums).add(&charge)?;
                    before = before.checked_add(quantity)?;
                }
            } else {
                let waiting = self.quantities.entry((group, number)).or_default();
                for (slot, quantity) in quantities {
                    let sum = waiting.of(slot, &mut self.waiting);
                    *sum = sum.checked_add(quantity)?;
                }
                before = before.checked_add(used)?;
            }
            day = until;
        }
        Ok(())
    }

    /// Multiplies the quantities that wait for it with their prices.
    fn multiply(&mut self, book: &PriceBook) -> Result<()> {
        self.waiting = 0;
        for ((group, number), quantities) in std::mem::take(&mut self.quantities) {
            let price = book.price(number);
            let Some(metric) = book.metric(&price.metric_id) else { continue };
            let metric = &book.metrics()[metric];
            let costs = self.costs.entry((group, price.currency)).or_default();
            for (slot, quantity) in quantities.0 {
                let measured = Measured { quantity, before: Decimal::ZERO, total: Decimal::ZERO };
                let added = rate(metric, price, measured).and_then(|charge| costs.of(slot, &mut self.sums).add(&charge));
                added.map_err(|error| Error::new(Code::Internal, format!("the sum of costs of {} {error}", metric.id)))?;
            }
        }
        Ok(())
    }

    /// The sums, in their order.
    async fn finish(mut self, book: &PriceBook, read: &mut Read) -> Result<Vec<Sum>> {
        self.multiply(book)?;
        self.must_have_room()?;
        let mut names = HashMap::new();
        if self.by.contains(&By::Organization) {
            let ids: Vec<&str> = self.organizations.names.iter().map(|(id, ())| id.as_str()).collect();
            for ids in ids.chunks(IN_LIST_MAX) {
                names.extend(organizations::names(read, ids).await?);
            }
        }
        let mut sums = Vec::new();
        for ((group, currency), costs) in &self.costs {
            for (slot, costs) in &costs.0 {
                sums.push(Sum { costs: *costs, ..self.sum(book, &names, *group, *currency, *slot) });
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
                By::Account => sum.account = Some(self.accounts.names[number].1.clone()),
                By::Organization => {
                    let id = &self.organizations.names[number].0;
                    sum.organization = Some((id.clone(), names.get(id).cloned()));
                }
                By::Metric => sum.metric = book.metrics().get(number).cloned(),
                By::Service => sum.service = Some(self.services.names[number].0.clone()),
            }
        }
        sum
    }
}
