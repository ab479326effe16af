//! Checking lines of what was used.

use std::collections::HashMap;

use umbel_domain::usage::{DailyUsage, UsageKey, check_value};
use umbel_domain::{Digits, Metric, Month};

use super::metrics::Metrics;
use super::references::Known;
use super::{Additions, BadLines, Line, Seen, groups};
use crate::admin::portability::record::UsageRecord;
use crate::usage::corrections;
use crate::{Result, Write, billing_periods, usage};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<UsageRecord>>,
    (metrics, known): (&Metrics, &Known),
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut keys = Seen::new();
    let closed = if lines.is_empty() { None } else { billing_periods::latest(write).await? };
    for group in groups(lines) {
        let mut rows = Vec::new();
        for Line { number, record } in group {
            let row = record.into_row();
            let metric = metrics.get(row.key.metric_id.as_str());
            let checked = metric.map(|metric| {
                check_quantity(&row, metric)?;
                let digits = Digits::of_quantity(row.rollup.quantity);
                additions.needs(metric, digits).map_err(|reason| format!("quantity: {reason}"))
            });
            match checked {
                None => bad.add(number, format!("metric_id: there is no metric {}", row.key.metric_id)),
                Some(Err(reason)) => bad.add(number, reason),
                Some(Ok(())) if known.account(row.key.account_id.as_str(), number, bad) => rows.push((number, row)),
                Some(Ok(())) => {}
            }
        }
        let asked: Vec<UsageKey> = rows.iter().map(|(_, row)| row.key.clone()).collect();
        let mut stored = usage::days(write, &asked).await?;
        stored.extend(corrections::of_keys(write, &asked).await?);
        let mut stored: HashMap<_, DailyUsage> = stored.into_iter().map(|day| ((day.key.clone(), day.booked), day)).collect();
        for (number, row) in rows {
            let key = (row.key.clone(), row.booked);
            let what = || format!("usage of {} by {} on {} there", row.key.metric_id, row.key.account_id, row.key.day);
            if !keys.first(key.clone(), number, bad, what) {
                continue;
            }
            let line = Line { number, record: UsageRecord::from(row.clone()) };
            if !additions.is_new(&line, stored.remove(&key).map(Into::into), bad, what) {
                continue;
            }
            match closed.filter(|month| row.key.day < month.end()) {
                Some(month) => bad.add(number, format!("day: the billing period {month} of a root is closed")),
                None if row.booked.is_some() && !known.come.contains(&format!("@{}", row.key.account_id)) => {
                    bad.add(number, "billing_period: only an account that comes with the file brings what was known late of it");
                }
                None => additions.usage.push(row),
            }
        }
    }
    // In this order the rows go to the end of the index.
    additions.usage.sort_unstable_by(|a, b| (&a.key, a.booked).cmp(&(&b.key, b.booked)));
    Ok(())
}

/// Refuses a quantity that cannot be; one that corrects what was invoiced may take something back.
fn check_quantity(row: &DailyUsage, metric: &Metric) -> std::result::Result<(), String> {
    let quantity = row.rollup.quantity;
    let size = if row.booked.is_some() && quantity.is_negative() { -quantity } else { quantity };
    check_value(size, metric.fraction_digits()).map_err(|invalid| format!("quantity: {invalid}"))?;
    match row.booked {
        Some(month) if month <= Month::of(row.key.day) => {
            Err("billing_period: must be a later month than that of the day".into())
        }
        _ => Ok(()),
    }
}
