//! What was used in a month, all of its days in one row: for sums, which look at very many days.
//!
//! A row is written in the transaction that writes its days, and says the same: for each of them its day of the month and the quantity.

use std::collections::BTreeMap;

use umbel_decimal::Decimal;
use umbel_domain::usage::{DailyUsage, UsageKey};
use umbel_domain::{AccountId, Day};

use super::rows::{chunks, push_rows};
use super::{decimal, key_from_row, key_values};
use crate::engine::{Change, Row, Session};
use crate::sql::{Builder, Value};
use crate::{Error, Query, Result, Write};

/// Bytes of a day: which one it is, counted from the first of the month, and the quantity.
const DAY_BYTES: usize = 17;

/// What is made of quantities, one after the other: of an account, a metric and a day.
pub type Quantities<A> = fn(&mut A, (&str, &str, Day), Decimal) -> Result<()>;

/// Makes one thing of everything that these accounts, at most [`crate::IN_LIST_MAX`], used in the month that begins with a day: in the
/// order of accounts and metrics, those of one metric and day at several spots each for itself.
pub async fn of_month<A: Send + 'static>(
    query: &mut impl Query,
    accounts: &[&AccountId],
    month: Day,
    begun: A,
    step: Quantities<A>,
) -> Result<A> {
    let accounts: Vec<&str> = accounts.iter().map(|account| account.as_str()).collect();
    let mut statement = Builder::default();
    statement.push("SELECT account_id, metric_id, month, quantities FROM usage_months WHERE account_id").bind_list(&accounts);
    statement.push(" AND month = ").bind(month.number()).push(" ORDER BY account_id, metric_id");
    let all = query.fold(&statement, statement.args(), (begun, step), |(made, step), row| {
        let (account, metric, month) = (row.text_ref(0)?, row.text_ref(1)?, Day::from_number(row.int(2)?)?);
        row.bytes_ref(3)?.chunks(DAY_BYTES).try_for_each(|day| {
            let (after, quantity) = day.split_first().ok_or_else(|| Error::Inconsistent("a day has no bytes".into()))?;
            step(made, (account, metric, month.plus(i32::from(*after))), decimal(quantity)?)
        })
    });
    Ok(all.await?.0)
}

/// Writes what is known of days into their months.
pub(super) async fn put(write: &mut Write, days: &[DailyUsage]) -> Result<()> {
    let mut months = BTreeMap::<UsageKey, BTreeMap<u8, Decimal>>::new();
    for day in days {
        let month = day.key.day.month_start();
        let after = u8::try_from(day.key.day.number() - month.number()).unwrap_or_default();
        let key = UsageKey { day: month, ..day.key.clone() };
        months.entry(key).or_default().insert(after, day.rollup.quantity);
    }
    let keys: Vec<UsageKey> = months.keys().cloned().collect();
    for keys in chunks(&keys) {
        let mut statement = Builder::default();
        statement.push("WITH asked (account, in_month, metric, zone, region) AS (VALUES ");
        push_rows(&mut statement, keys.iter().map(key_values));
        statement.push(
            ") SELECT account_id, month, metric_id, zone_id, region_id, quantities FROM asked CROSS JOIN usage_months \
             WHERE account_id = account AND month = in_month AND metric_id = metric AND zone_id = zone AND region_id = region",
        );
        let known = write.rows(&statement, statement.args(), |row: &Row<'_>| Ok((key_from_row(row)?, row.bytes(5)?))).await?;
        for (key, quantities) in known {
            let Some(month) = months.get_mut(&key) else { continue };
            for day in quantities.chunks_exact(DAY_BYTES) {
                let quantity = decimal(&day[1..])?;
                month.entry(day[0]).or_insert(quantity);
            }
        }
    }
    let rows: Vec<(UsageKey, BTreeMap<u8, Decimal>)> = months.into_iter().collect();
    for rows in chunks(&rows) {
        let mut statement = Builder::default();
        statement.push("INSERT INTO usage_months (account_id, month, metric_id, zone_id, region_id, quantities) VALUES ");
        push_rows(&mut statement, rows.iter().map(month_values));
        statement.push(
            " ON CONFLICT (account_id, month, metric_id, zone_id, region_id) DO UPDATE SET quantities = excluded.quantities",
        );
        write.execute(&statement, statement.args()).await?;
    }
    Ok(())
}

fn month_values((key, days): &(UsageKey, BTreeMap<u8, Decimal>)) -> [Value<'_>; 6] {
    let [account, month, metric, zone, region] = key_values(key);
    let day = |(after, quantity): (&u8, &Decimal)| [&[*after][..], &quantity.to_ordered_bytes()].concat();
    let quantities: Vec<u8> = days.iter().flat_map(day).collect();
    [account, month, metric, zone, region, Value::Bytes(Some(quantities.into()))]
}
