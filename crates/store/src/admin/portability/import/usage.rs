//! Checking lines of what was used.

use std::collections::{BTreeSet, HashMap};

use umbel_domain::usage::{DailyUsage, UsageKey, check_value};
use umbel_domain::{AccountId, Digits, Lineage, Metric, Month, Place};

use super::metrics::Metrics;
use super::references::Known;
use super::{Additions, BadLines, Line, Seen, groups};
use crate::admin::portability::record::UsageRecord;
use crate::histories::History;
use crate::usage::corrections;
use crate::{IN_LIST_MAX, Result, Write, billing_periods, placements, usage};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<UsageRecord>>,
    (metrics, known): (&Metrics, &Known),
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut keys = Seen::new();
    let is_any_closed = !lines.is_empty() && billing_periods::latest(write).await?.is_some();
    let moved = moved(additions);
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
        let closed = if is_any_closed { closed(write, &rows, known, &moved).await? } else { HashMap::new() };
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
            match closed.get(&row.key.account_id).filter(|(_, month)| row.key.day < month.end()) {
                Some((root, month)) => bad.add(number, format!("day: the billing period {month} of the root {root} is closed")),
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

/// Below which roots accounts of the file stood before.
fn moved(additions: &Additions) -> HashMap<AccountId, Vec<String>> {
    let mut moved = HashMap::<_, Vec<_>>::new();
    for (_, History { of, stretches, .. }) in &additions.histories {
        if let Place::Account(account) = of {
            let roots = stretches.iter().filter_map(|stretch| stretch.lineage.root_id().map(str::to_owned));
            moved.entry(account.clone()).or_default().extend(roots);
        }
    }
    moved
}

/// Of the accounts of these rows: a root below which each stands or stood, and the latest month that it has closed, the latest of all.
async fn closed(
    write: &mut Write,
    rows: &[(u64, DailyUsage)],
    known: &Known,
    moved: &HashMap<AccountId, Vec<String>>,
) -> Result<HashMap<AccountId, (String, Month)>> {
    let accounts: BTreeSet<&AccountId> = rows.iter().map(|(_, row)| &row.key.account_id).collect();
    let mut stood = BTreeSet::<(String, AccountId)>::new();
    for account in &accounts {
        let stands = known.accounts.get(account.as_str()).and_then(Option::as_ref).and_then(Lineage::root_id);
        let roots = stands.map(str::to_owned).into_iter().chain(moved.get(account).into_iter().flatten().cloned());
        stood.extend(roots.map(|root| (root, (*account).clone())));
    }
    let ids: Vec<&str> = accounts.iter().map(|account| account.as_str()).collect();
    for stretch in placements::of_accounts(write, &ids).await? {
        let account = stretch.lineage.account_id().and_then(|id| AccountId::parse(id).ok());
        stood.extend(stretch.lineage.root_id().map(str::to_owned).zip(account));
    }
    let mut roots: Vec<&str> = stood.iter().map(|(root, _)| root.as_str()).collect();
    roots.dedup();
    let mut latest = HashMap::new();
    for roots in roots.chunks(IN_LIST_MAX) {
        latest.extend(billing_periods::latest_of(write, roots).await?);
    }
    let mut closed = HashMap::<AccountId, (String, Month)>::new();
    for (root, account) in stood {
        let Some(month) = latest.get(&root) else { continue };
        if closed.get(&account).is_none_or(|(_, known)| known < month) {
            closed.insert(account, (root, *month));
        }
    }
    Ok(closed)
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
