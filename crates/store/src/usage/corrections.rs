//! What became known of days whose month was closed: it is invoiced in a later one, and what was invoiced stays.

use umbel_domain::usage::{DailyUsage, UsageKey};
use umbel_domain::{AccountId, Day, Month};

use super::rows::{chunks, push_rows};
use super::{day_values, from_row};
use crate::engine::{Change, Row};
use crate::sql::{Builder, Sql, Value, args, sql};
use crate::{IN_LIST_MAX, Query, Result, Write};

macro_rules! columns {
    () => {
        "account_id, day, metric_id, zone_id, region_id, quantity, latest, zone_name, region_name, booked"
    };
}

const FIRST_DAY: Sql = sql!("SELECT MIN(day) FROM usage_corrections WHERE booked = $1");
const ALL: Sql = sql!(concat!(
    "SELECT ",
    columns!(),
    " FROM usage_corrections WHERE (account_id, day, metric_id, zone_id, region_id, booked) > ($1, $2, $3, $4, $5, $6) \
     ORDER BY account_id, day, metric_id, zone_id, region_id, booked LIMIT $7"
));

/// What became known late of these days, accounts, metrics and spots.
pub async fn of_keys(query: &mut impl Query, keys: &[UsageKey]) -> Result<Vec<DailyUsage>> {
    super::of_keys(query, keys, ("booked", "usage_corrections")).await
}

/// What became known late of days of these accounts, from a day to before another: at most one more than `max`.
pub async fn of_accounts(
    query: &mut impl Query,
    accounts: &[&AccountId],
    (first, end): (Day, Day),
    max: usize,
) -> Result<Vec<DailyUsage>> {
    let mut found = Vec::new();
    for accounts in accounts.chunks(IN_LIST_MAX) {
        let accounts: Vec<&str> = accounts.iter().map(|account| account.as_str()).collect();
        let mut statement = Builder::default();
        statement.push(concat!("SELECT ", columns!(), " FROM usage_corrections WHERE account_id")).bind_list(&accounts);
        statement.push(" AND day >= ").bind(first.number()).push(" AND day < ").bind(end.number());
        statement.push(" LIMIT ").bind(max + 1 - found.len());
        found.extend(query.rows(&statement, statement.args(), from_row).await?);
        if found.len() > max {
            break;
        }
    }
    Ok(found)
}

/// The first day of which something is invoiced in a later month, that one.
pub async fn first_day(query: &mut impl Query, booked: Month) -> Result<Option<Day>> {
    let found = query.row(FIRST_DAY, args![booked.first().number()], |row: &Row<'_>| row.int_or_null(0)).await?;
    found.flatten().map(|day| Ok(Day::from_number(day)?)).transpose()
}

/// At most `size` of all that became known late, behind one of it.
pub(crate) async fn all(query: &mut impl Query, after: Option<&DailyUsage>, size: usize) -> Result<Vec<DailyUsage>> {
    let (account, day, metric, zone, region) = super::behind(after.map(|after| &after.key));
    let booked = after.map_or(i64::MIN, |after| after.invoiced_in().first().number());
    query.rows(ALL, args![account, day, metric, zone, region, booked, size], from_row).await
}

/// Writes what became known late, which has a month in which it is invoiced; it replaces what is known for the same.
pub(crate) async fn put(write: &mut Write, corrections: &[DailyUsage]) -> Result<()> {
    for corrections in chunks(corrections) {
        let mut statement = Builder::default();
        statement.push(concat!("INSERT INTO usage_corrections (", columns!(), ") VALUES "));
        push_rows(&mut statement, corrections.iter().map(values));
        statement.push(
            " ON CONFLICT (account_id, day, metric_id, zone_id, region_id, booked) DO UPDATE SET quantity = excluded.quantity, \
             latest = excluded.latest, zone_name = excluded.zone_name, region_name = excluded.region_name",
        );
        write.execute(&statement, statement.args()).await?;
    }
    Ok(())
}

fn values(correction: &DailyUsage) -> [Value<'_>; 10] {
    let [account, day, metric, zone, region, quantity, latest, zone_name, region_name] = day_values(correction);
    let booked = correction.invoiced_in().first().number().into();
    [account, day, metric, zone, region, quantity, latest, zone_name, region_name, booked]
}
