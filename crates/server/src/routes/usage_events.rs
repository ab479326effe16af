//! Events that say what was used, each counted once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sha2::{Digest, Sha256};
use umbel_api::{self as api, Code, EventStatus};
use umbel_decimal::Decimal;
use umbel_domain::metric::Aggregation;
use umbel_domain::usage::{DailyUsage, EventWindow, Rollup, Spot, UsageKey, check_value, spot_text};
use umbel_domain::{AccountId, Action, Day, Digits, Lineage, Metric, MetricId, Month, OrganizationId};
use umbel_store::usage::{self, CountedEvent, DistinctValue, KeyHash, corrections};
use umbel_store::{IN_LIST_MAX, accounts, billing_periods, digits, metrics, placements};

use crate::caller::{Caller, On};
use crate::cloud_event::{Event, Events, Received};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::reply::Reply;
use crate::write::{Committed, Write};

/// Events from which on a batch is counted on a thread for blocking work.
const LONG_BATCH: usize = 2_000;

pub(super) const CREATE: About = About {
    summary: "Record usage",
    description: "Takes CloudEvents 1.0: `application/cloudevents-batch+json`, up to 10,000 events and 8 MiB; \
                  `application/cloudevents+json`, one; or one with its attributes in headers like `ce-id`. `type` is the event type \
                  of a metric, `subject` the id of the account; `data` has the metric's value property, a number or a decimal in a \
                  string, and if it likes `zone_id`, `zone_name`, `region_id` and `region_name`. The answer has one item for each event, in the \
                  order in which they were sent: `accepted`; `duplicate`, when it was counted before; `conflict`, when another one \
                  with the same source and id was; or `rejected`, and why. Source and id count for ever within the days that events \
                  may lie back, so that a batch can be sent again until it is answered; what lies further back is rejected, and so is \
                  what would make a cost with more than 20 digits before the point at the highest price of its metric. \
                  What comes for a month that is closed is \
                  invoiced with the present one, as a correction. It takes the right to record usage on the \
                  account; of others an event is rejected. Nothing is written into the audit log.",
    errors: &[Code::InvalidBody, Code::InvalidHeader, Code::BodyTooLarge, Code::Forbidden],
};

/// `POST /umbel/v1/usage/events`
pub(super) async fn create(caller: Caller, events: Events) -> Result<Committed<Vec<api::RecordedEvent>>> {
    let received = events.read()?;
    let mut write = caller.write(Action::RecordUsage, On::Visible).await?;
    if received.len() >= LONG_BATCH {
        write.expect_long();
    }
    let known_from = usage::known_from(&mut *write).await?;
    let window = (EventWindow { now: write.now(), days: caller.app.settings.usage_window_days }, known_from);
    let metrics = metrics::all(&mut *write).await?;
    let places = places(&mut write, &received).await?;
    let digits = digits::all(&mut *write).await?;
    let mut batch = Batch { statuses: Vec::new(), candidates: Vec::new(), digits };
    for Received { id, source, event } in &received {
        let candidate = event.as_ref().map_err(Clone::clone).and_then(|event| {
            let (account, place) = places.get(&*event.subject).ok_or_else(|| nobody(&event.subject))?;
            Candidate::new((source, id), event, (account, place), &metrics, window)
        });
        batch.take(candidate);
    }
    let recorded = batch.record(&mut write).await?;
    let shown = received.iter().zip(batch.statuses).map(|(received, (status, message))| api::RecordedEvent {
        id: received.id.to_string(),
        source: received.source.to_string(),
        status,
        message,
    });
    let shown = shown.collect();
    write.commit_recorded(recorded, Reply::ok(shown)).await
}

fn nobody(subject: &str) -> String {
    format!("subject: there is no account `{}` that you may record usage of", subject.escape_debug())
}

/// Where the accounts stand that the events are about and the caller may record usage of.
async fn places(write: &mut Write, received: &[Received<'_>]) -> Result<HashMap<String, (AccountId, Lineage)>> {
    let subjects = received.iter().filter_map(|received| received.event.as_ref().ok()).map(|event| &*event.subject);
    let mut ids: Vec<String> = subjects.filter(|subject| AccountId::parse(subject).is_ok()).map(str::to_owned).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut places = HashMap::new();
    for ids in ids.chunks(IN_LIST_MAX) {
        for lineage in accounts::lineages(&mut **write, ids).await? {
            let id = lineage.account_id().and_then(|id| AccountId::parse(id).ok());
            if let Some(id) = id.filter(|_| write.reach().covers(&lineage, Action::RecordUsage)) {
                places.insert(id.to_string(), (id, lineage));
            }
        }
    }
    Ok(places)
}

/// An event that can be counted, unless it was.
struct Candidate<'m> {
    event: CountedEvent,
    uses: Vec<Use<'m>>,
}

/// What an event says of one metric.
struct Use<'m> {
    key: UsageKey,
    metric: &'m Metric,
    value: Decimal,
    rollup: Rollup,
    zone_name: Option<String>,
    region_name: Option<String>,
}

impl<'m> Candidate<'m> {
    fn new(
        identity: (&str, &str),
        event: &Event<'_>,
        (account, place): (&AccountId, &Lineage),
        metrics: &'m [Metric],
        (window, known_from): (EventWindow, Day),
    ) -> std::result::Result<Self, String> {
        let at = event.time.unwrap_or(window.now);
        window.check(at, known_from).map_err(|invalid| format!("time {invalid}"))?;
        let counting: Vec<&Metric> = metrics.iter().filter(|metric| metric.event_type.as_str() == event.kind).collect();
        if counting.is_empty() {
            return Err(format!("type: no metric counts events of the type `{}`", event.kind.escape_debug()));
        }
        let text = |name| -> std::result::Result<Option<String>, String> {
            let text = event.data.text(name)?.map(spot_text).transpose();
            text.map_err(|invalid| format!("data.{name} {invalid}"))
        };
        let (zone_name, region_name) = (text("zone_name")?, text("region_name")?);
        let spot = Spot { zone_id: text("zone_id")?.unwrap_or_default(), region_id: text("region_id")?.unwrap_or_default() };
        let day = Day::of(at);
        let mut uses = Vec::new();
        for metric in counting.into_iter().filter(|metric| metric.retired_on.is_none()) {
            let value = value(event, metric)?;
            let key = UsageKey { account_id: account.clone(), day, metric_id: metric.id.clone(), spot: spot.clone() };
            let rollup = Rollup::of_event(metric.aggregation, value, at);
            uses.push(Use { key, metric, value, rollup, zone_name: zone_name.clone(), region_name: region_name.clone() });
        }
        if uses.is_empty() {
            return Err(format!("type: every metric of the type `{}` is retired", event.kind.escape_debug()));
        }
        Ok(Self { event: CountedEvent { key: key_hash(place, identity), content: event.content, day }, uses })
    }
}

/// What an event's value is to a metric.
fn value(event: &Event<'_>, metric: &Metric) -> std::result::Result<Decimal, String> {
    let Some(property) = &metric.value_property else { return Ok(Decimal::ONE) };
    let property = property.as_str();
    match event.data.number(property)? {
        Some(value) => {
            // Also of what is only counted or told apart a value is one.
            let digits = umbel_domain::usage::VALUE_FRACTION_DIGITS_MAX;
            check_value(value, digits).map_err(|invalid| format!("data.{property} {invalid}"))?;
            Ok(value)
        }
        None if metric.aggregation == Aggregation::Count => Ok(Decimal::ONE),
        None => Err(format!("data.{property} is missing: the metric {} takes its value from there", metric.id)),
    }
}

/// Identifies an event by the root of its account's tree, or the account that stands alone, its source and its id.
fn key_hash(place: &Lineage, (source, id): (&str, &str)) -> KeyHash {
    let owner = place.root_id().map_or_else(|| place.as_str().to_owned(), str::to_owned);
    let mut hash = Sha256::new();
    for part in [owner.as_str(), source, id] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut key = KeyHash::default();
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

/// What becomes of each event, in their order.
struct Batch<'m> {
    statuses: Vec<(EventStatus, Option<String>)>,
    /// Which event each is.
    candidates: Vec<(usize, Candidate<'m>)>,
    /// What quantities and prices of metrics have had.
    digits: HashMap<MetricId, Digits>,
}

impl<'m> Batch<'m> {
    fn take(&mut self, candidate: std::result::Result<Candidate<'m>, String>) {
        let status = match candidate {
            Ok(candidate) => {
                self.candidates.push((self.statuses.len(), candidate));
                (EventStatus::Accepted, None)
            }
            Err(reason) => (EventStatus::Rejected, Some(reason)),
        };
        self.statuses.push(status);
    }

    /// Counts what was not counted before.
    async fn record(&mut self, write: &mut Write) -> Result<usage::Recorded> {
        self.candidates.sort_by_key(|(at, _)| *at);
        let present = Month::of(Day::of(write.now()));
        let keys: Vec<KeyHash> = self.candidates.iter().map(|(_, candidate)| candidate.event.key).collect();
        let mut counted = usage::counted(&mut **write, &keys).await?;
        let new = self.candidates.iter().filter(|(_, candidate)| !counted.contains_key(&candidate.event.key));
        let closed = closed_days(write, new.flat_map(|(_, candidate)| &candidate.uses), present).await?;
        let mut days = self.known_days(write).await?;
        let late = Late::begin(write, present, self.uses().map(|used| &used.key), &closed, &mut days).await?;
        let (mut new_values, mut seen) = (Vec::new(), self.seen_values(write).await?);
        let mut events = Vec::new();
        let (mut changed, mut grown) = (BTreeSet::new(), BTreeSet::new());
        for (at, Candidate { event, uses }) in std::mem::take(&mut self.candidates) {
            if let Some(content) = counted.get(&event.key) {
                self.statuses[at] = if *content == event.content {
                    (EventStatus::Duplicate, None)
                } else {
                    (EventStatus::Conflict, Some("another event with this source and id was counted before".to_owned()))
                };
                continue;
            }
            // An event counts wholly or not at all.
            let merged = uses.iter().map(|used| used.merged(&days, &seen, &self.digits));
            let merged: std::result::Result<Vec<_>, String> = merged.collect();
            match merged {
                Err(reason) => self.statuses[at] = (EventStatus::Rejected, Some(reason)),
                Ok(merged) => {
                    counted.insert(event.key, event.content);
                    events.push(event);
                    for (used, day) in uses.iter().zip(merged) {
                        new_values.extend(used.distinct().filter(|value| seen.insert(value.clone())));
                        let metric = &used.metric.id;
                        let known = self.digits.get(metric).copied().unwrap_or_default();
                        let digits = known.with(Digits::of_quantity(day.rollup.quantity));
                        if digits != known {
                            self.digits.insert(metric.clone(), digits);
                            grown.insert(metric);
                        }
                        changed.insert(day.key.clone());
                        days.insert(day.key.clone(), day);
                    }
                }
            }
        }
        let changed = changed.iter().filter_map(|key| days.remove(key));
        let (corrected, changed): (Vec<_>, Vec<_>) = changed.partition(|day| late.is_of(&day.key));
        let corrections = late.corrections(corrected)?;
        for metric in grown {
            digits::set(write, metric, self.digits[metric]).await?;
        }
        // In order, neighbours of an index are written together.
        events.sort_unstable_by_key(|event| event.key);
        new_values.sort_unstable();
        Ok(usage::record(write, &events, (&changed, &corrections), &new_values).await?)
    }

    async fn known_days(&self, write: &mut Write) -> Result<HashMap<UsageKey, DailyUsage>> {
        let keys: BTreeSet<_> = self.uses().map(|used| used.key.clone()).collect();
        let keys: Vec<UsageKey> = keys.into_iter().collect();
        Ok(usage::days(&mut **write, &keys).await?.into_iter().map(|day| (day.key.clone(), day)).collect())
    }

    async fn seen_values(&self, write: &mut Write) -> Result<HashSet<DistinctValue>> {
        let values: BTreeSet<_> = self.uses().filter_map(Use::distinct_value).collect();
        let values: Vec<DistinctValue> = values.into_iter().collect();
        Ok(usage::seen(&mut **write, &values).await?.into_iter().collect())
    }

    fn uses(&self) -> impl Iterator<Item = &Use<'m>> {
        self.candidates.iter().flat_map(|(_, candidate)| &candidate.uses)
    }
}

/// Which days of which accounts that are added to lie in months that are closed. Only a month that has ended can be.
async fn closed_days<'u>(
    write: &mut Write,
    added: impl Iterator<Item = &'u Use<'u>>,
    present: Month,
) -> Result<HashSet<(AccountId, Day)>> {
    let ended = added.map(|used| &used.key).filter(|key| key.day < present.first());
    let ended: BTreeSet<(&AccountId, Day)> = ended.map(|key| (&key.account_id, key.day)).collect();
    let mut accounts: Vec<&str> = ended.iter().map(|(account, _)| account.as_str()).collect();
    accounts.dedup();
    // Allowance and tiers of a month run on wherever the account is: it is closed once one of the roots has closed it.
    let mut periods = BTreeMap::<(OrganizationId, Month), Vec<(AccountId, Day)>>::new();
    for accounts in accounts.chunks(IN_LIST_MAX) {
        for stretch in placements::of_accounts(&mut **write, accounts).await? {
            let root = stretch.lineage.root_id().and_then(|root| OrganizationId::parse(root).ok());
            let account = stretch.lineage.account_id().and_then(|id| AccountId::parse(id).ok());
            let Some((root, account)) = root.zip(account) else { continue };
            let months = (stretch.first.month_start(), stretch.end.plus(-1).next_month_start());
            for (_, day) in ended.range((&account, months.0)..(&account, months.1)) {
                periods.entry((root.clone(), Month::of(*day))).or_default().push((account.clone(), *day));
            }
        }
    }
    let mut closed = HashSet::new();
    for ((root, month), days) in periods {
        if !billing_periods::add_late(write, &root, month).await? {
            closed.extend(days);
        }
    }
    Ok(closed)
}

/// What is known of days whose month is closed, so that what changes there is told apart from what was invoiced.
struct Late {
    /// The month in which changes are invoiced.
    booked: Month,
    /// By key: the quantity so far, and what of it is invoiced in this month.
    known: HashMap<UsageKey, (Decimal, Decimal)>,
}

impl Late {
    /// Adds to what is known of `days` what was corrected of them, those that are closed.
    async fn begin<'k>(
        write: &mut Write,
        booked: Month,
        keys: impl Iterator<Item = &'k UsageKey>,
        closed: &HashSet<(AccountId, Day)>,
        days: &mut HashMap<UsageKey, DailyUsage>,
    ) -> Result<Self> {
        let keys: BTreeSet<&UsageKey> =
            keys.filter(|key| !closed.is_empty() && closed.contains(&(key.account_id.clone(), key.day))).collect();
        let keys: Vec<UsageKey> = keys.into_iter().cloned().collect();
        let mut known: HashMap<UsageKey, (Decimal, Decimal)> =
            keys.iter().map(|key| (key.clone(), (Decimal::ZERO, Decimal::ZERO))).collect();
        for correction in corrections::of_keys(&mut **write, &keys).await? {
            if correction.booked == Some(booked)
                && let Some((_, in_this)) = known.get_mut(&correction.key)
            {
                *in_this = correction.rollup.quantity;
            }
            match days.get_mut(&correction.key) {
                Some(day) => {
                    let quantity = day.rollup.quantity.checked_add(correction.rollup.quantity).map_err(inexact)?;
                    day.rollup = Rollup { quantity, latest: day.rollup.latest.max(correction.rollup.latest) };
                    day.zone_name = correction.zone_name.or(day.zone_name.take());
                    day.region_name = correction.region_name.or(day.region_name.take());
                }
                None => _ = days.insert(correction.key.clone(), DailyUsage { booked: None, ..correction }),
            }
        }
        for (key, (quantity, _)) in &mut known {
            *quantity = days.get(key).map_or(Decimal::ZERO, |day| day.rollup.quantity);
        }
        Ok(Self { booked, known })
    }

    fn is_of(&self, key: &UsageKey) -> bool {
        self.known.contains_key(key)
    }

    /// What changes, given what days have come to.
    fn corrections(&self, days: Vec<DailyUsage>) -> Result<Vec<DailyUsage>> {
        let correction = |day: DailyUsage| {
            let (before, in_this) = self.known.get(&day.key).copied().unwrap_or_default();
            let quantity = day.rollup.quantity.checked_sub(before).and_then(|added| added.checked_add(in_this));
            let rollup = Rollup { quantity: quantity.map_err(inexact)?, latest: day.rollup.latest };
            Ok(DailyUsage { rollup, booked: Some(self.booked), ..day })
        };
        days.into_iter().map(correction).collect()
    }
}

fn inexact(error: umbel_decimal::Error) -> Error {
    Error::new(Code::Internal, format!("a quantity {error}"))
}

impl Use<'_> {
    /// The value, where different ones are counted.
    fn distinct_value(&self) -> Option<DistinctValue> {
        (self.metric.aggregation == Aggregation::UniqueCount).then(|| (self.key.clone(), self.value))
    }

    fn distinct(&self) -> impl Iterator<Item = DistinctValue> {
        self.distinct_value().into_iter()
    }

    /// What its day comes to with it.
    fn merged(
        &self,
        days: &HashMap<UsageKey, DailyUsage>,
        seen: &HashSet<DistinctValue>,
        digits: &HashMap<MetricId, Digits>,
    ) -> std::result::Result<DailyUsage, String> {
        let known = days.get(&self.key);
        let is_known_value = self.distinct_value().is_some_and(|value| seen.contains(&value));
        let rollup = match known {
            None => self.rollup,
            Some(day) if is_known_value => day.rollup,
            Some(day) => {
                let merged = day.rollup.merged(self.metric.aggregation, self.rollup);
                merged.map_err(|invalid| format!("the quantity of {} {invalid}", self.metric.id))?
            }
        };
        let needed = digits.get(&self.metric.id).copied().unwrap_or_default().with(Digits::of_quantity(rollup.quantity));
        needed.check(self.metric).map_err(|invalid| format!("a quantity of {} {invalid}", rollup.quantity))?;
        let name = |own: &Option<String>, known: Option<&Option<String>>| own.clone().or_else(|| known.cloned().flatten());
        Ok(DailyUsage {
            key: self.key.clone(),
            zone_name: name(&self.zone_name, known.map(|day| &day.zone_name)),
            region_name: name(&self.region_name, known.map(|day| &day.region_name)),
            rollup,
            booked: None,
        })
    }
}
