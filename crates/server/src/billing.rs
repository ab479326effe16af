//! What accounts cost: where they stood on which day, which price held for them there, and what they had used of it before.

mod progress;
mod records;
mod replay;
mod room;
mod summary;
mod walk;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use umbel_api::Code;
use umbel_decimal::Decimal;
use umbel_domain::price_book::Near;
use umbel_domain::rating::Measured;
use umbel_domain::usage::{DailyUsage, Spot};
use umbel_domain::{AccountId, Currency, Day, InvoiceId, InvoiceKey, Lineage, Metric, Month, OrganizationId, PriceBook};
use umbel_store::placements::{self, Stretch};
use umbel_store::usage::corrections;
use umbel_store::{IN_LIST_MAX, Query, Read, billing_currencies, billing_periods, metrics, prices, usage};

use crate::error::{Error, Result};
pub(crate) use records::{Billed, Records};
pub(crate) use replay::Replay;
pub(crate) use room::Room;
pub(crate) use summary::{Costs, Sum};
pub(crate) use walk::{Of, Walk};

/// The most accounts of one request, and of a root whose month is closed, each place of one that was moved counted.
const ACCOUNTS_MAX: usize = 100_000;
/// The most accounts of a root whose invoices are made: those that are created after a month was closed stand in it as well, unused.
const INVOICED_ACCOUNTS_MAX: usize = 1_000_000;
/// The most corrections that are looked at together.
const CORRECTIONS_MAX: usize = 100_000;
/// Stretches that one statement reads.
const STRETCHES_PER_READ: usize = 1_000;

/// The accounts of a request over its days, and everything that is needed to rate what they used.
pub(crate) struct Plan {
    stretches: Vec<Covered>,
    book: PriceBook,
    /// Months of roots that have invoices.
    closed: HashMap<String, HashSet<Month>>,
    /// Room for the stretches.
    _room: OwnedSemaphorePermit,
}

/// An account over those of the days on which it stood at one place.
struct Covered {
    account: AccountId,
    name: Arc<str>,
    lineage: Arc<Lineage>,
    near: Arc<Near>,
    first: Day,
    end: Day,
}

impl Plan {
    /// The accounts in an organization and below it, as it stood on each of the days.
    pub(crate) async fn of_organization(
        read: &mut Read,
        room: &Room,
        id: &OrganizationId,
        first: Day,
        last: Day,
    ) -> Result<Self> {
        let places = placements::of_organization(read, id).await?;
        Self::at_places(read, room, &places, (first, last), ACCOUNTS_MAX).await
    }

    /// The accounts below an organization that stood at these places, at most `max`.
    async fn at_places(read: &mut Read, room: &Room, places: &[Stretch], (first, last): (Day, Day), max: usize) -> Result<Self> {
        let (end, mut taken) = (last.next(), room.take(0)?);
        let mut found = Vec::new();
        for place in places.iter().filter(|place| place.first < end && first < place.end) {
            let (first, end) = (place.first.max(first), place.end.min(end));
            let mut after: Option<Stretch> = None;
            loop {
                let page = placements::in_subtree(read, &place.lineage, end, after.as_ref(), STRETCHES_PER_READ).await?;
                let is_last = page.len() < STRETCHES_PER_READ;
                after = page.last().cloned();
                let known = found.len();
                found.extend(page.into_iter().filter_map(|stretch| cut(stretch, first, end)));
                if found.len() > max {
                    let message = format!("more than {max} accounts are below it; ask for organizations further down");
                    return Err(Error::new(Code::TooExpensive, message));
                }
                taken.merge(room.take(found.len() - known)?);
                if is_last {
                    break;
                }
            }
        }
        Self::new(read, taken, found, first, end).await
    }

    /// The accounts in the whole tree of a root on the days on which it was one, also when it is gone.
    async fn of_root(read: &mut Read, room: &Room, id: &OrganizationId, first: Day, last: Day) -> Result<Self> {
        let places = as_root(read, id, (first, last.next())).await?;
        Self::at_places(read, room, &places, (first, last), INVOICED_ACCOUNTS_MAX).await
    }

    /// One account, wherever it stood.
    pub(crate) async fn of_account(read: &mut Read, room: &Room, id: &AccountId, first: Day, last: Day) -> Result<Self> {
        let end = last.next();
        let stretches = placements::of_account(read, id).await?;
        let found: Vec<_> = stretches.into_iter().filter_map(|stretch| cut(stretch, first, end)).collect();
        Self::new(read, room.take(found.len())?, found, first, end).await
    }

    async fn new(
        read: &mut Read,
        room: OwnedSemaphorePermit,
        mut found: Vec<(AccountId, Stretch)>,
        first: Day,
        end: Day,
    ) -> Result<Self> {
        found.sort_by(|(a, at), (b, other)| (a, at.first).cmp(&(b, other.first)));
        let mut organizations: Vec<&str> = found.iter().flat_map(|(_, stretch)| stretch.lineage.ids()).collect();
        organizations.sort_unstable();
        organizations.dedup();
        let (mut currencies, mut priced) = (HashMap::<_, Vec<_>>::new(), Vec::new());
        // One value of the list stands for everybody.
        for (at, ids) in organizations.chunks(IN_LIST_MAX - 1).enumerate() {
            for (organization, from, currency) in billing_currencies::of(read, ids).await? {
                currencies.entry(organization).or_default().push((from, currency));
            }
            let holding = prices::holding(read, ids, first, end).await?;
            priced.extend(holding.into_iter().filter(|price| at == 0 || price.negotiated.is_some()));
        }
        if organizations.is_empty() {
            priced = prices::holding(read, &[], first, end).await?;
        }
        let mut roots: Vec<&str> = found.iter().filter_map(|(_, stretch)| stretch.lineage.root_id()).collect();
        roots.sort_unstable();
        roots.dedup();
        let mut closed = HashMap::<_, HashSet<_>>::new();
        for roots in roots.chunks(IN_LIST_MAX) {
            for (root, month) in billing_periods::closed(read, roots, Month::of(first)).await? {
                closed.entry(root).or_default().insert(month);
            }
        }
        let (mut book, mut stretches) = (PriceBook::new(metrics::all(read).await?, priced), Vec::new());
        for (account, Stretch { lineage, first, end, name }) in found {
            let changes = lineage.id().and_then(|id| currencies.get(id)).map_or(&[][..], Vec::as_slice);
            let (name, lineage) = (Arc::<str>::from(name), Arc::new(lineage));
            for (first, end, currency) in in_currencies(changes, first, end) {
                let (account, name, near) = (account.clone(), name.clone(), book.near(&lineage, currency));
                stretches.push(Covered { account, name, lineage: lineage.clone(), near, first, end });
            }
        }
        Ok(Self { stretches, book, closed, _room: room })
    }

    /// Leaves out days on which nothing was used before or after all others, and accounts that used nothing; returns the first and the
    /// last day on which something was.
    async fn narrow(&mut self, read: &mut Read) -> Result<Option<(Day, Day)>> {
        let spans = usage::spans(read, &self.accounts()).await?;
        let spans: HashMap<_, _> = spans.into_iter().map(|(account, first, last)| (account, (first, last))).collect();
        self.stretches.retain_mut(|stretch| {
            let Some((first, last)) = spans.get(&stretch.account) else { return false };
            (stretch.first, stretch.end) = (stretch.first.max(*first), stretch.end.min(last.next()));
            stretch.first < stretch.end
        });
        let first = self.stretches.iter().map(|stretch| stretch.first).min();
        Ok(first.zip(self.stretches.iter().map(|stretch| stretch.end.plus(-1)).max()))
    }

    /// The accounts, each once, in their order.
    pub(crate) fn accounts(&self) -> Vec<&AccountId> {
        let mut accounts: Vec<_> = self.stretches.iter().map(|stretch| &stretch.account).collect();
        accounts.dedup();
        accounts
    }

    /// How many stretches there are.
    pub(crate) fn len(&self) -> usize {
        self.stretches.len()
    }

    /// The account of a stretch, if it is one of this day.
    pub(crate) fn account_on(&self, at: usize, day: Day) -> Option<&AccountId> {
        self.stretches.get(at).filter(|stretch| stretch.first <= day && day < stretch.end).map(|stretch| &stretch.account)
    }

    /// The number of the price that holds on a day for an account of a stretch.
    fn price(&self, at: usize, day: Day, metric: usize) -> Option<usize> {
        self.book.number_on(&self.stretches[at].near[metric], day)
    }

    /// The invoice for a month of what an account of a stretch used, if it has any.
    fn invoice_id(&self, stretch: &Covered, month: Month, currency: Currency) -> Option<InvoiceId> {
        let root = stretch.lineage.root_id()?;
        self.closed.get(root)?.get(&month)?;
        let [root, organization] = [root, stretch.lineage.id()?].map(|id| OrganizationId::parse(id).ok());
        Some(InvoiceKey { root: root?, month, account: stretch.account.clone(), organization: organization?, currency }.id())
    }
}

/// Whether the account of an invoice stood below an organization whenever it stood where the invoice is for, over the days, from one on,
/// whose charges are on it. `stretches` are those of the account, and perhaps of others.
pub(crate) fn is_below(invoice: &InvoiceKey, organization: &OrganizationId, stretches: &[Stretch], first: Day) -> bool {
    let place = (Some(invoice.account.as_str()), Some(invoice.organization.as_str()), Some(invoice.root.as_str()));
    let is_there = |stretch: &&Stretch| {
        let lineage = &stretch.lineage;
        (lineage.account_id(), lineage.id(), lineage.root_id()) == place
            && stretch.first < invoice.month.end()
            && first < stretch.end
    };
    let mut there = stretches.iter().filter(is_there).peekable();
    there.peek().is_some() && there.all(|stretch| stretch.lineage.ids().any(|id| id == organization.as_str()))
}

/// Over which of some days an organization was a root. One that stood below another on all of them is refused, and the root named that it
/// stood below last.
pub(crate) async fn as_root(query: &mut impl Query, id: &OrganizationId, (first, end): (Day, Day)) -> Result<Vec<Stretch>> {
    let mut places = placements::of_organization(query, id).await?;
    places.retain(|place| place.first < end && first < place.end);
    let above = places.last().and_then(|place| place.lineage.root_id()).map(str::to_owned);
    let root = Lineage::root(id);
    places.retain(|place| place.lineage == root);
    match above {
        Some(above) if places.is_empty() => {
            let message = format!("billing periods are those of a whole tree; ask for those of the root, {above}");
            Err(Error::at(Code::InvalidId, "/path/organization_id", message))
        }
        _ => Ok(places),
    }
}

/// Refuses to close a month of a root in which more accounts stand than invoices are made for.
pub(crate) async fn must_have_room(query: &mut impl Query, root: &OrganizationId, month: Month) -> Result<()> {
    let (first, end) = (first_invoiced(query, month).await?, month.end());
    let (mut counted, max) = (0, ACCOUNTS_MAX as u64);
    for place in as_root(query, root, (first, end)).await? {
        let days = (place.first.max(first), place.end.min(end));
        counted += placements::count_in_subtree(query, &place.lineage, days, max + 1).await?;
    }
    let message = || format!("more than {max} accounts stood below {root} in {month}, which are too many to invoice");
    if counted > max { Err(Error::new(Code::LimitReached, message())) } else { Ok(()) }
}

/// The first day of which a charge can be on an invoice for a month: an earlier one where something is corrected in it.
pub(crate) async fn first_invoiced(query: &mut impl Query, month: Month) -> Result<Day> {
    let corrected = corrections::first_day(query, month).await?;
    Ok(corrected.map_or(month.first(), |day| day.min(month.first())))
}

/// What a correction comes before and behind.
type LateOrder<'a> = (Month, Day, &'a Spot);

/// Which of two corrections comes first: tiers and allowances go on from what was invoiced in the month, and from what was corrected of
/// it before.
fn late_order(correction: &DailyUsage) -> LateOrder<'_> {
    (correction.invoiced_in(), correction.key.day, &correction.key.spot)
}

/// What a correction is rated by: a tier by volume is looked up with what there is with it, and what was invoiced before stays.
fn corrected(quantity: Decimal, before: Decimal) -> std::result::Result<Measured, umbel_decimal::Error> {
    Ok(Measured { quantity, before, total: before.checked_add(quantity)? })
}

fn unrated(metric: &Metric, account: &AccountId, day: Day, error: umbel_decimal::Error) -> Error {
    let message = format!("the cost of {} for {account} on {day} {error}", metric.id);
    tracing::error!(message, "usage cannot be rated");
    Error::new(Code::Internal, message)
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
