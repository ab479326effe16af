//! What accounts cost: where they stood on which day, which price held for them there, and what they had used of it before.

mod summary;
mod walk;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use umbel_api::Code;
use umbel_decimal::Decimal;
use umbel_domain::price::TierMode;
use umbel_domain::rating::{Charge, Measured, Part, parts, price_for, rate};
use umbel_domain::usage::DailyUsage;
use umbel_domain::{AccountId, Currency, Day, Lineage, Metric, MetricId, OrganizationId, Price};
use umbel_store::placements::{self, Stretch};
use umbel_store::{IN_LIST_MAX, Read, billing_currencies, metrics, organizations, prices, usage};

use crate::error::{Error, Result};
pub(crate) use summary::{Costs, Sum};
pub(crate) use walk::{Of, Walk};

/// The most accounts of one request, each place of one that was moved counted.
const ACCOUNTS_MAX: usize = 100_000;
/// Stretches that one statement reads.
const STRETCHES_PER_READ: usize = 1_000;

/// The accounts of a request over its days, and everything that is needed to rate what they used.
pub(crate) struct Plan {
    stretches: Vec<Covered>,
    metrics: HashMap<MetricId, Arc<Metric>>,
    /// By metric and by who has negotiated them; `None` for those for everybody.
    prices: HashMap<(MetricId, Option<OrganizationId>), Vec<Arc<Price>>>,
    progress: HashMap<(usize, MetricId), Progress>,
}

/// An account over those of the days on which it stood at one place.
struct Covered {
    account: AccountId,
    name: Arc<str>,
    lineage: Arc<Lineage>,
    currency: Currency,
    first: Day,
    end: Day,
}

/// How far an account is in a billing period, of a metric whose price depends on that.
struct Progress {
    before: Decimal,
    /// That of the whole month, once a price asks for it.
    total: Option<Decimal>,
}

/// What an account used on a day, and what it is rated by.
pub(crate) struct Billed {
    pub(crate) usage: DailyUsage,
    pub(crate) account_name: Arc<str>,
    /// Where the account stood.
    pub(crate) lineage: Arc<Lineage>,
    pub(crate) metric: Arc<Metric>,
    pub(crate) price: Option<Arc<Price>>,
    measured: Measured,
}

impl Billed {
    /// What it costs, if it has a price.
    pub(crate) fn charge(&self) -> Result<Option<(Charge, Currency)>> {
        let rated = self.price.as_ref().map(|price| Ok((rate(&self.metric, price, self.measured)?, price.currency)));
        rated.transpose().map_err(|error| self.unrated(error))
    }

    /// The same in parts that have one price each; none without a price.
    pub(crate) fn parts(&self) -> Result<Vec<Part>> {
        let parts = self.price.as_ref().map(|price| parts(&self.metric, price, self.measured));
        Ok(parts.transpose().map_err(|error| self.unrated(error))?.unwrap_or_default())
    }

    fn unrated(&self, error: umbel_decimal::Error) -> Error {
        unrated(&self.metric, &self.usage.key.account_id, self.usage.key.day, error)
    }
}

impl Plan {
    /// The accounts in an organization and below it, as it stood on each of the days.
    pub(crate) async fn of_organization(read: &mut Read, id: &OrganizationId, first: Day, last: Day) -> Result<Self> {
        let mut places = placements::of_organization(read, id).await?;
        if places.is_empty() {
            let organization = organizations::get(read, id).await?.ok_or_else(|| Error::not_found("organization"))?;
            let (lineage, name) = (organization.lineage, String::new());
            places.push(Stretch { lineage, first: Day::FIRST, end: Day::LAST, name });
        }
        let end = last.next();
        let mut found = Vec::new();
        for place in places.iter().filter(|place| place.first < end && first < place.end) {
            let (first, end) = (place.first.max(first), place.end.min(end));
            let mut after: Option<Stretch> = None;
            loop {
                let page = placements::in_subtree(read, &place.lineage, end, after.as_ref(), STRETCHES_PER_READ).await?;
                let is_last = page.len() < STRETCHES_PER_READ;
                after = page.last().cloned();
                found.extend(page.into_iter().filter_map(|stretch| cut(stretch, first, end)));
                if found.len() > ACCOUNTS_MAX {
                    let message = format!("more than {ACCOUNTS_MAX} accounts are below it; ask for organizations further down");
                    return Err(Error::new(Code::TooExpensive, message));
                }
                if is_last {
                    break;
                }
            }
        }
        Self::new(read, found, first, end).await
    }

    /// One account, wherever it stood.
    pub(crate) async fn of_account(read: &mut Read, id: &AccountId, first: Day, last: Day) -> Result<Self> {
        let end = last.next();
        let stretches = placements::of_account(read, id).await?;
        let found = stretches.into_iter().filter_map(|stretch| cut(stretch, first, end)).collect();
        Self::new(read, found, first, end).await
    }

    async fn new(read: &mut Read, mut found: Vec<(AccountId, Stretch)>, first: Day, end: Day) -> Result<Self> {
        found.sort_by(|(a, at), (b, other)| (a, at.first).cmp(&(b, other.first)));
        let mut organizations: Vec<&str> = found.iter().flat_map(|(_, stretch)| stretch.lineage.ids()).collect();
        organizations.sort_unstable();
        organizations.dedup();
        let (mut currencies, mut priced) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<Arc<Price>>>::new());
        // One value of the list stands for everybody.
        for (at, ids) in organizations.chunks(IN_LIST_MAX - 1).enumerate() {
            for (organization, from, currency) in billing_currencies::of(read, ids).await? {
                currencies.entry(organization).or_default().push((from, currency));
            }
            let holding = prices::holding(read, ids, first, end).await?;
            add(&mut priced, holding.into_iter().filter(|price| at == 0 || price.negotiated.is_some()));
        }
        if organizations.is_empty() {
            add(&mut priced, prices::holding(read, &[], first, end).await?.into_iter());
        }
        let metrics = metrics::all(read).await?.into_iter().map(|metric| (metric.id.clone(), Arc::new(metric)));
        let covered = found.into_iter().flat_map(|(account, Stretch { lineage, first, end, name })| {
            let changes = lineage.id().and_then(|id| currencies.get(id)).map_or(&[][..], Vec::as_slice);
            let spans = in_currencies(changes, first, end);
            let (name, lineage) = (Arc::<str>::from(name), Arc::new(lineage));
            spans.into_iter().map(move |(first, end, currency)| {
                let (account, name, lineage) = (account.clone(), name.clone(), lineage.clone());
                Covered { account, name, lineage, currency, first, end }
            })
        });
        Ok(Self { stretches: covered.collect(), metrics: metrics.collect(), prices: priced, progress: HashMap::new() })
    }

    /// Leaves out days on which nothing was used before or after all others, and accounts that used nothing; returns the first and the
    /// last day on which something was.
    async fn narrow(&mut self, read: &mut Read) -> Result<Option<(Day, Day)>> {
        let mut accounts: Vec<_> = self.stretches.iter().map(|stretch| &stretch.account).collect();
        accounts.dedup();
        let spans = usage::spans(read, &accounts).await?;
        let spans: HashMap<_, _> = spans.into_iter().map(|(account, first, last)| (account, (first, last))).collect();
        self.stretches.retain_mut(|stretch| {
            let Some((first, last)) = spans.get(&stretch.account) else { return false };
            (stretch.first, stretch.end) = (stretch.first.max(*first), stretch.end.min(last.next()));
            stretch.first < stretch.end
        });
        let first = self.stretches.iter().map(|stretch| stretch.first).min();
        Ok(first.zip(self.stretches.iter().map(|stretch| stretch.end.plus(-1)).max()))
    }

    /// How many stretches there are.
    pub(crate) fn len(&self) -> usize {
        self.stretches.len()
    }

    /// The account of a stretch, if it is one of this day.
    pub(crate) fn account_on(&self, at: usize, day: Day) -> Option<&AccountId> {
        self.stretches.get(at).filter(|stretch| stretch.first <= day && day < stretch.end).map(|stretch| &stretch.account)
    }

    /// Says that what is rated from now on is of this day.
    pub(crate) fn begin_day(&mut self, day: Day) {
        if day == day.month_start() {
            self.progress.clear();
        }
    }

    /// Rates what the account of a stretch used. What it used on one day is rated in the order of metrics, zones and regions, and
    /// one day after the other.
    pub(crate) async fn rated(&mut self, read: &mut Read, at: usize, usage: DailyUsage) -> Result<Billed> {
        let key = &usage.key;
        let metric = self.metrics.get(&key.metric_id).cloned();
        let metric = metric.ok_or_else(|| Error::new(Code::Internal, format!("there is no metric {}", key.metric_id)))?;
        let stretch = &self.stretches[at];
        let (account_name, lineage) = (stretch.name.clone(), stretch.lineage.clone());
        let price = self.price(stretch, &metric, key.day).cloned();
        if let Some(mode) = price.as_ref().filter(|price| price.looks_back()).map(|price| price.tier_mode) {
            let (start, end) = (key.day.month_start(), key.day.next_month_start());
            let progress = match self.progress.entry((at, metric.id.clone())) {
                Entry::Occupied(begun) => begun.into_mut(),
                Entry::Vacant(new) => {
                    let before = usage::total(read, &stretch.account, &metric.id, start, key.day).await?;
                    new.insert(Progress { before, total: None })
                }
            };
            // A price of the other kind may have come before it in the month.
            if mode == TierMode::Volume && progress.total.is_none() {
                progress.total = Some(usage::total(read, &stretch.account, &metric.id, start, end).await?);
            }
        }
        let quantity = usage.rollup.quantity;
        let mut measured = Measured { quantity, before: Decimal::ZERO, total: Decimal::ZERO };
        if let Some(progress) = self.progress.get_mut(&(at, metric.id.clone())) {
            (measured.before, measured.total) = (progress.before, progress.total.unwrap_or(Decimal::ZERO));
            let before = progress.before.checked_add(quantity);
            progress.before = before.map_err(|error| unrated(&metric, &usage.key.account_id, usage.key.day, error))?;
        }
        Ok(Billed { usage, account_name, lineage, metric, price, measured })
    }

    /// The price that holds for an account of a stretch on a day.
    fn price(&self, stretch: &Covered, metric: &Metric, day: Day) -> Option<&Arc<Price>> {
        let holders = stretch.lineage.ids().filter_map(|id| OrganizationId::parse(id).ok()).map(Some).chain([None]);
        let of_holder = |holder| self.prices.get(&(metric.id.clone(), holder)).into_iter().flatten();
        let holds = |price: &&Arc<Price>| price.currency == stretch.currency && price.holds_on(day);
        price_for(holders.flat_map(of_holder).filter(holds), stretch.lineage.ids())
    }
}

fn unrated(metric: &Metric, account: &AccountId, day: Day, error: umbel_decimal::Error) -> Error {
    let message = format!("the cost of {} for {account} on {day} {error}", metric.id);
    tracing::error!(message, "usage cannot be rated");
    Error::new(Code::Internal, message)
}

fn add(priced: &mut HashMap<(MetricId, Option<OrganizationId>), Vec<Arc<Price>>>, prices: impl Iterator<Item = Price>) {
    for price in prices {
        let holder = price.negotiated.as_ref().map(|negotiated| negotiated.organization_id.clone());
        priced.entry((price.metric_id.clone(), holder)).or_default().push(price.into());
    }
}

/// The parts of a span of days, which is not empty, in which one currency is paid; `changes` are in the order of their days.
fn in_currencies(changes: &[(Day, Currency)], first: Day, end: Day) -> Vec<(Day, Day, Currency)> {
    let paid_first = changes.iter().rev().find(|(from, _)| *from <= first).map_or(Currency::USD, |(_, currency)| *currency);
    let mut spans = vec![(first, end, paid_first)];
    for (from, currency) in changes.iter().filter(|(from, _)| first < *from && *from < end) {
        if let Some(last) = spans.last_mut() {
            last.1 = *from;
        }
        spans.push((*from, end, *currency));
    }
    spans
}

/// The part of a stretch that lies within the days, and the account that it is of.
fn cut(stretch: Stretch, first: Day, end: Day) -> Option<(AccountId, Stretch)> {
    let (first, end) = (stretch.first.max(first), stretch.end.min(end));
    let account = AccountId::parse(stretch.lineage.account_id()?).ok()?;
    (first < end).then_some((account, Stretch { first, end, ..stretch }))
}
