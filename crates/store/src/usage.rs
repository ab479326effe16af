//! What was used: which events have been counted, and what they come to each day.
//!
//! A key is looked for and then added, a quantity read, merged by the rules and written, in the transaction of the batch: on SQLite
//! one write follows another, on PostgreSQL one that overlaps another is run again.

pub mod corrections;
mod months;
mod rows;

use std::collections::HashMap;

use umbel_decimal::Decimal;
use umbel_domain::usage::{DailyUsage, Rollup, Spot, UsageKey};
use umbel_domain::{AccountId, Day, MetricId, Month, Timestamp};

use crate::engine::{Change, Row};
use crate::sql::{Builder, Sql, Value, args, sql};
use crate::{Error, IN_LIST_MAX, Query, Result, Write, server_state};
pub use months::{Quantities, of_month};
use rows::{chunks, push_rows};

/// Identifies an event among all that a server has counted: a hash of root, source and id.
pub type KeyHash = [u8; 16];
/// A hash of what else an event says.
pub type ContentHash = [u8; 8];

/// An event that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedEvent {
    /// Which one.
    pub key: KeyHash,
    /// What it says.
    pub content: ContentHash,
    /// On which day it happened.
    pub day: Day,
}

/// A value of a metric that counts different ones.
pub type DistinctValue = (UsageKey, Decimal);

/// The proof that a transaction has recorded usage, for which nothing is written into the audit log: the keys of the events are the
/// record.
#[derive(Debug)]
pub struct Recorded(());

macro_rules! columns {
    () => {
        "account_id, day, metric_id, zone_id, region_id, quantity, latest, zone_name, region_name"
    };
}

/// What a day came to is followed by what was corrected later of the same metric and spot: for the former, the day itself stands where
/// the latter have the month in which they are invoiced.
pub(crate) const OF_DAY: Sql = sql!(
    "SELECT metric_id, zone_id, region_id, quantity, zone_name, region_name, day AS booked FROM usage_days \
     WHERE account_id = $1 AND day = $2 AND (metric_id, zone_id, region_id, day) > ($3, $4, $5, $6) \
     UNION ALL SELECT metric_id, zone_id, region_id, quantity, zone_name, region_name, booked FROM usage_corrections \
     WHERE account_id = $1 AND day = $2 AND (metric_id, zone_id, region_id, booked) > ($3, $4, $5, $6) \
     ORDER BY metric_id, zone_id, region_id, booked LIMIT $7"
);
pub(crate) const OF_METRIC: Sql =
    sql!("SELECT quantity FROM usage_days WHERE account_id = $1 AND day >= $2 AND day < $3 AND metric_id = $4");
const ALL: Sql = sql!(concat!(
    "SELECT ",
    columns!(),
    ", day FROM usage_days WHERE (account_id, day, metric_id, zone_id, region_id) > ($1, $2, $3, $4, $5) \
     ORDER BY account_id, day, metric_id, zone_id, region_id LIMIT $6"
));
const FORGET: Sql = sql!("DELETE FROM usage_keys WHERE key_hash >= $1 AND key_hash < $2 AND day < $3");
const FORGET_REST: Sql = sql!("DELETE FROM usage_keys WHERE key_hash >= $1 AND day < $2");

/// Under which name the server keeps from which day on all keys are there.
const KNOWN_FROM: &str = "usage_keys_from";

/// Which of these events have been counted, and what they said.
pub async fn counted(query: &mut impl Query, keys: &[KeyHash]) -> Result<HashMap<KeyHash, ContentHash>> {
    let mut found = HashMap::new();
    for keys in keys.chunks(IN_LIST_MAX) {
        let mut statement = Builder::default();
        statement.push("SELECT key_hash, content_hash FROM usage_keys WHERE key_hash");
        statement.bind_values(keys.iter().map(|key| Value::from(&key[..])).collect());
        let read = |row: &Row<'_>| Ok((hash(row.bytes_ref(0)?)?, hash(row.bytes_ref(1)?)?));
        found.extend(query.rows(&statement, statement.args(), read).await?);
    }
    Ok(found)
}

/// What is known of these days, accounts, metrics and spots.
pub async fn days(query: &mut impl Query, keys: &[UsageKey]) -> Result<Vec<DailyUsage>> {
    of_keys(query, keys, ("day", "usage_days")).await
}

/// The rows of a table that are of these days, accounts, metrics and spots; `booked` is its column that tells in which month they are
/// invoiced.
async fn of_keys(
    query: &mut impl Query,
    keys: &[UsageKey],
    (booked, table): (&'static str, &'static str),
) -> Result<Vec<DailyUsage>> {
    let mut found = Vec::new();
    for keys in chunks(keys) {
        let mut statement = Builder::default();
        statement.push("WITH asked (account, on_day, metric, zone, region) AS (VALUES ");
        push_rows(&mut statement, keys.iter().map(key_values));
        statement.push(concat!(") SELECT ", columns!(), ", ")).push(booked).push(" FROM asked CROSS JOIN ").push(table);
        statement.push(
            " WHERE account_id = account AND day = on_day AND metric_id = metric AND zone_id = zone AND region_id = region",
        );
        found.extend(query.rows(&statement, statement.args(), from_row).await?);
    }
    Ok(found)
}

/// Which of these values have been seen.
pub async fn seen(query: &mut impl Query, values: &[DistinctValue]) -> Result<Vec<DistinctValue>> {
    let mut found = Vec::new();
    for values in chunks(values) {
        let mut statement = Builder::default();
        statement.push("WITH asked (account, on_day, metric, zone, region, asked_value) AS (VALUES ");
        push_rows(&mut statement, values.iter().map(distinct_values));
        statement.push(
            ") SELECT account_id, day, metric_id, zone_id, region_id, value FROM asked CROSS JOIN usage_values \
             WHERE account_id = account AND day = on_day AND metric_id = metric AND zone_id = zone AND region_id = region \
             AND value = asked_value",
        );
        let read = |row: &Row<'_>| Ok((key_from_row(row)?, decimal(row.bytes_ref(5)?)?));
        found.extend(query.rows(&statement, statement.args(), read).await?);
    }
    Ok(found)
}

/// Counts events: none of the keys and values is there yet; the days and corrections replace what is known of them.
pub async fn record(
    write: &mut Write,
    events: &[CountedEvent],
    (days, corrections): (&[DailyUsage], &[DailyUsage]),
    values: &[DistinctValue],
) -> Result<Recorded> {
    for events in chunks(events) {
        let mut statement = Builder::default();
        statement.push("INSERT INTO usage_keys (key_hash, content_hash, day) VALUES ");
        let row = |event: &CountedEvent| {
            [
                Value::Bytes(Some(event.key.to_vec().into())),
                Value::Bytes(Some(event.content.to_vec().into())),
                event.day.number().into(),
            ]
        };
        push_rows(&mut statement, events.iter().map(row));
        write.execute(&statement, statement.args()).await?;
    }
    for values in chunks(values) {
        let mut statement = Builder::default();
        statement.push("INSERT INTO usage_values (account_id, day, metric_id, zone_id, region_id, value) VALUES ");
        push_rows(&mut statement, values.iter().map(distinct_values));
        write.execute(&statement, statement.args()).await?;
    }
    put(write, days).await?;
    corrections::put(write, corrections).await?;
    Ok(Recorded(()))
}

/// Writes what is known of days.
pub(crate) async fn put(write: &mut Write, days: &[DailyUsage]) -> Result<()> {
    for days in chunks(days) {
        let mut statement = Builder::default();
        statement.push(concat!("INSERT INTO usage_days (", columns!(), ") VALUES "));
        push_rows(&mut statement, days.iter().map(day_values));
        statement.push(
            " ON CONFLICT (account_id, day, metric_id, zone_id, region_id) DO UPDATE SET quantity = excluded.quantity, \
             latest = excluded.latest, zone_name = excluded.zone_name, region_name = excluded.region_name",
        );
        write.execute(&statement, statement.args()).await?;
    }
    months::put(write, days).await
}

/// Where what was used on a day goes on: behind a metric, a spot, and the first day of the month in which a correction is invoiced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Behind {
    metric: String,
    spot: Spot,
    booked: i64,
}

impl Behind {
    /// Behind a row of a day.
    pub fn new(row: &OfDay<'_>, day: Day) -> Self {
        let booked = row.booked.map_or(day, Month::first).number();
        Self { metric: row.metric_id.to_owned(), spot: row.spot(), booked }
    }
}

/// What an account used of a metric on a day at a spot.
#[derive(Debug, Clone, Copy)]
pub struct OfDay<'r> {
    /// The id of the metric.
    pub metric_id: &'r str,
    /// The id of the zone; empty for none.
    pub zone_id: &'r str,
    /// The id of the region; empty for none.
    pub region_id: &'r str,
    /// How much.
    pub quantity: Decimal,
    /// What the zone was called last.
    pub zone_name: Option<&'r str>,
    /// What the region was called last.
    pub region_name: Option<&'r str>,
    /// Of a correction: the month in which it is invoiced.
    pub booked: Option<Month>,
}

impl OfDay<'_> {
    /// Where it was used.
    pub fn spot(&self) -> Spot {
        Spot { zone_id: self.zone_id.to_owned(), region_id: self.region_id.to_owned() }
    }
}

/// Makes one thing of what an account used on a day, in the order of metrics, zones and regions, each with its corrections: of at most
/// `size` rows.
pub async fn of_day<A: Send + 'static>(
    query: &mut impl Query,
    (account, day): (&AccountId, Day),
    Behind { metric, spot, booked }: &Behind,
    size: usize,
    begun: A,
    step: fn(&mut A, OfDay<'_>) -> Result<()>,
) -> Result<A> {
    let (zone, region) = (spot.zone_id.as_str(), spot.region_id.as_str());
    let args = args![account.as_str(), day.number(), metric.as_str(), zone, region, *booked, size];
    let all = query.fold(OF_DAY, args, (begun, day, step), |(made, day, step), row| {
        let used = OfDay {
            metric_id: row.text_ref(0)?,
            zone_id: row.text_ref(1)?,
            region_id: row.text_ref(2)?,
            quantity: decimal(row.bytes_ref(3)?)?,
            zone_name: row.text_ref_or_null(4)?,
            region_name: row.text_ref_or_null(5)?,
            booked: booked_in(row, 6, *day)?,
        };
        step(made, used)
    });
    Ok(all.await?.0)
}

/// The first and the last day on which these accounts used something; those that never did are left out.
pub async fn spans(query: &mut impl Query, accounts: &[&AccountId]) -> Result<Vec<(AccountId, Day, Day)>> {
    let mut found = Vec::new();
    for accounts in chunks(accounts) {
        let mut statement = Builder::default();
        statement.push("WITH asked (account) AS (VALUES ");
        push_rows(&mut statement, accounts.iter().map(|account| [account.as_str().into()]));
        statement.push(
            ") SELECT account, (SELECT MIN(day) FROM usage_days WHERE account_id = account), \
             (SELECT MAX(day) FROM usage_days WHERE account_id = account), \
             (SELECT MIN(day) FROM usage_corrections WHERE account_id = account), \
             (SELECT MAX(day) FROM usage_corrections WHERE account_id = account) FROM asked",
        );
        let read = |row: &Row<'_>| {
            let [first, last, first_late, last_late] = [1, 2, 3, 4].map(|at| row.int_or_null(at));
            let (first, last) = ([first?, first_late?], [last?, last_late?]);
            let days = first.into_iter().flatten().min().zip(last.into_iter().flatten().max());
            let account = AccountId::parse(row.text_ref(0)?)?;
            days.map(|(first, last)| Ok((account, Day::from_number(first)?, Day::from_number(last)?))).transpose()
        };
        found.extend(query.rows(&statement, statement.args(), read).await?.into_iter().flatten());
    }
    Ok(found)
}

/// How much an account used of a metric from a day to before another.
pub async fn total(query: &mut impl Query, account: &AccountId, metric: &MetricId, first: Day, end: Day) -> Result<Decimal> {
    let args = args![account.as_str(), first.number(), end.number(), metric.as_str()];
    let quantities = query.rows(OF_METRIC, args, |row| decimal(row.bytes_ref(0)?)).await?;
    let mut all = quantities.into_iter();
    all.try_fold(Decimal::ZERO, Decimal::checked_add)
        .map_err(|error| Error::Inconsistent(format!("the total of {metric} {error}")))
}

/// The first day of which no key was forgotten.
pub async fn known_from(query: &mut impl Query) -> Result<Day> {
    let kept = server_state::get(query, KNOWN_FROM).await?;
    kept.map_or(Ok(Day::FIRST), |day| Ok(Day::parse(&day)?))
}

/// Forgets keys of events before `day`, those in one of `parts` parts of all; returns how many there were.
pub async fn forget(write: &mut Write, part: u16, parts: u16, day: Day) -> Result<u64> {
    let bound = |part: u16| (u128::MAX / u128::from(parts) * u128::from(part)).to_be_bytes();
    let (first, end) = (bound(part), bound(part + 1));
    let forgotten = if part + 1 < parts {
        write.execute(FORGET, args![&first[..], &end[..], day.number()]).await?
    } else {
        write.execute(FORGET_REST, args![&first[..], day.number()]).await?
    };
    if forgotten > 0 && known_from(write).await? < day {
        server_state::set(write, KNOWN_FROM, &day.to_string()).await?;
    }
    Ok(forgotten)
}

/// At most `size` days of all accounts, also of those that are gone, behind one of them.
pub(crate) async fn all(query: &mut impl Query, after: Option<&UsageKey>, size: usize) -> Result<Vec<DailyUsage>> {
    let (account, day, metric, zone, region) = behind(after);
    query.rows(ALL, args![account, day, metric, zone, region, size], from_row).await
}

/// A key as it is compared with, or what is before all of them.
fn behind(key: Option<&UsageKey>) -> (&str, i64, &str, &str, &str) {
    key.map_or(("", i64::MIN, "", "", ""), |UsageKey { account_id, day, metric_id, spot }| {
        (account_id.as_str(), day.number(), metric_id.as_str(), spot.zone_id.as_str(), spot.region_id.as_str())
    })
}

fn key_values(key: &UsageKey) -> [Value<'_>; 5] {
    [
        key.account_id.as_str().into(),
        key.day.number().into(),
        key.metric_id.as_str().into(),
        key.spot.zone_id.as_str().into(),
        key.spot.region_id.as_str().into(),
    ]
}

fn distinct_values((key, value): &DistinctValue) -> [Value<'_>; 6] {
    let [account, day, metric, zone, region] = key_values(key);
    [account, day, metric, zone, region, packed(*value)]
}

fn day_values(day: &DailyUsage) -> [Value<'_>; 9] {
    let [account, on_day, metric, zone, region] = key_values(&day.key);
    let (zone_name, region_name) = (day.zone_name.as_deref().into(), day.region_name.as_deref().into());
    [account, on_day, metric, zone, region, packed(day.rollup.quantity), day.rollup.latest.into(), zone_name, region_name]
}

fn packed(decimal: Decimal) -> Value<'static> {
    Value::Bytes(Some(decimal.to_ordered_bytes().to_vec().into()))
}

fn decimal(bytes: &[u8]) -> Result<Decimal> {
    Decimal::from_ordered_bytes(hash(bytes)?).map_err(|error| Error::Inconsistent(format!("a quantity {error}")))
}

fn hash<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| Error::Inconsistent(format!("what should have {N} bytes has not")))
}

fn key_from_row(row: &Row<'_>) -> Result<UsageKey> {
    Ok(UsageKey {
        account_id: AccountId::parse(row.text_ref(0)?)?,
        day: Day::from_number(row.int(1)?)?,
        metric_id: MetricId::parse(row.text_ref(2)?)?,
        spot: Spot { zone_id: row.text(3)?, region_id: row.text(4)? },
    })
}

/// The month in which a correction is invoiced, of a column that has the day itself where there is none.
fn booked_in(row: &Row<'_>, at: usize, day: Day) -> Result<Option<Month>> {
    let booked = Day::from_number(row.int(at)?)?;
    Ok((booked > day).then(|| Month::of(booked)))
}

fn from_row(row: &Row<'_>) -> Result<DailyUsage> {
    let key = key_from_row(row)?;
    Ok(DailyUsage {
        booked: booked_in(row, 9, key.day)?,
        key,
        rollup: Rollup { quantity: decimal(row.bytes_ref(5)?)?, latest: row.int_or_null(6)?.map(Timestamp::from_micros) },
        zone_name: row.text_or_null(7)?,
        region_name: row.text_or_null(8)?,
    })
}
